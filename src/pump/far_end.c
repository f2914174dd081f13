/*
 * The far end has ended and the near input is open: enum far_rule.
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
 * What the policy allows for a rule is how long the input may be silent.
 */
#include <unistd.h>

#include "pump/session.h"

void
session_far_end_prepare(struct session *s)
{
	static const struct fd none = { .num = -1 };
	const struct half *in = &s->near->in, *out = &s->near->out;

	s->near_rule = fd_far_rule(in->fd != NULL ? in->fd : &none,
	    out->fd != NULL ? out->fd : &none);
	if (s->near_rule != RULE_FILTER)
		return;
	/*
	 * Whether a filter sees the end of our output depends on who else
	 * holds the output's pipe open: that is looked at before it is closed.
	 */
	s->down.hold_shut = s->down.half_close &&
	    s->opt.policy.far_eof == FAR_BY_INPUT;
	if (!s->down.hold_shut)
		s->near_rule = RULE_RECEIVED;
}

void
session_far_end_shut(struct session *s)
{
	if (session_is_kind(&s->near->out, FD_PIPE))
		s->reader = fd_open_reader(s->near->out.fd);
	s->shared = session_is_kind(&s->near->out, FD_PIPE);
	s->down.hold_shut = false;
	flow_step(&s->down);
}

void
session_far_end_free(struct session *s)
{
	if (s->reader != -1)
		(void)close(s->reader);
	s->reader = -1;
}

/* Who cannot be looked at (no /proc, no right to) may be there. */
static bool
far_end_is_shared(struct session *s)
{
	if (s->shared && s->reader != -1 && !fd_has_writer(s->reader)) {
		session_far_end_free(s);
		s->shared = false;
	}
	return s->shared;
}

static enum far_rule
far_end_rule(struct session *s)
{
	bool heard = s->down.ledger.read > 0, given = session_given(s) > 0;

	if (s->near_rule == RULE_FILTER)
		return far_end_is_shared(s) ? RULE_SHARED : RULE_FILTER;
	if (s->near_rule != RULE_RECEIVED)
		return s->near_rule;
	/* What stands in the pipe decides, too. */
	if (!given && s->near->in.ready)
		return RULE_NONE;
	return policy_data_rule(heard, given);
}

static void
far_end_enter(struct session *s, enum far_rule rule)
{
	if (rule == s->rule)
		return;
	s->rule = rule;
	s->rule_until = 0;
	if (s->opt.ruled != NULL)
		s->opt.ruled(s->opt.user, rule);
}

/* Has the input been silent for as long as it may? */
static bool
far_end_is_over(struct session *s)
{
	int64_t limit = s->opt.policy.far_limit[s->rule];

	if (limit <= 0)
		return limit == 0;
	if (s->rule_until == 0 || session_given(s) != s->rule_given) {
		s->rule_given = session_given(s);
		s->rule_until = loop_now(s->loop) + limit;
	}
	return session_awaits_near(s) && session_past(s, s->rule_until);
}

static void
far_end_by_input(struct session *s)
{
	enum far_rule rule = far_end_rule(s);

	if (rule == RULE_NONE)
		return;
	far_end_enter(s, rule);
	if (!far_end_is_over(s))
		return;
	s->silent = rule == RULE_SILENT && s->opt.policy.silence_fails;
	s->rule_until = 0;
	flow_finish(&s->up, FLOW_CANCEL);
}

void
session_far_died(struct session *s)
{
	struct half *out = &s->far->out;
	int num = session_is_kind(out, FD_STREAM) && out->watch_death ?
	    fd_error(out->fd) : 0;

	/* A Unix socket may just have nobody left: that shows in a write. */
	out->watch_death = false;
	if (num != 0)
		flow_sink_failed(&s->up, num);
}

void
session_far_ended(struct session *s)
{
	struct half *in = &s->near->in;

	/* Nothing is read any more: a reset is seen in no other way. */
	if (!s->far->out.broken && !s->far->out.record)
		s->far->out.watch_death = true;
	if (s->opt.policy.far_eof == FAR_WAIT)
		return;
	/* Who types sees that the peer has left, and would have to go on. */
	if (session_is_kind(in, FD_TTY))
		far_end_enter(s, RULE_ENDLESS);
	if (session_is_kind(in, FD_TTY) ||
	    s->opt.policy.far_eof == FAR_KEEP_INPUT) {
		flow_finish(&s->up, FLOW_CANCEL);
		return;
	}
	/* The input is read from once more before it is given up. */
	if (!s->near_asked) {
		s->near_asked = in->ready = true;
		return;
	}
	if (s->opt.policy.far_eof == FAR_BY_INPUT)
		far_end_by_input(s);
	else if (!in->ready &&
	    (s->up.ledger.read == 0 || flow_held(&s->up) == 0))
		flow_finish(&s->up, FLOW_CANCEL);
}
