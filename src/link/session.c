/*
 * A session: two flows and the policy that ends them.
 */
#include <errno.h>
#include <string.h>

#include "base/num.h"
#include "link/session.h"
#include "link/way.h"

/*
 * The longest silence of the peer after the near input has failed, or after
 * the peer takes nothing any more.
 */
#define FAILED_QUIET	(2 * NSEC_PER_SEC)

/* ---- A far end that nothing is read from -------------------------------- */

/*
 * From now on the bytes of the far end are read and dropped: a peer may read
 * our last bytes only after it has sent its own.
 */
static void
session_drain_from_now(struct session *s)
{
	struct half *in = &s->far->in;

	/* Datagrams hold up no sender, and a file does not wait. */
	if (in->fd == NULL || in->state == HALF_ENDED ||
	    (in->fd->kind != FD_PIPE && in->fd->kind != FD_STREAM &&
	    (in->fd->kind != FD_DGRAM || !fd_has_end(in->fd))))
		return;
	in->wants = way_always;
	in->user = s;
}

static void
session_drain(struct session *s)
{
	struct half *in = &s->far->in;
	size_t n;
	enum io io = half_discard(in, &n);
	int num = io == IO_FAIL ? errno : 0;

	s->down.moves += n > 0;
	if (io == IO_OK)
		loop_post(s->loop, &s->again);
	if (io != IO_EOF && io != IO_FAIL)
		return;
	in->wants = NULL;
	/* If the end of TLS is missing, only bytes to be dropped are. */
	if (session_is_truncated(s))
		num = 0;
	if (num != 0)
		flow_sink_failed(&s->up, num);
	/* Despite num, acknowledged bytes have arrived. */
	if (num != 0 && s->up.write_errno == 0 && s->opt.tcp &&
	    session_unacked(s) > 0)
		s->up.write_errno = num;
	if (s->opt.policy.far_eof == FAR_KEEP_INPUT)
		flow_finish(&s->up, FLOW_CANCEL);
}

/* ---- The beginning ------------------------------------------------------ */

/* Whether the near input ends without a wait. */
static bool
session_is_finite(const struct session *s)
{
	return session_is_kind(&s->near->in, FD_FILE) ||
	    session_is_kind(&s->near->in, FD_BLOCK);
}

static void
session_start_up(struct session *s)
{
	const struct end_policy *p = &s->opt.policy;

	if (s->near->in.top == NULL) {
		flow_init_absent(&s->up, "up", &s->opt.up);
		return;
	}
	s->opt.up.tries = true;
	flow_init(&s->up, "up", &s->near->in, &s->far->out, &s->opt.up);
	s->up.buf_cache = loop_buf_cache(s->loop);
	s->up.half_close = p->near_eof != NEAR_KEEP &&
	    !(p->null_keeps && session_is_kind(&s->near->in, FD_NULL));
	s->up.shut_sound = p->cut_resets;
	if (s->near->in.state == HALF_ENDED)
		flow_source_ended(&s->up, 0);
}

static void
session_start_down(struct session *s)
{
	if (s->near->out.top == NULL) {
		flow_init_absent(&s->down, "down", &s->opt.down);
		session_drain_from_now(s);
		return;
	}
	flow_init(&s->down, "down", &s->far->in, &s->near->out, &s->opt.down);
	s->down.buf_cache = loop_buf_cache(s->loop);
	s->down.half_close = !s->opt.near_stays;
	s->looks = s->opt.policy.null_keeps && !s->far->in.record &&
	    session_is_kind(&s->near->in, FD_NULL) &&
	    session_is_kind(&s->near->out, FD_TTY);
	/* session_near_out_failed decides when a failed output is the end. */
	s->down.keep_reading = session_is_finite(s) ||
	    s->opt.policy.reader_wait > 0;
	session_far_end_prepare(s);
}

/* ---- The near input, and refused datagrams ------------------------------ */

/* Whether the near input has ended by itself. */
static bool
session_input_ended(const struct session *s)
{
	return s->up.state != FLOW_OPEN &&
	    (s->up.cause == FLOW_EOF || s->up.cause == FLOW_READ_FAILED);
}

static void
session_note_soft(struct session *s)
{
	const struct flow *up = &s->up, *down = &s->down;
	struct flow_soft in = flow_take_soft(&s->down);
	struct flow_soft out = flow_take_soft(&s->up);

	s->soft_in = in.num != 0 ? in.num : s->soft_in;
	s->soft_out = out.num != 0 ? out.num : s->soft_out;
	if (in.refused || out.refused) {
		s->refused = true;
		s->refused_heard = in.refused ? in.read : down->ledger.read;
		s->refused_sent = in.refused ? up->ledger.written :
		    out.written;
	}
	if (down->ledger.read > s->refused_heard)
		s->refused = false;
}

/*
 * Whether the peer's port is not served, and nothing more is to be sent.
 * Datagrams that were sent since may still be answered.
 */
static bool
session_is_refused(const struct session *s)
{
	return s->refused && (s->opt.policy.refusal_ends ||
	    (s->up.state == FLOW_DONE &&
	    s->up.ledger.written == s->refused_sent));
}

/* Tells of datagrams that failed, and of an input: the end may be far. */
static void
session_warn(struct session *s)
{
	int up = s->soft_out, down = s->soft_in;

	s->soft_out = s->soft_in = 0;
	if (s->opt.warn == NULL)
		return;
	/* The errno that ends the session is reported at the end. */
	if (session_is_refused(s))
		up = down = 0;
	if (up != 0)
		s->opt.warn(s->opt.user, &s->far->out, up);
	if (down != 0)
		s->opt.warn(s->opt.user, &s->far->in, down);
	if (s->input_reported || s->up.read_errno == 0 ||
	    s->down.state != FLOW_OPEN)
		return;
	s->input_reported = true;
	s->opt.warn(s->opt.user, &s->near->in, s->up.read_errno);
}

/* ---- The policy, by the state of both flows ----------------------------- */

/* From now on so much silence of both ends (ns) ends the session. */
static void
session_quiet(struct session *s, int64_t limit)
{
	if (s->quiet != 0 && s->quiet <= limit)
		return;
	if (s->quiet == 0)
		s->active = loop_now(s->loop);
	s->quiet = limit;
}

/* Limits the wait for a peer that can only receive, or only send. */
static void
session_limit_silence(struct session *s)
{
	const struct end_policy *p = &s->opt.policy;
	const struct flow *up = &s->up;

	if (up->state != FLOW_DONE)
		return;
	if (up->cause == FLOW_WRITE_FAILED || up->cause == FLOW_READ_FAILED)
		session_quiet(s, FAILED_QUIET);
	if (p->answer_wait > 0 && s->far->out.record && session_input_ended(s))
		session_quiet(s, p->answer_wait);
	if (!s->looks || p->null_wait <= 0)
		return;
	/* A silent peer was called to look at it, or at its certificate. */
	if (s->down.ledger.read == 0)
		session_quiet(s, p->null_wait);
	else {
		s->looks = false;
		s->quiet = 0;
	}
}

/* Whether the peer has ended without another byte. */
static bool
session_reader_missed_nothing(const struct session *s)
{
	const struct flow *down = &s->down;

	return s->opt.policy.reader_wait > 0 && down->cause == FLOW_EOF &&
	    down->write_errno == EPIPE && down->ledger.lost == 0;
}

/*
 * The reader of the near output has left (`| head -1`, `| tar x`), or the
 * output has failed. A reader that has read everything may leave just before
 * the peer ends: if nothing is held, the peer gets reader_wait to end, and
 * then nothing was lost. The flow down reads on, and counts each byte as lost.
 */
static void
session_near_out_failed(struct session *s)
{
	const struct end_policy *p = &s->opt.policy;
	const struct flow *down = &s->down;
	int64_t now = loop_now(s->loop);

	/* A file is sent completely even without a reader of the output. */
	if (session_is_finite(s) && down->discard && s->up.state != FLOW_DONE)
		return;
	if (down->write_errno == EPIPE && down->ledger.lost == 0 &&
	    p->reader_wait > 0 && down->state != FLOW_DONE) {
		if (s->reader_until == 0)
			s->reader_until = now + p->reader_wait;
		if (now < s->reader_until)
			return;
	}
	s->reader_until = 0;
	if (session_reader_missed_nothing(s))
		return;
	session_withhold_end(s);
	flow_finish(&s->up, FLOW_CANCEL);
	flow_cancel(&s->down);
	if (p->drain_time > 0 && s->linger_until == 0)
		s->linger_until = now + p->drain_time;
}

/* Applies the consequences of each flow's state for the other flow. */
static void
session_apply_policy(struct session *s)
{
	struct flow *up = &s->up, *down = &s->down;

	/* A gate that asks for a reset ends both directions. */
	if (s->end != SESSION_RESET &&
	    (up->cause == FLOW_RESET || down->cause == FLOW_RESET)) {
		s->end = SESSION_RESET;
		flow_reset(up);
		flow_reset(down);
	}
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
	/* A command that writes to no peer need not be read from. */
	if (up->cause == FLOW_WRITE_FAILED && s->opt.policy.ignore_output_error)
		flow_cancel(down);
	if (down->state != FLOW_DONE)
		return;
	if (down->cause == FLOW_READ_FAILED && !session_is_truncated(s))
		flow_cancel(up);
	else if (down->cause == FLOW_LIMIT)
		flow_finish(up, FLOW_LIMIT);
	else if ((down->cause == FLOW_EOF || down->cause == FLOW_READ_FAILED) &&
	    up->state == FLOW_OPEN)
		session_far_ended(s);
}

/* Decides until when the half-close waits for a pause of the peer. */
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

/*
 * Silence of the input that a far_rule allows, or a pause of a gate, is no
 * idleness; but a peer that takes nothing is idle.
 */
static void
session_check_deadlines(struct session *s)
{
	const struct end_policy *p = &s->opt.policy;
	bool counts = p->idle >= 0 &&
	    (s->far_end.until == 0 || !session_awaits_near(s)) &&
	    (session_input_ended(s) || !p->idle_after_near);
	uint64_t moved = s->up.moves + s->down.moves;
	enum session_end why = s->end;

	if ((counts && !s->idleness) ||
	    ((counts || s->quiet != 0) && (moved != s->moved ||
	    s->up.gated_until != 0 || s->down.gated_until != 0))) {
		s->moved = moved;
		s->active = loop_now(s->loop);
	}
	s->idleness = counts;
	if (session_past(s, s->total_until))
		session_give_up(s, why == SESSION_GOING ? SESSION_TOTAL : why);
	else if (session_past(s, s->linger_until))
		session_give_up(s, SESSION_LINGER);
	else if (counts && session_past(s, s->active + p->idle)) {
		s->active = loop_now(s->loop);
		if (s->silences++ == p->silences)
			session_give_up(s, SESSION_IDLE);
	} else if (s->quiet != 0 && session_past(s, s->active + s->quiet))
		session_give_up(s, why == SESSION_GOING ? SESSION_EOF : why);
}

/* ---- A step ------------------------------------------------------------- */

static bool
session_both_done(const struct session *s)
{
	return s->up.state == FLOW_DONE && s->down.state == FLOW_DONE;
}

/* Arms the timer for the earliest date in force; a past date fires at once. */
static void
session_arm_timer(struct session *s)
{
	const bool done = session_both_done(s);
	const int64_t dates[] = {
		s->linger_until, s->total_until, s->reader_until,
		flow_date(&s->up), flow_date(&s->down),
		done ? 0 : session_pause_date(s),
		session_awaits_near(s) ? s->far_end.until : 0,
		s->up.state == FLOW_SHUT && s->up.hold_shut ? s->hold_until : 0,
		s->idleness ? s->active + s->opt.policy.idle : 0,
		s->quiet != 0 ? s->active + s->quiet : 0
	};
	int64_t when = done ? s->acks.look_at : 0;

	for (size_t i = 0; !done && i < sizeof(dates) / sizeof(dates[0]); i++)
		when = timer_earlier(when, dates[i]);
	if (when == 0)
		timer_clear(s->loop, &s->timer);
	else
		timer_set(s->loop, &s->timer, when);
}

static void
session_on_finished(void *user)
{
	struct session *s = user;

	s->opt.done(s->opt.user, s);
}

static void
session_conclude(struct session *s)
{
	s->over = true;
	if (session_reader_missed_nothing(s))
		s->down.write_errno = 0;
	if (s->refused && s->opt.policy.refusal_fails &&
	    s->down.read_errno == 0)
		s->down.read_errno = ECONNREFUSED;
	if (s->end == SESSION_GOING)
		s->end = s->down.cause == FLOW_LIMIT ? SESSION_LIMIT :
		    SESSION_EOF;
	s->resets = s->end == SESSION_RESET || session_is_cut(s);
	timer_clear(s->loop, &s->timer);
	loop_defer(s->loop, &s->finished);
}

static void
session_move(struct session *s)
{
	enum flow_state up, down;
	uint64_t heard;
	bool asked;

	do {
		up = s->up.state;
		down = s->down.state;
		asked = s->far_end.asked;
		heard = s->down.ledger.read;
		flow_step(&s->down);
		if (s->down.ledger.read != heard)
			pace_answered(&s->up.pace);
		if (s->down.state == FLOW_SHUT && s->down.hold_shut)
			session_far_end_shut(s);
		session_note_soft(s);
		session_hold_half_close(s);
		flow_step(&s->up);
		session_note_soft(s);
		session_apply_policy(s);
	} while (s->up.state != up || s->down.state != down ||
	    s->far_end.asked != asked);
}

/* Everything that a session does. */
static void
session_step(void *session)
{
	struct session *s = session;
	struct flow *down = &s->down;

	if (s->over)
		return;
	if (s->up.gate != NULL || s->down.gate != NULL ||
	    s->far->out.record || s->near->out.record)
		s->up.now = s->down.now = loop_now(s->loop);
	/* If all was written before, the reader has missed nothing. */
	if (s->near->out.state == HALF_BROKEN && (down->state == FLOW_OPEN ||
	    flow_held(down) > 0 || filter_held(down->filter) > 0))
		flow_sink_failed(down, EPIPE);
	if (s->far->out.state == HALF_BROKEN)
		session_far_died(s);
	/* While a flow stalls, a failure shows in no other way. */
	if (s->up.stalled || s->down.stalled)
		s->far->out.watch_death = true;
	if (s->far->in.wants == way_always && s->far->in.ready)
		session_drain(s);
	session_move(s);
	session_warn(s);
	if (!session_both_done(s))
		session_check_deadlines(s);
	if (session_both_done(s) && session_confirm(s))
		session_conclude(s);
	else
		session_arm_timer(s);
	if (flow_tries(&s->up))
		(s->up.pace.state == PACE_NAP ? loop_post_soon :
		    loop_post_last)(s->loop, &s->again);
	if (flow_has_more(&s->up) || flow_has_more(&s->down))
		loop_post(s->loop, &s->again);
	endpoint_touch(s->near);
	endpoint_touch(s->far);
}

void
session_start(struct session *s, struct loop *loop, struct endpoint *near,
    struct endpoint *far, const struct session_options *opt)
{
	memset(s, 0, sizeof(*s));
	s->far_end.reader = -1;
	s->loop = loop;
	s->near = near;
	s->far = far;
	s->opt = *opt;
	s->opt.down.max_reads = opt->policy.max_reads;
	/* An output that outlives the session, or a child's, need not wait. */
	if (opt->near_stays || opt->policy.ignore_output_error)
		s->opt.policy.reader_wait = 0;
	s->timer.fire = session_step;
	s->finished.run = session_on_finished;
	s->again.run = session_step;
	s->timer.arg = s->finished.arg = s->again.arg = s;
	session_start_up(s);
	session_start_down(s);
	near->notify = far->notify = session_step;
	near->user = far->user = s;
	s->started = loop_now(loop);
	if (opt->policy.total >= 0)
		s->total_until = s->started + opt->policy.total;
	session_step(s);
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
	session_withhold_end(s);
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
	if (num != 0 && s->opt.tcp)
		session_lose_unacked(s);
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
		if (session_confirms(s))
			session_lose_unacked(s);
		flow_cancel(&s->up);
		flow_cancel(&s->down);
		timer_clear(s->loop, &s->timer);
		s->over = s->aborted = true;
		s->resets = s->end == SESSION_RESET || session_is_cut(s);
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
