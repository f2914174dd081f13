/*
 * A session: a near endpoint (usually the standard streams), a far endpoint
 * (usually a connection), a flow each way, and the policy that ends them.
 *
 * Laws: the end is derived from the state of both flows at the end of each
 * step, never enumerated in events; deadlines are absolute; a session with
 * nothing to read and nothing held is over.
 */
#ifndef LINK_SESSION_H
#define LINK_SESSION_H

#include "base/policy.h"
#include "link/close.h"
#include "pump/flow.h"

struct session;

struct session_options {
	struct end_policy	 policy;
	struct flow_options	 up;		/* near to far */
	struct flow_options	 down;
	bool			 near_stays;	/* the output outlives the
						   session */
	/*
	 * Of a near end with several inputs: bytes that they gave and that
	 * are no line yet. NULL: a single input.
	 */
	uint64_t		 (*near_held)(const void *user);
	bool			 tcp;		/* the far end acknowledges */
	int64_t			 patience;	/* ns, see pause_look(); 0: the
						   peer is not looked at */
	/* Called from the end of a turn: the session may be freed. */
	void			(*done)(void *user, struct session *);
	/*
	 * The far end has ended, and this rule decides about the near input;
	 * another rule may follow. May be NULL.
	 */
	void			(*ruled)(void *user, enum far_rule);
	/*
	 * A datagram met this errno, or the near input has failed; the session
	 * goes on. May be NULL.
	 */
	void			(*warn)(void *user, const struct half *, int);
	void			*user;
};

/* Set by session_end.c alone. */
struct far_end {
	enum far_rule		 near_rule;	/* by the kind of near end */
	enum far_rule		 rule;		/* that applies; RULE_NONE: the
						   far end is open */
	int64_t			 until;		/* the input may be silent; 0:
						   no limit */
	uint64_t		 given;		/* by the input, as of then */
	int			 reader;	/* of the pipe that the output
						   was; -1: none */
	bool			 asked;		/* the input was read from once
						   more */
	bool			 failed;	/* ended by RULE_SILENT, which
						   is a failure */
	bool			 unread;	/* the peer has gone before the
						   input was read */
};

/* All dates and times are in ns; a date of 0 is not set. */
struct session {
	struct loop		*loop;
	struct endpoint		*near, *far;
	struct flow		 up, down;
	struct session_options	 opt;
	enum session_end	 end;
	bool			 over;		/* both flows are done, and
						   finished is queued */
	bool			 aborted;	/* by session_abort, before it
						   was over */
	bool			 resets;	/* once over: the owner resets
						   the far end */
	bool			 input_reported; /* warn() got the failure of
						   the near input */
	bool			 idleness;	/* counts, from active on */
	bool			 looks;		/* nothing to send, and a
						   terminal as output */
	bool			 refused;	/* a datagram met a closed port,
						   and no answer came since */
	/* The errno of a datagram, to be told; 0: none */
	int			 soft_in, soft_out;
	uint64_t		 refused_sent;	/* bytes sent before that */
	uint64_t		 refused_heard;	/* bytes received before */
	int64_t			 started;
	int64_t			 active;	/* when a flow moved last */
	uint64_t		 moved;		/* moves of flows, as of then */
	unsigned		 silences;	/* that were forgiven */
	int64_t			 quiet;		/* longest silence of both ends;
						   0: no limit */
	int64_t			 heard_at;	/* the last byte of the peer */
	uint64_t		 heard;		/* peer's bytes, as of then */
	int64_t			 hold_until;	/* the half-close */
	int64_t			 linger_until, total_until;
	int64_t			 reader_until;	/* the peer may end, though the
						   output has no reader */
	struct far_end		 far_end;
	struct pause_watch		 pause;
	struct acks		 acks;		/* of the far end */
	int64_t			 reset_by;	/* whatever is acknowledged */
	struct timer		 timer;		/* for the earliest date */
	struct task		 finished;	/* calls done() */
	struct task		 again;		/* a layer holds more bytes */
};

/*
 * Begins; both endpoints and the session's memory stay the caller's and must
 * live until done() (or session_abort). Filters and gates are the session's.
 */
void	session_start(struct session *, struct loop *, struct endpoint *near,
	    struct endpoint *far, const struct session_options *);
/* Ends the near input, although more bytes may follow. */
void	session_near_ended(struct session *);
/* Reads no more; delivers bytes held within this time (ns); then over. */
void	session_interrupt(struct session *, int64_t within);
/* Changes the effect of the end of the near input. */
void	session_near_eof(struct session *, enum near_eof);
/*
 * The near end has gone, though other processes may hold the files open. num:
 * why the bytes held cannot be delivered; 0: they can.
 */
void	session_leave(struct session *, int num);
/* Over at once; done() is not called. */
void	session_abort(struct session *);
/* Frees the flows and detaches the endpoints, after done(). */
void	session_free(struct session *);

/*
 * The rule after the far end's end, by the kinds of the near input and output
 * (NULL: not of this session alone). RULE_RECEIVED: the data of both sides
 * decides, see policy_data_rule.
 */
enum far_rule session_rule_of_kind(const struct half *in,
	    const struct half *out);

/* Bytes that were read and did not arrive. */
static inline uint64_t
session_lost_up(const struct session *s)
{
	/* A FIN counts as one byte. */
	return s->up.ledger.lost + (s->acks.left > 0 ? s->acks.left - 1 : 0);
}

static inline uint64_t
session_lost_down(const struct session *s)
{
	return s->down.ledger.lost;
}

/* ---- For the files of the session --------------------------------------- */

/* Whether this date has come; 0 never does. */
static inline bool
session_past(const struct session *s, int64_t when)
{
	return when != 0 && loop_now(s->loop) >= when;
}

/* Whether the flow up waits for the near input. */
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

/*
 * Whether the far end has ended without the end that its layer has, so that
 * data may be missing; the flow up may go on.
 */
static inline bool
session_is_truncated(const struct session *s)
{
	return s->far->in.top != NULL && layer_truncated(s->far->in.top);
}

/* Looks at the peer, if it is time; returns when to look again; 0: never. */
static inline int64_t
session_pause_date(struct session *s)
{
	return pause_look(&s->pause, s->up.ledger.written, loop_now(s->loop),
	    s->opt.patience, &s->far->in_bottom.fd, NULL);
}

/* Bytes of the near input, with those that are no line yet. */
static inline uint64_t
session_given(const struct session *s)
{
	return s->up.ledger.read + (s->opt.near_held == NULL ? 0 :
	    s->opt.near_held(s->opt.user));
}

/* ---- session_end.c ------------------------------------------------------ */

/* Bytes in our kernel that the peer's has not acknowledged. */
size_t	session_unacked(const struct session *);
/*
 * Whether the session has failed before the far end had everything, and before
 * it was told an end.
 */
bool	session_is_cut(const struct session *);
/* Before the flow up is finished: a far end that is cut is told no end. */
void	session_withhold_end(struct session *);
/* Whether success means that the peer's kernel has all bytes. */
bool	session_confirms(const struct session *);
/* Counts what has not been acknowledged as lost, with a FIN. */
void	session_lose_unacked(struct session *);
/*
 * All bytes are in our kernel. Whether the wait for the peer's kernel to
 * acknowledge them is over: only then is a loss ruled out.
 */
bool	session_confirm(struct session *);

/* Before the flow down starts: finds the rule of the near end. */
void	session_far_end_prepare(struct session *);
/* Before the flow down closes the output: opens a reader of the pipe. */
void	session_far_end_shut(struct session *);
/* The far end has failed, or has no reader, while the input is waited for. */
void	session_far_died(struct session *);
/* The flow down has ended, and the flow up is open: applies the rule. */
void	session_far_ended(struct session *);
void	session_far_end_free(struct session *);

#endif
