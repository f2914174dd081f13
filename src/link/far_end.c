/*
 * The rule when the far end has ended and the near input is open: enum
 * far_rule.
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
#include <unistd.h>

#include "link/session.h"

/*
 * An input that waits for no answer may be of a program that was started with
 * us: after a quick answer it has this time from the beginning on.
 */
#define BEGIN		(400 * NSEC_PER_MSEC)

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
		s->far_end.reader = fd_open_reader(s->near->out.fd);
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
