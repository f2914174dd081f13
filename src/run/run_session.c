#include <errno.h>
#include <string.h>

#include "base/diag.h"
#include "io/fd_batch.h"
#include "io/fd.h"
#include "net/socket.h"
#include "run/bottleneck.h"
#include "run/inputs.h"
#include "run/metrics.h"
#include "run/net_options.h"
#include "run/run.h"
#include "run/sum.h"

static void
run_blame(struct error *err, int num, const char *op, const char *name)
{
	if (num != 0)
		error_set(err, num, op, "%s", name);
}

/* Adds a hint if ::1 refused a datagram that 127.0.0.1 would have taken. */
static void
run_hint_refusal(const struct run *r, struct error *err)
{
	if (err->num == ECONNREFUSED && r->plan->type == TYPE_DGRAM)
		err->hint = r->sandbox.filtered ? r->other_loopback :
		    neterr_other_loopback(r->far.in_watch.fd, r->plan->host);
}

/* Adds the reason why a filter could not use the bytes. */
static void
run_blame_fault(struct error *err, const struct flow *f)
{
	if (f->fault != NULL)
		(void)strlcpy(err->why, f->fault, sizeof(err->why));
}

void
run_blame_layer(struct error *err, const struct endpoint *ep)
{
	const char *why = err->num == EPROTO && ep->in.top != NULL ?
	    layer_fault(ep->in.top) : NULL;

	if (why != NULL)
		(void)strlcpy(err->why, why, sizeof(err->why));
}

/* Returns the count without as many of the added bytes as there are. */
static uint64_t
run_without(uint64_t count, uint64_t *added)
{
	uint64_t n = count < *added ? count : *added;

	*added -= n;
	return count - n;
}

/*
 * Neither stamps nor tags were received, even if some were not written; nor
 * are stamps lost.
 */
static void
run_leave_added_out(const struct run *r, const struct ledger *l,
    struct outcome *o)
{
	const struct stamped *s = &r->stamped;
	bool merged = hub_merge_stamps(&r->far.in);
	uint64_t given = s->added, not_taken = s->added > s->taken ?
	    s->added - s->taken : 0, missing, read;

	if (r->plan->timestamps) {
		o->lost_in = run_without(o->lost_in, &not_taken);
		o->dropped_in = run_without(o->dropped_in, &not_taken);
		missing = o->lost_in + o->dropped_in;
		o->received = merged ? run_without(l->read, &given) : l->read;
		o->received = run_without(o->received, &missing);
	}
	if (hub_merge_tagged(&r->far.in) > 0) {
		read = l->read - hub_merge_tagged(&r->far.in);
		if (merged)
			read -= s->added;
		if (o->received > read)
			o->received = read;
	}
}

void
run_outcome(const struct run *r, const struct session *s, struct outcome *o)
{
	memset(o, 0, sizeof(*o));
	o->cause = s->end != SESSION_GOING ? s->end : SESSION_EOF;
	o->sent = s->up.ledger.written;
	o->received = s->down.ledger.written;
	o->lost_out = session_lost_up(s);
	o->lost_in = session_lost_down(s);
	o->dropped_out = s->up.ledger.dropped;
	o->dropped_in = s->down.ledger.dropped;
	run_leave_added_out(r, &s->down.ledger, o);
	run_blame(&o->near_read, s->up.read_errno, "read from",
	    s->near->in.name);
	/* The failure of one of several inputs is reported once. */
	if (r->inputs != NULL && o->near_read.num == 0)
		o->near_read = r->inputs->err;
	if (r->inputs != NULL)
		r->inputs->err.num = 0;
	if (r->inputs != NULL && !s->opt.near_stays)
		o->lost_out += hub_merge_held(&r->inputs->port);
	run_blame(&o->near_write, s->down.write_errno, "write to",
	    s->near->out.name);
	/* A refusal answers a datagram that was sent. */
	run_blame(&o->far_read, s->down.read_errno,
	    s->refused ? "send to" : "read from", s->far->in.name);
	run_hint_refusal(r, &o->far_read);
	run_blame(&o->far_write, s->up.write_errno, "write to",
	    s->far->in.name);
	run_blame_fault(&o->near_read, &s->up);
	run_blame_fault(&o->far_read, &s->down);
	run_blame_layer(&o->far_read, s->far);
	run_blame_layer(&o->far_write, s->far);
	o->near_warned = s->input_reported;
	o->reader_left = s->down.write_errno == EPIPE;
	o->silent = s->far_end.failed;
	o->unread = s->far_end.unread;
	o->warned = r->warned != 0 && r->warned == s->down.read_errno;
	o->elapsed = loop_now(r->loop) - s->started;
	o->idle = r->plan->end.idle;
}

bool
run_was_short(const struct outcome *o)
{
	const struct error *const all[] = { &o->near_read, &o->near_write,
	    &o->far_read, &o->far_write };

	for (size_t i = 0; i < 4; i++)
		if (errclass_is(all[i]->num, ERRCLASS_SHORT))
			return true;
	return false;
}

void
run_count_drops(struct run *r, const struct fd *fd, struct dgram_drops *here)
{
	struct dgram_drops now = { .n = 0 };
	struct run_drops *d = &r->drops;
	uint64_t cookie, n;

	dgram_add_drops(fd, &now);
	if (now.n == 0)
		return;
	cookie = fd_cookie(fd);
	n = now.n - (cookie != 0 && cookie == d->cookie ? d->seen : 0);
	d->cookie = cookie;
	d->seen = now.n;
	d->all.n += n;
	d->all.at_least |= now.at_least;
	if (here != NULL)
		here->n += n;
}

/* The outcome of the session of the run, which is over. */
static void
run_settle_session(struct run *r, struct outcome *o)
{
	run_outcome(r, &r->session, o);
	run_count_drops(r, r->drops.sock != NULL ? r->drops.sock :
	    &r->far.in_bottom.fd, &o->drops);
}

void
run_abandon_session(struct run *r)
{
	struct outcome o;
	int status;

	session_abort(&r->session);
	run_settle_session(r, &o);
	if (r->add_losses != NULL)
		r->add_losses(r->arg, &o);
	if (r->signo == 0) {
		status = r->messages->ended(r->plan, &o);
		r->status = r->failed ? r->status : status;
	}
	metrics_over(r, &r->session, &o);
	sums_report(r, &r->session, &o);
	if (r->session.resets)
		endpoint_reset(&r->far);
	endpoint_close(&r->far);
}

static void
run_on_done(void *user, struct session *s)
{
	struct run *r = user;
	struct outcome o;

	run_settle_session(r, &o);
	if (r->near_ops.ended != NULL)
		r->near_ops.ended(r, s);
	sums_report(r, s, &o);
	bottleneck_report(r, &r->far.in_bottom.fd, o.elapsed);
	session_free(s);
	r->in_session = false;
	metrics_over(r, &r->session, &o);
	if (s->resets)
		endpoint_reset(&r->far);
	else if (outcome_delivered(&o))
		endpoint_end(&r->far);
	endpoint_close(&r->far);
	if (r->signo == 0 && r->ended != NULL) {
		r->ended(r->arg, &o);
		return;
	}
	r->status = r->messages->ended(r->plan, &o);
	if (r->signo == 0 || r->others == 0)
		loop_stop(r->loop);
}

static void
run_on_warn(void *user, const struct half *h, int num)
{
	struct run *r = user;
	struct error err;
	bool input = h == &r->session.near->in;

	if (!input && r->near_ops.not_delivered != NULL &&
	    r->near_ops.not_delivered(r, num))
		return;
	/* Each datagram may meet the same error, which is reported once. */
	if (num == r->warned && !input)
		return;
	if (!input)
		r->warned = num;
	error_set(&err, num, num == ECONNREFUSED ? "send to" :
	    h == &r->far.out ? "write to" : "read from", "%s", h->name);
	run_hint_refusal(r, &err);
	if (input)
		run_blame_fault(&err, &r->session.up);
	messages_warn(r->plan, &err);
}

static void
run_on_ruled(void *user, enum far_rule rule)
{
	struct run *r = user;

	REPORT(r->plan, EVENT_RULED, .policy = &r->session.opt.policy,
	    .rule = rule);
}

static uint64_t
run_inputs_held(const void *user)
{
	return hub_merge_held(&((const struct run *)user)->inputs->port);
}

void
run_nodelay(const struct run *r, const struct fd *fd)
{
	if (r->near.in.fd == NULL || r->near.in.fd->kind != FD_FILE)
		sockopt_nodelay(&r->plan->sock, fd);
}

void
run_session(struct run *r, bool stays, bool tcp)
{
	if (run_session_by(r, &r->plan->end, stays, tcp) == -1)
		run_fail_peer(r, "prepare", "filters");
}

/* Whether this program puts the time before the lines of the output. */
static bool
run_stamps(const struct run *r)
{
	return r->plan->timestamps && r->plan->near == PLAN_STDIO;
}

/* Counts the stamps that the output took, and makes digests of the bytes. */
static void
run_on_taken(void *arg, const struct ring *ring, size_t n)
{
	struct run *r = arg;
	struct iovec iov[2];
	int cnt = ring_data(ring, iov, n);

	for (int i = 0; i < cnt; i++) {
		if (run_stamps(r))
			stamped_take(&r->stamped, iov[i].iov_base,
			    iov[i].iov_len);
		sums_received(r, iov[i].iov_base, iov[i].iov_len);
	}
}

/*
 * The time before each line of the output. Several sources are stamped where
 * they are gathered, since a line of theirs waits there to be complete.
 */
static bool
run_add_timestamps(struct run *r, struct flow_options *down)
{
	struct filter *f;

	stamped_begin(&r->stamped);
	if (!run_stamps(r) || hub_merge_stamps(&r->far.in))
		return true;
	f = filter_timestamps(r->far.in.record && down->filter == NULL,
	    &r->stamped, NULL);
	down->filter = down->filter == NULL ? f :
	    filter_chain(down->filter, f);
	return down->filter != NULL;
}

int
run_session_by(struct run *r, const struct end_policy *policy, bool stays,
    bool tcp)
{
	struct session_options opt = {
		.policy = *policy,
		.up.block = r->far.out.record ? r->plan->block : 0,
		.up.mover = r->plan->mover,
		.down.block = r->near.out.record ? r->plan->block : 0,
		.down.mover = r->plan->mover,
		.near_stays = stays,
		.near_held = r->inputs != NULL ? run_inputs_held : NULL,
		.tcp = tcp,
		.patience = net_patience(r->plan),
		.done = run_on_done, .ruled = run_on_ruled, .warn = run_on_warn,
		    .user = r
	};

	progress_count(r, &opt.up, &opt.down);
	if (!run_stages(r->plan, &opt.up) ||
	    !run_stages_down(r->plan, &opt.down, &r->broke_off) ||
	    !run_add_timestamps(r, &opt.down) ||
	    !sums_start(r, &opt.up) ||
	    (r->near_ops.prepare != NULL && !r->near_ops.prepare(r, &opt))) {
		run_stages_free(&opt.up, &opt.down);
		endpoint_close(&r->far);
		errno = ENOMEM;
		return -1;
	}
	if (run_stamps(r) || r->sums != NULL) {
		opt.down.took = run_on_taken;
		opt.down.watcher = r;
	}
	if (tcp)
		run_nodelay(r, &r->far.in_bottom.fd);
	/* Data that came early may end with the peer's FIN. */
	if (r->far.in_bottom.fd.early) {
		r->far.in.ready = true;
		r->far.in.state = HALF_CLOSING;
	}
	r->in_session = true;
	/* A session that many clients share has no metrics. */
	if (!r->plan->serve.concurrent)
		metrics_start(r, &r->session, &(struct metrics_of){
		    .fd = &r->far.in_bottom.fd, .top = r->far.in.top,
		    .peer = r->announced.len != 0 ? &r->announced : NULL });
	session_start(&r->session, r->loop, &r->near, &r->far, &opt);
	if (r->session.looks)
		REPORT(r->plan, EVENT_LOOKS, .policy = policy);
	return 0;
}
