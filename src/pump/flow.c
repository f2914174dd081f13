/*
 * One direction of a session: its states, its ledger, its turn.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "io/fd_batch.h"
#include "pump/flow.h"
#include "pump/mover.h"

/* The turn budget: one fast peer must not starve the others. */
#define TURN_BYTES	((uint64_t)1 << 20)
#define TURN_TRIES	64

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
		[FLOW_LIMIT] = "limit reached", [FLOW_CANCEL] = "cancelled"
	};

	return names[cause];
}

static size_t
flow_ring_size(const struct half *src, const struct half *dst,
    const struct filter *filter)
{
	size_t record = 64 << 10;

	/* Room for a whole datagram, whatever the filter makes of it. */
	if ((src->record || dst->record) && filter != NULL)
		return record * filter->ops->growth + filter->ops->tail;
	if (src->record || dst->record)
		return record;
	/* Files gain from longer writes, pipes and sockets do not. */
	if (dst->fd != NULL && dst->fd->kind == FD_FILE)
		return 256 << 10;
	return 64 << 10;
}

void
flow_init_absent(struct flow *f, const char *name)
{
	memset(f, 0, sizeof(*f));
	f->name = name;
	f->state = FLOW_DONE;
	f->cause = FLOW_CANCEL;
	f->pipe_in.num = f->pipe_out.num = -1;
	f->mover = &mover_copy;
}

void
flow_leave_out(struct flow *f, const char *name,
    const struct flow_options *opt)
{
	flow_init_absent(f, name);
	filter_free(opt->filter);
	gate_free(opt->gate);
}

void
flow_init(struct flow *f, const char *name, struct half *src,
    struct half *dst, const struct flow_options *opt)
{
	flow_init_absent(f, name);
	f->state = FLOW_OPEN;
	f->cause = FLOW_GOING;
	f->src = src;
	f->dst = dst;
	f->half_close = true;
	ring_init(&f->ring, flow_ring_size(src, dst, opt->filter));
	f->filter = opt->filter;
	f->gate = opt->gate;
	f->reads_left = opt->max_reads;
	f->block = opt->block;
	src->wants = flow_wants_read;
	dst->wants = flow_wants_write;
	src->user = dst->user = f;
	mover_choose(f, opt->mover);
}

static void
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

void
flow_rest(struct flow *f)
{
	if (!flow_may_rest(f))
		return;
	fd_close(&f->pipe_in);
	fd_close(&f->pipe_out);
	if (f->mover == &mover_through)
		mover_rest(f);
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
	f->ledger.written += n;
	f->moves++;
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

/* Bytes in a filter are lost. */
static void
flow_lose(struct flow *f, size_t n)
{
	f->ledger.made += n;
	flow_count_lost(f, n);
}

static void
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
	/* A stale date would wake for ever. */
	if (state == FLOW_DONE)
		f->gated_until = 0;
}

/* Bytes held are lost. */
static void
flow_drop_held(struct flow *f)
{
	flow_count_lost(f, flow_held(f));
	ring_free(&f->ring);
	flow_drop_batch(f);
	f->pipe_held = 0;
	fd_close(&f->pipe_in);
	fd_close(&f->pipe_out);
}

void
flow_push(struct flow *f, const unsigned char *in, size_t n, bool last)
{
	size_t before = ring_used(&f->ring);
	const char *fault;

	f->filter->ops->push(f->filter, in, n, last, &f->ring);
	f->ledger.made += ring_used(&f->ring) - before;
	fault = filter_fault(f->filter);
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
flow_sink_failed(struct flow *f, int num)
{
	if (f->state == FLOW_DONE || f->discard)
		return;
	f->write_errno = num;
	flow_drop_held(f);
	if (f->keep_reading && f->state == FLOW_OPEN) {
		f->discard = true;
		mover_downgrade(f);
		return;
	}
	f->cause = FLOW_WRITE_FAILED;
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

bool
flow_wants_read(const void *flow)
{
	const struct flow *f = flow;

	return f->state == FLOW_OPEN && (f->mover->wants(f) & LOOP_IN);
}

bool
flow_wants_write(const void *flow)
{
	const struct flow *f = flow;

	if (f->state == FLOW_SHUT)
		return !f->hold_shut;
	if (f->state == FLOW_DONE || f->gated_until != 0)
		return false;
	return (f->mover->wants(f) & LOOP_OUT) != 0;
}

static void
flow_go_faster(struct flow *f)
{
	if (!mover_is_due(f) || flow_held(f) != 0)
		return;
	if (f->fast != f->mover)
		diag_trace("flow %s: now by %s", f->name, f->fast->name);
	f->mover = f->fast;
	f->fast = NULL;
	ring_give(&f->ring, f->buf_cache);
	if (f->src->fd->kind == FD_PIPE)
		fd_widen(f->src->fd);
	if (f->dst->fd->kind == FD_PIPE)
		fd_widen(f->dst->fd);
}

void
flow_step(struct flow *f)
{
	const struct ledger *l = &f->ledger;
	uint64_t enough = l->read + l->written + 2 * TURN_BYTES;
	unsigned tries = TURN_TRIES;
	bool more = true;

	if (f->state == FLOW_DONE)
		return;
	f->gated_until = 0;
	ring_borrow(&f->ring, f->buf_cache);
	while (f->state <= FLOW_DRAIN && tries-- > 0 && more) {
		more = f->mover->step(f) && l->read + l->written < enough;
		flow_go_faster(f);
	}
	assert(l->made == l->written + l->lost + flow_held(f));
	assert(f->filter != NULL || l->read == l->made);
	if (f->state == FLOW_DRAIN && flow_held(f) == 0 &&
	    batch_left(f->batch) == 0 && !filter_more(f->filter))
		flow_enter(f, FLOW_SHUT);
	/* The last state that needs turns: TLS says good-bye in several. */
	if (f->state == FLOW_SHUT && !f->hold_shut &&
	    (!f->half_close || f->write_errno != 0 ||
	    half_shut(f->dst) != IO_AGAIN))
		flow_enter(f, FLOW_DONE);
	/* An idle flow costs no buffer. */
	ring_give(&f->ring, f->buf_cache);
	if (batch_left(f->batch) == 0)
		flow_drop_batch(f);
}

bool
flow_has_more(struct flow *f)
{
	if (f->mover == &mover_record && f->dst->ready && flow_held(f) > 0 &&
	    flow_wants_write(f))
		return true;
	if (!flow_wants_read(f) || layer_pending(f->src->top) == 0)
		return false;
	f->src->ready = true;
	return true;
}
