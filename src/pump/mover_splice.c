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
static void
splice_source_ended(struct flow *f)
{
	f->src->state = HALF_ENDED;
	flow_source_ended(f, 0);
}

static bool
splice_await_either(struct flow *f)
{
	if (++f->fruitless > MAX_FRUITLESS) {
		flow_downgrade(f);
		return true;
	}
	switch (fd_peek(f->src->fd)) {
	case IO_OK:
		splice_wait_for(f, FLOW_WAIT_DST);
		return false;
	case IO_AGAIN:
		splice_wait_for(f, FLOW_WAIT_SRC);
		return false;
	case IO_EOF:
		splice_source_ended(f);
		return true;
	case IO_FAIL:
		break;
	}
	flow_source_ended(f, errno);
	return true;
}

static bool
splice_step(struct flow *f)
{
	size_t n;

	if (f->state != FLOW_OPEN ||
	    !(f->wait == FLOW_WAIT_DST ? f->dst : f->src)->ready)
		return false;
	switch (fd_splice(f->src->fd, f->dst->fd, MOST, &n)) {
	case IO_OK:
		flow_count_moved(f, n);
		f->fruitless = 0;
		f->wait = FLOW_WAIT_NONE;
		if (n >= PLENTY || f->src->state == HALF_CLOSING)
			return true;
		splice_wait_for(f, FLOW_WAIT_SRC);
		return false;
	case IO_AGAIN:
		return splice_await_either(f);
	case IO_EOF:
		splice_source_ended(f);
		return true;
	case IO_FAIL:
		break;
	}
	/* Finds the end that failed: a pipe as source cannot fail. */
	if (errno == FD_NO_SPLICE)
		flow_downgrade(f);
	else if (f->src->fd->kind == FD_PIPE || errno == EPIPE)
		flow_sink_failed(f, errno);
	else
		flow_source_ended(f, errno);
	return true;
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

	if (f->state != FLOW_OPEN || !f->src->ready)
		return false;
	if (f->pipe_in.num == -1) {
		if (fd_pipe(&f->pipe_out, &f->pipe_in) == -1) {
			flow_downgrade(f);
			return true;
		}
		fd_widen(&f->pipe_in);
	}
	switch (fd_splice(f->src->fd, &f->pipe_in, MOST, &n)) {
	case IO_OK:
		flow_count_read(f, n);
		f->ledger.made += n;
		f->pipe_held = n;
		if (n < PLENTY && f->src->state != HALF_CLOSING)
			f->src->ready = false;
		return true;
	case IO_AGAIN:
		f->src->ready = false;
		return false;
	case IO_EOF:
		splice_source_ended(f);
		return true;
	case IO_FAIL:
		break;
	}
	if (errno == FD_NO_SPLICE)
		flow_downgrade(f);
	else
		flow_source_ended(f, errno);
	return true;
}

static bool
splice_empty_pipe(struct flow *f)
{
	size_t n;

	if (!f->dst->ready)
		return false;
	switch (fd_splice(&f->pipe_out, f->dst->fd, f->pipe_held, &n)) {
	case IO_OK:
		f->pipe_held -= n;
		flow_count_written(f, n);
		return true;
	case IO_AGAIN:
		f->dst->ready = false;
		return false;
	case IO_EOF:
	case IO_FAIL:
		break;
	}
	if (errno == FD_NO_SPLICE)
		flow_downgrade(f);
	else
		flow_sink_failed(f, errno);
	return true;
}

static bool
splice_through_step(struct flow *f)
{
	return f->pipe_held > 0 ? splice_empty_pipe(f) : splice_feed_pipe(f);
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

	if (f->state != FLOW_OPEN || !f->dst->ready)
		return false;
	switch (fd_sendfile(f->src->fd, f->dst->fd, MOST, &n)) {
	case IO_OK:
		flow_count_moved(f, n);
		return true;
	case IO_AGAIN:
		splice_wait_for(f, FLOW_WAIT_DST);
		return false;
	case IO_EOF:
		flow_downgrade(f);
		return true;
	case IO_FAIL:
		break;
	}
	if (errno == FD_NO_SPLICE || errno == EIO)
		flow_downgrade(f);
	else
		flow_sink_failed(f, errno);
	return true;
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
