/*
 * Which mover serves which pair of ends.
 */
#include "pump/mover.h"

/* Below this, making a pipe or a wider one costs more than it gains. */
#define FAST_FROM	((uint64_t)64 << 10)
/* Datagrams that cross together. */
#define JOINED		((size_t)512 << 10)

static bool
mover_is_kind(const struct half *h, enum fd_kind kind)
{
	return h->fd != NULL && h->fd->kind == kind;
}

/* An own socket: a splice might block in an inherited one. */
static bool
mover_is_own_socket(const struct half *h)
{
	return mover_is_kind(h, FD_STREAM) && h->fd->way == FD_WAY_OWN;
}

static bool
mover_can_splice(const struct flow *f)
{
	const struct half *src = f->src, *dst = f->dst;

	return (mover_is_kind(src, FD_PIPE) && mover_is_own_socket(dst)) ||
	    (mover_is_own_socket(src) && mover_is_kind(dst, FD_PIPE));
}

static bool
mover_can_through(const struct flow *f, enum mover_choice choice)
{
	const struct half *src = f->src, *dst = f->dst;

	if (mover_is_own_socket(src) && mover_is_own_socket(dst))
		return true;
	if (mover_is_own_socket(src) && mover_is_kind(dst, FD_NULL))
		return true;
	/* With files it gains nothing: only if asked for. */
	if (choice != MOVER_SPLICE)
		return false;
	return (mover_is_kind(src, FD_FILE) && mover_is_own_socket(dst)) ||
	    (mover_is_own_socket(src) && mover_is_kind(dst, FD_FILE));
}

/* Whether bytes have to be seen, or reads counted. */
static bool
mover_must_look(const struct flow *f)
{
	return f->filter != NULL || f->gate != NULL || f->reads_left != 0 ||
	    f->src->fd == NULL || f->dst->fd == NULL ||
	    f->src->layered || f->dst->layered;
}

static const struct mover *
mover_find_fast(const struct flow *f, enum mover_choice choice)
{
	if (choice == MOVER_COPY || mover_must_look(f))
		return NULL;
	if (choice != MOVER_SPLICE && mover_is_kind(f->src, FD_FILE) &&
	    mover_is_own_socket(f->dst))
		return &mover_sendfile;
	if (mover_can_splice(f))
		return &mover_splice;
	return mover_can_through(f, choice) ? &mover_through : NULL;
}

void
mover_choose(struct flow *f, enum mover_choice choice)
{
	const struct mover *fast;

	f->fast = NULL;
	f->fast_from = FAST_FROM;
	if (f->src->top->ops->lend != NULL || f->dst->top->ops->lend != NULL) {
		f->mover = &mover_lend;
		return;
	}
	if (f->src->top->ops->read_batch != NULL &&
	    f->dst->top->ops->write_batch != NULL) {
		f->mover = &mover_batch;
		return;
	}
	/*
	 * Datagrams are copied, whatever was asked for. Linux splices from
	 * their sockets by a read into as many pages as it gets at that
	 * moment: bytes that do not fit are lost, and no error tells.
	 */
	if (f->src->record || f->dst->record) {
		f->mover = &mover_record;
		f->joins = choice != MOVER_COPY && f->filter == NULL &&
		    f->gate == NULL && f->reads_left == 0 &&
		    (mover_joins_in(f) || mover_joins_out(f));
		/* Room for several. */
		if (f->joins)
			ring_init(&f->ring, JOINED);
		return;
	}
	f->mover = &mover_copy;
	fast = mover_find_fast(f, choice);
	/* Straight, even one byte is cheaper: it is one call and not two. */
	if (fast == &mover_sendfile || fast == &mover_splice ||
	    (fast != NULL && choice == MOVER_SPLICE))
		f->mover = fast;
	if (fast != f->mover || fast == &mover_splice)
		f->fast = fast;
	diag_trace("flow %s: by %s", f->name, f->mover->name);
}

bool
mover_is_due(const struct flow *f)
{
	return f->fast != NULL && f->ledger.read >= f->fast_from;
}

void
mover_rest(struct flow *f)
{
	f->fast = f->mover;
	f->fast_from = f->ledger.read + FAST_FROM;
	f->mover = &mover_copy;
	f->wait = FLOW_WAIT_NONE;
}

void
mover_downgrade(struct flow *f)
{
	diag_trace("flow %s: back from %s to %s", f->name, f->mover->name,
	    mover_copy.name);
	if (f->mover != &mover_record)
		f->mover = &mover_copy;
	f->fast = NULL;
	f->wait = FLOW_WAIT_NONE;
	f->src->ready = f->dst->ready = true;
}
