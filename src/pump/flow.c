/*
 * A direction of a session: states and ledger.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "io/fd_batch.h"
#include "pump/flow.h"

const char *
flow_state_name(enum flow_state state)
{
	static const char *const names[] = {
		[FLOW_OPEN] = "OPEN", [FLOW_DRAIN] = "DRAIN",
		[FLOW_SHUT] = "SHUT", [FLOW_DONE] = "DONE"
	};

	return names[state];
}

const char *
flow_cause_name(enum flow_cause cause)
{
	static const char *const names[] = {
		[FLOW_GOING] = "going", [FLOW_EOF] = "end of input",
		[FLOW_READ_FAILED] = "read failed",
		[FLOW_WRITE_FAILED] = "write failed",
		[FLOW_LIMIT] = "limit reached",
		[FLOW_RESET] = "reset by request", [FLOW_CANCEL] = "cancelled"
	};

	return names[cause];
}

void
flow_init_absent(struct flow *f, const char *name,
    const struct flow_options *opt)
{
	memset(f, 0, sizeof(*f));
	f->name = name;
	f->state = FLOW_DONE;
	f->cause = FLOW_CANCEL;
	f->pipe_in.num = f->pipe_out.num = -1;
	if (opt != NULL) {
		filter_free(opt->filter);
		gate_free(opt->gate);
	}
}

void
flow_drop_batch(struct flow *f)
{
	batch_free(f->batch);
	f->batch = NULL;
}

void
flow_free(struct flow *f)
{
	ring_free(&f->ring);
	flow_drop_batch(f);
	fd_close(&f->pipe_in);
	fd_close(&f->pipe_out);
	filter_free(f->filter);
	gate_free(f->gate);
	f->filter = NULL;
	f->gate = NULL;
	if (f->src != NULL && f->src->user == f)
		f->src->wants = NULL;
	if (f->dst != NULL && f->dst->user == f)
		f->dst->wants = NULL;
	f->src = f->dst = NULL;
}

bool
flow_may_rest(const struct flow *f)
{
	return f->pipe_in.num != -1 && f->pipe_held == 0;
}

size_t
flow_held(const struct flow *f)
{
	return ring_used(&f->ring) + f->pipe_held + batch_held(f->batch);
}

void
flow_count_read(struct flow *f, size_t n)
{
	f->ledger.read += n;
	f->moves++;
}

void
flow_count_written(struct flow *f, size_t n)
{
	struct flow_meter *m = f->meter;
	void (*moved)(void *);

	f->ledger.written += n;
	f->moves++;
	if (m == NULL)
		return;
	m->bytes += n;
	moved = m->moved;
	m->moved = NULL;
	if (moved != NULL)
		moved(m->arg);
}

void
flow_count_moved(struct flow *f, size_t n)
{
	flow_count_read(f, n);
	f->ledger.made += n;
	flow_count_written(f, n);
}

void
flow_count_lost(struct flow *f, size_t n)
{
	f->ledger.lost += n;
}

/* Bytes are not delivered: a loss, unless a gate was asked for that. */
static void
flow_give_up(struct flow *f, size_t n)
{
	if (f->gate != NULL && f->gate->drops)
		f->ledger.dropped += n;
	else
		flow_count_lost(f, n);
}

/* The same for bytes in a filter. */
static void
flow_lose(struct flow *f, size_t n)
{
	f->ledger.made += n;
	flow_give_up(f, n);
}

void
flow_enter(struct flow *f, enum flow_state state)
{
	if (f->state == state)
		return;
	if (diag_tracing())
		diag_trace("flow %s: %s -> %s (%s)", f->name,
		    flow_state_name(f->state), flow_state_name(state),
		    flow_cause_name(f->cause));
	assert(state > f->state);
	assert(state != FLOW_SHUT || (flow_held(f) == 0 &&
	    (f->discard || filter_held(f->filter) == 0)));
	f->state = state;
	if (state == FLOW_DONE)
		flow_lose(f, filter_held(f->filter));
	/* A stale date would fire the timer for ever. */
	if (state == FLOW_DONE)
		f->gated_until = f->ask_at = 0;
}

/* Bytes held are lost. */
static void
flow_drop_held(struct flow *f)
{
	flow_give_up(f, flow_held(f));
	ring_free(&f->ring);
	flow_drop_batch(f);
	f->pipe_held = 0;
	fd_close(&f->pipe_in);
	fd_close(&f->pipe_out);
}

void
flow_arrived(struct flow *f, size_t before)
{
	size_t n = ring_used(&f->ring) - before, now;
	struct gate *g = f->gate;

	/* Bytes that are read only to be dropped pass no gate. */
	if (n == 0 || g == NULL || g->ops->arrived == NULL || f->discard)
		return;
	g->ops->arrived(g, &f->ring, n, f->now);
	now = ring_used(&f->ring);
	if (now < before + n)
		f->ledger.dropped += before + n - now;
	else
		f->ledger.made += now - before - n;
}

bool
flow_queues(const struct flow *f)
{
	const struct gate *g = f->gate;

	return g != NULL && g->ops->arrived != NULL && g->room != 0 &&
	    !g->full && ring_room(&f->ring) >= f->ring.cap / 2;
}

int64_t
flow_date(const struct flow *f)
{
	if (f->gated_until == 0 || f->ask_at == 0)
		return f->gated_until + f->ask_at;
	return f->gated_until < f->ask_at ? f->gated_until : f->ask_at;
}

void
flow_push(struct flow *f, const unsigned char *in, size_t n, bool last)
{
	size_t before = ring_used(&f->ring);
	const char *fault;

	if (f->fed != NULL && n > 0)
		f->fed(f->watcher, in, n);
	f->filter->ops->push(f->filter, in, n, last, &f->ring);
	f->ledger.made += ring_used(&f->ring) - before;
	flow_arrived(f, before);
	fault = filter_fault(f->filter);
	if (fault == NULL && !last && f->state == FLOW_OPEN &&
	    filter_over(f->filter)) {
		f->cause = FLOW_EOF;
		flow_enter(f, FLOW_DRAIN);
	}
	if (fault == NULL || f->fault != NULL)
		return;
	/* As if the source had failed at this byte. */
	f->fault = fault;
	f->read_errno = EBADMSG;
	f->cause = FLOW_READ_FAILED;
	flow_enter(f, FLOW_DRAIN);
}

void
flow_finish(struct flow *f, enum flow_cause cause)
{
	if (f->state != FLOW_OPEN)
		return;
	f->cause = cause;
	if (f->filter != NULL && !f->discard) {
		if (cause != FLOW_EOF)
			flow_lose(f, filter_cut(f->filter,
			    cause == FLOW_READ_FAILED));
		flow_push(f, NULL, 0, true);
	}
	flow_enter(f, FLOW_DRAIN);
}

void
flow_source_ended(struct flow *f, int num)
{
	f->read_errno = num;
	flow_finish(f, num == 0 ? FLOW_EOF : FLOW_READ_FAILED);
}

void
flow_downgrade(struct flow *f)
{
	diag_trace("flow %s: back from %s to %s", f->name, f->mover->name,
	    f->slow->name);
	f->mover = f->slow;
	f->fast = NULL;
	f->wait = FLOW_WAIT_NONE;
	f->src->ready = f->dst->ready = true;
}

void
flow_sink_failed(struct flow *f, int num)
{
	if (f->state == FLOW_DONE || f->discard)
		return;
	f->write_errno = num;
	flow_drop_held(f);
	if (f->keep_reading && f->state == FLOW_OPEN) {
		f->discard = true;
		flow_downgrade(f);
		return;
	}
	f->cause = FLOW_WRITE_FAILED;
	flow_enter(f, FLOW_DONE);
}

void
flow_reset(struct flow *f)
{
	if (f->state == FLOW_DONE)
		return;
	if (f->gate != NULL)
		f->gate->drops = true;
	flow_drop_held(f);
	f->cause = FLOW_RESET;
	flow_enter(f, FLOW_DONE);
}

void
flow_cancel(struct flow *f)
{
	if (f->state == FLOW_DONE)
		return;
	flow_drop_held(f);
	if (f->cause == FLOW_GOING)
		f->cause = FLOW_CANCEL;
	flow_enter(f, FLOW_DONE);
}
