/*
 * The life of one client.
 */
#include <errno.h>
#include <stdlib.h>

#include "run/bottleneck.h"
#include "run/metrics.h"
#include "serve/conn.h"

static const char *const conn_states[] = {
	[CONN_SERVING] = "serving",
	[CONN_LEAVING] = "leaving",
	[CONN_GIVEN_UP] = "given up",
	[CONN_LINGERING] = "lingering",
	[CONN_CLOSED] = "closed"
};

static const char *const conn_causes[] = {
	[SESSION_EOF] = "end",
	[SESSION_LINGER] = "linger",
	[SESSION_IDLE] = "idle",
	[SESSION_TOTAL] = "time",
	[SESSION_LIMIT] = "limit",
	[SESSION_RESET] = "reset",
	[SESSION_INTERRUPTED] = "signal"
};

static void
conn_enter(struct conn *c, enum conn_state state)
{
	if (c->state == state)
		return;
	if (diag_tracing())
		diag_trace("client %u: %s -> %s (%s)", c->number,
		    conn_states[c->state], conn_states[state],
		    conn_causes[c->cause]);
	c->state = state;
}

/* ---- Dates -------------------------------------------------------------- */

/* When the limit of time ends the conn; 0: there is none. */
static int64_t
conn_total_at(const struct conn *c)
{
	int64_t total = c->run->plan->end.total;

	return total < 0 ? 0 : c->started + total;
}

/*
 * When a limit ends the serving, by its cause, or when to give up a client
 * that leaves; 0: never.
 */
static int64_t
conn_state_ends(const struct conn *c, enum session_end *cause)
{
	int64_t idle = c->run->plan->end.idle, total = conn_total_at(c);
	int64_t since;

	if (c->state == CONN_LEAVING)
		return c->leave_at != 0 || c->ops->taken_at == NULL ?
		    c->leave_at : c->ops->taken_at(c) + STALL_LIMIT;
	*cause = SESSION_TOTAL;
	if (c->state != CONN_SERVING || c->ops->silent_since == NULL ||
	    (since = c->ops->silent_since(c)) == 0)
		return 0;
	if (idle < 0 || (total != 0 && total <= since + idle))
		return total;
	*cause = SESSION_IDLE;
	return since + idle;
}

/*
 * The timer is never moved to a later date: when it fires, the dates are
 * compared, and the timer is set again. So a byte that moves costs no timer.
 */
static void
conn_wake_by(struct conn *c, int64_t when)
{
	if (!timer_is_set(&c->timer) || when < c->timer.node.key)
		timer_set(c->run->loop, &c->timer, when);
}

void
conn_arm(struct conn *c)
{
	enum session_end cause;
	int64_t when = conn_state_ends(c, &cause);

	if (c->ops->date != NULL)
		when = timer_earlier(when, c->ops->date(c));
	if (when != 0)
		conn_wake_by(c, when);
}

void
conn_review_later(struct conn *c)
{
	conn_wake_by(c, conn_now(c));
}

/* ---- The end ------------------------------------------------------------ */

bool
conn_is_alone(const struct conn *c)
{
	const struct plan *plan = c->run->plan;

	return plan->mode != PLAN_LISTEN || !plan->keep_open;
}

bool
conn_is_cut(const struct conn *c)
{
	return c->run->plan->end.cut_resets && !c->ep.in.record &&
	    c->ops->cut != NULL && c->ops->cut(c);
}

void
conn_blame(struct error *err, int num, const char *op,
    const struct endpoint *ep)
{
	if (num == 0)
		return;
	error_set(err, num, op, "%s", ep->in.name);
	run_blame_layer(err, ep);
}

size_t
conn_lacks(const struct conn *c, size_t unacked)
{
	size_t closing = layer_closing(c->ep.out.top);

	return unacked > closing ? unacked - closing : 0;
}

int
conn_report_end(struct conn *c, struct outcome *o)
{
	struct run *r = c->run;

	run_count_drops(r, &c->ep.in_bottom.fd, &o->drops);
	metrics_over(r, c, o);
	if (c->slow) {
		messages_dropped(r->plan, c->ep.name, o->lost_out);
		o->lost_out = 0;
		o->far_write.num = 0;
	}
	if (r->signo != 0 || (!c->ops->always_reports && !conn_is_alone(c) &&
	    r->plan->verbose == 0 && (o->far_read.why[0] == '\0' ||
	    r->plan->near == PLAN_PROXY_SERVER) &&
	    !run_was_short(o)))
		return 0;
	return r->messages->ended(r->plan, o);
}

static int
conn_report(struct conn *c)
{
	const struct run *r = c->run;
	struct outcome o = { .cause = c->cause,
	    .lost_out = c->unacked + (c->linger == NULL ? 0 :
	    conn_lacks(c, closing_lacks(c->linger))),
	    .elapsed = conn_now(c) - c->started,
	    .idle = r->plan->end.idle };

	conn_blame(&o.far_read, c->read_errno, "read from", &c->ep);
	conn_blame(&o.far_write, c->write_errno, "write to", &c->ep);
	if (c->ops->count != NULL)
		(void)c->ops->count(c, &o);
	if (c->ops->settle != NULL)
		c->ops->settle(c, &o);
	if (outcome_delivered(&o) && c->cause != SESSION_RESET &&
	    !conn_is_cut(c))
		endpoint_end(&c->ep);
	return c->ops->report != NULL ? c->ops->report(c, &o) :
	    conn_report_end(c, &o);
}

static void
conn_free(struct conn *c)
{
	metrics_over(c->run, c, NULL);
	timer_clear(c->run->loop, &c->timer);
	if (c->linger != NULL)
		closing_abort(c->linger);
	free(c->linger);
	c->ops->dispose(c);
	endpoint_close(&c->ep);
	free(c);
}

static void
conn_on_timer(void *arg)
{
	struct conn *c = arg;
	enum session_end cause;
	int64_t when = conn_state_ends(c, &cause);

	if (when != 0 && conn_now(c) >= when) {
		if (c->state == CONN_SERVING)
			conn_leave(c, cause);
		else
			conn_give_up(c);
	}
	if (c->ops->review != NULL)
		c->ops->review(c);
	if (c->state == CONN_CLOSED &&
	    (c->ops->busy == NULL || !c->ops->busy(c))) {
		c->over(c->arg, c, conn_report(c));
		conn_free(c);
		return;
	}
	conn_arm(c);
}

static void
conn_on_lingered(void *arg, size_t lost)
{
	struct conn *c = arg;

	lost = conn_lacks(c, lost);
	if (lost > 0)
		c->linger_errno = (int16_t)c->linger->num;
	c->unacked += lost;
	/* The bytes that a reset overtakes are dropped by request. */
	if (c->cause == SESSION_RESET) {
		c->unacked = 0;
		c->linger_errno = 0;
	}
	free(c->linger);
	c->linger = NULL;
	conn_close(c);
}

const struct fd *
conn_socket(const struct conn *c)
{
	return c->linger != NULL ? &c->linger->fd : &c->ep.in_bottom.fd;
}

int
conn_reset(struct conn *c)
{
	const struct fd *fd = conn_socket(c);
	size_t lost = c->tcp ? fd_unacked(fd) : 0;

	if (fd_abort(fd) == -1)
		return -1;
	if (c->linger != NULL && c->linger->fin && lost > 0)
		lost--;
	lost = conn_lacks(c, lost);
	if (lost > 0)
		c->linger_errno = ECONNRESET;
	c->unacked += lost;
	return 0;
}

struct closing *
conn_begin_closing(struct endpoint *ep, bool tcp, bool reset,
    void (*done)(void *, size_t), void *arg)
{
	struct fd *fd = &ep->in_bottom.fd;
	struct closing *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	if (reset)
		ep->out.state = HALF_ENDED;
	endpoint_end(ep);
	loop_unwatch(ep->loop, &ep->in_watch);
	l->reset = reset;
	l->done = done;
	l->arg = arg;
	closing_start(l, ep->loop, fd, tcp);
	fd->num = -1;
	return l;
}

void
conn_linger(struct conn *c, bool reset)
{
	const struct fd *fd = &c->ep.in_bottom.fd;

	reset |= c->cause == SESSION_RESET || conn_is_cut(c);
	metrics_last(c->run, c);
	bottleneck_report(c->run, fd, conn_now(c) - c->started);
	/* Without all bytes, TLS tells no end. */
	if (c->state == CONN_GIVEN_UP)
		c->ep.out.state = HALF_ENDED;
	c->linger = conn_begin_closing(&c->ep, c->tcp, reset,
	    conn_on_lingered, c);
	if (c->linger == NULL) {
		if (reset)
			fd_reset(fd);
		conn_close(c);
		return;
	}
	conn_enter(c, CONN_LINGERING);
	c->linger->limit = timer_earlier(c->leave_at,
	    c->cause == SESSION_TOTAL ? 0 : conn_total_at(c));
}

void
conn_close(struct conn *c)
{
	conn_enter(c, CONN_CLOSED);
	conn_review_later(c);
}

void
conn_give_up(struct conn *c)
{
	conn_enter(c, CONN_GIVEN_UP);
	if (c->ops->give_up != NULL)
		c->ops->give_up(c);
	conn_review_later(c);
}

void
conn_leave(struct conn *c, enum session_end cause)
{
	if (c->state != CONN_SERVING)
		return;
	c->cause = cause;
	conn_enter(c, CONN_LEAVING);
	if (c->ops->leave != NULL)
		c->ops->leave(c);
	conn_review_later(c);
}

void
conn_stop(struct conn *c, bool now)
{
	const struct fd *fd = conn_socket(c);

	if (now) {
		/* Has close(2) reset the connection instead of ending it. */
		if (conn_is_cut(c) && fd->num != -1 && fd->kind == FD_STREAM)
			fd_reset(fd);
		if (c->run->deadline.passed)
			(void)conn_report(c);
		conn_free(c);
		return;
	}
	c->leave_at = conn_now(c) + DRAIN_TIME;
	if (c->linger != NULL)
		c->linger->limit = c->leave_at;
	conn_leave(c, SESSION_INTERRUPTED);
	conn_review_later(c);
}

void
conn_interrupt(void *conn)
{
	conn_stop(*(struct conn **)conn, false);
}

/* ---- The beginning ------------------------------------------------------ */

void *
conn_new(size_t size, const struct conn_ops *ops,
    const struct conn_start *start)
{
	struct conn *c = calloc(1, size);

	if (c == NULL)
		return NULL;
	c->run = start->run;
	c->ops = ops;
	c->over = start->over;
	c->arg = start->arg;
	c->number = start->number;
	c->cause = SESSION_EOF;
	/* The peer of a Unix socket may have announced another address. */
	c->tcp = c->run->plan->type == TYPE_STREAM && start->peer != NULL &&
	    addr_is_inet(start->peer) && !c->run->is_unix;
	c->started = conn_now(c);
	c->timer = (struct timer){ .fire = conn_on_timer, .arg = c };
	endpoint_init(&c->ep, c->run->loop);
	return c;
}

int
conn_open(struct conn *c, const struct conn_start *start, bool named,
    bool flat)
{
	char name[ENDPOINT_NAME_MAX];
	int rc;

	if (c->tcp && start->fd != NULL)
		run_nodelay(c->run, start->fd);
	if (named || start->join != NULL)
		run_peer_name(c->run->plan, NULL, start->peer, name,
		    sizeof(name));
	if (start->join != NULL) {
		if (start->join(start->join_arg, c, name) == -1)
			return -1;
	} else if (endpoint_socket(&c->ep, c->run->loop, start->fd, false,
	    named ? name : NULL) == -1)
		return -1;
	if (start->tls != NULL && *start->tls != NULL) {
		endpoint_wrap(&c->ep, *start->tls);
		*start->tls = NULL;
	}
	rc = socket_layers_up(c->run, &c->ep, flat);
	if (rc == -1) {
		c->ep.in_bottom.fd.num = -1;
		endpoint_close(&c->ep);
	}
	return rc;
}

void
conn_begin(struct conn *c, const struct conn_start *start)
{
	metrics_start(c->run, c, &(struct metrics_of){ .fd = start->fd,
	    .top = c->ep.in.top, .peer = start->peer, .local = start->local });
	conn_arm(c);
}

void
conn_wake(struct conn *c)
{
	if (c->ep.in.top != NULL && layer_pending(c->ep.in.top) > 0)
		endpoint_wake_in(&c->ep);
}

void
conn_drop_socket(const struct conn_start *start)
{
	if (start->tls != NULL && *start->tls != NULL)
		layer_close(*start->tls);
	if (start->fd != NULL)
		fd_close(start->fd);
}

struct conn *
conn_fail(struct conn *c, const struct conn_start *start, int *status)
{
	*status = run_failed(start->run, "serve", "a client");
	if (c != NULL) {
		c->ep.in_bottom.fd.num = -1;
		conn_free(c);
	}
	conn_drop_socket(start);
	return NULL;
}
