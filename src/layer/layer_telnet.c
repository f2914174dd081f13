#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "layer/layer_telnet.h"
#include "loop/loop.h"

/* Reads in a turn, of a peer that does nothing but negotiate. */
#define READS	16
#define PIECES	32

struct layer_telnet {
	struct layer	layer;
	struct telnet	telnet;
	bool		records;
	bool		more;		/* to read, in the layer below */
	bool		half;		/* the first of two bytes 255 is sent */
	size_t		rest;		/* of a write that was taken in part */
};

/* A write in pieces, of which each but the last ends with a byte 255. */
struct cut {
	struct iovec	iov[PIECES];
	int		cnt;
	bool		open;		/* the last piece, too */
	size_t		bytes;		/* of the caller's, if all is written */
};

/* ---- The machine -------------------------------------------------------- */

/* Drops all answers, now and later. */
static void
telnet_mute(struct telnet *t)
{
	t->mute = true;
	buf_free(&t->answers);
}

static void
telnet_answer(struct telnet *t, unsigned char option)
{
	unsigned char verb = t->verb == TELNET_DO ? TELNET_WONT : TELNET_DONT;
	unsigned char text[TELNET_ANSWER] = { TELNET_IAC, verb, option };
	bool *kept = &t->kept[t->verb == TELNET_DO][option];

	if (t->mute || (t->verb != TELNET_DO && t->verb != TELNET_WILL))
		return;
	/*
	 * The other half of the room is enough for all 512 answers. None of
	 * that half leaves before less than a half is kept.
	 */
	if (t->answers.used < TELNET_ANSWERS / 2 * TELNET_ANSWER)
		memset(t->kept, 0, sizeof(t->kept));
	else if (*kept)
		return;
	else
		*kept = true;
	buf_add(&t->answers, text, sizeof(text));
}

/* After an IAC; true: this is the data byte 255. */
static bool
telnet_command(struct telnet *t, unsigned char c)
{
	t->state = TELNET_DATA;
	if (c >= TELNET_WILL && c <= TELNET_DONT) {
		t->verb = c;
		t->state = TELNET_OPTION;
	} else if (c == TELNET_SB)
		t->state = TELNET_INSIDE;
	return c == TELNET_IAC;
}

/* Takes the next byte; true: the byte is data. */
static bool
telnet_step(struct telnet *t, unsigned char c)
{
	switch (t->state) {
	case TELNET_DATA:
		if (c != TELNET_IAC)
			return true;
		t->state = TELNET_COMMAND;
		return false;
	case TELNET_COMMAND:
		return telnet_command(t, c);
	case TELNET_OPTION:
		t->state = TELNET_DATA;
		telnet_answer(t, c);
		return false;
	case TELNET_INSIDE:
		if (c == TELNET_IAC)
			t->state = TELNET_INSIDE_IAC;
		return false;
	case TELNET_INSIDE_IAC:
		t->state = TELNET_INSIDE;
		/* Any other command ends the subnegotiation as well. */
		if (c != TELNET_IAC)
			(void)telnet_command(t, c);
		return false;
	}
	return true;
}

size_t
telnet_read(struct telnet *t, unsigned char *bytes, size_t n)
{
	unsigned char *iac;
	size_t i = 0, kept = 0, run;

	while (i < n) {
		if (t->state == TELNET_DATA) {
			iac = memchr(bytes + i, TELNET_IAC, n - i);
			run = iac != NULL ? (size_t)(iac - bytes) - i : n - i;
			if (kept < i)
				memmove(bytes + kept, bytes + i, run);
			kept += run;
			if ((i += run) == n)
				break;
		}
		if (telnet_step(t, bytes[i]) || !t->strip)
			bytes[kept++] = bytes[i];
		i++;
	}
	return kept;
}

/* ---- The layer ---------------------------------------------------------- */

static bool
telnet_layer_may_answer(const struct layer_telnet *t)
{
	return t->rest == 0 && !t->half && t->telnet.answers.used > 0;
}

/* Writes the answers, before anything else; IO_OK: all are written. */
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

/* An error of the connection is left to the next read. */
static void
telnet_layer_try_answers(struct layer_telnet *t)
{
	enum io io = telnet_layer_flush(t);

	if (io != IO_OK && io != IO_AGAIN)
		telnet_mute(&t->telnet);
}

/* Reads into the first piece alone, so that the data has no gaps. */
static enum io
telnet_layer_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_telnet *t = (struct layer_telnet *)l;
	size_t came, held;
	enum io io;

	(void)cnt;
	telnet_layer_try_answers(t);
	for (int i = 0; i < READS; i++) {
		io = l->below->ops->read(l->below, iov, 1, &came);
		t->more = io == IO_OK && came >= iov->iov_len;
		if (io != IO_OK)
			return io;
		/* A record may be longer than the buffer. */
		held = came < iov->iov_len ? came : iov->iov_len;
		*n = came - held + telnet_read(&t->telnet, iov->iov_base, held);
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
 * Cuts the first piece, up to max bytes. With clean, each byte 255 is written
 * twice: as the last byte of a piece, and as the first byte of the next.
 */
static void
telnet_layer_cut(const struct layer_telnet *t, const struct iovec *in,
    size_t max, struct cut *c)
{
	unsigned char *at = in->iov_base, *end;
	size_t left = in->iov_len < max ? in->iov_len : max;
	size_t skip = t->half && left > 0 ? 1 : 0;

	*c = (struct cut){ .bytes = left, .open = true };
	while (c->open && c->cnt < PIECES) {
		end = t->telnet.strip ?
		    memchr(at + skip, TELNET_IAC, left - skip) : NULL;
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

/*
 * Bytes of the caller in n written bytes. A doubled byte counts when the second
 * copy is written.
 */
static size_t
telnet_layer_taken(struct layer_telnet *t, const struct cut *c, size_t n)
{
	size_t part, sum = 0;

	for (int i = 0; i < c->cnt && n > 0; i++) {
		part = n < c->iov[i].iov_len ? n : c->iov[i].iov_len;
		t->half = t->telnet.strip && part == c->iov[i].iov_len &&
		    (i < c->cnt - 1 || c->open);
		sum += part - t->half;
		n -= part;
	}
	return sum;
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

/* Writes a record whole or not at all. */
static enum io
telnet_layer_write_record(struct layer_telnet *t, const struct iovec *iov,
    int cnt, size_t *n)
{
	struct layer *below = t->layer.below;
	struct buf b = { .mem = NULL };
	struct iovec whole;
	size_t sum = 0;
	enum io io = IO_FAIL;

	for (int i = 0; i < cnt; i++)
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
telnet_layer_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_telnet *t = (struct layer_telnet *)l;
	size_t max = SIZE_MAX;
	struct cut c;
	enum io io;

	/* A write that was taken in part is finished before the answers. */
	if (t->telnet.answers.used > 0 && (t->rest > 0 || t->half))
		max = t->rest > 0 ? t->rest : 1;
	if ((io = telnet_layer_flush(t)) != IO_OK)
		return io;
	if (t->records && t->telnet.strip)
		return telnet_layer_write_record(t, iov, cnt, n);
	if (t->records || (!t->telnet.strip && max == SIZE_MAX)) {
		io = l->below->ops->write(l->below, iov, cnt, n);
		if (io == IO_OK && !t->records)
			t->rest = fd_total(iov, cnt) - *n;
		return io;
	}
	for (; cnt > 1 && iov->iov_len == 0; iov++)
		cnt--;
	telnet_layer_cut(t, iov, max, &c);
	if ((io = l->below->ops->write(l->below, c.iov, c.cnt, n)) != IO_OK)
		return io;
	*n = telnet_layer_taken(t, &c, *n);
	t->rest = c.bytes - *n;
	return *n > 0 || c.bytes == 0 ? IO_OK : IO_AGAIN;
}

static enum io
telnet_layer_shut(struct layer *l)
{
	struct layer_telnet *t = (struct layer_telnet *)l;
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
telnet_layer_pending(const struct layer *l)
{
	const struct layer_telnet *t = (const struct layer_telnet *)l;

	return layer_pending(l->below) + t->more;
}

/* A read writes the answers, too. */
static unsigned
telnet_layer_want(const struct layer *l, unsigned wish)
{
	const struct layer_telnet *t = (const struct layer_telnet *)l;
	unsigned want = layer_want(l->below, wish);

	if ((wish & LOOP_IN) != 0 && telnet_layer_may_answer(t))
		want |= layer_want(l->below, LOOP_OUT);
	return want;
}

static void
telnet_layer_close(struct layer *l)
{
	buf_free(&((struct layer_telnet *)l)->telnet.answers);
	free(l);
}

struct layer *
layer_telnet(bool clean, bool records)
{
	static const struct layer_ops ops = { .read = telnet_layer_read,
	    .write = telnet_layer_write, .shut = telnet_layer_shut,
	    .pending = telnet_layer_pending, .want = telnet_layer_want,
	    .close = telnet_layer_close };
	struct layer_telnet *t = layer_new(sizeof(*t), &ops);

	if (t == NULL)
		return NULL;
	t->records = records;
	t->telnet.strip = clean;
	return &t->layer;
}
