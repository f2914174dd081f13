/*
 * A proxy without a network: a bottom layer whose reads give a text in pieces
 * of a chosen size, whose writes take as much, and where a call may say AGAIN
 * before each piece. It keeps what was written, and counts.
 */
#ifndef UNIT_PROXY_FAKE_H
#define UNIT_PROXY_FAKE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layer/layer.h"
#include "loop/loop.h"
#include "check.h"

#define FAKE_ROOM	200000

struct proxy_fake {
	struct layer	 layer;
	const char	*text;		/* what the proxy says ... */
	size_t		 len, at;
	size_t		 cut;		/* ... of which the first piece ends
					   here; 0: anywhere */
	size_t		 piece;		/* of reads and writes; 0: any size */
	bool		 lazy;		/* AGAIN every other time */
	bool		 awake;
	int		 num;		/* at the end: errno; 0: it closes */
	bool		 stays;		/* at the end: it says nothing */
	unsigned	 writes, looks;
	char		 said[FAKE_ROOM];
	size_t		 nsaid;
	/* What comes after so many requests is not there before. */
	size_t		 after;		/* bytes to be written first */
};

static inline bool
fake_sleeps(struct proxy_fake *f)
{
	f->awake = !f->awake;
	return f->lazy && f->awake;
}

static inline size_t
fake_there(const struct proxy_fake *f)
{
	size_t n = f->len - f->at;

	if (f->at < f->cut && n > f->cut - f->at)
		n = f->cut - f->at;
	return f->piece != 0 && n > f->piece ? f->piece : n;
}

static inline enum io
fake_end(const struct proxy_fake *f)
{
	errno = f->num;
	return f->stays ? IO_AGAIN : f->num != 0 ? IO_FAIL : IO_EOF;
}

static inline enum io
fake_look(struct layer *l, void *buf, size_t size, size_t *n)
{
	struct proxy_fake *f = (struct proxy_fake *)l;

	f->looks++;
	if (fake_sleeps(f) || f->nsaid < f->after)
		return IO_AGAIN;
	if (f->at == f->len)
		return fake_end(f);
	*n = fake_there(f) < size ? fake_there(f) : size;
	memcpy(buf, f->text + f->at, *n);
	return IO_OK;
}

static inline enum io
fake_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct proxy_fake *f = (struct proxy_fake *)l;

	CHECK_INT(cnt, 1);
	CHECK(iov->iov_len > 0);
	if (fake_sleeps(f) || f->nsaid < f->after)
		return IO_AGAIN;
	if (f->at == f->len)
		return fake_end(f);
	*n = fake_there(f) < iov->iov_len ? fake_there(f) : iov->iov_len;
	memcpy(iov->iov_base, f->text + f->at, *n);
	f->at += *n;
	return IO_OK;
}

static inline enum io
fake_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct proxy_fake *f = (struct proxy_fake *)l;

	CHECK_INT(cnt, 1);
	CHECK(iov->iov_len > 0);
	if (fake_sleeps(f))
		return IO_AGAIN;
	*n = f->piece != 0 && iov->iov_len > f->piece ? f->piece :
	    iov->iov_len;
	f->writes++;
	if (f->nsaid + *n > sizeof(f->said))
		abort();
	memcpy(f->said + f->nsaid, iov->iov_base, *n);
	f->nsaid += *n;
	return IO_OK;
}

static inline void
fake_close(struct layer *l)
{
	(void)l;
}

static const struct layer_ops fake_ops = {
	.read = fake_read, .look = fake_look,
	.write = fake_write, .close = fake_close
};

static inline void
fake_begin(struct proxy_fake *f, const char *text, size_t len)
{
	memset(f, 0, sizeof(*f));
	f->layer.ops = &fake_ops;
	f->text = text;
	f->len = len;
}

/* Until it is over, or waits for more than the fake will ever give. */
static inline enum io
fake_run(struct proxy_fake *f, struct layer *l)
{
	struct layer *top = l;
	enum io io = IO_AGAIN;
	int i;

	for (i = 0; i < 300000 && io == IO_AGAIN; i++)
		io = layer_handshake(&top);
	CHECK(io != IO_OK || top == &f->layer);
	CHECK(io == IO_OK || top == l);
	return io;
}

static inline bool
fake_was_told(const struct proxy_fake *f, const char *text, size_t len)
{
	return f->nsaid == len && memcmp(f->said, text, len) == 0;
}

#define TOLD(f, text)	CHECK(fake_was_told(f, text, sizeof(text) - 1))

#endif
