#include <stdlib.h>

#include "io/fd_batch.h"
#include "layer/layer.h"

/* The largest datagram of UDP. */
#define BOTTOM_DGRAM	((size_t)64 << 10)

enum io
layer_handshake(struct layer **top)
{
	struct layer *l = *top;
	enum io io = IO_OK;

	if (l->ops->handshake != NULL)
		io = l->ops->handshake(l);
	if (io == IO_OK && l->ops->read == NULL)
		*top = l->below;
	return io;
}

enum io
layer_shut(struct layer *l)
{
	while (l != NULL && l->ops->shut == NULL)
		l = l->below;
	return l != NULL ? l->ops->shut(l) : IO_OK;
}

size_t
layer_closing(const struct layer *l)
{
	while (l != NULL && l->ops->closing == NULL)
		l = l->below;
	return l != NULL ? l->ops->closing(l) : 0;
}

size_t
layer_pending(const struct layer *l)
{
	while (l->ops->pending == NULL)
		if ((l = l->below) == NULL)
			return 0;
	return l->ops->pending(l);
}

unsigned
layer_want(const struct layer *l, unsigned wish)
{
	while (l->ops->want == NULL)
		if ((l = l->below) == NULL)
			return wish;
	return l->ops->want(l, wish);
}

const char *
layer_fault(const struct layer *l)
{
	while (l->ops->fault == NULL)
		if ((l = l->below) == NULL)
			return NULL;
	return l->ops->fault(l);
}

bool
layer_truncated(const struct layer *l)
{
	while (l != NULL && l->ops->truncated == NULL)
		l = l->below;
	return l != NULL && l->ops->truncated(l);
}

bool
layer_facts(const struct layer *l, struct tls_facts *facts)
{
	while (l != NULL && l->ops->facts == NULL)
		l = l->below;
	if (l != NULL)
		l->ops->facts(l, facts);
	return l != NULL;
}

struct fd *
layer_fd(struct layer *l)
{
	return l->ops->fd != NULL ? l->ops->fd(l) : NULL;
}

void
layer_close(struct layer *l)
{
	struct layer *below;

	for (; l != NULL; l = below) {
		below = l->below;
		if (l->ops->close != NULL)
			l->ops->close(l);
		else
			free(l);
	}
}

void *
layer_new(size_t size, const struct layer_ops *ops)
{
	struct layer *l = calloc(1, size);

	if (l != NULL)
		l->ops = ops;
	return l;
}

/* ---- The bottom: a descriptor ------------------------------------------ */

static struct fd *
bottom_fd(struct layer *l)
{
	return &((struct layer_fd *)l)->fd;
}

static enum io
bottom_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return fd_read(bottom_fd(l), iov, cnt, n);
}

static enum io
bottom_look(struct layer *l, void *buf, size_t size, size_t *n)
{
	return fd_look(bottom_fd(l), buf, size, n);
}

static enum io
bottom_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return fd_write(bottom_fd(l), iov, cnt, n);
}

static bool
bottom_join(struct layer *l)
{
	if (bottom_fd(l)->kind != FD_DGRAM)
		return false;
	fd_join(bottom_fd(l));
	return true;
}

static bool
bottom_cuts(const struct layer *l)
{
	const struct fd *fd = &((const struct layer_fd *)l)->fd;

	return fd->kind == FD_DGRAM && fd_cuts(fd);
}

static enum io
bottom_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	return fd_write_pieces(bottom_fd(l), iov, cnt, piece, NULL, n);
}

static enum io
bottom_read_batch(struct layer *l, struct batch **b)
{
	if (*b == NULL && (*b = batch_new(BOTTOM_DGRAM,
	    ((struct layer_fd *)l)->buf_cache)) == NULL)
		return IO_FAIL;
	return batch_read_bare(*b, bottom_fd(l));
}

static enum io
bottom_write_batch(struct layer *l, struct batch *b, size_t *n)
{
	batch_direct(b, NULL, NULL);
	return batch_write(b, bottom_fd(l), n);
}

static enum io
bottom_shut(struct layer *l)
{
	struct fd *fd = bottom_fd(l);

	if (!fd->one_way)
		return fd_shut(fd);
	fd_retire(fd);
	return IO_OK;
}

static void
bottom_close(struct layer *l)
{
	fd_close(bottom_fd(l));
}

#define BOTTOM_OPS \
	.read = bottom_read, .look = bottom_look, .write = bottom_write, \
	.join = bottom_join, .cuts = bottom_cuts, \
	.write_pieces = bottom_write_pieces, .shut = bottom_shut, \
	.fd = bottom_fd, .close = bottom_close

static const struct layer_ops bottom_ops = { BOTTOM_OPS };
static const struct layer_ops bottom_dgram_ops = { BOTTOM_OPS,
    .read_batch = bottom_read_batch, .write_batch = bottom_write_batch };

void
layer_fd_init(struct layer_fd *b, const struct fd *fd)
{
	*b = (struct layer_fd){ .layer.ops = fd->kind == FD_DGRAM ?
	    &bottom_dgram_ops : &bottom_ops, .fd = *fd };
}
