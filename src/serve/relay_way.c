/*
 * A direction of a relay.
 */
#include <errno.h>
#include <stdlib.h>

#include "io/fd_batch.h"
#include "serve/relay_way.h"

/* A flow that has read fewer bytes than this is given back at once. */
#define WAY_FEW	4096

static bool
relay_way_always(const void *user)
{
	(void)user;
	return true;
}

bool
relay_way_never(const void *user)
{
	(void)user;
	return false;
}

/* ---- Flows -------------------------------------------------------------- */

/* Can the flow be replaced by a new flow? */
static bool
relay_way_is_idle(const struct flow *f)
{
	return f->state == FLOW_OPEN && flow_held(f) == 0 &&
	    batch_left(f->batch) == 0 && f->pipe_in.num == -1 &&
	    f->filter == NULL && f->gate == NULL && f->reads_left == 0;
}

/* The interest of both halves of a direction without a flow. */
static void
relay_way_want(const struct relay_way *w)
{
	w->from->in.wants = w->over ? NULL : relay_way_always;
	w->to->out.wants = relay_way_never;
}

/* NULL with errno. On success the filter and the gate are taken. */
static struct flow *
relay_way_make_flow(struct relay_way *w, const struct flow_options *opt)
{
	w->flow = malloc(sizeof(*w->flow));
	if (w->flow == NULL)
		return NULL;
	flow_init(w->flow, w->is_back ? "back" : "there", &w->from->in,
	    &w->to->out, opt);
	w->flow->block = w->block;
	w->flow->shut_clean = true;
	w->flow->buf_cache = loop_buf_cache(w->from->loop);
	w->flow->now = loop_now(w->from->loop);
	return w->flow;
}

static void
relay_way_free_flow(struct relay_way *w)
{
	const struct ledger *l = &w->flow->ledger;

	w->read += l->read;
	w->written += l->written;
	w->lost += l->lost;
	w->dropped += l->dropped;
	flow_free(w->flow);
	free(w->flow);
	w->flow = NULL;
	relay_way_want(w);
}

/* Frees an idle flow. */
static void
relay_way_put_away(struct relay_way *w)
{
	if (relay_way_is_idle(w->flow) && !flow_has_more(w->flow))
		relay_way_free_flow(w);
}

/* ---- The beginning ------------------------------------------------------ */

static int
relay_way_begin_with(struct flow *f, const void *bytes, size_t n)
{
	struct iovec iov[2];
	int cnt;

	if (n == 0)
		return 0;
	if ((cnt = ring_space(&f->ring, iov, n)) == -1)
		return -1;
	flow_count_read(f, n);
	if (f->filter != NULL) {
		flow_push(f, bytes, n, false);
		return 0;
	}
	n = fd_store(iov, cnt, 0, bytes, n);
	ring_put(&f->ring, n);
	f->ledger.made += n;
	flow_arrived(f, ring_used(&f->ring) - n);
	return 0;
}

int
relay_way_begin(struct relay_way *w, const struct flow_options *opt,
    const void *bytes, size_t n)
{
	w->meter = opt->meter;
	if (relay_way_make_flow(w, opt) != NULL)
		return relay_way_begin_with(w->flow, bytes, n);
	filter_free(opt->filter);
	gate_free(opt->gate);
	return -1;
}

/* ---- Steps -------------------------------------------------------------- */

void
relay_way_conclude(struct relay_way *w)
{
	const struct flow *f = w->flow;

	if (f == NULL || f->state != FLOW_DONE)
		return;
	w->over = true;
	/* The want of memory for a flow is known already. */
	if (w->read_errno == 0)
		w->read_errno = f->read_errno;
	w->write_errno = f->write_errno;
	w->fault = f->fault;
	w->ended = f->cause == FLOW_EOF && !w->cancelled &&
	    w->write_errno == 0;
	w->limited = f->cause == FLOW_LIMIT;
	w->reset = f->cause == FLOW_RESET;
	/* Nothing is read any more: a reset shows in no other way. */
	if (f->cause == FLOW_EOF && w->from->out.state == HALF_OPEN)
		w->from->out.watch_death = true;
	relay_way_free_flow(w);
}

bool
relay_way_step(struct relay_way *w, struct relay_step *step, bool shuts)
{
	const struct flow_options opt = { .mover = step->mover,
	    .meter = w->meter, .batches = true };
	uint64_t before;

	if (w->over || (w->flow == NULL && !w->from->in.ready))
		return true;
	if (w->flow == NULL && relay_way_make_flow(w, &opt) == NULL)
		return false;
	w->flow->half_close = shuts;
	w->flow->now = step->now;
	before = w->flow->moves;
	flow_step(w->flow);
	step->moved |= w->flow->moves != before || w->flow->gated_until != 0;
	/* Nothing is read or written: a failure shows in no other way. */
	if (w->flow->stalled)
		w->from->out.watch_death = w->to->out.watch_death = true;
	if (w->flow->state == FLOW_DONE)
		relay_way_conclude(w);
	else if (flow_has_more(w->flow))
		step->more = true;
	else if (w->flow->ledger.read < WAY_FEW)
		relay_way_put_away(w);
	return true;
}

void
relay_way_stop(struct relay_way *w, bool held)
{
	if (w->over)
		return;
	if (w->flow == NULL) {
		w->over = true;
		relay_way_want(w);
	} else if (held)
		flow_finish(w->flow, FLOW_CANCEL);
	else {
		w->cancelled = true;
		flow_cancel(w->flow);
	}
}

void
relay_way_reset(struct relay_way *w)
{
	if (w->flow != NULL)
		flow_reset(w->flow);
	else
		relay_way_stop(w, false);
}

bool
relay_way_stalls(const struct relay_way *w)
{
	return w->flow != NULL && w->flow->stalled;
}

void
relay_way_sink_failed(struct relay_way *w, int num)
{
	if (w->over)
		return;
	if (w->flow != NULL)
		flow_sink_failed(w->flow, num);
	else {
		w->write_errno = num;
		relay_way_stop(w, false);
	}
}

void
relay_way_see_death(struct relay_way *w)
{
	struct endpoint *ep = w->to;
	int num;

	if (!ep->out.watch_death || ep->out.state != HALF_BROKEN)
		return;
	ep->out.watch_death = false;
	/* A Unix peer may just have closed: the next write reports that. */
	if (!w->over && (num = fd_error(&ep->in_bottom.fd)) != 0)
		relay_way_sink_failed(w, num);
}

/* ---- Rest and end ------------------------------------------------------- */

void
relay_way_rest(struct relay_way *w)
{
	if (w->flow == NULL)
		return;
	flow_rest(w->flow);
	relay_way_put_away(w);
}

int64_t
relay_way_date(const struct relay_way *w, int64_t rest_at)
{
	const struct flow *f = w->flow;

	if (f == NULL)
		return 0;
	return !relay_way_is_idle(f) && !flow_may_rest(f) ? flow_date(f) :
	    timer_earlier(flow_date(f), rest_at);
}

void
relay_way_end(struct relay_way *w)
{
	if (w->flow == NULL)
		return;
	if (w->flow->state != FLOW_DONE)
		flow_cancel(w->flow);
	relay_way_free_flow(w);
}
