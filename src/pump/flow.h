/*
 * One direction of a session: from the read half of one endpoint to the
 * write half of the other.
 *
 *	OPEN --source ended--> DRAIN --nothing held--> SHUT --shut--> DONE
 *
 * A sink that fails leads to DONE, and what was held is lost (or, with
 * keep_reading, all that comes from then on, until the source ends); a limit, a
 * timeout or a cancel leads to DRAIN or DONE with its cause. A source error
 * is an end plus a remembered errno: what was read is still delivered. So it
 * is when a filter finds that what was read makes no sense (fault).
 *
 * Laws (asserted in debug builds): events change the state, actions do not;
 * the kernel pipe is fed only while the ring is empty, and drained first; no
 * write half is shut while the flow or its filter holds a byte; made =
 * written + held + lost at all times, and read = made where no filter changes
 * the count. What a filter holds is made when it comes out, or when it is
 * lost.
 */
#ifndef PUMP_FLOW_H
#define PUMP_FLOW_H

#include "base/ring.h"
#include "endpoint/endpoint.h"
#include "filter/filter.h"

enum flow_state { FLOW_OPEN, FLOW_DRAIN, FLOW_SHUT, FLOW_DONE };

enum flow_cause {
	FLOW_GOING,		/* has not ended */
	FLOW_EOF,		/* the source ended */
	FLOW_READ_FAILED,
	FLOW_WRITE_FAILED,
	FLOW_LIMIT,		/* enough was read */
	FLOW_CANCEL,		/* the session is over, or there never was
				   such a flow */
};

enum flow_wait { FLOW_WAIT_NONE, FLOW_WAIT_SRC, FLOW_WAIT_DST };

/* Bytes, from the flow's first to its last. */
struct ledger {
	uint64_t	read;		/* from the source */
	uint64_t	made;		/* by the filters out of these */
	uint64_t	written;	/* accepted by the sink's kernel */
	uint64_t	lost;		/* made, and never to be written */
};

struct mover;

struct flow_options {
	struct filter		*filter;	/* owned by the flow; or NULL */
	struct gate		*gate;		/* likewise */
	unsigned		 max_reads;	/* 0: no limit */
	size_t			 block;		/* most bytes in one read; 0:
						   the ring's size */
	enum mover_choice	 mover;
};

struct flow {
	struct half		*src, *dst;
	enum flow_state		 state : 8;
	enum flow_cause		 cause : 8;
	enum flow_wait		 wait : 8;	/* what a fast mover awaits */
	bool			 refused;	/* a datagram met a port that
						   nobody serves; cleared by
						   whoever takes note */
	bool			 half_close;	/* SHUT shuts the sink */
	bool			 hold_shut;	/* ... but not yet */
	bool			 keep_reading;	/* when the sink fails, go on
						   and discard */
	bool			 discard;	/* ... as it does now */
	bool			 joins;		/* datagrams may cross
						   together */
	bool			 whole;		/* ... but none is cut by the
						   system */
	int			 read_errno, write_errno;
	const char		*fault;		/* with EBADMSG; the filter's */
	int			 soft_errno;	/* of one datagram; cleared by
						   whoever tells of it */
	uint64_t		 refused_read;	/* the ledger's bytes when */
	uint64_t		 refused_written; /* refused was set */
	unsigned		 fruitless;	/* a fast mover's tries without
						   a byte */
	unsigned		 reads_left;	/* 0: no limit */
	const struct mover	*mover;
	const struct mover	*fast;	/* for when much has flowed; splice
					   itself: with wider pipes */
	uint64_t		 fast_from;	/* bytes read */
	struct ring		 ring;
	struct buf_cache	*buf_cache;	/* for the ring's memory; set
						   by the owner, or NULL */
	struct fd		 pipe_in, pipe_out;	/* the kernel pipe */
	size_t			 pipe_held;
	struct batch		*batch;		/* datagrams with their
						   addresses; NULL: none */
	struct ledger		 ledger;
	uint64_t		 moves;		/* reads and writes: an empty
						   datagram moves, too */
	struct filter		*filter;
	struct gate		*gate;
	int64_t			 now;		/* for the gate; set by the
						   session before a step */
	int64_t			 gated_until;	/* 0: not gated */
	size_t			 block;
	uint32_t		 piece;		/* a datagram's size: so are */
	uint32_t		 pieces;	/* ... the first so many bytes
						   held, the last of them may
						   be less; 0: it is one */
	const char		*name;		/* "up", "down", in traces */
};

/*
 * A flow from src to dst, both of which outlive it. The ring's memory comes
 * with the first byte.
 */
void	flow_init(struct flow *, const char *name, struct half *src,
	    struct half *dst, const struct flow_options *);
/* One that never was: done from the start. */
void	flow_init_absent(struct flow *, const char *name);
/* The same; its filters and gate have nothing to do, and are freed. */
void	flow_leave_out(struct flow *, const char *name,
	    const struct flow_options *);
/* Detach from the halves; give back what it used. */
void	flow_free(struct flow *);

/*
 * Move a bounded amount: until neither half is ready, or a turn's share is
 * done. Never blocks.
 */
void	flow_step(struct flow *);

/*
 * Could a step do something now, with no poller to tell of it? Bytes that a
 * layer holds already are readiness, at the start and when a turn's share was
 * done; and what a turn's share has left of several datagrams may go to a
 * sink that is watched only while it is full.
 */
bool	flow_has_more(struct flow *);

/*
 * Nothing came for a while: give the kernel pipe back, if there is one and
 * no byte is in it. Copying will do again, until much flows.
 */
bool	flow_may_rest(const struct flow *);
void	flow_rest(struct flow *);

/* Bytes in ring, kernel pipe and batch, and not what the filter holds. */
size_t	flow_held(const struct flow *);
/* What to wait for, computed from the state. */
bool	flow_wants_read(const struct flow *);
bool	flow_wants_write(const struct flow *);

/* Events */

/* The source has ended (num 0) or failed. */
void	flow_source_ended(struct flow *, int num);
/* The sink has failed: what is held is lost. */
void	flow_sink_failed(struct flow *, int num);
/* Read no more; deliver what is held. */
void	flow_finish(struct flow *, enum flow_cause);
/* Over at once: what is held is lost. */
void	flow_cancel(struct flow *);

const char	*flow_state_name(enum flow_state);
const char	*flow_cause_name(enum flow_cause);

#endif
