/*
 * The movers that leave the bytes in the kernel.
 *
 * IO_AGAIN of a splice does not show which end is the reason: fd_peek() then
 * checks whether the source has bytes, and if so the flow waits for the other
 * end.
 */
#include <errno.h>

#include "pump/mover.h"

#define MOST		((size_t)1 << 20)
/*
 * After fewer bytes the source is probably empty: the flow waits for more,
 * unless the source has most likely ended already.
 */
#define PLENTY		((size_t)64 << 10)
/* After so many tries without a byte, though ready, the flow copies. */
#define MAX_FRUITLESS	32

static void
splice_wait_for(struct flow *f, enum flow_wait wait)
{
	f->wait = wait;
	if (wait == FLOW_WAIT_DST)
		f->dst->ready = false;
	else
		f->src->ready = false;
}

/* As half_read would. */
static bool
splice_source_ended(struct flow *f)
{
	f->src->state = HALF_ENDED;
	flow_source_ended(f, 0);
	return true;
}

/* After a failed call: by errno, the flow copies, or one end has failed. */
static bool
splice_failed(struct flow *f, bool sink)
{
	if (errno == FD_NO_SPLICE)
		flow_downgrade(f);
	else if (sink)
		flow_sink_failed(f, errno);
	else
		flow_source_ended(f, errno);
	return true;
}

static bool
splice_await_either(struct flow *f)
{
	enum io io;

	if (++f->fruitless > MAX_FRUITLESS) {
		flow_downgrade(f);
		return true;
	}
	io = fd_peek(f->src->fd);
	if (io == IO_FAIL)
		return splice_failed(f, false);
	if (io == IO_EOF)
		return splice_source_ended(f);
	splice_wait_for(f, io == IO_OK ? FLOW_WAIT_DST : FLOW_WAIT_SRC);
	return false;
}

static bool
splice_step(struct flow *f)
{
	size_t n;
	enum io io;

	if (f->state != FLOW_OPEN ||
	    !(f->wait == FLOW_WAIT_DST ? f->dst : f->src)->ready)
		return false;
	io = fd_splice(f->src->fd, f->dst->fd, MOST, &n);
	if (io == IO_AGAIN)
		return splice_await_either(f);
	if (io == IO_EOF)
		return splice_source_ended(f);
	/* Finds the end that failed: a pipe as source cannot fail. */
	if (io == IO_FAIL)
		return splice_failed(f, f->src->fd->kind == FD_PIPE ||
		    errno == EPIPE);
	flow_count_moved(f, n);
	f->fruitless = 0;
	f->wait = FLOW_WAIT_NONE;
	if (n >= PLENTY || f->src->state == HALF_CLOSING)
		return true;
	splice_wait_for(f, FLOW_WAIT_SRC);
	return false;
}

static unsigned
splice_wants(const struct flow *f)
{
	if (f->wait != FLOW_WAIT_DST)
		return LOOP_IN;
	return f->state == FLOW_OPEN ? LOOP_OUT : 0;
}

const struct mover mover_splice = {
	.name = "splice",
	.step = splice_step,
	.wants = splice_wants
};

/* Feeds the pipe, which is empty. */
static bool
splice_feed_pipe(struct flow *f)
{
	size_t n;
	enum io io;

	if (f->state != FLOW_OPEN || !f->src->ready)
		return false;
	if (f->pipe_in.num == -1) {
		if (fd_pipe(&f->pipe_out, &f->pipe_in) == -1) {
			flow_downgrade(f);
			return true;
		}
		fd_widen(&f->pipe_in);
	}
	io = fd_splice(f->src->fd, &f->pipe_in, MOST, &n);
	if (io == IO_EOF)
		return splice_source_ended(f);
	if (io == IO_FAIL)
		return splice_failed(f, false);
	if (io == IO_OK) {
		flow_count_read(f, n);
		f->ledger.made += n;
		f->pipe_held = n;
	}
	if (io == IO_AGAIN || (n < PLENTY && f->src->state != HALF_CLOSING))
		f->src->ready = false;
	return io == IO_OK;
}

static bool
splice_through_step(struct flow *f)
{
	size_t n;
	enum io io;

	if (f->pipe_held == 0)
		return splice_feed_pipe(f);
	if (!f->dst->ready)
		return false;
	io = fd_splice(&f->pipe_out, f->dst->fd, f->pipe_held, &n);
	if (io == IO_EOF || io == IO_FAIL)
		return splice_failed(f, true);
	if (io == IO_OK) {
		f->pipe_held -= n;
		flow_count_written(f, n);
	} else
		f->dst->ready = false;
	return io == IO_OK;
}

static unsigned
splice_through_wants(const struct flow *f)
{
	return f->pipe_held == 0 ? LOOP_IN : LOOP_OUT;
}

const struct mover mover_through = {
	.name = "through",
	.step = splice_through_step,
	.wants = splice_through_wants
};

/*
 * The end of the file is left for a plain read to find: some files (below
 * /proc) look empty to sendfile. So are errors of the file itself.
 */
static bool
splice_sendfile_step(struct flow *f)
{
	size_t n;
	enum io io;

	if (f->state != FLOW_OPEN || !f->dst->ready)
		return false;
	io = fd_sendfile(f->src->fd, f->dst->fd, MOST, &n);
	if (io == IO_OK)
		flow_count_moved(f, n);
	else if (io == IO_AGAIN)
		splice_wait_for(f, FLOW_WAIT_DST);
	else if (io == IO_EOF || errno == EIO)
		flow_downgrade(f);
	else
		(void)splice_failed(f, true);
	return io != IO_AGAIN;
}

static unsigned
splice_sendfile_wants(const struct flow *f)
{
	return f->dst->ready ? LOOP_IN : LOOP_OUT;
}

const struct mover mover_sendfile = {
	.name = "sendfile",
	.step = splice_sendfile_step,
	.wants = splice_sendfile_wants
};
