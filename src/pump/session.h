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
	 * The far end has ended, and this rule says what becomes of the near
	 * input; it may be followed by another. NULL: not told.
	 */
	void			(*ruled)(void *user, enum far_rule);
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
	bool			 idleness;	/* counts, from active on */
	int64_t			 started, active;
	uint64_t		 moved;		/* as of active */
	unsigned		 silences;	/* that were forgiven */
	int64_t			 heard_at;	/* the peer's last byte */
	uint64_t		 heard;		/* bytes of it, as of then */
	int64_t			 hold_until;	/* the half-close; 0: no hold */
	int64_t			 linger_until, total_until; /* 0: not set */
	/* When the far end has ended, see far_end.c */
	enum far_rule		 rule;
	int64_t			 rule_until;	/* the input may be silent; 0:
						   no limit */
	uint64_t		 rule_given;	/* bytes of it, as of then */
	int			 reader;	/* of the pipe that our output
						   was; -1: none */
	enum far_rule		 near_rule;	/* by what the near end is */
	bool			 shared;	/* a filter may not see the
						   end of our output */
	bool			 silent;	/* it ended by RULE_SILENT */
	/* When the reader of the near output has left, see near_out.c */
	int64_t			 reader_until;	/* the peer may end; 0: not
						   set */
	/* So much silence of both ends is the end; 0: no such limit. */
	int64_t			 quiet;
	/* Datagrams: a port refused, and no answer came since. */
	bool			 refused;
	uint64_t		 refused_sent;	/* bytes sent before */
	uint64_t		 refused_heard;	/* bytes received before */
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

/* ---- Within pump/ ------------------------------------------------------- */

/* Has this date come? 0 never does. */
static inline bool
session_past(const struct session *s, int64_t when)
{
	return when != 0 && loop_now(s->loop) >= when;
}

/* Is it the near input that keeps the flow up waiting? */
static inline bool
session_awaits_near(const struct session *s)
{
	return s->up.state == FLOW_OPEN && flow_held(&s->up) == 0 &&
	    s->up.wait != FLOW_WAIT_DST;
}

static inline bool
session_is_kind(const struct half *h, enum fd_kind kind)
{
	return h->top != NULL && h->fd != NULL && h->fd->kind == kind;
}

/* Has the near input an end that it comes to without a wait? */
static inline bool
session_is_finite(const struct session *s)
{
	return session_is_kind(&s->near->in, FD_FILE) ||
	    session_is_kind(&s->near->in, FD_BLOCK);
}

/* Bytes of the near input, also such as wait for the rest of their line. */
uint64_t session_given(const struct session *);
/* From now on so much silence of both ends (ns) ends the session. */
void	session_quiet(struct session *, int64_t limit);

/* confirm.c: true when there is no more to wait for. */
bool	session_confirm(struct session *);
/*
 * drain.c: what a peer that is not listened to says is read and dropped from
 * now on; and what there is of that.
 */
void	session_drain_from_now(struct session *);
void	session_drain(struct session *);

/*
 * far_end.c: the rules of what becomes of the near input when the far end
 * has ended.
 */
/* Before the flow down starts: may one of them need to watch its end? */
void	session_far_end_prepare(struct session *);
/* The flow down is about to close our output: look at who else has it. */
void	session_far_end_shut(struct session *);
/* The far end has failed, or has nobody left, while we wait for the input. */
void	session_far_died(struct session *);
/* The flow down has ended, and the flow up is open: apply the rule. */
void	session_far_ended(struct session *);
void	session_far_end_free(struct session *);

/*
 * near_out.c: the reader of the near output has left, or it has failed.
 */
void	session_near_out_broken(struct session *);
void	session_near_out_failed(struct session *);
/* Both flows are done: was anything lost by that? */
void	session_near_out_judge(struct session *);

#endif
