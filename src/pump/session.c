/*
 * A session: two flows and the policy that ends them.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "pump/mover.h"
#include "pump/session.h"

/*
 * After an input that failed, or a peer that takes nothing any more, the peer
 * may still speak, but not be silent for long.
 */
#define FAILED_QUIET	(2 * NSEC_PER_SEC)

static void	session_step(struct session *);

static void
session_on_event(void *user)
{
	session_step(user);
}

static void
session_on_finished(void *user)
{
	struct session *s = user;

	s->opt.done(s->opt.user, s);
}

static void
session_start_up(struct session *s)
{
	const struct end_policy *p = &s->opt.policy;

	if (s->near->in.top == NULL) {
		flow_leave_out(&s->up, "up", &s->opt.up);
		return;
	}
	flow_init(&s->up, "up", &s->near->in, &s->far->out, &s->opt.up);
	s->up.buf_cache = loop_buf_cache(s->loop);
	s->up.half_close = p->near_eof != NEAR_KEEP &&
	    !(p->null_keeps && session_is_kind(&s->near->in, FD_NULL));
	if (s->near->in.ended)
		flow_source_ended(&s->up, 0);
}

static void
session_start_down(struct session *s)
{
	if (s->near->out.top == NULL) {
		flow_leave_out(&s->down, "down", &s->opt.down);
		session_drain_from_now(s);
		return;
	}
	flow_init(&s->down, "down", &s->far->in, &s->near->out, &s->opt.down);
	s->down.buf_cache = loop_buf_cache(s->loop);
	s->down.half_close = !s->opt.near_stays;
	/* It is near_out.c that decides when a failed output is the end. */
	s->down.keep_reading = session_is_finite(s) ||
	    s->opt.policy.reader_wait > 0;
	session_far_end_prepare(s);
}

void
session_start(struct session *s, struct loop *loop, struct endpoint *near,
    struct endpoint *far, const struct session_options *opt)
{
	memset(s, 0, sizeof(*s));
	s->reader = -1;
	s->loop = loop;
	s->near = near;
	s->far = far;
	s->opt = *opt;
	s->opt.down.max_reads = opt->policy.max_reads;
	/* What outlives us is not left to a dead reader, nor is a child. */
	if (opt->near_stays || opt->policy.ignore_output_error)
		s->opt.policy.reader_wait = 0;
	s->timer.fire = session_on_event;
	s->finished.run = session_on_finished;
	s->again.run = session_on_event;
	s->timer.arg = s->finished.arg = s->again.arg = s;
	session_start_up(s);
	session_start_down(s);
	near->notify = far->notify = session_on_event;
	near->user = far->user = s;
	s->started = loop_now(loop);
	if (opt->policy.total >= 0)
		s->total_until = s->started + opt->policy.total;
	session_step(s);
}

/* The near input has ended by itself. */
static bool
session_input_ended(const struct session *s)
{
	return s->up.state != FLOW_OPEN &&
	    (s->up.cause == FLOW_EOF || s->up.cause == FLOW_READ_FAILED);
}

uint64_t
session_given(const struct session *s)
{
	return s->up.ledger.read + (s->opt.near_held == NULL ? 0 :
	    s->opt.near_held(s->opt.user));
}

/* ---- Refused datagrams -------------------------------------------------- */

static void
session_note_refusals(struct session *s)
{
	if (s->down.refused) {
		s->refused_heard = s->down.refused_read;
		s->refused_sent = s->up.ledger.written;
	} else if (s->up.refused) {
		s->refused_heard = s->down.ledger.read;
		s->refused_sent = s->up.refused_written;
	}
	s->refused |= s->down.refused || s->up.refused;
	s->down.refused = s->up.refused = false;
	if (s->down.ledger.read > s->refused_heard)
		s->refused = false;
}

/*
 * A port that nobody serves, and we have nothing more to say to it. What was
 * sent since may still be answered.
 */
static bool
session_is_refused(const struct session *s)
{
	return s->refused && (s->opt.policy.refusal_ends ||
	    (s->up.state == FLOW_DONE &&
	    s->up.ledger.written == s->refused_sent));
}

static void
session_tell_soft(struct session *s, struct flow *f, struct half *h)
{
	int num = f->soft_errno;

	f->soft_errno = 0;
	/* What ends the session is told with its end. */
	if (num != 0 && s->opt.warn != NULL && !session_is_refused(s))
		s->opt.warn(s->opt.user, h, num);
}

/* It may be long, or for a signal, until the end tells. */
static void
session_tell_input(struct session *s)
{
	if (s->near_told || s->opt.warn == NULL || s->up.read_errno == 0 ||
	    s->down.state != FLOW_OPEN)
		return;
	s->near_told = true;
	s->opt.warn(s->opt.user, &s->near->in, s->up.read_errno);
}

void
session_quiet(struct session *s, int64_t limit)
{
	if (s->quiet != 0 && s->quiet <= limit)
		return;
	if (s->quiet == 0)
		s->active = loop_now(s->loop);
	s->quiet = limit;
}

/* A peer that can only listen, or only speak, is not waited for for ever. */
static void
session_limit_silence(struct session *s)
{
	const struct flow *up = &s->up;
	int64_t wait = s->opt.policy.answer_wait;

	if (up->state != FLOW_DONE)
		return;
	if (up->cause == FLOW_WRITE_FAILED || up->cause == FLOW_READ_FAILED)
		session_quiet(s, FAILED_QUIET);
	if (wait > 0 && s->far->out.record && session_input_ended(s))
		session_quiet(s, wait);
}

/* What the state of one flow means for the other. */
static void
session_apply_policy(struct session *s)
{
	struct flow *up = &s->up, *down = &s->down;

	session_limit_silence(s);
	if ((session_input_ended(s) || up->cause == FLOW_WRITE_FAILED) &&
	    s->opt.policy.linger >= 0 && s->linger_until == 0 &&
	    (up->gate == NULL || up->state != FLOW_DRAIN))
		s->linger_until = loop_now(s->loop) + s->opt.policy.linger;
	if (up->state == FLOW_DONE && session_input_ended(s) &&
	    s->opt.policy.near_eof == NEAR_CLOSE) {
		flow_cancel(down);
		session_drain_from_now(s);
	}
	if (up->state == FLOW_DONE && up->cause == FLOW_WRITE_FAILED &&
	    s->far->in.record)
		flow_cancel(down);
	if (session_is_refused(s)) {
		flow_cancel(up);
		flow_source_ended(down, ECONNREFUSED);
	}
	if (down->write_errno != 0 && !s->opt.policy.ignore_output_error)
		session_near_out_failed(s);
	/* Whoever speaks to nobody need not be listened to. */
	if (up->cause == FLOW_WRITE_FAILED && s->opt.policy.ignore_output_error)
		flow_cancel(down);
	if (down->state != FLOW_DONE)
		return;
	if (down->cause == FLOW_READ_FAILED)
		flow_cancel(up);
	else if (down->cause == FLOW_LIMIT)
		flow_finish(up, FLOW_LIMIT);
	else if (down->cause == FLOW_EOF && up->state == FLOW_OPEN)
		session_far_ended(s);
}

/* May the peer be told already that we have said everything? */
static void
session_hold_half_close(struct session *s)
{
	const struct flow *down = &s->down;

	s->hold_until = 0;
	s->up.hold_shut = false;
	if (!s->opt.policy.delay_half_close || s->far->out.record ||
	    down->state != FLOW_OPEN || s->end != SESSION_GOING ||
	    (!s->up.half_close && s->opt.policy.near_eof != NEAR_CLOSE))
		return;
	if (down->ledger.read != s->heard) {
		s->heard_at = loop_now(s->loop);
		s->heard = down->ledger.read;
	}
	s->hold_until = policy_half_close_delay(s->started, s->heard_at,
	    s->heard, s->up.ledger.read);
	s->up.hold_shut = loop_now(s->loop) < s->hold_until;
}

static void
session_give_up(struct session *s, enum session_end why)
{
	s->end = why;
	flow_cancel(&s->up);
	flow_cancel(&s->down);
}

/* Silence that a rule of the far end's end allows is no idleness. */
static bool
session_counts_idleness(const struct session *s)
{
	return s->opt.policy.idle >= 0 && s->rule_until == 0 &&
	    (session_input_ended(s) || !s->opt.policy.idle_after_near);
}

/* A pause of our own making is no idleness, nor is what did not count yet. */
static void
session_note_activity(struct session *s)
{
	bool counts = session_counts_idleness(s);
	uint64_t moved = s->up.moves + s->down.moves;

	if ((counts && !s->idleness) ||
	    ((counts || s->quiet != 0) && (moved != s->moved ||
	    s->up.gated_until != 0 || s->down.gated_until != 0))) {
		s->moved = moved;
		s->active = loop_now(s->loop);
	}
	s->idleness = counts;
}

static void
session_check_deadlines(struct session *s)
{
	session_note_activity(s);
	if (session_past(s, s->total_until))
		session_give_up(s, s->end == SESSION_GOING ? SESSION_TOTAL :
		    s->end);
	else if (session_past(s, s->linger_until))
		session_give_up(s, SESSION_LINGER);
	else if (s->idleness &&
	    session_past(s, s->active + s->opt.policy.idle)) {
		s->active = loop_now(s->loop);
		if (s->silences++ == s->opt.policy.silences)
			session_give_up(s, SESSION_IDLE);
	} else if (s->quiet != 0 && session_past(s, s->active + s->quiet))
		session_give_up(s, s->end == SESSION_GOING ? SESSION_EOF :
		    s->end);
}

static bool
session_both_done(const struct session *s)
{
	return s->up.state == FLOW_DONE && s->down.state == FLOW_DONE;
}

/* Only dates that still mean something: one that has passed wakes at once. */
static void
session_arm_timer(struct session *s)
{
	int64_t when = s->confirm_next;

	if (!session_both_done(s)) {
		when = timer_earlier(s->linger_until, s->total_until);
		when = timer_earlier(when, s->up.gated_until);
		when = timer_earlier(when, s->down.gated_until);
		when = timer_earlier(when, s->reader_until);
		if (session_awaits_near(s))
			when = timer_earlier(when, s->rule_until);
		if (s->up.state == FLOW_SHUT && s->up.hold_shut)
			when = timer_earlier(when, s->hold_until);
		if (s->idleness)
			when = timer_earlier(when,
			    s->active + s->opt.policy.idle);
		if (s->quiet != 0)
			when = timer_earlier(when, s->active + s->quiet);
	}
	if (when == 0)
		timer_clear(s->loop, &s->timer);
	else
		timer_set(s->loop, &s->timer, when);
}

static void
session_conclude(struct session *s)
{
	s->over = true;
	session_near_out_judge(s);
	if (s->refused && s->opt.policy.refusal_fails &&
	    s->down.read_errno == 0)
		s->down.read_errno = ECONNREFUSED;
	if (s->end == SESSION_GOING)
		s->end = s->down.cause == FLOW_LIMIT ? SESSION_LIMIT :
		    SESSION_EOF;
	timer_clear(s->loop, &s->timer);
	loop_defer(s->loop, &s->finished);
}

static void
session_move(struct session *s)
{
	enum flow_state up, down;
	bool asked;

	do {
		up = s->up.state;
		down = s->down.state;
		asked = s->near_asked;
		flow_step(&s->down);
		if (s->down.state == FLOW_SHUT && s->down.hold_shut)
			session_far_end_shut(s);
		session_note_refusals(s);
		session_hold_half_close(s);
		flow_step(&s->up);
		session_note_refusals(s);
		session_apply_policy(s);
	} while (s->up.state != up || s->down.state != down ||
	    s->near_asked != asked);
}

/* Everything that a session ever does. */
static void
session_step(struct session *s)
{
	if (s->over)
		return;
	if (s->up.gate != NULL || s->down.gate != NULL ||
	    s->far->out.record || s->near->out.record)
		s->up.now = s->down.now = loop_now(s->loop);
	if (s->near->out.broken)
		session_near_out_broken(s);
	if (s->far->out.broken)
		session_far_died(s);
	session_drain(s);
	session_move(s);
	session_tell_soft(s, &s->up, &s->far->out);
	session_tell_soft(s, &s->down, &s->far->in);
	session_tell_input(s);
	if (!session_both_done(s))
		session_check_deadlines(s);
	if (session_both_done(s) && session_confirm(s))
		session_conclude(s);
	else
		session_arm_timer(s);
	if (flow_has_more(&s->up))
		loop_post(s->loop, &s->again);
	if (flow_has_more(&s->down))
		loop_post(s->loop, &s->again);
	endpoint_touch(s->near);
	endpoint_touch(s->far);
}

void
session_near_ended(struct session *s)
{
	if (s->over)
		return;
	flow_source_ended(&s->up, 0);
	session_step(s);
}

void
session_interrupt(struct session *s, int64_t within)
{
	if (s->over)
		return;
	s->end = SESSION_INTERRUPTED;
	s->total_until = loop_now(s->loop) + within;
	flow_finish(&s->up, FLOW_CANCEL);
	flow_finish(&s->down, FLOW_CANCEL);
	session_step(s);
}

void
session_near_eof(struct session *s, enum near_eof what)
{
	s->opt.policy.near_eof = what;
	session_step(s);
}

void
session_leave(struct session *s, int num)
{
	if (s->over)
		return;
	if (num != 0 && s->opt.tcp)	/* as if a FIN were among them */
		s->unacked = fd_unacked(s->far->out.fd) + !s->far->out.ended;
	if (num != 0)
		flow_sink_failed(&s->up, num);
	flow_finish(&s->up, FLOW_EOF);
	flow_cancel(&s->down);
	session_step(s);
}

void
session_abort(struct session *s)
{
	if (!s->over) {
		flow_cancel(&s->up);
		flow_cancel(&s->down);
		timer_clear(s->loop, &s->timer);
		s->over = true;
	} else
		loop_unpost(s->loop, &s->finished);
	session_free(s);
}

void
session_free(struct session *s)
{
	loop_unpost(s->loop, &s->again);
	session_far_end_free(s);
	flow_free(&s->up);
	flow_free(&s->down);
	if (s->far->in.user == s)
		s->far->in.wants = NULL;
	s->near->notify = s->far->notify = NULL;
	endpoint_touch(s->near);
	endpoint_touch(s->far);
}
