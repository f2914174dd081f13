/*
 * The turn of a flow: its pace, the movers in alternation, the interest, the
 * rest.
 */
#include <assert.h>

#include "io/fd_batch.h"
#include "pump/mover.h"

/* The turn budget: a fast peer must not starve the others. */
#define TURN_BYTES	((uint64_t)1 << 20)
#define TURN_TRIES	64

static void
pace_enter(struct pace *p, enum pace_state state)
{
	p->state = state;
	p->run = 0;
}

void
pace_moved(struct pace *p, size_t n)
{
	if (n == 0) {
		if (p->state == PACE_PROBE) {
			p->vain = (uint16_t)(2 * p->vain + PACE_RUN);
			if (p->vain > PACE_RUN_MOST - PACE_RUN)
				p->vain = PACE_RUN_MOST - PACE_RUN;
		}
		if (p->state != PACE_WAIT)
			pace_enter(p, PACE_WAIT);
		return;
	}
	p->run = p->state == PACE_NAP || n < PACE_SHORT ? p->run + 1 : 0;
	switch (p->state) {
	case PACE_WAIT:
		if (p->run >= PACE_RUN + p->vain)
			pace_enter(p, PACE_PROBE);
		break;
	case PACE_PROBE:
		p->vain = 0;
		pace_enter(p, PACE_TRY);
		break;
	case PACE_TRY:
		if (p->run >= PACE_TRIES)
			pace_enter(p, PACE_NAP);
		break;
	case PACE_NAP:
		if (n >= PACE_MUCH || p->run >= PACE_NAPS)
			pace_enter(p, PACE_TRY);
		break;
	}
}

void
pace_stopped(struct pace *p)
{
	pace_enter(p, PACE_WAIT);
}

void
pace_answered(struct pace *p)
{
	if (p->run > 0)
		p->run--;
}

/* ---- The turn ----------------------------------------------------------- */

static size_t
flow_ring_size(const struct half *src, const struct half *dst,
    const struct filter *filter, const struct gate *gate)
{
	bool whole = src->record || dst->record;
	size_t room = 64 << 10;

	/* Room for the largest datagram that the filter may make. */
	if (whole && filter != NULL)
		room = room * filter->ops->growth + filter->ops->tail;
	/* Of datagrams, flow_queues() leaves half of the ring for the next. */
	if (gate != NULL && gate->room != 0)
		return whole && 2 * room > gate->room ? 2 * room : gate->room;
	if (whole)
		return room;
	/* Files and multipath TCP gain from longer moves, others do not. */
	if ((dst->fd != NULL && (dst->fd->kind == FD_FILE || dst->fd->mptcp)) ||
	    (src->fd != NULL && src->fd->mptcp))
		return 256 << 10;
	return room;
}

void
flow_init(struct flow *f, const char *name, struct half *src,
    struct half *dst, const struct flow_options *opt)
{
	flow_init_absent(f, name, NULL);
	f->state = FLOW_OPEN;
	f->cause = FLOW_GOING;
	f->src = src;
	f->dst = dst;
	f->half_close = true;
	ring_init(&f->ring, flow_ring_size(src, dst, opt->filter, opt->gate));
	f->filter = opt->filter;
	f->gate = opt->gate;
	if (f->gate != NULL)
		f->gate->whole = src->record || dst->record;
	f->reads_left = opt->max_reads;
	f->block = opt->block;
	f->meter = opt->meter;
	f->took = opt->took;
	f->took_first = opt->took_first;
	f->fed = opt->fed;
	f->watcher = opt->watcher;
	/*
	 * A pipe gathers what is written to it, and FIONREAD tells whether it
	 * is empty; gates and limits count single reads.
	 */
	f->paced = opt->tries && src->fd != NULL && src->fd->kind == FD_PIPE &&
	    !src->record && !src->packets && !dst->record &&
	    f->gate == NULL && f->reads_left == 0;
	src->wants = flow_wants_read;
	dst->wants = flow_wants_write;
	src->user = dst->user = f;
	mover_choose(f, opt->mover, opt->batches);
}

void
flow_rest(struct flow *f)
{
	if (!flow_may_rest(f))
		return;
	fd_close(&f->pipe_in);
	fd_close(&f->pipe_out);
	if (f->mover != &mover_through)
		return;
	/* Back to copying, until as much flows again. */
	f->fast = f->mover;
	f->fast_from = f->ledger.read + FLOW_MUCH;
	f->mover = f->slow;
	f->wait = FLOW_WAIT_NONE;
}

bool
flow_wants_read(const void *flow)
{
	const struct flow *f = flow;

	return f->state == FLOW_OPEN && !f->stalled &&
	    f->pace.state <= PACE_PROBE && (f->mover->wants(f) & LOOP_IN);
}

bool
flow_wants_write(const void *flow)
{
	const struct flow *f = flow;

	if (f->state == FLOW_SHUT)
		return !f->hold_shut;
	if (f->state == FLOW_DONE || f->gated_until != 0 || f->stalled)
		return false;
	return (f->mover->wants(f) & LOOP_OUT) != 0;
}

static void
flow_go_faster(struct flow *f)
{
	if (!mover_is_due(f) || flow_held(f) != 0)
		return;
	if (f->dst->layered && !f->dst->top->ops->bypass(f->dst->top)) {
		f->fast = NULL;
		return;
	}
	if (f->fast != f->mover)
		diag_trace("flow %s: now by %s", f->name, f->fast->name);
	f->mover = f->fast;
	f->fast = NULL;
	ring_give(&f->ring, f->buf_cache);
}

/* The pipes of others are made wider for much data alone, by any mover. */
static void
flow_widen_pipes(struct flow *f)
{
	const struct fd *ends[] = { f->src->fd, f->dst->fd };

	if (f->widened || f->ledger.read < FLOW_MUCH)
		return;
	f->widened = true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends[i] != NULL && ends[i]->kind == FD_PIPE)
			fd_widen(ends[i]);
}

/* What the gate says of the whole flow, and when it is to be asked again. */
static void
flow_ask_gate(struct flow *f)
{
	enum gate_answer answer;
	struct gate *g = f->gate;

	f->ask_at = 0;
	if (g == NULL || g->ops->turn == NULL || f->state > FLOW_DRAIN)
		return;
	answer = g->ops->turn(g, &f->ring, f->state == FLOW_DRAIN, f->now,
	    &f->ask_at);
	if (answer == GATE_STALLS && !f->stalled)
		diag_trace("flow %s: stalls", f->name);
	f->stalled = answer == GATE_STALLS;
	/* Only an end of the source's own has to wait. */
	f->keeps_end = answer == GATE_KEEPS_END && f->cause == FLOW_EOF;
	/* A pause of our own making, and no silence. */
	if (f->keeps_end && f->gated_until == 0)
		f->gated_until = f->ask_at;
	if (answer == GATE_RESETS)
		flow_reset(f);
}

void
flow_step(struct flow *f)
{
	const struct ledger *l = &f->ledger;
	uint64_t enough = l->read + l->written + 2 * TURN_BYTES;
	uint64_t before = l->read;
	unsigned tries = TURN_TRIES;
	bool more = true;

	if (f->state == FLOW_DONE)
		return;
	f->gated_until = 0;
	flow_ask_gate(f);
	ring_borrow(&f->ring, f->buf_cache);
	while (f->state <= FLOW_DRAIN && tries-- > 0 && more && !f->stalled) {
		more = f->mover->step(f) && l->read + l->written < enough;
		flow_go_faster(f);
	}
	if (f->paced && (f->wait == FLOW_WAIT_DST || flow_held(f) > 0))
		pace_stopped(&f->pace);
	else if (f->paced)
		pace_moved(&f->pace, (size_t)(l->read - before));
	flow_widen_pipes(f);
	flow_ask_gate(f);
	assert(l->made == l->written + l->lost + l->dropped + flow_held(f));
	assert(f->filter != NULL || f->gate != NULL || l->read == l->made);
	if (f->state == FLOW_DRAIN && flow_held(f) == 0 &&
	    batch_left(f->batch) == 0 && !filter_more(f->filter) &&
	    !f->stalled && !f->keeps_end)
		flow_enter(f, FLOW_SHUT);
	/* The last state that needs turns: TLS says good-bye in several. */
	if (f->state == FLOW_SHUT && !f->hold_shut &&
	    (!f->half_close || f->write_errno != 0 ||
	    (f->shut_clean && f->cause != FLOW_EOF) ||
	    (f->shut_sound && f->cause == FLOW_READ_FAILED) ||
	    half_shut(f->dst) != IO_AGAIN))
		flow_enter(f, FLOW_DONE);
	/* An idle flow costs no buffer. */
	ring_give(&f->ring, f->buf_cache);
	if (batch_left(f->batch) == 0)
		flow_drop_batch(f);
}

bool
flow_tries(struct flow *f)
{
	if (f->state != FLOW_OPEN || f->pace.state == PACE_WAIT)
		return false;
	f->src->ready = true;
	return true;
}

bool
flow_has_more(struct flow *f)
{
	bool	held = f->mover == &mover_record &&
		    (flow_held(f) > 0 || filter_more(f->filter));

	if ((held || batch_left(f->batch) > 0) && f->dst->ready &&
	    flow_wants_write(f))
		return true;
	if (!flow_wants_read(f) || layer_pending(f->src->top) == 0)
		return false;
	f->src->ready = true;
	return true;
}
