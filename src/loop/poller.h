/*
 * Readiness, behind the same few functions for every system call that
 * offers it. Used by loop.c alone.
 */
#ifndef LOOP_POLLER_H
#define LOOP_POLLER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct poller_event {
	int		fd;
	uint32_t	gen;		/* as given with poller set() */
	unsigned	what;		/* LOOP_IN and its like */
};

struct poller_ops {
	const char	*name;
	bool		 forgets;	/* what is closed, by itself */
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

/* Nanoseconds to the milliseconds of poll(2), rounded up: never too early. */
static inline int
poller_ms(int64_t ns)
{
	int64_t ms;

	if (ns < 0)
		return -1;
	ms = ns / 1000000 + (ns % 1000000 != 0);
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* NULL where the system has no epoll(7). */
const struct poller_ops	*poller_epoll(void);
const struct poller_ops	*poller_poll(void);

#endif
