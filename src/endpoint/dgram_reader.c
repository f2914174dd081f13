/*
 * What a command writes, as datagrams: a socket that keeps records gives one
 * for each write. One that no datagram could hold becomes several.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint/endpoint.h"

struct dgram_reader {
	struct layer	 layer;
	struct fd	 fd;
	size_t		 max;
	unsigned char	*large;		/* one that is too large; or NULL */
	size_t		 from, len;	/* what is left of it */
};

static struct dgram_reader *
dgram_reader_self(struct layer *l)
{
	return (struct dgram_reader *)l;
}

static void
dgram_reader_drop_large(struct dgram_reader *o)
{
	free(o->large);
	o->large = NULL;
	o->from = o->len = 0;
}

static enum io
dgram_reader_give(struct dgram_reader *o, const struct iovec *iov, size_t *n)
{
	*n = o->len - o->from < o->max ? o->len - o->from : o->max;
	if (*n > iov->iov_len)
		*n = iov->iov_len;
	memcpy(iov->iov_base, o->large + o->from, *n);
	o->from += *n;
	if (o->from == o->len)
		dgram_reader_drop_large(o);
	return IO_OK;
}

/* Take a record of at most n bytes, to give it in pieces. */
static enum io
dgram_reader_take_large(struct dgram_reader *o, size_t n)
{
	struct iovec all = { .iov_len = n };
	enum io io;

	if ((all.iov_base = malloc(n)) == NULL)
		return IO_FAIL;
	io = fd_read(&o->fd, &all, 1, &o->len);
	o->large = all.iov_base;
	if (io != IO_OK || o->len == 0)
		dgram_reader_drop_large(o);
	return io;
}

/* A record is read in one piece: the ring was empty before. */
static enum io
dgram_reader_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct dgram_reader *o = dgram_reader_self(l);
	size_t waits;
	enum io io;

	(void)cnt;
	*n = 0;
	if (o->large == NULL) {
		/* All the records that wait: the next is no larger. */
		waits = fd_readable(&o->fd);
		if (waits <= o->max && waits <= iov->iov_len)
			return fd_read(&o->fd, iov, 1, n);
		if ((io = dgram_reader_take_large(o, waits)) != IO_OK ||
		    o->large == NULL)
			return io;
	}
	return dgram_reader_give(o, iov, n);
}

static enum io
dgram_reader_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	(void)l, (void)iov, (void)cnt, (void)n;
	errno = EBADF;
	return IO_FAIL;
}

static enum io
dgram_reader_shut(struct layer *l)
{
	(void)l;
	return IO_OK;
}

static size_t
dgram_reader_pending(const struct layer *l)
{
	const struct dgram_reader *o = (const struct dgram_reader *)l;

	return o->len - o->from;
}

static void
dgram_reader_close(struct layer *l)
{
	dgram_reader_drop_large(dgram_reader_self(l));
	fd_close(&dgram_reader_self(l)->fd);
	free(l);
}

static const struct layer_ops dgram_reader_ops = {
	.read = dgram_reader_read,
	.write = dgram_reader_write,
	.shut = dgram_reader_shut,
	.pending = dgram_reader_pending,
	.close = dgram_reader_close
};

int
endpoint_add_dgram_reader(struct endpoint *ep, const struct fd *fd, size_t max,
    const char *name)
{
	struct dgram_reader *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return -1;
	if (endpoint_add_in(ep, fd, name) == -1) {
		free(o);
		return -1;
	}
	o->layer.ops = &dgram_reader_ops;
	o->fd = *fd;
	o->max = max;
	ep->in.top = &o->layer;
	ep->in.fd = NULL;
	return 0;
}
