/*
 * The movers of datagrams.
 *
 * Where single datagrams need not be seen, several cross at once: they are
 * read until the ring is full, and written together to a sink that is a
 * stream; blocks of equal size that were read from a stream (the last may be
 * shorter) are sent by one call, and the system cuts them.
 *
 * Where both halves keep the addresses of datagrams, a batch takes the place
 * of the ring: the batch is filled again when all its datagrams are gone.
 */
#include <errno.h>

#include "base/num.h"
#include "io/fd_batch.h"
#include "pump/mover.h"

/* The pause after a full device (ENOBUFS). */
#define FULL_PAUSE	(5 * NSEC_PER_MSEC)
/* The most bytes and datagrams that a call may send, udp(7). */
#define PIECES_BYTES	((size_t)65487)
#define PIECES		64
/* Reads before a write, so that the first datagram does not wait long. */
#define READS		64

static bool
record_takes_more(const struct flow *f)
{
	size_t used = ring_used(&f->ring);

	if (used == 0 || flow_queues(f))
		return true;
	if (!f->joins)
		return false;
	if (f->src->record)
		return ring_ahead(&f->ring) >= MOVER_DATAGRAM;
	/* Only blocks of equal size are held, and another block has room. */
	return f->piece != 0 && f->pieces == used && used % f->piece == 0 &&
	    used + f->piece <= PIECES_BYTES && used / f->piece < PIECES &&
	    ring_ahead(&f->ring) >= f->block;
}

static void
record_note_taken(struct flow *f, size_t n)
{
	if (f->pieces == 0)
		return;
	f->pieces -= (uint32_t)n;
	/* The bytes left are a single longer datagram. */
	if (f->pieces == 0)
		f->piece = f->pieces = (uint32_t)ring_used(&f->ring);
}

/* Drops a datagram that the sink refuses for good. */
static void
record_drop(struct flow *f, size_t n, int num)
{
	f->soft.num = num;
	/* Without a gate, all bytes are a single datagram. */
	if (f->pieces == 0 && f->gate == NULL) {
		mover_discard(f);
		return;
	}
	if (f->gate != NULL)
		f->gate->ops->passed(f->gate, &f->ring, n, f->now);
	ring_take(&f->ring, n);
	flow_count_lost(f, n);
	record_note_taken(f, n);
}

static enum io
record_send_some(struct flow *f, size_t limit, size_t *n)
{
	struct iovec iov[2];
	int cnt = ring_data(&f->ring, iov, limit);

	return f->pieces != 0 && limit > f->piece ?
	    half_write_pieces(f->dst, iov, cnt, f->piece, n) :
	    half_write(f->dst, iov, cnt, n);
}

/* A device is full, while the socket calls itself writable. */
static void
record_rest(struct flow *f)
{
	f->dst->ready = false;
	if (f->now != 0)
		f->gated_until = f->now + FULL_PAUSE;
}

/*
 * The errno of an earlier datagram comes with the next call, which has sent
 * nothing then: that call is repeated, once.
 */
static bool
record_drain(struct flow *f)
{
	size_t n, limit = mover_may_drain(f);
	enum io io;

	if (limit == 0)
		return false;
	if (f->pieces != 0)
		limit = f->whole && f->pieces > f->piece ? f->piece :
		    f->pieces;
	io = record_send_some(f, limit, &n);
	if (io == IO_FAIL && mover_forgives(f, errno))
		io = record_send_some(f, limit, &n);
	if (io == IO_OK) {
		mover_drained(f, n);
		record_note_taken(f, n);
		return true;
	}
	if (io == IO_EOF)
		errno = EPIPE;
	if (io == IO_AGAIN)
		return false;
	if (errno == ENOBUFS) {
		record_rest(f);
		return false;
	}
	/* The system cannot cut datagrams of this size for this route. */
	if (f->pieces != 0 && limit > f->piece && (errno == EINVAL ||
	    errno == EIO || errno == EMSGSIZE)) {
		diag_trace("flow %s: one datagram at a time", f->name);
		f->whole = true;
	} else if (errno == EMSGSIZE || mover_is_soft(errno))
		record_drop(f, limit, errno);
	else
		flow_sink_failed(f, errno);
	return true;
}

/* Passes an empty datagram on to a sink of records. */
static void
record_pass_empty(struct flow *f)
{
	struct iovec iov = { .iov_base = NULL, .iov_len = 0 };
	enum io io;
	size_t n;

	if (!f->src->record || !f->dst->record || !f->dst->ready ||
	    f->discard)
		return;
	io = half_write(f->dst, &iov, 1, &n);
	if (io == IO_EOF)
		errno = EPIPE;
	if (io == IO_OK || io == IO_AGAIN || errno == ENOBUFS)
		return;
	if (!mover_forgives(f, errno))
		flow_sink_failed(f, errno);
}

static bool
record_fill(struct flow *f)
{
	uint64_t before = f->ledger.read;
	uint32_t n;

	if (!mover_fill(f))
		return false;
	if (f->state == FLOW_OPEN && f->ledger.read == before &&
	    f->soft.num == 0)
		record_pass_empty(f);
	/* Counts a block that was read, if equal in size to the others. */
	n = (uint32_t)(f->ledger.read - before);
	if (f->joins && f->dst->record && ring_used(&f->ring) == n)
		f->piece = f->pieces = n;
	else if (f->joins && f->dst->record && n <= f->piece)
		f->pieces += n;
	return true;
}

static bool
record_step(struct flow *f)
{
	bool moved = false;

	if (filter_more(f->filter))
		moved = (f->gate == NULL || f->gate->room == 0 ||
		    record_takes_more(f)) && mover_go_on(f);
	else
		/* Several datagrams, if they may cross together. */
		for (unsigned n = 0; n < READS && (n == 0 || f->joins) &&
		    record_takes_more(f) && mover_may_fill(f) &&
		    record_fill(f); n++)
			moved = true;
	if (f->discard)
		mover_discard(f);
	else if (ring_used(&f->ring) > 0 && f->dst->ready)
		moved |= f->dst->record ? record_drain(f) : mover_drain(f);
	return moved;
}

static unsigned
record_wants(const struct flow *f)
{
	bool more = filter_more(f->filter);

	return (record_takes_more(f) && !more ? LOOP_IN : 0) |
	    (flow_held(f) > 0 || more ? LOOP_OUT : 0);
}

const struct mover mover_record = {
	.name = "record",
	.step = record_step,
	.wants = record_wants
};

static bool
batch_fill(struct flow *f)
{
	enum io io = half_read_batch(f->src, &f->batch);
	size_t held, cut;

	if (io != IO_OK)
		return mover_read_ended(f, io);
	held = batch_held(f->batch);
	cut = batch_take_cut(f->batch);
	f->ledger.made += held + cut;
	flow_count_read(f, held + cut);
	flow_count_lost(f, cut);
	return true;
}

/* As record_drain, each call may report an earlier datagram. */
static bool
batch_drain(struct flow *f)
{
	size_t n = 0, before = batch_held(f->batch);
	enum io io = half_write_batch(f->dst, f->batch, &n);
	int num;

	if (io == IO_FAIL && mover_forgives(f, errno))
		io = half_write_batch(f->dst, f->batch, &n);
	if (io != IO_FAIL) {
		flow_count_written(f, n);
		flow_count_lost(f, before - batch_held(f->batch) - n);
		return io == IO_OK;
	}
	/* The first datagram has failed. */
	num = errno;
	if (num == ENOBUFS) {
		record_rest(f);
		return false;
	}
	if (num == EMSGSIZE || mover_is_soft(num)) {
		f->soft.num = num;
		flow_count_lost(f, batch_drop(f->batch));
	} else
		flow_sink_failed(f, num);
	return true;
}

static bool
batch_step(struct flow *f)
{
	bool moved = false;

	if (batch_left(f->batch) == 0 && f->state == FLOW_OPEN &&
	    f->src->ready)
		moved = batch_fill(f);
	if (batch_left(f->batch) > 0 && f->dst->ready)
		moved |= batch_drain(f);
	return moved;
}

static unsigned
batch_wants(const struct flow *f)
{
	return batch_left(f->batch) == 0 ? LOOP_IN : LOOP_OUT;
}

const struct mover mover_batch = {
	.name = "batch",
	.step = batch_step,
	.wants = batch_wants
};
