/*
 * The mover of an end whose bytes are in memory anyway, such as a port of the
 * hub: written from there, or read to there, past the flow's own ring.
 */
#include <errno.h>

#include "pump/mover.h"

static bool
lend_out(struct flow *f)
{
	struct layer *from = f->src->top;
	struct iovec iov[LAYER_LEND];
	size_t n;
	int cnt;
	enum io io;

	if (!f->dst->ready)
		return false;
	io = from->ops->lend(from, iov, &cnt);
	if (io == IO_EOF)
		flow_source_ended(f, 0);
	if (io != IO_OK)
		return false;
	io = half_write(f->dst, iov, cnt, &n);
	if (io == IO_OK) {
		from->ops->commit(from, n);
		flow_count_moved(f, n);
	} else if (io != IO_AGAIN)
		flow_sink_failed(f, io == IO_EOF ? EPIPE : errno);
	return io == IO_OK;
}

static bool
lend_in(struct flow *f)
{
	struct layer *to = f->dst->top;
	struct iovec iov[LAYER_LEND];
	size_t n;
	int cnt;
	enum io io;

	if (!f->src->ready || to->ops->lend(to, iov, &cnt) != IO_OK)
		return false;
	io = half_read(f->src, iov, cnt, &n);
	/* The rest of a longer datagram is gone. */
	if (io == IO_OK && n > fd_total(iov, cnt)) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	if (io == IO_OK) {
		to->ops->commit(to, n);
		flow_count_moved(f, n);
	} else if (io != IO_AGAIN)
		flow_source_ended(f, io == IO_EOF ? 0 : errno);
	return io == IO_OK;
}

static bool
lend_step(struct flow *f)
{
	return f->src->top->ops->lend != NULL ? lend_out(f) : lend_in(f);
}

/* The end that lends is always ready; waits for the other end. */
static unsigned
lend_wants(const struct flow *f)
{
	return (f->src->top->ops->lend == NULL && !f->src->ready ? LOOP_IN : 0)
	    | (f->dst->top->ops->lend == NULL && !f->dst->ready ? LOOP_OUT : 0);
}

const struct mover mover_lend = {
	.name = "lend",
	.step = lend_step,
	.wants = lend_wants
};
