/*
 * The layer that negotiates.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layer/layer_telnet.h"
#include "layer/telnet.h"
#include "loop/loop.h"

/* A peer that does nothing but negotiate gets a turn, not all of them. */
#define READS	16
#define PIECES	32

struct layer_telnet {
	struct layer	layer;
	struct telnet	telnet;
	bool		clean;
	bool		records;
	bool		more;		/* below there may be more to read */
	bool		half;		/* one of two bytes 255 has gone */
	size_t		rest;		/* of a write that went in part */
};

/* A write in pieces, of which each but the last ends with a byte 255. */
struct cut {
	struct iovec	iov[PIECES];
	int		cnt;
	bool		open;		/* ... or the last one, too */
	size_t		bytes;		/* of the caller's, if all of it goes */
};

static struct layer_telnet *
telnet_layer_self(struct layer *l)
{
	return (struct layer_telnet *)l;
}

static bool
telnet_layer_may_answer(const struct layer_telnet *t)
{
	return t->rest == 0 && !t->half && t->telnet.answers.used > 0;
}

/* What goes before anything else; IO_OK: all of it went. */
static enum io
telnet_layer_flush(struct layer_telnet *t)
{
	struct layer *below = t->layer.below;
	struct buf *b = &t->telnet.answers;
	struct iovec iov;
	enum io io;
	size_t n;

	while (telnet_layer_may_answer(t)) {
		iov.iov_base = (void *)(size_t)buf_data(b);
		iov.iov_len = b->used;
		if ((io = below->ops->write(below, &iov, 1, &n)) != IO_OK)
			return io;
		buf_take(b, n);
	}
	return IO_OK;
}

/* Reading tells what is wrong with the connection, if anything is. */
static void
telnet_layer_try_answers(struct layer_telnet *t)
{
	enum io io = telnet_layer_flush(t);

	if (io != IO_OK && io != IO_AGAIN)
		telnet_mute(&t->telnet);
}

/* What came, less what is no data; a record may be longer than its room. */
static size_t
telnet_layer_digest(struct layer_telnet *t, const struct iovec *iov,
    size_t came)
{
	size_t held = came < iov->iov_len ? came : iov->iov_len;

	return came - held + telnet_read(&t->telnet, iov->iov_base, held);
}

/* Into the first piece alone: what is left of it has no gaps. */
static enum io
layer_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_telnet *t = telnet_layer_self(l);
	size_t came;
	enum io io;
	int i;

	(void)cnt;
	telnet_layer_try_answers(t);
	for (i = 0; i < READS; i++) {
		io = l->below->ops->read(l->below, iov, 1, &came);
		t->more = io == IO_OK && came >= iov->iov_len;
		if (io != IO_OK)
			return io;
		*n = telnet_layer_digest(t, iov, came);
		telnet_layer_try_answers(t);
		if (t->telnet.answers.failed) {
			errno = ENOMEM;
			return IO_FAIL;
		}
		if (*n > 0 || came == 0)
			return IO_OK;
	}
	t->more = true;
	return IO_AGAIN;
}

/*
 * The byte 255 is to go twice: a piece ends with it, and the next one begins
 * with it.
 */
static void
telnet_layer_cut_twice(const struct layer_telnet *t, const struct iovec *in,
    size_t max, struct cut *c)
{
	unsigned char *at = in->iov_base, *end;
	size_t left = in->iov_len < max ? in->iov_len : max;
	size_t skip = t->half && left > 0 ? 1 : 0;

	*c = (struct cut){ .bytes = left, .open = true };
	while (c->open && c->cnt < PIECES) {
		end = memchr(at + skip, TELNET_IAC, left - skip);
		c->open = end != NULL;
		c->iov[c->cnt++] = (struct iovec){ .iov_base = at,
		    .iov_len = c->open ? (size_t)(end - at) + 1 : left };
		if (!c->open)
			return;
		left -= (size_t)(end - at);
		at = end;
		skip = 1;
	}
	c->bytes -= left;
}

static void
telnet_layer_cut_once(const struct iovec *in, int cnt, size_t max,
    struct cut *c)
{
	int i;

	*c = (struct cut){ .cnt = 0 };
	for (i = 0; i < cnt && i < PIECES && c->bytes < max; i++) {
		c->iov[c->cnt] = in[i];
		if (in[i].iov_len > max - c->bytes)
			c->iov[c->cnt].iov_len = max - c->bytes;
		c->bytes += c->iov[c->cnt++].iov_len;
	}
}

/* Of n bytes that went. One that goes twice is taken with the second. */
static size_t
telnet_layer_taken(struct layer_telnet *t, const struct cut *c, size_t n)
{
	size_t part, sum = 0;
	int i;

	for (i = 0; i < c->cnt && n > 0; i++) {
		part = n < c->iov[i].iov_len ? n : c->iov[i].iov_len;
		t->half = t->clean && part == c->iov[i].iov_len &&
		    (i < c->cnt - 1 || c->open);
		sum += part - t->half;
		n -= part;
	}
	return sum;
}

/* With answers that wait, a write that went in part is ended before them. */
static size_t
telnet_layer_most(const struct layer_telnet *t)
{
	if (t->telnet.answers.used == 0)
		return SIZE_MAX;
	return t->rest > 0 ? t->rest : t->half ? 1 : SIZE_MAX;
}

static size_t
telnet_layer_add_twice(struct buf *b, const char *at, size_t left)
{
	const size_t all = left;
	const char *iac;
	size_t n;

	for (; left > 0; at += n, left -= n) {
		iac = memchr(at, TELNET_IAC, left);
		n = iac != NULL ? (size_t)(iac - at) + 1 : left;
		buf_add(b, at, n);
		if (iac != NULL)
			buf_add(b, iac, 1);
	}
	return all;
}

/* It goes whole or not at all, however many pieces it would be cut into. */
static enum io
telnet_layer_write_record(struct layer_telnet *t, const struct iovec *iov,
    int cnt, size_t *n)
{
	struct layer *below = t->layer.below;
	struct buf b = { .mem = NULL };
	struct iovec whole;
	size_t sum = 0;
	enum io io = IO_FAIL;
	int i;

	for (i = 0; i < cnt; i++)
		sum += telnet_layer_add_twice(&b, iov[i].iov_base,
		    iov[i].iov_len);
	whole = (struct iovec){ (void *)(size_t)buf_data(&b), b.used };
	if (b.failed)
		errno = ENOMEM;
	else if ((io = below->ops->write(below, &whole, 1, n)) == IO_OK)
		*n = sum;
	buf_free(&b);
	return io;
}

static enum io
layer_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_telnet *t = telnet_layer_self(l);
	size_t max = telnet_layer_most(t);
	struct cut c;
	enum io io;

	if ((io = telnet_layer_flush(t)) != IO_OK)
		return io;
	if (t->records)
		return t->clean ? telnet_layer_write_record(t, iov, cnt, n) :
		    l->below->ops->write(l->below, iov, cnt, n);
	if (t->clean)
		telnet_layer_cut_twice(t, iov, max, &c);
	else
		telnet_layer_cut_once(iov, cnt, max, &c);
	if ((io = l->below->ops->write(l->below, c.iov, c.cnt, n)) != IO_OK)
		return io;
	*n = telnet_layer_taken(t, &c, *n);
	t->rest = c.bytes - *n;
	return *n > 0 || c.bytes == 0 ? IO_OK : IO_AGAIN;
}

static enum io
telnet_layer_shut(struct layer *l)
{
	struct layer_telnet *t = telnet_layer_self(l);
	enum io io;

	t->rest = 0;
	if (telnet_layer_flush(t) == IO_AGAIN)
		return IO_AGAIN;
	io = layer_shut(l->below);
	if (io != IO_AGAIN)
		telnet_mute(&t->telnet);
	return io;
}

static size_t
layer_held(const struct layer *l)
{
	const struct layer_telnet *t = (const struct layer_telnet *)l;

	return layer_pending(l->below) + t->more;
}

/* Whoever reads takes care of the answers, too. */
static unsigned
layer_wants(const struct layer *l, unsigned wish)
{
	const struct layer_telnet *t = (const struct layer_telnet *)l;
	unsigned want = layer_want(l->below, wish);

	if ((wish & LOOP_IN) != 0 && telnet_layer_may_answer(t))
		want |= layer_want(l->below, LOOP_OUT);
	return want;
}

static void
layer_free(struct layer *l)
{
	telnet_free(&telnet_layer_self(l)->telnet);
	free(l);
}

static const struct layer_ops telnet_ops = {
	.name = "telnet",
	.read = layer_read,
	.write = layer_write,
	.shut = telnet_layer_shut,
	.pending = layer_held,
	.want = layer_wants,
	.close = layer_free
};

struct layer *
layer_telnet(bool clean, bool records)
{
	struct layer_telnet *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->layer.ops = &telnet_ops;
	t->clean = clean;
	t->records = records;
	telnet_init(&t->telnet, clean);
	return &t->layer;
}
