/*
 * The end of a connection that somebody else has written to: a program that
 * had the socket itself. To close it while it holds unread input would reset
 * it, and what the peer has not received yet would be lost.
 *
 * Law: the peer gets our end at once; the socket is closed when the peer's
 * system has acknowledged everything, or cannot any more, or has made no
 * progress for 20 seconds. What still comes in is discarded, and on a Unix
 * socket refused: the peer finds an end, not a reset.
 */
#ifndef NET_LINGER_H
#define NET_LINGER_H

#include "io/fd.h"
#include "loop/loop.h"

struct lingering {
	struct loop	*loop;
	struct fd	 fd;
	struct watch	 watch;
	struct timer	 timer;
	bool		 tcp;
	bool		 fin;		/* was sent by us, and counts too */
	size_t		 unacked;
	int64_t		 until, wait;
	int64_t		 most;		/* no longer than this; 0: no limit */
	int		 num;		/* why bytes were lost; 0: none were */
	/* Closed; called from a turn. lost: bytes that did not arrive. */
	void		(*done)(void *arg, size_t lost);
	void		*arg;
};

/*
 * fd, a stream socket of ours, is taken. tcp: the peer's system acknowledges;
 * what a Unix socket was given is its reader's already. done, arg are set by
 * the caller.
 */
void	linger_start(struct lingering *, struct loop *, const struct fd *,
	    bool tcp);
/*
 * A Unix socket that is about to be closed: what its peer still sends is
 * refused, and what waits unread is discarded.
 */
void	linger_refuse(const struct fd *);
/* Wait no longer than until then. */
void	linger_until(struct lingering *, int64_t when);
/* Close it at once; done is not called. */
void	linger_abort(struct lingering *);

#endif
