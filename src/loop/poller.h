/*
 * Readiness, behind the same few functions for every system call that
 * offers it. Used by loop.c alone.
 */
#ifndef LOOP_POLLER_H
#define LOOP_POLLER_H

#include <stdint.h>

struct poller_event {
	int		fd;
	uint32_t	gen;		/* as given with poller set() */
	unsigned	what;		/* LOOP_IN, LOOP_OUT, LOOP_ERR */
};

struct poller_ops {
	const char	*name;
	/* State, or NULL with errno. */
	void	*(*open)(void);
	void	 (*close)(void *);
	/*
	 * Wait for these (0: for nothing) from now on; was is what was set
	 * before. -1 with EPERM for a descriptor that is always ready.
	 */
	int	 (*set)(void *, int fd, uint32_t gen, unsigned was,
		    unsigned want);
	/* Up to max events, waiting timeout ns (-1: for ever); -1 on EINTR. */
	int	 (*wait)(void *, struct poller_event *, int max,
		    int64_t timeout);
};

/* NULL where the system has no epoll(7). */
const struct poller_ops	*poller_epoll(void);
const struct poller_ops	*poller_poll(void);

#endif
