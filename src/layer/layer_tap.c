#include "layer/layer.h"

struct tap {
	struct layer	 layer;
	uint64_t	 passed[2];	/* received, sent */
	tap_saw		*saw;
	void		*arg;
};

/* Of a record longer than the buffers, shows the bytes that they hold. */
static void
tap_show(struct tap *t, bool sent, const struct iovec *iov, int cnt, size_t n)
{
	size_t room = fd_total(iov, cnt);

	n = n < room ? n : room;
	if (n > 0)
		t->saw(t->arg, sent, t->passed[sent], iov, n);
	t->passed[sent] += n;
}

static enum io
tap_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io = l->below->ops->read(l->below, iov, cnt, n);

	if (io == IO_OK)
		tap_show((struct tap *)l, false, iov, cnt, *n);
	return io;
}

static enum io
tap_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io = l->below->ops->write(l->below, iov, cnt, n);

	if (io == IO_OK)
		tap_show((struct tap *)l, true, iov, cnt, *n);
	return io;
}

struct layer *
layer_tap(tap_saw *saw, void *arg)
{
	static const struct layer_ops ops = { .read = tap_read,
	    .write = tap_write };
	struct tap *t = layer_new(sizeof(*t), &ops);

	if (t == NULL)
		return NULL;
	t->saw = saw;
	t->arg = arg;
	return &t->layer;
}
