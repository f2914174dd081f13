/*
 * Datagrams of messages under an endpoint.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pump/unpack.h"

/* Datagrams that are dropped in one call, so that others get their turn. */
#define DROPS	64

struct unpack {
	struct layer		layer;
	struct unpack_options	opt;
};

/*
 * The messages take the place of their frames: each of these is longer than
 * its message by a byte, at least. How many bytes are left.
 */
static size_t
unpack(const struct unpack *u, unsigned char *buf, size_t n)
{
	const unsigned char *in = buf;
	struct frame_reader r;
	enum frame_event event;
	size_t used, sum = 0;

	frame_reader_init(&r, &u->opt.rules);
	while ((event = frame_read(&r, in, n, &used)) != FRAME_MORE &&
	    event != FRAME_BROKEN) {
		if (event == FRAME_DATA) {
			memmove(buf + sum, in, used);
			sum += used;
		} else if (event == FRAME_END && u->opt.lf)
			buf[sum++] = '\n';
		in += used;
		n -= used;
	}
	return sum;
}

static bool
unpack_is_sound(const struct unpack *u, const struct iovec *iov, size_t n)
{
	char why[FRAME_WHY_MAX];

	if (n > iov->iov_len)
		(void)snprintf(why, sizeof(why),
		    "a datagram of more than %zu bytes", iov->iov_len);
	else if (frame_all_whole(&u->opt.rules, iov->iov_base, n, why))
		return true;
	u->opt.broken(u->opt.arg, why);
	return false;
}

/* What is still in the queue then brings us here again. */
static enum io
unpack_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer *below = l->below;
	enum io io;
	int i;

	(void)cnt;		/* a record is read in one piece */
	for (i = 0; i < DROPS; i++) {
		io = below->ops->read(below, iov, 1, n);
		if (io != IO_OK)
			return io;
		if (!unpack_is_sound((struct unpack *)l, iov, *n))
			continue;
		*n = unpack((struct unpack *)l, iov->iov_base, *n);
		return IO_OK;
	}
	return IO_AGAIN;
}

static enum io
unpack_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->write(l->below, iov, cnt, n);
}

static void
unpack_close(struct layer *l)
{
	free(l);
}

static const struct layer_ops unpack_ops = {
	.read = unpack_read,
	.write = unpack_write,
	.close = unpack_close
};

int
unpack_endpoint(struct endpoint *ep, const struct unpack_options *opt)
{
	struct unpack *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return -1;
	u->layer.ops = &unpack_ops;
	u->layer.below = ep->in.top;
	u->opt = *opt;
	ep->in.top = ep->out.top = &u->layer;
	ep->in.fd = ep->out.fd = NULL;
	return 0;
}
