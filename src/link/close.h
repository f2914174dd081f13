/*
 * How a connection ends on the wire. close(2) resets a connection whose socket
 * holds unread input, and the peer then loses data not yet received; and a
 * reset overtakes what our kernel has yet to send.
 *
 * Laws: the peer gets the end of our output at once; the socket is closed when
 * the peer's system has acknowledged everything, or cannot any more, or has
 * acknowledged nothing new for STALL_LIMIT. Input is discarded until then. A
 * reset is sent instead of the end after the same wait, but for DRAIN_TIME. On
 * a Unix socket input is refused: the peer's writes fail, and its reads see an
 * end, not a reset.
 */
#ifndef LINK_CLOSE_H
#define LINK_CLOSE_H

#include "base/num.h"
#include "io/fd.h"
#include "loop/loop.h"

/* The wait for the peer's system to acknowledge bytes; zeroed before it. */
struct acks {
	size_t		 left;		/* bytes, when looked at last; a FIN
					   counts as one */
	int64_t		 look_at;	/* the next look; 0: none is due */
	int64_t		 pause;		/* to the next look, ns */
	int64_t		 stalled_at;	/* without progress */
};

/*
 * Notes that so many bytes are not acknowledged. Whether they are waited for,
 * until look_at: not without progress for the time of patience (ns), nor
 * beyond limit (a date; 0: none).
 */
bool	acks_awaited(struct acks *, size_t left, int64_t now, int64_t patience,
	    int64_t limit);

/*
 * A peer whose reader pauses, beside a peer that has vanished: the system ends
 * a connection whose bytes are not acknowledged for the time of
 * TCP_USER_TIMEOUT, but also one whose window was closed for so long. While
 * bytes wait for an acknowledgement, the peer is looked at from time to time,
 * and a peer that answers is excused until the next look. Small, because
 * each idle connection has one.
 */
struct pause_watch {
	uint32_t	 at;	/* the next look, in PAUSE_UNIT; 0: nothing
				   was sent */
	uint32_t	 seen;	/* moves as of the last look, folded */
};
#define PAUSE_UNIT	(NSEC_PER_SEC / 10)

/* The date of the next look; 0: none. */
static inline int64_t
pause_date(const struct pause_watch *p)
{
	return p->at * PAUSE_UNIT;
}

/*
 * Looks at the peers, if it is time. moves: any number that changes when bytes
 * are sent; patience: ns between two looks, half of TCP_USER_TIMEOUT; 0: never
 * looks. b may be NULL. Returns the date of the next look; 0: none.
 */
int64_t	pause_look(struct pause_watch *, uint64_t moves, int64_t now,
	    int64_t patience, const struct fd *a, const struct fd *b);

struct closing {
	struct loop	*loop;
	struct fd	 fd;
	struct watch	 watch;
	struct timer	 timer;
	struct acks	 acks;
	bool		 tcp;
	bool		 fin;		/* sent by us */
	bool		 reset;		/* the end is a reset; set by the
					   caller before the start */
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
 * already. done, arg and reset are set by the caller.
 */
void	closing_start(struct closing *, struct loop *, const struct fd *,
	    bool tcp);
/* Bytes of the user that have yet to be acknowledged. */
size_t	closing_lacks(const struct closing *);
/* Closes the socket at once; done is not called. */
void	closing_abort(struct closing *);
/*
 * Before a Unix socket is closed: refuses further input from the peer, and
 * discards unread input.
 */
void	closing_refuse(const struct fd *);

#endif
