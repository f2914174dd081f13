/*
 * The last part of a session: what was written is in our kernel, and is to
 * be in the peer's.
 */
#include <errno.h>

#include "base/num.h"
#include "pump/session.h"

/* How often the peer's acknowledgements are looked at, at first and later. */
#define CONFIRM_FIRST	(NSEC_PER_MSEC / 2)
#define CONFIRM_MOST	(50 * NSEC_PER_MSEC)

/* A peer that acknowledges nothing is as silent as one that says nothing. */
static int64_t
confirm_stall_limit(const struct session *s)
{
	int64_t idle = s->opt.policy.idle;

	return idle >= 0 && idle < STALL_LIMIT ? idle : STALL_LIMIT;
}

/*
 * Everything is in our kernel; wait until the peer's has it too: only then
 * is it known that nothing was lost. True when there is no more to wait for.
 */
bool
session_confirm(struct session *s)
{
	struct fd *fd = s->far->out.fd;
	int64_t now;
	size_t left;
	int num;

	if (!s->opt.tcp || fd == NULL || s->up.ledger.written == 0 ||
	    s->end != SESSION_GOING ||
	    !(s->opt.policy.confirm || s->opt.policy.near_eof == NEAR_CLOSE))
		return true;
	left = fd_unacked(fd);
	/* A connection that has failed acknowledges nothing any more. */
	if (s->down.cause == FLOW_READ_FAILED || s->up.write_errno != 0) {
		s->unacked = left + !s->far->out.ended;
		return true;
	}
	num = left > 0 ? fd_error(fd) : 0;
	now = loop_now(s->loop);
	if (left != s->unacked || s->confirm_until == 0) {
		s->unacked = left;
		s->confirm_until = now + confirm_stall_limit(s);
	}
	if (num == 0 && left > 0 && (now >= s->confirm_until ||
	    session_past(s, s->total_until) ||
	    session_past(s, s->linger_until)))
		num = ETIMEDOUT;
	if (num != 0)
		s->up.write_errno = num;
	if (num != 0 || left == 0)
		return true;
	s->confirm_wait = s->confirm_wait == 0 ? CONFIRM_FIRST :
	    s->confirm_wait < CONFIRM_MOST ? 2 * s->confirm_wait :
	    CONFIRM_MOST;
	s->confirm_next = now + s->confirm_wait;
	return false;
}
