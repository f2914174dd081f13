/*
 * Filters under an endpoint.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "frame/frame_filters.h"
#include "pump/stage.h"

/* So much at a time goes through a filter. */
#define PIECE	((size_t)4096)

struct stage {
	struct layer	 layer;
	struct filter	*in, *out;
	struct ring	 came, goes;	/* filtered, and not passed on yet */
	size_t		 owed;		/* taken into goes, not told yet */
	bool		 ended;		/* below has, and in was told so */
	bool		 said_last;	/* out was */
	int		 num;		/* why reading fails, when came is
					   empty */
};

static struct stage *
stage_self(struct layer *l)
{
	return (struct stage *)l;
}

/* Into the ring; -1: no memory. */
static int
stage_push(struct filter *f, struct ring *to, const unsigned char *in, size_t n,
    bool last)
{
	struct iovec iov[2];

	if (ring_space(to, iov, 1) == -1)
		return -1;
	f->ops->push(f, in, n, last, to);
	return 0;
}

static size_t
stage_copy_out(struct ring *from, const struct iovec *to, int cnt)
{
	struct iovec iov[2];
	size_t n, sum = 0;
	int i;

	for (i = 0; i < cnt && ring_used(from) > 0; i++) {
		ring_data(from, iov, to[i].iov_len);
		n = iov[0].iov_len < to[i].iov_len ? iov[0].iov_len :
		    to[i].iov_len;
		memcpy(to[i].iov_base, iov[0].iov_base, n);
		ring_take(from, n);
		sum += n;
	}
	ring_release(from);
	return sum;
}

static void
stage_filter_in(struct stage *s, const unsigned char *in, size_t n)
{
	if (stage_push(s->in, &s->came, in, n, n == 0 && s->ended) == -1)
		s->num = ENOMEM;
	if (filter_fault(s->in) != NULL)
		s->num = EBADMSG;
}

/* Get more through the filter; IO_OK: try again what has come. */
static enum io
stage_fetch(struct stage *s)
{
	unsigned char buf[PIECE];
	const struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct layer *below = s->layer.below;
	size_t n = 0;
	enum io io = below->ops->read(below, &iov, 1, &n);

	if (io == IO_AGAIN)
		return io;
	/* The rest of a record that is longer has gone. */
	if (io == IO_OK && n > sizeof(buf)) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	s->ended = io != IO_OK;
	if (io == IO_FAIL) {
		s->num = errno;
		(void)filter_cut(s->in, true);
	}
	stage_filter_in(s, buf, io == IO_OK ? n : 0);
	return IO_OK;
}

static enum io
stage_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct stage *s = stage_self(l);
	enum io io;

	if (s->in == NULL)
		return l->below->ops->read(l->below, iov, cnt, n);
	for (;;) {
		if ((*n = stage_copy_out(&s->came, iov, cnt)) > 0)
			return IO_OK;
		if (filter_more(s->in)) {
			stage_filter_in(s, NULL, 0);
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
}

/* Pass on what is filtered; IO_OK: all of it. */
static enum io
stage_flush(struct stage *s)
{
	struct layer *below = s->layer.below;
	struct iovec iov[2];
	size_t n;
	enum io io;
	int cnt;

	for (;;) {
		while ((cnt = ring_data(&s->goes, iov, SIZE_MAX)) > 0) {
			io = below->ops->write(below, iov, cnt, &n);
			if (io != IO_OK)
				return io;
			ring_take(&s->goes, n);
		}
		ring_release(&s->goes);
		if (!filter_more(s->out))
			return IO_OK;
		if (stage_push(s->out, &s->goes, NULL, 0, false) == -1)
			return IO_FAIL;
	}
}

/* All of it; or what was passed on is added to n all the same. */
static enum io
stage_write_piece(struct stage *s, const struct iovec *iov, size_t *n)
{
	const unsigned char *at = iov->iov_base;
	size_t left = iov->iov_len;
	enum io io;

	while (left > 0) {
		if (s->owed == 0) {
			if (stage_push(s->out, &s->goes, at, left < PIECE ?
			    left : PIECE, false) == -1)
				return IO_FAIL;
			s->owed = left < PIECE ? left : PIECE;
		}
		if ((io = stage_flush(s)) != IO_OK)
			return io;
		assert(s->owed <= left);
		at += s->owed;
		left -= s->owed;
		*n += s->owed;
		s->owed = 0;
	}
	return IO_OK;
}

/*
 * What the filter has taken is owed until all of it is passed on: whoever
 * writes comes again with the same bytes, and so there is always somebody
 * who waits for room.
 */
static enum io
stage_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct stage *s = stage_self(l);
	enum io io;
	int i;

	if (s->out == NULL)
		return l->below->ops->write(l->below, iov, cnt, n);
	*n = 0;
	/* What a restart left behind. */
	if (s->owed == 0 && ring_used(&s->goes) > 0 &&
	    (io = stage_flush(s)) != IO_OK)
		return io;
	for (i = 0; i < cnt; i++)
		if ((io = stage_write_piece(s, &iov[i], n)) != IO_OK)
			return *n > 0 ? IO_OK : io;
	return IO_OK;
}

static enum io
stage_shut(struct layer *l)
{
	struct stage *s = stage_self(l);
	enum io io;

	if (s->out == NULL)
		return layer_shut(l->below);
	if (!s->said_last) {
		s->said_last = true;
		if (stage_push(s->out, &s->goes, NULL, 0, true) == -1)
			return IO_FAIL;
	}
	if ((io = stage_flush(s)) != IO_OK)
		return io;
	return layer_shut(l->below);
}

static size_t
stage_pending(const struct layer *l)
{
	const struct stage *s = (const struct stage *)l;

	if (s->in == NULL)
		return layer_pending(l->below);
	return ring_used(&s->came) + (filter_more(s->in) || s->num != 0 ||
	    s->ended);
}

static unsigned
stage_want(const struct layer *l, unsigned wish)
{
	return layer_want(l->below, wish);
}

static void
stage_close(struct layer *l)
{
	struct stage *s = stage_self(l);

	filter_free(s->in);
	filter_free(s->out);
	ring_free(&s->came);
	ring_free(&s->goes);
	free(s);
}

static const struct layer_ops stage_ops = {
	.name = "stage",
	.read = stage_read,
	.write = stage_write,
	.shut = stage_shut,
	.pending = stage_pending,
	.want = stage_want,
	.close = stage_close
};

static size_t
stage_room_of(const struct filter *f)
{
	return f == NULL ? 1 : PIECE * f->ops->growth + f->ops->tail;
}

static struct stage *
stage_new(struct layer *below, struct filter *in, struct filter *out)
{
	struct stage *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		filter_free(in);
		filter_free(out);
		errno = ENOMEM;
		return NULL;
	}
	s->layer.ops = &stage_ops;
	s->layer.below = below;
	s->in = in;
	s->out = out;
	ring_init(&s->came, stage_room_of(in));
	ring_init(&s->goes, stage_room_of(out));
	return s;
}

int
stage_endpoint(struct endpoint *ep, struct filter *in, struct filter *out)
{
	struct stage *s = stage_new(ep->in.top, in, out);

	if (s == NULL)
		return -1;
	if (ep->out.top == ep->in.top) {
		ep->out.top = &s->layer;
		ep->out.fd = NULL;
	}
	ep->in.top = &s->layer;
	ep->in.fd = NULL;
	return 0;
}

int
stage_output(struct endpoint *ep, struct filter *out)
{
	struct stage *s = stage_new(ep->out.top, NULL, out);

	if (s == NULL)
		return -1;
	ep->out.top = &s->layer;
	ep->out.fd = NULL;
	return 0;
}

const char *
stage_fault(const struct endpoint *ep)
{
	const struct layer *l = ep->in.top;

	return l == NULL || l->ops != &stage_ops ? NULL :
	    filter_fault(((const struct stage *)l)->in);
}

void
stage_restart(struct endpoint *ep)
{
	struct layer *l = ep->out.top;

	if (l == NULL || l->ops != &stage_ops)
		return;
	stage_self(l)->owed = 0;
	frame_decode_restart(stage_self(l)->out);
}
