/*
 * A direction that has a flow only while bytes are on their way.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/fd_batch.h"
#include "link/way.h"

/* A flow that has read fewer bytes than this is given back at once. */
#define WAY_FEW	4096

bool
way_always(const void *user)
{
	(void)user;
	return true;
}

bool
way_never(const void *user)
{
	(void)user;
	return false;
}

/* ---- Flows -------------------------------------------------------------- */

/* Can the flow be replaced by a new flow? */
static bool
way_is_idle(const struct flow *f)
{
	return f->state == FLOW_OPEN && flow_held(f) == 0 &&
	    batch_left(f->batch) == 0 && f->pipe_in.num == -1 &&
	    f->filter == NULL && f->gate == NULL && f->reads_left == 0 &&
	    f->ledger.lost == 0;
}

/* The interest of both halves without a flow. */
static void
way_want(const struct way *w, struct way_ends ends)
{
	ends.from->in.wants = way_is_over(w) ? NULL : way_always;
	ends.to->out.wants = way_never;
}

/* NULL with errno. On success the filter and the gate are taken. */
static struct flow *
way_make_flow(struct way *w, const struct way_step *s)
{
	struct flow *f = w->flow = malloc(sizeof(*f));

	if (f == NULL)
		return NULL;
	flow_init(f, s->name, &s->ends.from->in, &s->ends.to->out, &s->opt);
	f->shut_clean = !s->unclean;
	f->buf_cache = loop_buf_cache(s->ends.from->loop);
	f->now = loop_now(s->ends.from->loop);
	return f;
}

void
way_free(struct way *w)
{
	if (w->flow != NULL)
		flow_free(w->flow);
	free(w->flow);
	w->flow = NULL;
}

/*
 * The flow is idle, or over. It is kept for its counts if they differ, as
 * after a loss or behind a filter.
 */
static void
way_put_away(struct way *w, struct way_ends ends)
{
	const struct ledger *l = &w->flow->ledger;

	if (l->read == l->written && l->made == l->written &&
	    w->flow->fault == NULL) {
		w->moved += l->read;
		way_free(w);
	} else
		flow_free(w->flow);
	way_want(w, ends);
}

/* Notes how a flow has ended. */
static void
way_conclude(struct way *w, struct way_ends ends)
{
	const struct flow *f = w->flow;

	if (f->state != FLOW_DONE)
		return;
	w->cause = f->cause;
	w->read_errno = (int16_t)f->read_errno;
	w->write_errno = (int16_t)f->write_errno;
	/* Nothing is read any more: a reset shows in no other way. */
	if (f->cause == FLOW_EOF && ends.from->out.state == HALF_OPEN)
		ends.from->out.watch_death = true;
	way_put_away(w, ends);
}

/* ---- Steps -------------------------------------------------------------- */

int
way_begin(struct way *w, const struct way_step *s, const void *bytes, size_t n)
{
	struct flow *f = way_make_flow(w, s);
	struct iovec iov[2];
	int cnt;

	if (f == NULL) {
		filter_free(s->opt.filter);
		gate_free(s->opt.gate);
		return -1;
	}
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

void
way_step(struct way *w, struct way_step *s)
{
	struct flow *f = w->flow;
	uint64_t before;

	if (way_is_over(w) || (f == NULL && !s->ends.from->in.ready))
		return;
	if (f == NULL && (f = way_make_flow(w, s)) == NULL) {
		w->read_errno = (int16_t)errno;
		w->cause = FLOW_READ_FAILED;
		way_want(w, s->ends);
		return;
	}
	f->half_close = s->shuts;
	f->now = s->now;
	before = f->moves;
	flow_step(f);
	s->moved |= f->moves != before || f->gated_until != 0;
	/* Nothing is read or written: a failure shows in no other way. */
	if (f->stalled)
		s->ends.from->out.watch_death =
		    s->ends.to->out.watch_death = true;
	if (f->state == FLOW_DONE)
		way_conclude(w, s->ends);
	else if (flow_has_more(f))
		s->more = true;
	else if (f->ledger.read < WAY_FEW && way_is_idle(f))
		way_put_away(w, s->ends);
}

void
way_stop(struct way *w, struct way_ends ends, bool held)
{
	if (way_is_over(w))
		return;
	if (w->flow == NULL) {
		w->cause = FLOW_CANCEL;
		way_want(w, ends);
	} else if (held)
		flow_finish(w->flow, FLOW_CANCEL);
	else {
		w->cancelled = true;
		flow_cancel(w->flow);
		way_conclude(w, ends);
	}
}

void
way_reset(struct way *w, struct way_ends ends)
{
	if (way_is_over(w) || w->flow == NULL) {
		way_stop(w, ends, false);
		return;
	}
	flow_reset(w->flow);
	way_conclude(w, ends);
}

void
way_see_death(struct way *w, struct way_ends ends)
{
	struct half *out = &ends.to->out;
	int num;

	if (!out->watch_death || out->state != HALF_BROKEN)
		return;
	out->watch_death = false;
	/* A Unix peer may just have closed: the next write reports that. */
	if (way_is_over(w) || (num = fd_error(&ends.to->in_bottom.fd)) == 0)
		return;
	if (w->flow != NULL) {
		flow_sink_failed(w->flow, num);
		way_conclude(w, ends);
	} else {
		w->write_errno = (int16_t)num;
		way_stop(w, ends, false);
	}
}

/* ---- Rest and end ------------------------------------------------------- */

void
way_rest(struct way *w, struct way_ends ends)
{
	if (w->flow == NULL || way_is_over(w))
		return;
	flow_rest(w->flow);
	if (way_is_idle(w->flow) && !flow_has_more(w->flow))
		way_put_away(w, ends);
}

int64_t
way_date(const struct way *w, int64_t rest_at)
{
	const struct flow *f = w->flow;

	if (f == NULL || way_is_over(w))
		return 0;
	return !way_is_idle(f) && !flow_may_rest(f) ? flow_date(f) :
	    timer_earlier(flow_date(f), rest_at);
}

struct ledger
way_ledger(const struct way *w)
{
	struct ledger l = { .read = 0 };

	if (w->flow != NULL)
		l = w->flow->ledger;
	l.read += w->moved;
	l.written += w->moved;
	return l;
}

struct ledger
way_end(struct way *w)
{
	if (w->flow != NULL && !way_is_over(w))
		flow_cancel(w->flow);
	if (!way_is_over(w))
		w->cause = FLOW_CANCEL;
	return way_ledger(w);
}

void
way_blame(const struct way *w, struct error *err)
{
	if (w->flow != NULL && w->flow->fault != NULL)
		(void)strlcpy(err->why, w->flow->fault, sizeof(err->why));
}
