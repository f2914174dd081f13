/*
 * The echo of a stream: one socket and one flow, from its read half to its
 * write half.
 *
 * Law: an idle client costs little, for there may be very many: no ring, no
 * kernel pipe, no flow, and a name only where a message may contain it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "net/socket.h"
#include "link/pause.h"
#include "run/net_options.h"
#include "serve/conn.h"

/* A kernel pipe or a flow that was not used for so long is given back. */
#define ECHO_REST	NSEC_PER_SEC
/* A flow that has read fewer bytes than this is given back at once. */
#define ECHO_FEW	4096

struct echo {
	struct conn	 conn;
	struct flow	*flow;		/* NULL: idle */
	uint64_t	 read, written;	/* bytes, by the flows before this */
	int64_t		 active;	/* when a byte moved last */
	struct pause_watch	 pause;
};

/* Can the flow be replaced by a new flow? */
static bool
echo_is_idle(const struct flow *f)
{
	return f->state == FLOW_OPEN && flow_held(f) == 0 &&
	    f->pipe_in.num == -1 && f->filter == NULL && f->gate == NULL &&
	    f->reads_left == 0;
}

/* Frees an idle flow, of which only the numbers of bytes are kept. */
static void
echo_put_away(struct echo *e)
{
	struct flow *f = e->flow;

	if (f == NULL || !echo_is_idle(f))
		return;
	e->read += f->ledger.read;
	e->written += f->ledger.written;
	flow_free(f);
	free(f);
	e->flow = NULL;
	e->conn.ep.in.wants = conn_wants;
}

/* NULL with errno. On success the filter and the gate are taken. */
static struct flow *
echo_make_flow(struct echo *e, const struct flow_options *opt)
{
	struct endpoint *ep = &e->conn.ep;

	e->flow = malloc(sizeof(*e->flow));
	if (e->flow == NULL)
		return NULL;
	flow_init(e->flow, "echo", &ep->in, &ep->out, opt);
	/* A socket that is closed right after its end need not be shut. */
	e->flow->half_close = conn_is_alone(&e->conn) || ep->in.layered;
	e->flow->shut_clean = e->conn.run->plan->end.cut_resets;
	e->flow->buf_cache = loop_buf_cache(ep->loop);
	return e->flow;
}

static bool
echo_has_flow(struct echo *e)
{
	struct flow_options opt = { .mover = e->conn.run->plan->mover };

	if (e->flow != NULL)
		return true;
	progress_count(e->conn.run, &opt, NULL);
	return echo_make_flow(e, &opt) != NULL;
}

static void
echo_settle(struct conn *c, struct outcome *o)
{
	struct echo *e = (struct echo *)c;
	struct flow *f = e->flow;

	o->sent = e->written;
	o->received = e->read;
	if (f == NULL)
		return;
	if (f->state != FLOW_DONE)
		flow_cancel(f);
	o->sent += f->ledger.written;
	o->received += f->ledger.read;
	o->lost_out += f->ledger.lost;
	o->dropped_out += f->ledger.dropped;
	if (f->fault != NULL)
		(void)snprintf(o->far_read.why, sizeof(o->far_read.why), "%s",
		    f->fault);
}

/* The flow is done. */
static void
echo_conclude(struct echo *e)
{
	struct conn *c = &e->conn;
	const struct flow *f = e->flow;

	c->read_errno = (int16_t)f->read_errno;
	c->write_errno = f->write_errno;
	if (c->cause == SESSION_EOF && f->cause == FLOW_LIMIT)
		c->cause = SESSION_LIMIT;
	if (f->cause == FLOW_RESET)
		c->cause = SESSION_RESET;
	/*
	 * All bytes are in our kernel. If the peer may have sent bytes not yet
	 * read, closing now would reset the connection; and where the exit
	 * status depends on it, the peer's kernel has to have everything.
	 */
	if (plan_has_connections(c->run->plan) &&
	    c->read_errno == 0 && c->write_errno == 0 &&
	    c->cause != SESSION_IDLE &&
	    (c->cause != SESSION_TOTAL || conn_is_cut(c)) &&
	    (f->cause != FLOW_EOF ||
	    (c->run->plan->end.confirm && conn_is_alone(c))))
		conn_linger(c, &c->ep.in_bottom.fd, false);
	else
		conn_close(c);
}

static int64_t
echo_silent_since(const struct conn *c)
{
	return ((const struct echo *)c)->active;
}

static int64_t
echo_date(const struct conn *c)
{
	const struct echo *e = (const struct echo *)c;
	const struct flow *f = e->flow;
	int64_t when = pause_date(&e->pause);

	if (c->state >= CONN_LINGERING)
		return 0;
	if (f == NULL)
		return when;
	if (echo_is_idle(f) || flow_may_rest(f))
		when = timer_earlier(when, e->active + ECHO_REST);
	return timer_earlier(when, flow_date(f));
}

static uint64_t
echo_moved(const struct flow *f)
{
	return f->ledger.read + f->ledger.written;
}

static void
echo_step(struct echo *e)
{
	struct conn *c = &e->conn;
	struct flow *f = e->flow;
	uint64_t before = echo_moved(f);

	f->now = conn_now(c);
	if (f->stalled && c->ep.out.state == HALF_BROKEN)
		flow_sink_failed(f, ECONNRESET);
	flow_step(f);
	if (f->stalled)
		c->ep.out.watch_death = true;
	/* A pause of our own making is no silence. */
	if (echo_moved(f) != before || f->gated_until != 0)
		e->active = f->now;
	if (f->state == FLOW_DONE)
		echo_conclude(e);
	else if (flow_has_more(f))
		conn_review_later(c);
	else if (f->ledger.read < ECHO_FEW)
		echo_put_away(e);
}

static void
echo_on_notify(void *user)
{
	struct echo *e = user;
	struct conn *c = &e->conn;

	if (c->state >= CONN_LINGERING)
		return;
	if (echo_has_flow(e))
		echo_step(e);
	else {
		c->read_errno = (int16_t)errno;
		conn_close(c);
	}
	(void)pause_look(&e->pause, (uint64_t)e->active, conn_now(c),
	    net_patience(c->run->plan), &c->ep.in_bottom.fd, NULL);
	conn_arm(c);
	endpoint_touch(&c->ep);
}

static void
echo_review(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (e->flow != NULL &&
	    conn_now(c) >= e->active + ECHO_REST) {
		flow_rest(e->flow);
		echo_put_away(e);
	}
	echo_on_notify(e);
}

static void
echo_give_up(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (echo_has_flow(e))
		flow_cancel(e->flow);
}

static void
echo_leave(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (c->cause != SESSION_INTERRUPTED)
		conn_give_up(c);
	else if (echo_has_flow(e))
		flow_finish(e->flow, FLOW_CANCEL);
}

static void
echo_dispose(struct conn *c)
{
	struct echo *e = (struct echo *)c;

	if (e->flow != NULL)
		flow_free(e->flow);
	free(e->flow);
}

static bool
echo_is_cut(const struct conn *c)
{
	const struct flow *f = ((const struct echo *)c)->flow;

	if (c->cause == SESSION_IDLE || c->cause == SESSION_LIMIT)
		return false;
	return f == NULL ? c->ep.in.state != HALF_ENDED :
	    f->state != FLOW_DONE || f->cause != FLOW_EOF ||
	    f->ledger.lost > 0;
}

static const struct conn_ops echo_ops = {
	.cut = echo_is_cut,
	.silent_since = echo_silent_since,
	.date = echo_date,
	.review = echo_review,
	.leave = echo_leave,
	.give_up = echo_give_up,
	.settle = echo_settle,
	.dispose = echo_dispose
};

static int
echo_begin(struct echo *e, const struct conn_start *start)
{
	struct conn *c = &e->conn;
	const struct plan *plan = start->run->plan;
	struct flow_options opt = { .max_reads = plan->end.max_reads,
	    .mover = plan->mover };
	bool named = conn_is_alone(c) || plan->verbose > 0 ||
	    plan->frame.how != FRAME_NONE;

	progress_count(c->run, &opt, NULL);
	if (!run_stages_echo(plan, &opt) ||
	    conn_open(c, start, named, false) == -1 ||
	    echo_make_flow(e, &opt) == NULL) {
		filter_free(opt.filter);
		gate_free(opt.gate);
		return -1;
	}
	c->ep.notify = echo_on_notify;
	c->ep.user = e;
	if (c->tcp)
		sockopt_nodelay(&plan->sock, start->fd);
	echo_put_away(e);
	e->active = c->started;
	return 0;
}

struct conn *
conn_echo(const struct conn_start *start, int *status)
{
	struct echo *e;

	if (plan_echoes_in_batches(start->run->plan))
		return conn_echo_sockets(start, &(struct echo_sockets){
		    .fds = start->fd, .n = 1 }, status);
	e = conn_new(sizeof(*e), &echo_ops, start);
	if (e == NULL || echo_begin(e, start) == -1)
		return conn_fail((struct conn *)e, start, status);
	conn_begin(&e->conn, start);
	/* A gate has dates of its own. */
	if (e->flow != NULL)
		conn_review_later(&e->conn);
	return &e->conn;
}
