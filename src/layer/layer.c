#include <sys/socket.h>
#include <errno.h>

#include "layer/layer.h"

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
		l->ops->close(l);
	}
}

/* ---- The bottom: a descriptor ------------------------------------------ */

static struct layer_fd *
bottom_self(struct layer *l)
{
	return (struct layer_fd *)l;
}

static enum io
bottom_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return fd_read(&bottom_self(l)->fd, iov, cnt, n);
}

static enum io
bottom_look(struct layer *l, void *buf, size_t size, size_t *n)
{
	return fd_look(&bottom_self(l)->fd, buf, size, n);
}

static enum io
bottom_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return fd_write(&bottom_self(l)->fd, iov, cnt, n);
}

static bool
bottom_join(struct layer *l)
{
	if (bottom_self(l)->fd.kind != FD_DGRAM)
		return false;
	fd_join(&bottom_self(l)->fd);
	return true;
}

static bool
bottom_cuts(const struct layer *l)
{
	const struct layer_fd *b = (const struct layer_fd *)l;

	return b->fd.kind == FD_DGRAM && fd_cuts(&b->fd);
}

static enum io
bottom_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	return fd_write_pieces(&bottom_self(l)->fd, iov, cnt, piece, NULL, n);
}

static enum io
bottom_shut(struct layer *l)
{
	struct layer_fd *b = bottom_self(l);

	if (b->fd.one_way) {
		fd_retire(&b->fd);
		return IO_OK;
	}
	if (!fd_has_end(&b->fd))
		return IO_OK;
	if (shutdown(b->fd.num, SHUT_WR) == 0)
		return IO_OK;
	/* The peer has closed both directions already. */
	return errno == ENOTCONN || errno == ENOTSOCK ? IO_OK : IO_FAIL;
}

static struct fd *
bottom_fd(struct layer *l)
{
	return &bottom_self(l)->fd;
}

static void
bottom_close(struct layer *l)
{
	fd_close(&bottom_self(l)->fd);
}

static const struct layer_ops bottom_ops = {
	.read = bottom_read,
	.look = bottom_look,
	.write = bottom_write,
	.join = bottom_join,
	.cuts = bottom_cuts,
	.write_pieces = bottom_write_pieces,
	.shut = bottom_shut,
	.fd = bottom_fd,
	.close = bottom_close
};

void
layer_fd_init(struct layer_fd *b, const struct fd *fd)
{
	*b = (struct layer_fd){ .layer.ops = &bottom_ops, .fd = *fd };
}
