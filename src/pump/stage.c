/*
 * A filter under a read half, and datagrams of messages under an endpoint.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pump/stage.h"

/* Bytes that go through the filter at once. */
#define STAGE_PIECE	((size_t)4096)

/* Datagrams dropped in a call, so that others get a turn. */
#define DROPS	64

struct stage {
	struct layer	 layer;
	struct filter	*filter;
	struct ring	 made;		/* by the filter, and not read yet */
	bool		 ended;		/* the layer below; the filter knows */
	int		 num;		/* errno of a read once made is empty;
					   0: none */
};

static size_t
stage_take(struct ring *from, const struct iovec *to, int cnt)
{
	struct iovec iov[2];
	int parts = ring_data(from, iov, fd_total(to, cnt));
	size_t sum = 0;

	for (int i = 0; i < parts; i++)
		sum += fd_store(to, cnt, sum, iov[i].iov_base,
		    iov[i].iov_len);
	ring_take(from, sum);
	ring_release(from);
	return sum;
}

static void
stage_push(struct stage *s, const unsigned char *in, size_t n)
{
	struct iovec iov[2];

	if (ring_space(&s->made, iov, 1) == -1)
		s->num = ENOMEM;
	else
		s->filter->ops->push(s->filter, in, n, n == 0 && s->ended,
		    &s->made);
	if (filter_fault(s->filter) != NULL)
		s->num = EBADMSG;
}

/* Reads through the filter; IO_OK: check again for filtered bytes. */
static enum io
stage_fetch(struct stage *s)
{
	unsigned char buf[STAGE_PIECE];
	const struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct layer *below = s->layer.below;
	size_t n = 0;
	enum io io = below->ops->read(below, &iov, 1, &n);

	if (io == IO_AGAIN)
		return io;
	/* The rest of a longer datagram is gone. */
	if (io == IO_OK && n > sizeof(buf)) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	s->ended = io != IO_OK;
	if (io == IO_FAIL) {
		s->num = errno;
		(void)filter_cut(s->filter, true);
	}
	stage_push(s, buf, io == IO_OK ? n : 0);
	return IO_OK;
}

static enum io
stage_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct stage *s = (struct stage *)l;
	enum io io;

	while ((*n = stage_take(&s->made, iov, cnt)) == 0) {
		if (filter_more(s->filter)) {
			stage_push(s, NULL, 0);
			continue;
		}
		if (s->num != 0) {
			errno = s->num;
			return IO_FAIL;
		}
		if (s->ended)
			return IO_EOF;
		if ((io = stage_fetch(s)) != IO_OK)
			return io;
	}
	return IO_OK;
}

static size_t
stage_pending(const struct layer *l)
{
	const struct stage *s = (const struct stage *)l;

	return ring_used(&s->made) + (filter_more(s->filter) || s->num != 0 ||
	    s->ended);
}

static void
stage_close(struct layer *l)
{
	struct stage *s = (struct stage *)l;

	filter_free(s->filter);
	ring_free(&s->made);
	free(s);
}

static const struct layer_ops stage_ops = {
	.read = stage_read,
	.pending = stage_pending,
	.close = stage_close
};

int
stage_input(struct endpoint *ep, struct filter *filter)
{
	struct stage *s = layer_new(sizeof(*s), &stage_ops);

	if (s == NULL) {
		filter_free(filter);
		return -1;
	}
	s->layer.below = ep->in.top;
	s->filter = filter;
	ring_init(&s->made, STAGE_PIECE * filter->ops->growth +
	    filter->ops->tail);
	ep->in.top = &s->layer;
	ep->in.fd = NULL;
	return 0;
}

const char *
stage_fault(const struct endpoint *ep)
{
	const struct layer *l = ep->in.top;

	return l == NULL || l->ops != &stage_ops ? NULL :
	    filter_fault(((const struct stage *)l)->filter);
}

/* ---- Datagrams of messages ---------------------------------------------- */

struct unpack {
	struct layer		layer;
	struct unpack_options	opt;
};

/*
 * Puts the messages in the place of their frames, each of which is longer by a
 * byte or more. Returns how many bytes are left.
 */
static size_t
unpack(const struct unpack *u, unsigned char *buf, size_t n)
{
	const unsigned char *in = buf;
	struct frame_piece p = { .end = true };
	struct frame_reader r;
	size_t used, sum = 0;

	frame_reader_init(&r, &u->opt.rules);
	for (; p.end && n > 0; in += used, n -= used) {
		used = frame_read(&r, in, n, &p);
		memmove(buf + sum, in + p.head, p.body);
		sum += p.body;
		if (p.end && u->opt.lf)
			buf[sum++] = '\n';
	}
	return sum;
}

/* After DROPS datagrams, those left in the queue wake the endpoint again. */
static enum io
unpack_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct unpack *u = (struct unpack *)l;
	struct layer *below = l->below;
	char why[FRAME_WHY_MAX];
	enum io io;

	(void)cnt;		/* reads a record into the first iovec */
	for (int i = 0; i < DROPS; i++) {
		io = below->ops->read(below, iov, 1, n);
		if (io != IO_OK)
			return io;
		if (*n > iov->iov_len)
			(void)snprintf(why, sizeof(why),
			    "a datagram of more than %zu bytes", iov->iov_len);
		else if (frame_all_whole(&u->opt.rules, iov->iov_base, *n,
		    why)) {
			*n = unpack(u, iov->iov_base, *n);
			return IO_OK;
		}
		u->opt.broken(u->opt.arg, why);
	}
	return IO_AGAIN;
}

static enum io
unpack_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->write(l->below, iov, cnt, n);
}

static const struct layer_ops unpack_ops = {
	.read = unpack_read,
	.write = unpack_write
};

int
unpack_endpoint(struct endpoint *ep, const struct unpack_options *opt)
{
	struct unpack *u = layer_new(sizeof(*u), &unpack_ops);

	if (u == NULL)
		return -1;
	u->layer.below = ep->in.top;
	u->opt = *opt;
	ep->in.top = ep->out.top = &u->layer;
	ep->in.fd = ep->out.fd = NULL;
	return 0;
}
