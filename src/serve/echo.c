/*
 * What comes goes back: one socket and one flow, from its read half to its
 * write half.
 *
 * There may be very many of these, most of them idle. So there is one timer,
 * for whatever comes first; it is not moved at each byte, but looks, when it
 * fires, whether there is a reason. An idle connection holds neither a ring
 * nor a kernel pipe, nor even a flow, and a name only where it may be said.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num.h"
#include "net/linger.h"
#include "net/sockopt.h"
#include "run/metrics.h"
#include "run/socket_layers.h"
#include "serve/conn.h"
#include "serve/echo_udp.h"

/* What was not used for so long is given back: a kernel pipe, and the flow. */
#define REST	NSEC_PER_SEC
/* After fewer bytes than this a flow is given back at once. */
#define FEW	4096

struct echo {
	struct conn		 conn;
	struct endpoint		 ep;
	struct flow		*flow;		/* NULL: idle */
	struct ledger		 past;		/* of flows before this one */
	struct timer		 timer;
	struct lingering	*linger;	/* NULL: not at its end */
	int64_t			 started, active;
	int64_t			 until;		/* at the latest; 0: open */
	int			 num;		/* why there can be no flow */
	enum outcome_cause	 cause : 8;
	bool			 tcp;
	bool			 over;
};

static void	echo_on_timer(void *);

static struct loop *
echo_loop_of(const struct echo *e)
{
	return e->conn.run->loop;
}

/* Is it all there is, so that its end is ours? */
static bool
echo_is_alone(const struct plan *plan)
{
	return plan->mode != PLAN_LISTEN || !plan->keep_open;
}

static void
echo_dispose(struct echo *e)
{
	meter_over(e->conn.run, e, NULL);
	timer_clear(echo_loop_of(e), &e->timer);
	if (e->linger != NULL)
		linger_abort(e->linger);
	free(e->linger);
	if (e->flow != NULL)
		flow_free(e->flow);
	free(e->flow);
	endpoint_close(&e->ep);
	free(e);
}

static bool
echo_wants_read(const void *user)
{
	(void)user;
	return true;
}

/* Is there nothing in it that a new one would not have? */
static bool
echo_is_idle(const struct flow *f)
{
	return f->state == FLOW_OPEN && flow_held(f) == 0 &&
	    f->pipe_in.num == -1 && f->filter == NULL && f->gate == NULL &&
	    f->reads_left == 0;
}

/* What a flow has to remember is its ledger; the next one begins anew. */
static void
echo_put_away(struct echo *e)
{
	struct flow *f = e->flow;

	if (f == NULL || !echo_is_idle(f))
		return;
	e->past.read += f->ledger.read;
	e->past.written += f->ledger.written;
	flow_free(f);
	free(f);
	e->flow = NULL;
	e->ep.in.wants = echo_wants_read;
}

/* NULL with errno. The filter and the gate are taken when it succeeds. */
static struct flow *
echo_make_flow(struct echo *e, const struct flow_options *opt)
{
	e->flow = malloc(sizeof(*e->flow));
	if (e->flow == NULL)
		return NULL;
	flow_init(e->flow, "echo", &e->ep.in, &e->ep.out, opt);
	/* What is closed right after its end need not be shut before. */
	e->flow->half_close = echo_is_alone(e->conn.run->plan) ||
	    e->ep.in.layered;
	e->flow->buf_cache = loop_buf_cache(echo_loop_of(e));
	return e->flow;
}

static bool
echo_has_flow(struct echo *e)
{
	const struct flow_options opt = {
	    .mover = (enum mover_choice)e->conn.run->plan->mover };

	return e->flow != NULL || echo_make_flow(e, &opt) != NULL;
}

static void
echo_blame(struct error *err, int num, const char *op, const struct half *h)
{
	if (num != 0)
		error_set(err, num, op, "%s", h->name);
}

/* How its last flow ended. */
static void
echo_add_flow(struct outcome *o, const struct flow *f,
    const struct endpoint *ep)
{
	o->sent += f->ledger.written;
	o->received += f->ledger.read;
	o->lost_out += f->ledger.lost;
	echo_blame(&o->far_read, f->read_errno, "read from", &ep->in);
	if (f->fault != NULL)
		(void)snprintf(o->far_read.why, sizeof(o->far_read.why), "%s",
		    f->fault);
	echo_blame(&o->far_write, f->write_errno, "write to", &ep->out);
}

/* How it ended; lost: bytes that our kernel had, and the peer's did not get. */
static int
echo_tell(const struct echo *e, size_t lost)
{
	const struct run *r = e->conn.run;
	const struct flow *f = e->flow;
	struct outcome o = { .cause = e->cause, .sent = e->past.written,
	    .received = e->past.read, .lost_out = lost,
	    .elapsed = loop_now(r->loop) - e->started,
	    .idle = r->plan->end.idle, .listener = r->listener };

	echo_blame(&o.far_read, e->num, "read from", &e->ep.in);
	if (f != NULL)
		echo_add_flow(&o, f, &e->ep);
	meter_over(e->conn.run, e, &o);
	/* One client's troubles are not the server's. */
	if (r->signo != 0 ||
	    (!echo_is_alone(r->plan) && r->plan->verbose == 0 &&
	    (f == NULL || f->fault == NULL) && !run_was_short(&o)))
		return 0;
	return r->messages->ended(r->plan, &o);
}

static void
echo_finish(struct echo *e, size_t lost)
{
	struct conn *c = &e->conn;
	int status = echo_tell(e, lost);

	c->over(c->arg, c, status);
	echo_dispose(e);
}

static void
echo_on_lingered(void *arg, size_t lost)
{
	struct echo *e = arg;

	free(e->linger);
	e->linger = NULL;
	echo_finish(e, lost);
}

/*
 * Everything is in our kernel, but that is not the end of it if the peer may
 * have said more than was read, for then closing would reset; nor if we are
 * to say whether the peer has got it.
 */
static bool
echo_should_linger(const struct echo *e)
{
	const struct plan *plan = e->conn.run->plan;
	const struct flow *f = e->flow;

	if (f == NULL || f->read_errno != 0 || f->write_errno != 0 ||
	    e->cause == OUTCOME_IDLE || e->cause == OUTCOME_TOTAL)
		return false;
	return f->cause != FLOW_EOF ||
	    (plan->end.confirm && echo_is_alone(plan));
}

static bool
echo_linger(struct echo *e)
{
	struct lingering *l = calloc(1, sizeof(*l));
	struct fd fd = e->ep.in_bottom.fd;

	if (l == NULL)
		return false;
	meter_last(e->conn.run, e);
	loop_unwatch(echo_loop_of(e), &e->ep.in_watch);
	e->ep.in_bottom.fd.num = -1;
	l->done = echo_on_lingered;
	l->arg = e;
	linger_start(l, echo_loop_of(e), &fd, e->tcp);
	e->linger = l;
	return true;
}

static void
echo_conclude(struct echo *e)
{
	int64_t when = loop_now(echo_loop_of(e));

	e->over = true;
	if (e->cause == OUTCOME_EOF && e->flow != NULL &&
	    e->flow->cause == FLOW_LIMIT)
		e->cause = OUTCOME_LIMIT;
	if (echo_should_linger(e) && echo_linger(e))
		when = e->until;
	timer_clear(echo_loop_of(e), &e->timer);
	if (when != 0)
		timer_set(echo_loop_of(e), &e->timer, when);
}

static int64_t
echo_next_date(const struct echo *e)
{
	int64_t idle = e->conn.run->plan->end.idle;
	int64_t when = e->until;

	if (idle >= 0)
		when = timer_earlier(when, e->active + idle);
	if (e->flow == NULL)
		return when;
	when = timer_earlier(when, e->flow->gated_until);
	if (echo_is_idle(e->flow) || flow_may_rest(e->flow))
		when = timer_earlier(when, e->active + REST);
	return when;
}

static uint64_t
echo_moved(const struct flow *f)
{
	return f->ledger.read + f->ledger.written;
}

static void
echo_move(struct echo *e)
{
	struct flow *f = e->flow;
	uint64_t before = echo_moved(f);

	f->now = loop_now(echo_loop_of(e));
	flow_step(f);
	/* A pause of our own making is no silence. */
	if (echo_moved(f) != before || f->gated_until != 0)
		e->active = f->now;
	if (f->ledger.read < FEW)
		echo_put_away(e);
}

static void
echo_step(struct echo *e)
{
	int64_t when;

	if (echo_has_flow(e))
		echo_move(e);
	else
		e->num = errno;
	if (e->num != 0 || (e->flow != NULL && e->flow->state == FLOW_DONE)) {
		echo_conclude(e);
	} else {
		when = echo_next_date(e);
		if (when != 0 && (!timer_is_set(&e->timer) ||
		    when < e->timer.when))
			timer_set(echo_loop_of(e), &e->timer, when);
	}
	endpoint_touch(&e->ep);
}

static void
echo_on_notify(void *user)
{
	struct echo *e = user;

	if (!e->over)
		echo_step(e);
}

static void
echo_give_up(struct echo *e, enum outcome_cause cause)
{
	if (e->cause == OUTCOME_EOF)
		e->cause = cause;
	if (echo_has_flow(e))
		flow_cancel(e->flow);
}

static void
echo_check_dates(struct echo *e)
{
	int64_t now = loop_now(echo_loop_of(e));
	int64_t idle = e->conn.run->plan->end.idle;

	if (e->until != 0 && now >= e->until)
		echo_give_up(e, OUTCOME_TOTAL);
	else if (idle >= 0 && now >= e->active + idle)
		echo_give_up(e, OUTCOME_IDLE);
	else if (e->flow != NULL && now >= e->active + REST) {
		flow_rest(e->flow);
		echo_put_away(e);
	}
}

/* Bytes that the peer's kernel lacks at the end. A FIN counts as one. */
static size_t
echo_unacked(const struct echo *e)
{
	size_t left = e->linger != NULL ? e->linger->unacked : 0;

	return left > 0 ? left - 1 : 0;
}

static void
echo_on_timer(void *arg)
{
	struct echo *e = arg;

	if (!e->over) {
		echo_check_dates(e);
		echo_step(e);
	} else		/* or lingering for too long */
		echo_finish(e, echo_unacked(e));
}

static void
echo_stop(struct conn *c, bool now)
{
	struct echo *e = (struct echo *)c;

	if (now) {
		if (e->flow != NULL)
			flow_cancel(e->flow);
		if (c->run->deadline.passed)
			(void)echo_tell(e, echo_unacked(e));
		echo_dispose(e);
		return;
	}
	e->cause = OUTCOME_SIGNAL;
	e->until = timer_earlier(e->until, loop_now(c->run->loop) + LAST_WORDS);
	if (!e->over) {
		if (echo_has_flow(e))
			flow_finish(e->flow, FLOW_CANCEL);
		echo_step(e);
	} else if (e->linger != NULL)
		timer_set(c->run->loop, &e->timer, e->until);
}

static const struct conn_ops echo_ops = { echo_stop };

/* The descriptor is the caller's. */
static void
echo_close_endpoint(struct echo *e)
{
	e->ep.in_bottom.fd.num = -1;
	endpoint_close(&e->ep);
}

static int
echo_open_endpoint(struct echo *e, const struct conn_start *start)
{
	const struct plan *plan = start->run->plan;
	char name[ENDPOINT_NAME_MAX];
	bool named = echo_is_alone(plan) || plan->verbose > 0 ||
	    plan->frame.how != FRAMING_NONE;

	if (named)
		run_peer_name(plan, NULL, start->peer, name, sizeof(name));
	if (endpoint_socket(&e->ep, start->run->loop, start->fd, false,
	    named ? name : NULL) == -1)
		return -1;
	if (socket_layers_up(start->run, &e->ep) == -1) {
		echo_close_endpoint(e);
		return -1;
	}
	e->ep.notify = echo_on_notify;
	e->ep.user = e;
	e->tcp = addr_is_inet(start->peer);
	if (e->tcp)
		sockopt_nodelay(start->run->plan, start->fd);
	return 0;
}

static int
echo_begin(struct echo *e, const struct conn_start *start)
{
	const struct plan *plan = start->run->plan;
	struct flow_options opt = { .max_reads = plan->end.max_reads,
	    .mover = (enum mover_choice)plan->mover };

	if (!run_stages_echo(plan, &opt) ||
	    echo_open_endpoint(e, start) == -1 ||
	    echo_make_flow(e, &opt) == NULL) {
		filter_free(opt.filter);
		gate_free(opt.gate);
		if (e->ep.in.top != NULL)
			echo_close_endpoint(e);
		return -1;
	}
	echo_put_away(e);
	e->timer = (struct timer){ .fire = echo_on_timer, .arg = e };
	e->started = e->active = loop_now(start->run->loop);
	if (plan->end.total >= 0)
		e->until = e->started + plan->end.total;
	/* Before a byte comes no event asks for the dates. */
	if (echo_next_date(e) != 0)
		timer_set(start->run->loop, &e->timer, echo_next_date(e));
	return 0;
}

struct conn *
conn_echo(const struct conn_start *start, int *status)
{
	struct echo *e;
	struct error err;

	if (start->run->plan->type == TYPE_DGRAM)
		return conn_echo_sockets(start, &(struct echo_sockets){
		    .fds = start->fd, .n = 1 }, status);
	e = calloc(1, sizeof(*e));
	if (e != NULL) {
		e->conn = (struct conn){ .run = start->run, .ops = &echo_ops,
		    .over = start->over, .arg = start->arg };
		if (echo_begin(e, start) == 0) {
			meter_start(start->run, e, start->fd,
			    start->peer);
			return &e->conn;
		}
	}
	error_set(&err, errno, "serve", "a client");
	*status = start->run->messages->failed(start->run->plan, &err);
	fd_close(start->fd);
	free(e);
	return NULL;
}
