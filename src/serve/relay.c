/*
 * A relay between a client and a target.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/socket.h"
#include "run/metrics.h"
#include "run/net_options.h"
#include "serve/relay.h"

/* The most bytes of a datagram of UDP over IPv4. */
#define RELAY_DGRAM	((size_t)65507)
/* A kernel pipe or a flow that was not used for so long is given back. */
#define RELAY_REST	NSEC_PER_SEC
/* Datagrams have no end: this silence is, when the client has ended. */
#define RELAY_ANSWER	NSEC_PER_SEC
/* After so much of a set-up, a client that resets its connection is noticed. */
#define RELAY_SETUP	NSEC_PER_SEC

struct relay {
	struct conn	 conn;
	struct endpoint	 target;	/* in.top NULL: none yet */
	const struct relay_setup *setup;	/* NULL: the set-up is over */
	void		*arg;		/* of the set-up */
	struct way	 there, back;	/* to the target, to the client */
	struct closing	*closing;	/* of the target; NULL: none */
	size_t		 unacked;	/* bytes for the target that are lost
					   in our kernel */
	int		 close_errno;	/* ... why; 0: none were */
	int64_t		 active;	/* when a byte moved last; 0: there is
					   no target yet */
	struct pause_watch	 pause;
	int64_t		 asked;		/* when the client has ended, and waits
					   for answers; 0: not yet */
	int		 status;	/* of a set-up that failed */
	bool		 target_tcp;	/* it acknowledges */
};

/* ---- The two sides ------------------------------------------------------ */

static struct way_ends
relay_ends(struct relay *r, const struct way *w)
{
	return w == &r->there ?
	    (struct way_ends){ &r->conn.ep, &r->target } :
	    (struct way_ends){ &r->target, &r->conn.ep };
}

static void
relay_stop(struct relay *r, struct way *w, bool held)
{
	way_stop(w, relay_ends(r, w), held);
}

static bool
relay_client_failed(const struct relay *r)
{
	return r->there.read_errno != 0 || r->back.write_errno != 0;
}

static bool
relay_target_failed(const struct relay *r)
{
	return r->back.read_errno != 0 || r->there.write_errno != 0;
}

/* ---- The end ------------------------------------------------------------ */

/*
 * Whether the way was cut by a limit or a signal: a reset tells its sink that
 * bytes may be missing. Silence is the usual end of datagrams.
 */
static bool
relay_was_cut(const struct relay *r, const struct way *w)
{
	return !r->conn.ep.in.record && !r->target.in.record &&
	    !way_has_ended(w);
}

/* close(2) resets the connection; TLS does not say that this is an end. */
static void
relay_reset(struct endpoint *ep)
{
	if (ep->in.top == NULL || ep->in.record)
		return;
	if (ep->in_bottom.fd.num != -1)
		fd_reset(&ep->in_bottom.fd);
	ep->out.state = HALF_ENDED;
}

static void
relay_on_target_closed(void *arg, size_t lost)
{
	struct relay *r = arg;

	/* The bytes that a reset overtakes are dropped by request. */
	if (r->conn.cause != SESSION_RESET) {
		r->unacked = lost;
		r->close_errno = r->closing->num;
	}
	free(r->closing);
	r->closing = NULL;
	conn_review_later(&r->conn);
}

/* Closes the target's socket, when the target's system has everything. */
static void
relay_close_target(struct relay *r, bool reset)
{
	struct endpoint *ep = &r->target;

	if (ep->in.top == NULL || ep->in.record)
		return;
	if (!relay_target_failed(r))
		r->closing = conn_begin_closing(ep, r->target_tcp, reset,
		    relay_on_target_closed, r);
	if (r->closing != NULL)
		r->closing->limit = r->conn.leave_at;
	else if (reset)
		relay_reset(ep);
}

static void
relay_close_client(struct relay *r, bool reset)
{
	struct conn *c = &r->conn;

	if (!c->ep.in.record && !relay_client_failed(r)) {
		conn_linger(c, reset);
		return;
	}
	if (reset)
		relay_reset(&c->ep);
	conn_close(c);
}

/*
 * Both ways are over, and all bytes are in our kernel. If a peer may have sent
 * bytes not yet read, closing now would reset the connection; and where the
 * exit status depends on it, both kernels have to have everything.
 */
static void
relay_conclude(struct relay *r)
{
	struct conn *c = &r->conn;
	bool all = c->cause == SESSION_RESET || relay_client_failed(r) ||
	    relay_target_failed(r);
	bool limit = c->cause == SESSION_IDLE || c->cause == SESSION_TOTAL ||
	    c->cause == SESSION_INTERRUPTED;

	if (c->cause == SESSION_EOF && !all &&
	    !(c->run->plan->end.confirm && conn_is_alone(c))) {
		conn_close(c);
		return;
	}
	relay_close_target(r, all || (limit && relay_was_cut(r, &r->there)));
	relay_close_client(r, all || (limit && relay_was_cut(r, &r->back)));
}

/* ---- Bytes -------------------------------------------------------------- */

/* When a target of datagrams has nothing more to answer; 0: not known. */
static int64_t
relay_answered_at(const struct relay *r)
{
	int64_t idle = r->conn.run->plan->end.idle, asked = r->asked;
	int64_t since = r->active > asked ? r->active : asked;

	return asked == 0 || way_is_over(&r->back) ? 0 :
	    since + (idle >= 0 ? idle : RELAY_ANSWER);
}

/* What the end of one direction means for the other. */
static void
relay_apply(struct relay *r)
{
	struct way *there = &r->there, *back = &r->back;

	if (there->read_errno != 0)
		relay_stop(r, back, false);
	if (back->read_errno != 0)
		relay_stop(r, there, false);
	if (there->cause == FLOW_LIMIT) {
		relay_stop(r, back, true);
		if (r->conn.cause == SESSION_EOF)
			r->conn.cause = SESSION_LIMIT;
	}
	/* Datagrams have no end: an end of the other side is that of both. */
	if (r->conn.ep.in.record && way_is_over(back))
		relay_stop(r, there, true);
	if (r->target.in.record && way_is_over(there)) {
		if (r->asked == 0)
			r->asked = conn_now(&r->conn);
		if (conn_now(&r->conn) >= relay_answered_at(r))
			relay_stop(r, back, true);
	}
	/* Of a stalled connection, nothing else shows the failure. */
	if ((there->write_errno != 0 && way_stalls(back)) ||
	    (back->write_errno != 0 && way_stalls(there))) {
		relay_stop(r, there, false);
		relay_stop(r, back, false);
	}
	if (there->cause == FLOW_RESET || back->cause == FLOW_RESET) {
		r->conn.cause = SESSION_RESET;
		way_reset(there, relay_ends(r, there));
		way_reset(back, relay_ends(r, back));
	}
}

/*
 * The next step of a way. The end of a source is passed on, unless that side
 * has failed, or the sink's socket is closed right after its end anyway.
 */
static struct way_step
relay_next_step(struct relay *r, const struct way *w)
{
	const struct conn *c = &r->conn;
	const struct plan *plan = c->run->plan;
	bool is_back = w == &r->back;
	struct way_step s = { .ends = relay_ends(r, w), .now = conn_now(c),
	    .name = is_back ? "back" : "there",
	    .opt = { .mover = plan->mover, .batches = true } };

	/* The most bytes of a stream that make a datagram. */
	if (s.ends.to->in.record)
		s.opt.block = is_back ? plan->block : RELAY_DGRAM;
	progress_count(c->run, is_back ? &s.opt : NULL,
	    is_back ? NULL : &s.opt);
	s.shuts = !(is_back ? relay_target_failed(r) :
	    relay_client_failed(r)) && (!way_is_over(is_back ? &r->there :
	    &r->back) || s.ends.to->out.layered || conn_is_alone(c));
	return s;
}

static void
relay_go(struct relay *r)
{
	struct way *const ways[] = { &r->there, &r->back };
	struct conn *c = &r->conn;
	const int64_t now = conn_now(c);
	struct way_step s;

	if (r->active == 0 || c->state >= CONN_LINGERING)
		return;
	for (int i = 0; i < 2; i++)
		way_see_death(ways[i], relay_ends(r, ways[i]));
	for (int i = 0; i < 2; i++) {
		s = relay_next_step(r, ways[i]);
		way_step(ways[i], &s);
		if (s.moved)
			r->active = now;
		if (s.more)
			conn_review_later(c);
	}
	relay_apply(r);
	(void)pause_look(&r->pause, (uint64_t)r->active, now,
	    net_patience(c->run->plan), &c->ep.in_bottom.fd,
	    &r->target.in_bottom.fd);
	if (way_is_over(&r->there) && way_is_over(&r->back))
		relay_conclude(r);
	conn_arm(c);
	endpoint_touch(&c->ep);
	endpoint_touch(&r->target);
}

/* ---- The life of the conn ----------------------------------------------- */

static void
relay_end_setup(struct relay *r)
{
	const struct relay_setup *setup = r->setup;

	r->setup = NULL;
	if (setup != NULL)
		setup->dispose(r->arg);
}

static void
relay_on_notify(void *user)
{
	struct relay *r = user;
	const struct endpoint *ep = &r->conn.ep;

	/* The client may fail before it has a target. */
	if (r->setup != NULL && ep->out.watch_death &&
	    ep->out.state == HALF_BROKEN && fd_error(&ep->in_bottom.fd) != 0) {
		r->status = 1;
		relay_end_setup(r);
		conn_close(&r->conn);
	} else if (r->setup != NULL && r->setup->ready != NULL)
		r->setup->ready(r->arg, &r->conn);
	else
		relay_go(r);
}

static int64_t
relay_silent_since(const struct conn *c)
{
	return ((const struct relay *)c)->active;
}

/*
 * When a side that takes nothing, while the other has failed, counts as gone;
 * 0: never.
 */
static int64_t
relay_stalls_at(const struct relay *r)
{
	return relay_client_failed(r) || relay_target_failed(r) ?
	    r->active + STALL_LIMIT : 0;
}

static int64_t
relay_date(const struct conn *c)
{
	const struct relay *r = (const struct relay *)c;
	int64_t rest = r->active + RELAY_REST, when;

	/* A dial that takes no time costs no system call for this. */
	if (r->setup != NULL)
		return c->ep.out.watch_death ? 0 : c->started + RELAY_SETUP;
	if (c->state >= CONN_LINGERING)
		return 0;
	when = timer_earlier(relay_stalls_at(r), relay_answered_at(r));
	when = timer_earlier(when, pause_date(&r->pause));
	when = timer_earlier(when, way_date(&r->there, rest));
	return timer_earlier(when, way_date(&r->back, rest));
}

static void
relay_review(struct conn *c)
{
	struct relay *r = (struct relay *)c;
	int64_t now = conn_now(c), when;

	if (r->setup != NULL && !c->ep.out.watch_death &&
	    now >= c->started + RELAY_SETUP) {
		c->ep.out.watch_death = true;
		c->ep.out.wants = way_never;
		endpoint_touch(&c->ep);
	}
	if (r->closing != NULL && c->leave_at != 0)
		r->closing->limit = c->leave_at;
	if (r->active == 0 || c->state >= CONN_LINGERING)
		return;
	if (now >= r->active + RELAY_REST) {
		way_rest(&r->there, relay_ends(r, &r->there));
		way_rest(&r->back, relay_ends(r, &r->back));
	}
	when = relay_stalls_at(r);
	if (when != 0 && now >= when)
		conn_give_up(c);
	relay_go(r);
}

static void
relay_give_up(struct conn *c)
{
	struct relay *r = (struct relay *)c;

	if (r->active == 0) {
		relay_end_setup(r);
		conn_close(c);
		return;
	}
	relay_stop(r, &r->there, false);
	relay_stop(r, &r->back, false);
}

/* What was read is delivered. */
static void
relay_leave(struct conn *c)
{
	struct relay *r = (struct relay *)c;

	if (r->active == 0) {
		conn_give_up(c);
		return;
	}
	if (c->leave_at == 0)
		c->leave_at = conn_now(c) + DRAIN_TIME;
	relay_stop(r, &r->there, true);
	relay_stop(r, &r->back, true);
}

static bool
relay_is_busy(struct conn *c)
{
	return ((const struct relay *)c)->closing != NULL;
}

/* The program ends at once: the bytes on their way are lost. */
static void
relay_abandon(struct relay *r)
{
	if (r->active == 0 || r->conn.state >= CONN_LINGERING)
		return;
	if (relay_was_cut(r, &r->back))
		relay_reset(&r->conn.ep);
	if (relay_was_cut(r, &r->there))
		relay_reset(&r->target);
}

static bool
relay_count(const struct conn *c, struct outcome *o)
{
	const struct relay *r = (const struct relay *)c;

	o->sent = way_ledger(&r->back).written;
	o->received = way_ledger(&r->there).read;
	return true;
}

static void
relay_settle(struct conn *c, struct outcome *o)
{
	struct relay *r = (struct relay *)c;
	struct ledger there, back;

	relay_abandon(r);
	there = way_end(&r->there);
	back = way_end(&r->back);
	o->lost_out += back.lost;
	o->dropped_out += back.dropped;
	o->dropped_in += there.dropped;
	o->lost_in += there.lost + r->unacked +
	    (r->closing == NULL ? 0 : closing_lacks(r->closing));
	conn_blame(&o->far_read, r->there.read_errno, "read from", &c->ep);
	conn_blame(&o->far_write, r->back.write_errno != 0 ?
	    r->back.write_errno : c->linger_errno, "write to", &c->ep);
	way_blame(&r->there, &o->far_read);
	if (r->active == 0)
		return;
	run_count_drops(c->run, &r->target.in_bottom.fd, &o->drops);
	conn_blame(&o->near_read, r->back.read_errno, "read from",
	    &r->target);
	conn_blame(&o->near_write, r->there.write_errno != 0 ?
	    r->there.write_errno : r->close_errno, "write to",
	    &r->target);
	way_blame(&r->back, &o->near_read);
	if (o->lost_in == 0 && o->near_write.num == 0)
		endpoint_end(&r->target);
}

/* That there is no target was reported already. */
static int
relay_report(struct conn *c, struct outcome *o)
{
	struct relay *r = (struct relay *)c;

	if (r->active != 0)
		return conn_report_end(c, o);
	o->status = r->status;
	o->failed = o->status != 0;
	metrics_over(c->run, c, o);
	return o->status;
}

static void
relay_dispose(struct conn *c)
{
	struct relay *r = (struct relay *)c;

	relay_end_setup(r);
	relay_abandon(r);
	way_free(&r->there);
	way_free(&r->back);
	if (r->closing != NULL)
		closing_abort(r->closing);
	free(r->closing);
	endpoint_close(&r->target);
}

static const struct conn_ops relay_ops = {
	.silent_since = relay_silent_since,
	.date = relay_date,
	.review = relay_review,
	.leave = relay_leave,
	.give_up = relay_give_up,
	.busy = relay_is_busy,
	.count = relay_count,
	.settle = relay_settle,
	.report = relay_report,
	.dispose = relay_dispose
};

/* ---- The beginning ------------------------------------------------------ */

static bool
relay_is_named(const struct conn *c)
{
	return conn_is_alone(c) || c->run->plan->verbose > 0;
}

struct conn *
relay_new(const struct conn_start *start, const struct relay_setup *setup,
    void *arg, int *status)
{
	struct relay *r = conn_new(sizeof(*r), &relay_ops, start);
	struct conn *c = (struct conn *)r;

	if (r != NULL)
		endpoint_init(&r->target, start->run->loop);
	/* Datagrams stay what they are; other records become a stream. */
	if (r == NULL || conn_open(c, start, relay_is_named(c),
	    start->run->plan->type != TYPE_DGRAM) == -1)
		return conn_fail(c, start, status);
	r->setup = setup;
	r->arg = arg;
	c->ep.notify = relay_on_notify;
	c->ep.user = r;
	conn_begin(c, start);
	return c;
}

/* -1 with errno; freeing the conn undoes what was done. */
static int
relay_make_ways(struct relay *r, const struct relay_target *t)
{
	struct conn *c = &r->conn;
	const struct plan *plan = c->run->plan;
	struct way_step there = relay_next_step(r, &r->there);
	struct way_step back = relay_next_step(r, &r->back);
	int rc;

	there.opt.max_reads = plan->end.max_reads;
	if (plan->frame.how != FRAME_NONE ?
	    bare_frames_stages(plan, &r->target, &c->ep, &there.opt,
	    &back.opt) == -1 : !run_stages(plan, &back.opt) ||
	    !run_stages_down(plan, &there.opt, NULL)) {
		relay_target_drop(t);
		run_stages_free(&back.opt, &there.opt);
		errno = ENOMEM;
		return -1;
	}
	there.opt.filter = t->there != NULL ? t->there : there.opt.filter;
	back.opt.filter = t->back != NULL ? t->back : back.opt.filter;
	rc = way_begin(&r->there, &there, t->to_target, t->nto_target);
	return way_begin(&r->back, &back, t->to_client, t->nto_client) == -1 ?
	    -1 : rc;
}

/* Takes the socket, also on failure: -1 with errno. */
static int
relay_open_target(struct relay *r, const struct relay_target *t)
{
	struct conn *c = &r->conn;
	struct endpoint *ep = &r->target;
	bool dgram = t->fd->kind == FD_DGRAM;
	int num;

	if (endpoint_socket(ep, c->run->loop, t->fd, dgram,
	    relay_is_named(c) ? t->name : NULL) == -1) {
		num = errno;
		if (t->tls != NULL)
			layer_close(t->tls);
		relay_target_drop(t);
		fd_close(t->fd);
		errno = num;
		return -1;
	}
	if (t->tls != NULL)
		endpoint_wrap(ep, t->tls);
	if (t->wrap != NULL)
		t->wrap(t->arg, ep);
	ep->notify = relay_on_notify;
	ep->user = r;
	r->target_tcp = addr_is_inet(t->addr) && !dgram;
	if (r->target_tcp)
		sockopt_nodelay(&c->run->plan->sock, t->fd);
	return 0;
}

void
relay_join(struct conn *c, const struct relay_target *t)
{
	struct relay *r = (struct relay *)c;

	if (relay_open_target(r, t) == -1 || relay_make_ways(r, t) == -1) {
		relay_refuse(c, run_failed(c->run, "serve", "a client"));
		return;
	}
	relay_end_setup(r);
	c->ep.out.watch_death = false;
	r->active = conn_now(c);
	/* What the client has sent so far is most likely there. */
	c->ep.in.ready = true;
	relay_go(r);
}

void
relay_refuse(struct conn *c, int status)
{
	struct relay *r = (struct relay *)c;

	r->status = status;
	relay_end_setup(r);
	relay_reset(&r->target);
	relay_reset(&c->ep);
	conn_close(c);
}

void
relay_end(struct conn *c, int status)
{
	struct relay *r = (struct relay *)c;

	r->status = status;
	relay_end_setup(r);
	relay_close_client(r, false);
}
