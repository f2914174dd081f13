/*
 * A connection that a gate stalls or ends in a reset. The session only decides
 * when: the owner of the far endpoint resets it (endpoint_reset).
 */
#include "pump/session.h"

/* How often acknowledgements are looked at. */
#define RESET_LOOK	NSEC_PER_MSEC
/* A peer that acknowledges nothing is reset after this time. */
#define RESET_WAIT	DRAIN_TIME

void
session_reset_follow(struct session *s)
{
	if (s->end == SESSION_RESET || (s->up.cause != FLOW_RESET &&
	    s->down.cause != FLOW_RESET))
		return;
	s->end = SESSION_RESET;
	flow_reset(&s->up);
	flow_reset(&s->down);
}

/*
 * A reset overtakes bytes in our kernel: those that left before have to arrive
 * first, so that the peer sees an exact number of bytes.
 */
bool
session_reset_confirm(struct session *s)
{
	int64_t now = loop_now(s->loop);

	if (!s->opt.tcp || s->far->out.fd == NULL || session_unacked(s) == 0)
		return true;
	if (s->confirm_until == 0)
		s->confirm_until = now + RESET_WAIT;
	s->confirm_next = now + RESET_LOOK;
	return now >= s->confirm_until;
}

void
session_watch_stall(struct session *s)
{
	if (s->up.stalled || s->down.stalled)
		s->far->out.watch_death = true;
}
