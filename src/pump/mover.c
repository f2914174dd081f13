/*
 * Which mover serves which pair of ends; and the mover through user space.
 */
#include <errno.h>

#include "pump/mover.h"

/* Bytes for a single push of a filter: the largest datagram. */
#define SCRATCH		(64 << 10)
/*
 * Of a layer that lets bytes pass by: a kernel that makes records of TLS lets
 * no server begin a new handshake, as some do after the request.
 */
#define BYPASS_FROM	((uint64_t)1 << 20)
/* Datagrams that cross together. */
#define JOINED		((size_t)512 << 10)

bool
mover_forgives(struct flow *f, int num)
{
	if (!mover_is_soft(num))
		return false;
	f->soft.num = num;
	if (num == ECONNREFUSED) {
		f->soft.refused = true;
		f->soft.read = f->ledger.read;
		f->soft.written = f->ledger.written;
	}
	return true;
}

/* How many bytes may be read now, so that the filtered bytes have room. */
static size_t
copy_fill_limit(const struct flow *f)
{
	size_t room = ring_room(&f->ring), limit = room;
	size_t growth = f->filter != NULL ? f->filter->ops->growth : 1;
	size_t tail = f->filter != NULL ? f->filter->ops->tail : 0;

	if (f->filter != NULL) {
		if (room <= tail || filter_more(f->filter))
			return 0;
		limit = (room - tail) / growth;
		if (limit > SCRATCH)
			limit = SCRATCH;
	}
	/* A datagram is read whole; of a stream, as much as a datagram. */
	if (f->block != 0 && !f->src->record && limit > f->block / growth)
		limit = f->block > growth ? f->block / growth : 1;
	return limit;
}

/* Counts the bytes of a datagram that did not fit as lost. */
static size_t
copy_cut(struct flow *f, size_t n, size_t limit)
{
	if (n <= limit)
		return n;
	f->ledger.made += n - limit;
	flow_count_lost(f, n - limit);
	return limit;
}

static enum io
copy_read_filtered(struct flow *f, size_t limit, size_t *n)
{
	unsigned char scratch[SCRATCH];
	struct iovec iov = { .iov_base = scratch, .iov_len = limit };
	struct iovec room[2];
	enum io io;

	/* Memory first: pushed bytes cannot be read again. */
	if (ring_space(&f->ring, room, limit) == -1)
		return IO_FAIL;
	io = half_read(f->src, &iov, 1, n);
	if (io != IO_OK)
		return io;
	flow_push(f, scratch, copy_cut(f, *n, limit), false);
	return io;
}

static enum io
copy_read_plain(struct flow *f, size_t limit, size_t *n)
{
	struct iovec iov[2];
	int cnt = ring_space(&f->ring, iov, limit);
	size_t kept, before = ring_used(&f->ring);
	enum io io;

	/* A datagram is read into a single piece. */
	if (cnt == 2 && f->src->record && iov[0].iov_len < MOVER_DATAGRAM) {
		ring_straighten(&f->ring);
		cnt = ring_space(&f->ring, iov, limit);
	}
	if (cnt == -1)
		return IO_FAIL;
	io = half_read(f->src, iov, cnt, n);
	if (io != IO_OK)
		return io;
	kept = copy_cut(f, *n, limit);
	ring_put(&f->ring, kept);
	f->ledger.made += kept;
	flow_arrived(f, before);
	return io;
}

bool
mover_read_ended(struct flow *f, enum io io)
{
	if (io == IO_AGAIN)
		return false;
	if (io == IO_EOF)
		flow_source_ended(f, 0);
	else if (!f->src->record || !mover_forgives(f, errno))
		flow_source_ended(f, errno);
	return true;
}

bool
mover_fill(struct flow *f)
{
	size_t n = 0, limit = copy_fill_limit(f);
	enum io io;

	if (limit == 0)
		return false;
	io = f->filter != NULL ? copy_read_filtered(f, limit, &n) :
	    copy_read_plain(f, limit, &n);
	if (io != IO_OK)
		return mover_read_ended(f, io);
	flow_count_read(f, n);
	if (f->reads_left != 0 && --f->reads_left == 0)
		flow_finish(f, FLOW_LIMIT);
	return true;
}

size_t
mover_may_drain(struct flow *f)
{
	int64_t when = 0;
	size_t n = ring_used(&f->ring);

	if (f->gate == NULL || n == 0)
		return n;
	n = f->gate->ops->allow(f->gate, &f->ring, f->now, &when);
	if (n == 0)
		f->gated_until = when;
	return n;
}

void
mover_drained(struct flow *f, size_t n)
{
	if (f->gate != NULL)
		f->gate->ops->passed(f->gate, &f->ring, n, f->now);
	if (f->took != NULL)
		f->took(f->watcher, &f->ring, n);
	ring_take(&f->ring, n);
	flow_count_written(f, n);
}

bool
mover_drain(struct flow *f)
{
	struct iovec iov[2];
	size_t n, limit = mover_may_drain(f);
	enum io io;

	if (limit == 0)
		return false;
	io = half_write(f->dst, iov, ring_data(&f->ring, iov, limit), &n);
	if (io == IO_AGAIN)
		return false;
	if (io == IO_OK) {
		mover_drained(f, n);
		return n > 0;
	}
	flow_sink_failed(f, io == IO_EOF ? EPIPE : errno);
	return true;
}

bool
mover_go_on(struct flow *f)
{
	uint64_t before = f->ledger.made;

	flow_push(f, NULL, 0, false);
	return f->ledger.made > before || !filter_more(f->filter);
}

void
mover_discard(struct flow *f)
{
	size_t n;

	for (;;) {
		n = ring_used(&f->ring);
		ring_take(&f->ring, n);
		flow_count_lost(f, n);
		if (!filter_more(f->filter))
			break;
		(void)mover_go_on(f);
	}
}

/* The fast mover begins when the ring is empty: reading stops until then. */
static bool
copy_is_handing_over(const struct flow *f)
{
	return mover_is_due(f) && ring_used(&f->ring) > 0;
}

bool
mover_may_fill(const struct flow *f)
{
	return f->state == FLOW_OPEN && f->src->ready &&
	    !copy_is_handing_over(f);
}

static bool
copy_step(struct flow *f)
{
	bool moved = false;
	struct iovec iov[2];
	size_t n;
	int cnt;

	/* Bytes that a fast mover left in the kernel pipe go first. */
	if (f->pipe_held > 0) {
		cnt = ring_space(&f->ring, iov, f->pipe_held);
		if (cnt > 0 && fd_read(&f->pipe_out, iov, cnt, &n) == IO_OK) {
			ring_put(&f->ring, n);
			f->pipe_held -= n;
			moved = true;
		}
	} else if (filter_more(f->filter))
		moved = mover_go_on(f);
	else if (mover_may_fill(f))
		moved = mover_fill(f);
	if (f->discard)
		mover_discard(f);
	else if (ring_used(&f->ring) > 0 && f->dst->ready)
		moved |= mover_drain(f);
	return moved;
}

static unsigned
copy_wants(const struct flow *f)
{
	bool reads = f->pipe_held == 0 && copy_fill_limit(f) > 0 &&
	    !copy_is_handing_over(f);
	bool writes = flow_held(f) > 0 || filter_more(f->filter);

	return (reads ? LOOP_IN : 0) | (writes ? LOOP_OUT : 0);
}

const struct mover mover_copy = {
	.name = "copy",
	.step = copy_step,
	.wants = copy_wants
};

/* ---- The choice --------------------------------------------------------- */

/* An own socket: a splice might block in an inherited socket. */
static bool
mover_is_own_socket(const struct half *h)
{
	return h->fd != NULL && h->fd->kind == FD_STREAM &&
	    h->fd->way == FD_WAY_OWN;
}

static const struct mover *
mover_find_fast(const struct flow *f, enum mover_choice choice)
{
	const struct half *src = f->src, *dst = f->dst;
	bool from = mover_is_own_socket(src), to = mover_is_own_socket(dst);

	/* Bytes have to be seen, or reads counted. */
	if (choice == MOVER_COPY || f->filter != NULL || f->gate != NULL ||
	    (f->took != NULL && !f->took_first) || f->reads_left != 0)
		return NULL;
	/* Once much has been sent, some layers let writes pass by. */
	if (src->fd == NULL || dst->fd == NULL || src->layered ||
	    (dst->layered && dst->top->ops->bypass == NULL))
		return NULL;
	if (choice != MOVER_SPLICE && src->fd->kind == FD_FILE && to)
		return &mover_sendfile;
	/*
	 * The kernel has no splice of its own for multipath TCP: to copy into
	 * new pages and pass these on takes longer than to copy through a
	 * buffer.
	 */
	if (choice == MOVER_AUTO && (fd_is_multipath(src->fd) ||
	    fd_is_multipath(dst->fd)))
		return NULL;
	if ((src->fd->kind == FD_PIPE && to) ||
	    (from && dst->fd->kind == FD_PIPE))
		return &mover_splice;
	if (from && (to || dst->fd->kind == FD_NULL ||
	    dst->fd->kind == FD_FILE))
		return &mover_through;
	/* Sendfile does the same: only if asked for. */
	return choice == MOVER_SPLICE && src->fd->kind == FD_FILE && to ?
	    &mover_through : NULL;
}

/* Whether several datagrams may cross together. */
static bool
mover_joins(struct flow *f)
{
	struct layer *from = f->src->top, *to = f->dst->top;

	if (f->filter != NULL || f->gate != NULL || f->reads_left != 0)
		return false;
	if (f->src->record)
		return !f->dst->record && !f->dst->packets &&
		    from->ops->join != NULL && from->ops->join(from);
	if (f->block == 0 || to->ops->cuts == NULL || !to->ops->cuts(to))
		return false;
	/* A reader cannot ask whether a pipe is in packet mode, pipe(7). */
	f->src->packets = true;
	return true;
}

void
mover_choose(struct flow *f, enum mover_choice choice, bool batches)
{
	const struct layer_ops *from = f->src->top->ops, *to = f->dst->top->ops;
	const struct mover *fast;

	f->fast = NULL;
	f->fast_from = FLOW_MUCH;
	f->mover = f->slow = &mover_copy;
	/* A filter or a gate sees the bytes in the ring. */
	if (batches && choice != MOVER_COPY && from->read_batch != NULL &&
	    to->write_batch != NULL && f->filter == NULL && f->gate == NULL &&
	    f->reads_left == 0) {
		f->mover = &mover_batch;
		return;
	}
	/*
	 * Datagrams are copied, whatever was asked for. Linux splices from a
	 * datagram socket by a read into the pages available at that moment:
	 * bytes that do not fit are lost, without an error.
	 */
	if (f->src->record || f->dst->record) {
		f->mover = f->slow = &mover_record;
		f->joins = choice != MOVER_COPY && mover_joins(f);
		/* Room for several. */
		if (f->joins)
			ring_init(&f->ring, JOINED);
		return;
	}
	fast = mover_find_fast(f, choice);
	if (fast != NULL && f->dst->layered)
		f->fast_from = BYPASS_FROM;
	/* Straight, even one byte is cheaper: one call and not two. */
	else if (fast == &mover_sendfile || fast == &mover_splice ||
	    (fast != NULL && choice == MOVER_SPLICE))
		f->mover = fast;
	if (fast != f->mover)
		f->fast = fast;
	diag_trace("flow %s: by %s", f->name, f->mover->name);
}
