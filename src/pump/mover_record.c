/*
 * The movers of datagrams.
 *
 * Where single datagrams need not be seen, several cross at once: they are
 * read until the ring is full, and written together to a sink that is a
 * stream; blocks of one size that were read from a stream (the last may be
 * shorter) are sent by one call, and the system cuts them.
 *
 * Where both halves keep the addresses of datagrams, a batch takes the place
 * of the ring: it is filled when all of the last one is gone.
 */
#include <errno.h>

#include "base/errclass.h"
#include "base/num.h"
#include "io/fd_batch.h"
#include "pump/mover.h"

/* How long a device that is full (ENOBUFS) is left alone. */
#define FULL_PAUSE	(5 * NSEC_PER_MSEC)
/* The most bytes of one read: the default buffer of a Unix socket. */
#define DATAGRAM	((size_t)256 << 10)
/* The most bytes and datagrams that one call may send, udp(7). */
#define PIECES_BYTES	((size_t)65487)
#define PIECES		64
/* Reads before a write, so that the first datagram does not wait long. */
#define READS		64

/* An error that concerns one datagram and not the socket. */
static bool
record_is_soft(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_GONE);
}

bool
mover_forgives(struct flow *f, int num)
{
	if (!record_is_soft(num))
		return false;
	f->soft_errno = num;
	if (num == ECONNREFUSED) {
		f->refused = true;
		f->refused_read = f->ledger.read;
		f->refused_written = f->ledger.written;
	}
	return true;
}

bool
mover_joins_in(const struct flow *f)
{
	return f->src->record && !f->dst->record && !f->dst->packets &&
	    half_join(f->src);
}

bool
mover_joins_out(struct flow *f)
{
	if (f->src->record || !f->dst->record || f->block == 0 ||
	    !half_cuts(f->dst))
		return false;
	/* Which pipes do, their readers cannot ask. */
	f->src->packets = true;
	return true;
}

/* Only blocks of one size are held, and one more has room. */
static bool
record_has_room_for_piece(const struct flow *f)
{
	size_t used = ring_used(&f->ring);

	return used % f->piece == 0 && used + f->piece <= PIECES_BYTES &&
	    used / f->piece < PIECES && ring_ahead(&f->ring) >= f->block;
}

static bool
record_takes_more(const struct flow *f)
{
	if (ring_used(&f->ring) == 0)
		return true;
	if (!f->joins)
		return false;
	return f->src->record ? ring_ahead(&f->ring) >= DATAGRAM :
	    f->piece != 0 && f->pieces == ring_used(&f->ring) &&
	    record_has_room_for_piece(f);
}

/* How many of the bytes held go with the next call, as datagrams. */
static size_t
record_next_size(const struct flow *f)
{
	if (f->pieces == 0)
		return ring_used(&f->ring);
	if (f->whole && f->pieces > f->piece)
		return f->piece;
	return f->pieces;
}

/* Counts a block that was read, if it is of the size of those before. */
static void
record_note_piece(struct flow *f, uint32_t n)
{
	if (ring_used(&f->ring) == n)
		f->piece = f->pieces = n;
	else if (n <= f->piece)
		f->pieces += n;
}

static void
record_note_taken(struct flow *f, size_t n)
{
	if (f->pieces == 0)
		return;
	f->pieces -= (uint32_t)n;
	/* The bytes left are one longer datagram. */
	if (f->pieces == 0)
		f->piece = f->pieces = (uint32_t)ring_used(&f->ring);
}

/* Drops a datagram that the sink refuses for good. */
static void
record_drop(struct flow *f, size_t n, int num)
{
	f->soft_errno = num;
	/* All bytes are one datagram, but with a gate. */
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

/* Whether the system cannot cut datagrams of this size for this route. */
static bool
record_must_send_whole(struct flow *f, size_t limit, int num)
{
	if (f->pieces == 0 || limit <= f->piece ||
	    (num != EINVAL && num != EIO && num != EMSGSIZE))
		return false;
	diag_trace("flow %s: one datagram at a time", f->name);
	f->whole = true;
	return true;
}

/*
 * The errno of an earlier datagram comes with the next call, which has sent
 * nothing then: it is repeated, once.
 */
static bool
record_drain(struct flow *f)
{
	size_t n, limit = mover_may_drain(f);
	enum io io;

	if (limit == 0)
		return false;
	if (f->pieces != 0)
		limit = record_next_size(f);
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
	if (io == IO_AGAIN || errno == ENOBUFS) {
		f->dst->ready = false;
		/* A full device: the socket calls itself writable. */
		if (io != IO_AGAIN && f->now != 0)
			f->gated_until = f->now + FULL_PAUSE;
		return false;
	}
	if (record_must_send_whole(f, limit, errno))
		return true;
	if (errno == EMSGSIZE || record_is_soft(errno))
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

	if (!mover_fill(f))
		return false;
	if (f->state == FLOW_OPEN && f->ledger.read == before &&
	    f->soft_errno == 0)
		record_pass_empty(f);
	if (f->joins && f->dst->record)
		record_note_piece(f, (uint32_t)(f->ledger.read - before));
	return true;
}

/* Reads several datagrams, if they may cross together. */
static bool
record_fill_many(struct flow *f)
{
	unsigned n = 0;

	while (n < READS && record_takes_more(f) && mover_may_fill(f) &&
	    record_fill(f)) {
		n++;
		if (!f->joins)
			break;
	}
	return n > 0;
}

static bool
record_step(struct flow *f)
{
	bool moved;

	moved = filter_more(f->filter) ? mover_go_on(f) : record_fill_many(f);
	if (f->discard)
		mover_discard(f);
	else if (ring_used(&f->ring) > 0 && f->dst->ready)
		moved |= f->dst->record ? record_drain(f) : mover_drain(f);
	return moved;
}

static bool
record_wants_read(const struct flow *f)
{
	return record_takes_more(f) && !filter_more(f->filter);
}

static bool
record_wants_write(const struct flow *f)
{
	return flow_held(f) > 0 || filter_more(f->filter);
}

const struct mover mover_record = {
	.name = "record",
	.step = record_step,
	.wants_read = record_wants_read,
	.wants_write = record_wants_write
};

static bool
batch_fill(struct flow *f)
{
	if (half_read_batch(f->src, &f->batch) != IO_OK)
		return false;
	f->ledger.made += batch_held(f->batch);
	flow_count_read(f, batch_held(f->batch));
	return true;
}

static bool
batch_drain(struct flow *f)
{
	size_t n, held = batch_held(f->batch);
	enum io io = half_write_batch(f->dst, f->batch, &n);

	flow_count_written(f, n);
	flow_count_lost(f, held - batch_held(f->batch) - n);
	return io == IO_OK;
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

static bool
batch_wants_read(const struct flow *f)
{
	return batch_left(f->batch) == 0;
}

static bool
batch_wants_write(const struct flow *f)
{
	return batch_left(f->batch) > 0;
}

const struct mover mover_batch = {
	.name = "batch",
	.step = batch_step,
	.wants_read = batch_wants_read,
	.wants_write = batch_wants_write
};
