/*
 * Closing a connection without loss. close(2) resets a connection whose
 * socket holds unread input, and the peer then loses data not yet received.
 *
 * Law: the peer gets the end of our output at once; the socket is closed when
 * the peer's system has acknowledged everything, or cannot any more, or has
 * acknowledged nothing new for STALL_LIMIT. Input is discarded until then. On
 * a Unix socket input is refused: the peer's writes fail, and its reads see an
 * end, not a reset.
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
	bool		 fin;		/* sent by us; counts as one byte */
	bool		 reset;		/* the end is a reset; set by the
					   caller before the start */
	size_t		 unacked;	/* bytes, when looked at last */
	int64_t		 stalled_at;	/* without progress */
	int64_t		 pause;		/* to the next look, ns */
	int64_t		 limit;		/* the latest end; 0: none; the
					   caller sets it later */
	int		 num;		/* errno of the loss; 0: none */
	/* Closed; called from a timer. lost: bytes that did not arrive */
	void		(*done)(void *arg, size_t lost);
	void		*arg;
};

/*
 * Begins to close fd, a stream socket of our own, which is taken. tcp: the
 * peer's system acknowledges bytes; those in a Unix socket are the reader's
 * already. done and arg are set by the caller.
 */
void	linger_start(struct lingering *, struct loop *, const struct fd *,
	    bool tcp);
/*
 * Before a Unix socket is closed: refuses further input from the peer, and
 * discards unread input.
 */
void	linger_refuse(const struct fd *);
/* Closes the socket at once; done is not called. */
void	linger_abort(struct lingering *);

#endif
