/*
 * A session: a near endpoint (usually the standard streams), a far one
 * (usually a connection), a flow each way, and the policy that ends it.
 *
 * Laws: the end is derived from the state of both flows at the end of each
 * step, never enumerated in events; deadlines are absolute; a session with
 * nothing to read and nothing held is over.
 */
#ifndef PUMP_SESSION_H
#define PUMP_SESSION_H

#include "base/policy.h"
#include "pump/flow.h"

enum session_end {
	SESSION_GOING,
	SESSION_EOF,		/* both ways ended by themselves */
	SESSION_LINGER,		/* policy.linger ran out */
	SESSION_IDLE,
	SESSION_TOTAL,
	SESSION_LIMIT,		/* policy.max_reads reached */
	SESSION_INTERRUPTED
};

struct session;

struct session_options {
	struct end_policy	 policy;
	struct flow_options	 up;		/* near to far */
	struct flow_options	 down;
	bool			 near_stays;	/* its output outlives us */
	/*
	 * Several inputs, which have time as a pipe has: bytes that they gave
	 * and that are no line yet, of user. NULL: there is one.
	 */
	uint64_t		 (*near_held)(const void *user);
	bool			 tcp;		/* the far end can confirm */
	/* Over; called from the end of a turn: the session may be freed. */
	void			(*done)(void *user, struct session *);
	/*
	 * A datagram met this errno, or the near input has failed; the session
	 * goes on. NULL: not told.
	 */
	void			(*warn)(void *user, const struct half *, int);
	void			*user;
};

struct session {
	struct loop		*loop;
	struct endpoint		*near, *far;
	struct flow		 up, down;
	struct session_options	 opt;
	enum session_end	 end;
	bool			 over;
	bool			 near_asked;	/* has it anything? */
	bool			 near_told;	/* that its input has failed */
	bool			 may_speak;	/* it is a pipe, or the like */
	bool			 near_loops;	/* our output may feed it */
	bool			 idleness;	/* counts, from active on */
	int64_t			 started, active;
	uint64_t		 moved;		/* as of active */
	unsigned		 silences;	/* that were forgiven */
	int64_t			 heard_at;	/* the peer's last byte */
	uint64_t		 heard;		/* bytes of it, as of then */
	int64_t			 hold_until;	/* the half-close; 0: no hold */
	int64_t			 linger_until, grace_until, total_until; /* 0:
						   not set */
	int64_t			 pause_until;	/* of the near input, behind
						   the far end; 0: not set */
	uint64_t		 said;		/* as of then, see given() */
	int64_t			 confirm_next, confirm_wait, confirm_until;
	size_t			 unacked;	/* by the peer's kernel */
	struct timer		 timer;
	struct task		 finished;
	struct task		 again;	/* a layer holds more to be read */
};

/*
 * Begin; both endpoints and the session's memory stay the caller's and must
 * live until done() (or session_abort). Filters and gates are the session's.
 */
void	session_start(struct session *, struct loop *, struct endpoint *near,
	    struct endpoint *far, const struct session_options *);
/* The near input has ended, whatever it may still give. */
void	session_near_ended(struct session *);
/* Read no more; deliver what is held, within at most this long; then over. */
void	session_interrupt(struct session *, int64_t within);
/* From now on the end of the near input does this. */
void	session_near_eof(struct session *, enum near_eof);
/*
 * Nobody is left at the near end, whatever still holds it open. num: 0, or
 * why what it said cannot be delivered.
 */
void	session_leave(struct session *, int num);
/* Over at once, done() is not called. */
void	session_abort(struct session *);
/* Give back what it used, after done(). */
void	session_free(struct session *);

/* Bytes that were read and did not arrive. */
static inline uint64_t
session_lost_up(const struct session *s)
{
	/* A FIN counts as one byte that is not acknowledged. */
	return s->up.ledger.lost + (s->unacked > 0 ? s->unacked - 1 : 0);
}

static inline uint64_t
session_lost_down(const struct session *s)
{
	return s->down.ledger.lost;
}

/* Within pump/: has this date come? 0 never does. */
static inline bool
session_past(const struct session *s, int64_t when)
{
	return when != 0 && loop_now(s->loop) >= when;
}

/* ... Is it the near input that keeps the flow up waiting? */
static inline bool
session_awaits_near(const struct session *s)
{
	return s->up.state == FLOW_OPEN && flow_held(&s->up) == 0 &&
	    s->up.wait != FLOW_WAIT_DST;
}

/* confirm.c: true when there is no more to wait for. */
bool	session_confirm(struct session *);
/*
 * drain.c: what a peer that is not listened to says is read and dropped from
 * now on; and what there is of that.
 */
void	session_drain_from_now(struct session *);
void	session_drain(struct session *);

#endif
