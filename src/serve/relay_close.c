#include <stdlib.h>

#include "base/num.h"
#include "serve/relay_close.h"

/* Pauses between two looks at what is not acknowledged. */
#define CUT_FIRST	(NSEC_PER_MSEC / 2)
#define CUT_MOST	(50 * NSEC_PER_MSEC)

/* The wait before a reset. */
struct relay_cut {
	unsigned	 sides;		/* to be reset */
	unsigned	 waits;		/* these have to acknowledge first */
	int64_t		 look_at, pause;
	int64_t		 stalled_at;	/* without progress */
	size_t		 unacked;
};

/* ---- Resets ------------------------------------------------------------- */

/* close(2) resets the connection; TLS does not say that this is an end. */
static void
relay_close_reset_one(struct endpoint *ep)
{
	if (ep->in.top == NULL || ep->in.record)
		return;
	if (ep->in_bottom.fd.num != -1)
		fd_reset(&ep->in_bottom.fd);
	ep->out.state = HALF_ENDED;
}

void
relay_close_reset(struct relay_close *c, unsigned sides)
{
	if (sides & RELAY_CLIENT)
		relay_close_reset_one(&c->conn->ep);
	if (sides & RELAY_TARGET)
		relay_close_reset_one(c->target);
}

void
relay_close_abort(struct relay_close *c, unsigned sides)
{
	relay_close_reset(c, sides);
	conn_close(c->conn);
}

static size_t
relay_close_unacked(const struct relay_close *c, unsigned sides)
{
	return ((sides & RELAY_CLIENT) && c->conn->tcp ?
	    fd_unacked(&c->conn->ep.in_bottom.fd) : 0) +
	    ((sides & RELAY_TARGET) && c->tcp ?
	    fd_unacked(&c->target->in_bottom.fd) : 0);
}

/* All is acknowledged, or will not be. */
static void
relay_close_finish_cut(struct relay_close *c)
{
	unsigned sides = c->cut->sides, waits = c->cut->waits;

	/* The bytes that a reset overtakes are dropped by request. */
	if (c->conn->cause == SESSION_RESET)
		waits = 0;
	/* A side that lingers has counted its loss itself. */
	if (waits & RELAY_TARGET)
		c->unacked = relay_close_unacked(c, RELAY_TARGET);
	if (waits & RELAY_CLIENT)
		c->conn->unacked = relay_close_unacked(c, RELAY_CLIENT);
	free(c->cut);
	c->cut = NULL;
	relay_close_reset(c, sides);
	if (sides & RELAY_CLIENT)
		conn_close(c->conn);
	else
		conn_review_later(c->conn);
}

void
relay_close_review(struct relay_close *c)
{
	struct relay_cut *cut = c->cut;
	int64_t now = conn_now(c->conn);
	size_t left;

	if (c->linger != NULL && c->conn->leave_at != 0)
		c->linger->limit = c->conn->leave_at;
	if (cut == NULL || now < cut->look_at)
		return;
	left = relay_close_unacked(c, cut->waits);
	if (left != cut->unacked)
		cut->stalled_at = now + STALL_LIMIT;
	cut->unacked = left;
	if (left == 0 || now >= cut->stalled_at ||
	    (c->conn->leave_at != 0 && now >= c->conn->leave_at)) {
		relay_close_finish_cut(c);
		return;
	}
	cut->look_at = now + cut->pause;
	if (cut->pause < CUT_MOST)
		cut->pause *= 2;
}

int64_t
relay_close_date(const struct relay_close *c)
{
	return c->cut != NULL ? c->cut->look_at : 0;
}

/* ---- Ends --------------------------------------------------------------- */

static void
relay_close_on_lingered(void *arg, size_t lost)
{
	struct relay_close *c = arg;

	c->unacked = lost;
	c->linger_errno = c->linger->num;
	free(c->linger);
	c->linger = NULL;
	conn_review_later(c->conn);
}

/* Ends the output of the target's socket, until it has everything. */
static void
relay_close_end_target(struct relay_close *c)
{
	struct endpoint *ep = c->target;

	if (ep->in.top == NULL || ep->in.record ||
	    (c->linger = calloc(1, sizeof(*c->linger))) == NULL)
		return;
	endpoint_end(ep);
	loop_unwatch(c->conn->run->loop, &ep->in_watch);
	c->linger->done = relay_close_on_lingered;
	c->linger->arg = c;
	linger_start(c->linger, c->conn->run->loop, &ep->in_bottom.fd, c->tcp);
	c->linger->limit = c->conn->leave_at;
	ep->in_bottom.fd.num = -1;
}

void
relay_close_end_client(struct relay_close *c)
{
	if (c->conn->ep.in.record)
		conn_close(c->conn);
	else
		conn_linger(c->conn, &c->conn->ep.in_bottom.fd);
}

void
relay_close_end(struct relay_close *c)
{
	relay_close_end_target(c);
	relay_close_end_client(c);
}

void
relay_close_cut(struct relay_close *c, unsigned sides, unsigned waits)
{
	c->cut = malloc(sizeof(*c->cut));
	if (c->cut == NULL) {
		relay_close_abort(c, sides);
		return;
	}
	*c->cut = (struct relay_cut){ .sides = sides, .waits = waits,
	    .pause = CUT_FIRST, .look_at = conn_now(c->conn),
	    .stalled_at = conn_now(c->conn) + STALL_LIMIT };
	if (!(sides & RELAY_TARGET))
		relay_close_end_target(c);
	if (!(sides & RELAY_CLIENT))
		relay_close_end_client(c);
	relay_close_review(c);
}

/* ---- The rest ----------------------------------------------------------- */

bool
relay_close_is_busy(const struct relay_close *c)
{
	return c->linger != NULL || c->cut != NULL;
}

size_t
relay_close_lost(const struct relay_close *c)
{
	size_t left = c->linger != NULL ? c->linger->unacked : 0;

	/* A FIN counts as one byte. */
	return c->unacked + (left > 0 ? left - 1 : 0);
}

void
relay_close_dispose(struct relay_close *c)
{
	if (c->cut != NULL)
		relay_close_reset(c, c->cut->sides);
	free(c->cut);
	c->cut = NULL;
	if (c->linger != NULL)
		linger_abort(c->linger);
	free(c->linger);
	c->linger = NULL;
}
