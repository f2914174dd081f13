#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layer/layer.h"

/* The most empty records in a call, so that other watches get their turn. */
#define DROPS	64

#define FLAT_RECORD	((size_t)256 << 10)
#define FLAT_WRITE	((size_t)32 << 10)

struct flat {
	struct layer	 layer;
	unsigned char	*record;	/* NULL: nothing is held */
	size_t		 at, len;
};

static void
flat_free_record(struct flat *f)
{
	free(f->record);
	f->record = NULL;
	f->at = f->len = 0;
}

static enum io
flat_fetch(struct flat *f)
{
	struct layer *below = f->layer.below;
	struct iovec iov = { .iov_len = FLAT_RECORD };
	enum io io = IO_OK;
	size_t n = 0;

	if ((f->record = iov.iov_base = malloc(FLAT_RECORD)) == NULL)
		return IO_FAIL;
	for (int i = 0; i < DROPS && n == 0 && io == IO_OK; i++)
		io = below->ops->read(below, &iov, 1, &n);
	if (io == IO_OK && n > FLAT_RECORD) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	if (io == IO_OK)
		f->len = n;
	return io == IO_OK && n == 0 ? IO_AGAIN : io;
}

static enum io
flat_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct flat *f = (struct flat *)l;
	enum io io = f->len > 0 ? IO_OK : flat_fetch(f);
	int i, num = errno;
	size_t part;

	*n = 0;
	for (i = 0; i < cnt && io == IO_OK; i++) {
		part = f->len - f->at;
		if (part > iov[i].iov_len)
			part = iov[i].iov_len;
		memcpy(iov[i].iov_base, f->record + f->at, part);
		f->at += part;
		*n += part;
	}
	if (f->at == f->len)
		flat_free_record(f);
	errno = num;
	return io;
}

static enum io
flat_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct iovec first = iov[0];

	if (fd_total(iov, cnt) <= FLAT_WRITE)
		return l->below->ops->write(l->below, iov, cnt, n);
	if (first.iov_len > FLAT_WRITE)
		first.iov_len = FLAT_WRITE;
	return l->below->ops->write(l->below, &first, 1, n);
}

static size_t
flat_pending(const struct layer *l)
{
	const struct flat *f = (const struct flat *)l;

	return f->len - f->at + layer_pending(l->below);
}

static void
flat_close(struct layer *l)
{
	flat_free_record((struct flat *)l);
	free(l);
}

struct layer *
layer_flat(void)
{
	static const struct layer_ops ops = { .read = flat_read,
	    .write = flat_write, .pending = flat_pending,
	    .close = flat_close };

	return layer_new(sizeof(struct flat), &ops);
}
