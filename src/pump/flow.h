/*
 * A direction of a session: from the read half of an endpoint to the write
 * half of the other.
 *
 *	OPEN --source ended--> DRAIN --nothing held--> SHUT --shut--> DONE
 *
 * A sink that fails leads to DONE, and the bytes held are lost (or, with
 * keep_reading, all bytes from then on, until the source ends); a limit, a
 * timeout or a cancel leads to DRAIN or DONE with its cause. A source error
 * is an end plus a remembered errno: bytes that were read are delivered. The
 * same holds if a filter finds that the bytes are invalid (fault).
 *
 * Laws (asserted in debug builds): events change the state, actions do not;
 * the kernel pipe is fed only while the ring is empty, and drained first; no
 * write half is shut while the flow or its filter holds a byte; made =
 * written + held + lost + dropped at all times, and read = made where neither
 * a filter nor a gate changes the count. Bytes in a filter count as made when
 * they come out or are lost.
 */
#ifndef PUMP_FLOW_H
#define PUMP_FLOW_H

#include "base/ring.h"
#include "endpoint/endpoint.h"
#include "filter/filter.h"

/* ---- Whether a flow tries its source without a wait for readiness ------- */

/*
 *	WAIT --short moves in a row--> PROBE --bytes--> TRY
 *	TRY --short moves in a row--> NAP --much, or many naps--> TRY
 *	PROBE, TRY, NAP --none--> WAIT
 *
 * If a producer writes many small pieces, and faster than they are read, each
 * wait returns at once with little. A flow that tries does not wait: it lets
 * other programs run first (sched_yield(2)), or sleeps for some 70 us
 * (loop_post_soon), so that pieces gather in the pipe. It does not watch the
 * source, since each write into a pipe that is in an epoll set costs the
 * producer half as much again. No byte that was read is held back, and the
 * first try without a byte ends it.
 */

/* A move of fewer bytes is short. */
#define PACE_SHORT	((size_t)16 << 10)
/* So many short tries in a row lead to naps, and so many naps back to tries. */
#define PACE_TRIES	16
#define PACE_NAPS	256
/* A nap that brings so much was too long. */
#define PACE_MUCH	((size_t)192 << 10)
/* So many short moves lead to the first probe, and at most so many to one. */
#define PACE_RUN	8
#define PACE_RUN_MOST	128

/* The source is watched in the first two. */
enum pace_state { PACE_WAIT, PACE_PROBE, PACE_TRY, PACE_NAP };

/* All 0 at the start. */
struct pace {
	enum pace_state	 state : 8;
	uint16_t	 run;		/* short moves without a wait for an
					   answer; or naps */
	uint16_t	 vain;		/* added to PACE_RUN: doubles with each
					   probe without a byte */
};

/* A turn has taken n bytes from the source; 0: none was there. */
void	pace_moved(struct pace *, size_t n);
/* The sink is full: the flow waits. */
void	pace_stopped(struct pace *);
/* Bytes came in the other direction: it may be a conversation. */
void	pace_answered(struct pace *);

/* ---- Flows -------------------------------------------------------------- */

enum flow_state { FLOW_OPEN, FLOW_DRAIN, FLOW_SHUT, FLOW_DONE };

enum flow_cause {
	FLOW_GOING,		/* has not ended */
	FLOW_EOF,		/* the source ended */
	FLOW_READ_FAILED,
	FLOW_WRITE_FAILED,
	FLOW_LIMIT,		/* max_reads is reached */
	FLOW_RESET,		/* the gate asks for a reset */
	FLOW_CANCEL,		/* the session is over, or the flow is
				   absent */
};

/* The end that a fast mover waits for. */
enum flow_wait { FLOW_WAIT_NONE, FLOW_WAIT_SRC, FLOW_WAIT_DST };

/* Bytes, from the start of the flow to the end. */
struct ledger {
	uint64_t	read;		/* from the source */
	uint64_t	made;		/* by the filters out of these */
	uint64_t	written;	/* accepted by the sink's kernel */
	uint64_t	lost;		/* made, and not delivered */
	uint64_t	dropped;	/* the same, by a gate, as was asked */
};

/* Below this, making or widening a pipe costs more than is gained. */
#define FLOW_MUCH	((uint64_t)64 << 10)

struct mover;

/* Counts the bytes of several flows, for a watcher who may be asleep. */
struct flow_meter {
	uint64_t	 bytes;		/* accepted by the sinks' kernels */
	/* Called at the next write, once; NULL: no one waits. */
	void		(*moved)(void *arg);
	void		*arg;
};

struct flow_options {
	struct filter		*filter;	/* owned by the flow; or NULL */
	struct gate		*gate;		/* likewise */
	unsigned		 max_reads;	/* 0: no limit */
	size_t			 block;		/* most bytes in a read; 0: the
						   size of the ring */
	enum mover_choice	 mover;
	bool			 batches;	/* datagrams may cross in
						   batches, if both ends can */
	bool			 tries;		/* may try a pipe again without
						   a wait: flow_tries() is
						   asked after each step */
	struct flow_meter	*meter;		/* counts, too; or NULL */
	bool			 took_first;	/* took() need not see what
						   follows FLOW_MUCH bytes */
	/*
	 * Sees the first n bytes of the ring, which the sink has taken. Such
	 * a flow has no fast mover, unless took_first. NULL: none looks.
	 */
	void			(*took)(void *arg, const struct ring *,
				    size_t n);
	/* Sees the bytes that the filter gets; likewise. */
	void			(*fed)(void *arg, const unsigned char *,
				    size_t n);
	void			*watcher;	/* the argument of both */
};

/* An error of a datagram that is not the end; see flow_take_soft. */
struct flow_soft {
	int		 num;		/* errno; 0: none */
	bool		 refused;	/* a datagram met a closed port */
	uint64_t	 read, written;	/* bytes of the ledger then */
};

struct flow;

/* See pump/mover.h. */
struct mover {
	const char	*name;
	/* A single try; false: no byte can be moved for now. */
	bool		(*step)(struct flow *);
	/* Awaited readiness: LOOP_IN of the source, LOOP_OUT of the sink. */
	unsigned	(*wants)(const struct flow *);
};

struct flow {
	struct half		*src, *dst;
	enum flow_state		 state : 8;
	enum flow_cause		 cause : 8;
	enum flow_wait		 wait : 8;
	bool			 half_close;	/* SHUT shuts the sink */
	bool			 hold_shut;	/* ... but not yet */
	bool			 shut_clean;	/* ... only if the source has
						   ended by itself */
	bool			 shut_sound;	/* ... only if the source has
						   not failed */
	bool			 keep_reading;	/* if the sink fails, read on
						   and discard */
	bool			 discard;	/* the sink has failed so */
	bool			 joins;		/* datagrams may cross
						   together */
	bool			 whole;		/* ... but the system cannot cut
						   them for this sink */
	bool			 stalled;	/* by the gate: neither end is
						   waited for */
	bool			 keeps_end;	/* the gate: SHUT has to wait */
	bool			 widened;	/* the pipes at both ends */
	bool			 paced;		/* may try without a wait */
	struct pace		 pace;
	int			 read_errno, write_errno;
	const char		*fault;		/* with EBADMSG, of the filter;
						   or NULL */
	struct flow_soft	 soft;		/* of a datagram, the last */
	unsigned		 fruitless;	/* tries of a fast mover without
						   a byte */
	unsigned		 reads_left;	/* 0: no limit */
	const struct mover	*mover;	/* NULL: an absent flow */
	const struct mover	*slow;	/* serves every such pair of ends */
	const struct mover	*fast;	/* takes over at fast_from; or NULL */
	uint64_t		 fast_from;	/* bytes read */
	struct ring		 ring;
	struct buf_cache	*buf_cache;	/* of the ring's memory; set by
						   the owner; or NULL */
	struct fd		 pipe_in, pipe_out;	/* the kernel pipe */
	size_t			 pipe_held;	/* bytes in the kernel pipe */
	struct batch		*batch;		/* datagrams with their
						   addresses; NULL: none */
	struct ledger		 ledger;
	struct flow_meter	*meter;		/* counts what is written, too;
						   NULL: none */
	/* See flow_options. */
	bool			 took_first;
	void			(*took)(void *, const struct ring *, size_t);
	void			(*fed)(void *, const unsigned char *, size_t);
	void			*watcher;
	uint64_t		 moves;		/* reads and writes, also of
						   empty datagrams */
	struct filter		*filter;
	struct gate		*gate;
	int64_t			 now;		/* for the gate; set by the
						   session before a step */
	int64_t			 gated_until;	/* 0: not gated */
	int64_t			 ask_at;	/* the gate, in a turn; 0: not
						   set */
	size_t			 block;
	uint32_t		 piece;		/* bytes of each datagram in the
						   first pieces bytes held; the
						   last may be shorter */
	uint32_t		 pieces;	/* 0: a single datagram */
	const char		*name;		/* for traces: "up", "down" */
};

/*
 * A flow from src to dst, both of which outlive the flow. Memory for the ring
 * is allocated with the first byte.
 */
void	flow_init(struct flow *, const char *name, struct half *src,
	    struct half *dst, const struct flow_options *);
/*
 * An absent flow: done from the start. Frees the filter and the gate of the
 * options, which may be NULL.
 */
void	flow_init_absent(struct flow *, const char *name,
	    const struct flow_options *);
/* Detaches the flow from the halves, and frees the flow's buffers. */
void	flow_free(struct flow *);

/*
 * Moves bytes until neither half is ready or the turn budget is used up.
 * Never blocks.
 */
void	flow_step(struct flow *);

/*
 * Whether a step could move bytes now, though no event comes: bytes that a
 * layer holds are readiness, at the start and after a full turn budget; and
 * datagrams left by a turn budget go to a sink that is watched only while
 * full.
 */
bool	flow_has_more(struct flow *);

/*
 * Whether the next step is to try the source without a wait, after others have
 * had the processor. Meanwhile such a flow may not want the source's readiness.
 */
bool	flow_tries(struct flow *);

/*
 * Closes the kernel pipe of an idle flow, if empty, and goes back to
 * copying; flow_may_rest: whether there is such a pipe.
 */
bool	flow_may_rest(const struct flow *);
void	flow_rest(struct flow *);

/* Returns the errors of datagrams since the last call. */
static inline struct flow_soft
flow_take_soft(struct flow *f)
{
	struct flow_soft soft = f->soft;

	f->soft = (struct flow_soft){ .num = 0 };
	return soft;
}

/* Bytes in ring, kernel pipe and batch, without those in the filter. */
size_t	flow_held(const struct flow *);
/* Interest, computed from the state: the wants() of both halves. */
bool	flow_wants_read(const void *flow);
bool	flow_wants_write(const void *flow);

/* Events */

/* The source has ended (num 0) or failed. */
void	flow_source_ended(struct flow *, int num);
/* The sink has failed: bytes held are lost. */
void	flow_sink_failed(struct flow *, int num);
/* Reads no more; delivers the bytes held. */
void	flow_finish(struct flow *, enum flow_cause);
/* Over at once: bytes held are lost. */
void	flow_cancel(struct flow *);
/* Over at once, because a gate asks for a reset: bytes held are dropped. */
void	flow_reset(struct flow *);
/* The date at which the gate needs a turn, though no event comes; 0: none. */
int64_t	flow_date(const struct flow *);

/* ---- For the turn and the movers ---------------------------------------- */

/* Enters a later state. */
void	flow_enter(struct flow *, enum flow_state);
/* Gives bytes to the filter; last: no more follow. */
void	flow_push(struct flow *, const unsigned char *, size_t n, bool last);
/* Bytes came into the ring, which held so many before: tells the gate. */
void	flow_arrived(struct flow *, size_t before);
/* Whether datagrams may come while others are held, one after the other. */
bool	flow_queues(const struct flow *);
/* Back to the slow mover, for good. */
void	flow_downgrade(struct flow *);
void	flow_drop_batch(struct flow *);
/* Movers change the ledger by these alone. */
void	flow_count_read(struct flow *, size_t n);
void	flow_count_written(struct flow *, size_t n);
/* Read and written at once. */
void	flow_count_moved(struct flow *, size_t n);
void	flow_count_lost(struct flow *, size_t n);

const char	*flow_state_name(enum flow_state);
const char	*flow_cause_name(enum flow_cause);

#endif
