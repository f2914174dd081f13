/*
 * The reader of our output has left (`| head -1`, `| tar x`), or the output
 * has failed.
 *
 * A reader that leaves when it has all that it wants may leave just before
 * the peer ends. So if nothing is held, the peer gets a moment to end: then
 * nothing was lost. The flow down reads on meanwhile, and counts each byte
 * that comes as lost.
 */
#include <errno.h>

#include "pump/session.h"

void
session_near_out_broken(struct session *s)
{
	struct flow *down = &s->down;

	/* All was written before: what has ended misses no reader. */
	if (down->state > FLOW_OPEN && flow_held(down) == 0 &&
	    filter_held(down->filter) == 0)
		return;
	flow_sink_failed(down, EPIPE);
}

/* The peer has ended without another byte. */
static bool
near_out_missed_nothing(const struct session *s)
{
	const struct flow *down = &s->down;

	return s->opt.policy.reader_wait > 0 && down->cause == FLOW_EOF &&
	    down->write_errno == EPIPE && down->ledger.lost == 0;
}

/* May it still do so? */
static bool
near_out_may_wait(struct session *s)
{
	const struct flow *down = &s->down;

	if (down->write_errno != EPIPE || down->ledger.lost > 0 ||
	    s->opt.policy.reader_wait == 0 || down->state == FLOW_DONE)
		return false;
	if (s->reader_until == 0)
		s->reader_until = loop_now(s->loop) +
		    s->opt.policy.reader_wait;
	return !session_past(s, s->reader_until);
}

void
session_near_out_failed(struct session *s)
{
	/* A file is sent to its end even if nobody reads our output. */
	if (session_is_finite(s) && s->down.discard &&
	    s->up.state != FLOW_DONE)
		return;
	if (near_out_may_wait(s))
		return;
	s->reader_until = 0;
	if (near_out_missed_nothing(s))
		return;
	flow_finish(&s->up, FLOW_CANCEL);
	flow_cancel(&s->down);
	if (s->opt.policy.drain_time > 0 && s->linger_until == 0)
		s->linger_until = loop_now(s->loop) + s->opt.policy.drain_time;
}

void
session_near_out_judge(struct session *s)
{
	if (near_out_missed_nothing(s))
		s->down.write_errno = 0;
}
