/*
 * How the two sockets of a relay are closed, once no byte moves any more: with
 * a reset, or with an end.
 *
 * Laws: a reset comes after the peer's system has acknowledged what was sent,
 * has stood still for STALL_LIMIT, or the conn's drain time is over; a side
 * that gets an end loses nothing of what was sent.
 */
#ifndef SERVE_RELAY_CLOSE_H
#define SERVE_RELAY_CLOSE_H

#include "serve/conn.h"

struct relay_cut;

struct relay_close {
	struct conn		*conn;		/* of the client */
	struct endpoint		*target;
	struct relay_cut	*cut;		/* NULL: no reset is due */
	struct lingering	*linger;	/* of the target; NULL: none */
	size_t			 unacked;	/* bytes for the target that
						   are lost in our kernel */
	int			 linger_errno;	/* ... why; 0: none were */
	bool			 tcp;		/* the target acknowledges */
};

/* The sides of a relay. */
#define RELAY_CLIENT	1U
#define RELAY_TARGET	2U
#define RELAY_BOTH	(RELAY_CLIENT | RELAY_TARGET)

/* Has close(2) reset the connections of these sides, at once. */
void	relay_close_reset(struct relay_close *, unsigned sides);
/* The same, and closes the conn. */
void	relay_close_abort(struct relay_close *, unsigned sides);
/*
 * Resets these sides when those in waits have everything; the other side gets
 * an end. Closes the conn then.
 */
void	relay_close_cut(struct relay_close *, unsigned sides, unsigned waits);
/* Both sides get an end. Closes the conn when they have everything. */
void	relay_close_end(struct relay_close *);
/* The client alone gets an end. */
void	relay_close_end_client(struct relay_close *);

/* When to review; 0: no reset is due. */
int64_t	relay_close_date(const struct relay_close *);
void	relay_close_review(struct relay_close *);
/* Whether a side has yet to be closed, beside a client that lingers. */
bool	relay_close_is_busy(const struct relay_close *);
/* Bytes that did not arrive at the target's system. */
size_t	relay_close_lost(const struct relay_close *);
/* Closes at once what still waits. */
void	relay_close_dispose(struct relay_close *);

#endif
