/*
 * How a session ends: by a rule when the far end has ended and the near input
 * is open (enum far_rule), and on the wire: whether the peer's kernel has
 * everything, and whether the end is a reset, because a gate asks for that or
 * because the session has failed. The session only decides: the owner of the
 * far endpoint resets it (endpoint_reset).
 *
 *	the input		the peer gave	the input gave
 *	a regular file						FILE
 *	a terminal, /dev/null, a FIFO open read-write		ENDLESS
 *	a named FIFO, the output a pipe or socket whose
 *	    readers see the end					FILTER
 *	    ... another process holds the output open		SHARED
 *	any other		data		nothing		RECEIVED
 *				data		data		EXCHANGED
 *				nothing		data		SENDING
 *				nothing		nothing		SILENT
 *
 * The policy says for each rule how long the input may be silent.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "link/session.h"

/*
 * An input that waits for no answer may be of a program that was started with
 * us: after a quick answer it has this time from the beginning on.
 */
#define BEGIN		(400 * NSEC_PER_MSEC)
/* A peer that acknowledges nothing is reset after this time. */
#define RESET_WAIT	DRAIN_TIME

/* ---- The last of the connection ----------------------------------------- */

/*
 * Bytes of the user, and a FIN, that the peer's kernel has not acknowledged. A
 * peer that closes at once never acknowledges our close_notify.
 */
size_t
session_unacked(const struct session *s)
{
	size_t left = fd_unacked(s->far->out.fd);
	size_t closing = s->far->out.top != NULL ?
	    layer_closing(s->far->out.top) : 0;

	return left > closing ? left - closing : 0;
}

bool
session_is_cut(const struct session *s)
{
	const struct flow *up = &s->up, *down = &s->down;
	const struct half *in = &s->near->in;
	int near = s->opt.policy.ignore_output_error ? 0 : down->write_errno;

	if (!s->opt.policy.cut_resets || s->far->out.record ||
	    s->far->out.state == HALF_ENDED)
		return false;
	/* A reader that has left has got what it wanted. */
	if (up->read_errno != 0 || up->ledger.lost > 0 ||
	    (near != 0 && near != EPIPE))
		return true;
	/* A terminal and the like have no end that a peer could miss. */
	if (in->top == NULL || up->cause == FLOW_EOF ||
	    (in->fd != NULL && fd_has_no_end(in->fd)))
		return false;
	/* A peer that left without the end of TLS learns nothing by a reset. */
	return s->aborted || near != 0 ||
	    (down->read_errno != 0 && !session_is_truncated(s)) ||
	    s->far_end.failed || s->end == SESSION_INTERRUPTED ||
	    s->end == SESSION_TOTAL;
}

void
session_withhold_end(struct session *s)
{
	if (session_is_cut(s))
		s->up.half_close = false;
}

/*
 * A reset overtakes bytes in our kernel: those that left before have to arrive
 * first, so that the peer sees an exact number of bytes.
 */
static bool
session_reset_confirm(struct session *s)
{
	int64_t now = loop_now(s->loop);

	/* A peer that has reset the connection acknowledges nothing. */
	if (!s->opt.tcp || s->far->out.fd == NULL ||
	    fd_is_over(s->far->out.fd))
		return true;
	if (s->reset_by == 0)
		s->reset_by = s->end == SESSION_INTERRUPTED ?
		    s->total_until : now + RESET_WAIT;
	return !acks_awaited(&s->acks, session_unacked(s), now, RESET_WAIT,
	    s->reset_by);
}

/* ---- The last acknowledgements ------------------------------------------ */

bool
session_confirms(const struct session *s)
{
	return s->opt.tcp && s->far->out.fd != NULL &&
	    s->up.ledger.written > 0 && (s->opt.policy.confirm ||
	    (s->opt.policy.near_eof == NEAR_CLOSE && s->end == SESSION_GOING));
}

void
session_lose_unacked(struct session *s)
{
	s->acks.left = session_unacked(s) +
	    (s->far->out.state != HALF_ENDED);
}

bool
session_confirm(struct session *s)
{
	int64_t idle = s->opt.policy.idle;
	size_t left;
	int num;

	if (s->end == SESSION_RESET) {
		if (!session_reset_confirm(s))
			return false;
		/* The bytes that a reset overtakes are dropped by request. */
		s->acks.left = 0;
		return true;
	}
	if (!session_confirms(s))
		return true;
	/*
	 * A connection that has failed acknowledges nothing any more, and a
	 * limit or a signal that ended the session leaves no time to, unless a
	 * reset would overtake the bytes.
	 */
	if ((s->down.cause == FLOW_READ_FAILED && !session_is_truncated(s)) ||
	    s->up.write_errno != 0 || s->end != SESSION_GOING) {
		if (session_is_cut(s) && !session_reset_confirm(s))
			return false;
		session_lose_unacked(s);
		return true;
	}
	left = session_unacked(s);
	num = left > 0 ? fd_error(s->far->out.fd) : 0;
	/*
	 * A layer's close_notify may have taken the error of the socket. The
	 * last acknowledgement, too, may have ended the connection by now.
	 */
	if (num == 0 && left > 0 && fd_is_over(s->far->out.fd) &&
	    session_unacked(s) > 0)
		num = ECONNRESET;
	/* A peer that acknowledges nothing is as silent as an idle peer. */
	if (!acks_awaited(&s->acks, left, loop_now(s->loop),
	    idle >= 0 && idle < STALL_LIMIT ? idle : STALL_LIMIT,
	    timer_earlier(s->total_until, s->linger_until)) &&
	    num == 0 && left > 0)
		num = ETIMEDOUT;
	if (num != 0)
		s->up.write_errno = num;
	return num != 0 || left == 0;
}

/* ---- The far end has ended ---------------------------------------------- */

enum far_rule
session_rule_of_kind(const struct half *in, const struct half *out)
{
	static const struct fd none = { .num = -1 };

	return fd_far_rule(in->fd != NULL ? in->fd : &none,
	    out != NULL && out->fd != NULL ? out->fd : &none);
}

void
session_far_end_prepare(struct session *s)
{
	s->far_end.near_rule = session_rule_of_kind(&s->near->in,
	    &s->near->out);
	if (s->far_end.near_rule != RULE_FILTER)
		return;
	/*
	 * A filter sees the end of the output if no other process holds the
	 * pipe open; to check that, session_far_end_shut opens a reader.
	 */
	s->down.hold_shut = s->down.half_close &&
	    s->opt.policy.far_eof == FAR_BY_INPUT;
	if (!s->down.hold_shut)
		s->far_end.near_rule = RULE_RECEIVED;
}

void
session_far_end_shut(struct session *s)
{
	if (session_is_kind(&s->near->out, FD_PIPE)) {
		/*
		 * While this reader is open, no writer learns that the others
		 * have left.
		 */
		s->far_end.reader = fd_reopen(s->near->out.fd->num, O_RDONLY);
		s->far_end.near_rule = RULE_SHARED;
	}
	s->down.hold_shut = false;
	flow_step(&s->down);
}

void
session_far_end_free(struct session *s)
{
	if (s->far_end.reader != -1)
		(void)close(s->far_end.reader);
	s->far_end.reader = -1;
}

static void
far_end_enter(struct session *s, enum far_rule rule)
{
	if (rule == s->far_end.rule)
		return;
	s->far_end.rule = rule;
	s->far_end.until = 0;
	if (s->opt.ruled != NULL)
		s->opt.ruled(s->opt.user, rule);
}

/* Whether the input can be read, though it was not. */
static bool
far_end_has_unread(const struct session *s)
{
	const struct half *in = &s->near->in;

	return in->fd != NULL && (in->fd->kind == FD_PIPE ||
	    in->fd->kind == FD_STREAM) && fd_readable(in->fd) > 0;
}

/* Whether the input has been silent for the limit of the rule. */
static bool
far_end_is_over(struct session *s)
{
	struct far_end *e = &s->far_end;
	int64_t limit = s->opt.policy.far_limit[e->rule];

	if (limit <= 0)
		return limit == 0;
	if (e->until == 0 || session_given(s) != e->given) {
		e->given = session_given(s);
		e->until = loop_now(s->loop) + limit;
		if (e->rule == RULE_RECEIVED && e->until < s->started + BEGIN)
			e->until = s->started + BEGIN;
	}
	if (!session_awaits_near(s) || !session_past(s, e->until))
		return false;
	/* On a busy machine, the input may have come in time. */
	if (far_end_has_unread(s))
		e->asked = false;
	return e->asked;
}

static void
far_end_by_input(struct session *s)
{
	struct far_end *e = &s->far_end;
	bool given = session_given(s) > 0;
	enum far_rule rule;

	/* Without a reader (no /proc, no permission) RULE_SHARED stays. */
	if (e->near_rule == RULE_SHARED && e->reader != -1 &&
	    !fd_has_writer(e->reader)) {
		session_far_end_free(s);
		e->near_rule = RULE_FILTER;
	}
	rule = e->near_rule;
	/* Bytes that wait in the pipe count as given. */
	if (rule == RULE_RECEIVED && !given && s->near->in.ready)
		return;
	if (rule == RULE_RECEIVED)
		rule = policy_data_rule(s->down.ledger.read > 0, given);
	far_end_enter(s, rule);
	if (!far_end_is_over(s))
		return;
	e->failed = rule == RULE_SILENT && s->opt.policy.silence_fails;
	e->until = 0;
	session_withhold_end(s);
	flow_finish(&s->up, FLOW_CANCEL);
}

void
session_far_died(struct session *s)
{
	struct half *out = &s->far->out;
	int num = session_is_kind(out, FD_STREAM) && out->watch_death ?
	    fd_error(out->fd) : 0;

	/* A Unix peer may just have closed: the next write reports that. */
	out->watch_death = false;
	if (num == 0)
		return;
	/* Of an input that has given nothing yet, nothing is lost so far. */
	if (s->far_end.rule == RULE_RECEIVED && session_given(s) == 0) {
		s->far_end.unread = far_end_has_unread(s);
		flow_cancel(&s->up);
	} else
		flow_sink_failed(&s->up, num);
}

void
session_far_ended(struct session *s)
{
	struct half *in = &s->near->in;

	/* Nothing is read any more: a reset shows in no other way. */
	if (s->far->out.state != HALF_BROKEN && !s->far->out.record)
		s->far->out.watch_death = true;
	if (s->opt.policy.far_eof == FAR_WAIT)
		return;
	/* A person would have to type on to learn that the peer has left. */
	if (session_is_kind(in, FD_TTY))
		far_end_enter(s, RULE_ENDLESS);
	if (session_is_kind(in, FD_TTY) ||
	    s->opt.policy.far_eof == FAR_KEEP_INPUT) {
		flow_finish(&s->up, FLOW_CANCEL);
		return;
	}
	/* Reads the input once more before the end of the flow up. */
	if (!s->far_end.asked) {
		s->far_end.asked = in->ready = true;
		return;
	}
	if (s->opt.policy.far_eof == FAR_BY_INPUT)
		far_end_by_input(s);
	else if (!in->ready &&
	    (s->up.ledger.read == 0 || flow_held(&s->up) == 0))
		flow_finish(&s->up, FLOW_CANCEL);
}
