/*
 * The last of a connection: whether the peer's kernel has everything, and
 * whether the end is a reset, because a gate asks for that or because the
 * session has failed. The session only decides: the owner of the far endpoint
 * resets it (endpoint_reset).
 */
#include <errno.h>

#include "link/session.h"

/* A peer that acknowledges nothing is reset after this time. */
#define RESET_WAIT	DRAIN_TIME

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
