/*
 * Messages into a stream. A length stands before its message, so that all of
 * it must be there before the first byte can go.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reason.h"
#include "frame/frame_filters.h"

struct encode {
	struct filter		filter;
	enum frame_format	format;
	bool			all;
	uint64_t		max;
	/* What came and has not gone: buf[from] to buf[to]. */
	unsigned char		*buf;
	size_t			size, from, to;
	size_t			seen;	/* no LF between from and here */
	bool			last;	/* no more comes */
	bool			done;	/* all: it was the message */
	uint64_t		lines;
	/* The message that goes out. */
	bool			going;
	unsigned char		head[FRAME_HEAD_MAX], tail[1];
	size_t			head_at, head_len;
	size_t			body;	/* bytes of it that are left */
	size_t			tail_at, tail_len;
	size_t			skip;	/* its LF, which is not sent */
	bool			broken;
	char			why[FRAME_WHY_MAX];
};

static void
encode_forget(struct encode *e)
{
	free(e->buf);
	e->buf = NULL;
	e->size = e->from = e->to = e->seen = 0;
}

static void
encode_out_of_memory(struct encode *e)
{
	(void)snprintf(e->why, sizeof(e->why), "%s", reason_text(ENOMEM));
	e->broken = true;
}

static void
encode_too_long(struct encode *e)
{
	if (e->all)
		(void)snprintf(e->why, sizeof(e->why), "more than %" PRIu64
		    " bytes for one message (--max-frame)", e->max);
	else
		(void)snprintf(e->why, sizeof(e->why), FRAME_LONG_LINE,
		    e->lines + 1, e->max);
	e->broken = true;
}

/* Room for n more: twice as much each time, but no more than can be needed. */
static bool
encode_make_room(struct encode *e, size_t n)
{
	uint64_t need = (uint64_t)e->to + n, size = (uint64_t)e->size * 2;
	unsigned char *buf;

	if (need <= e->size)
		return true;
	if (size > e->max + n)
		size = e->max + n;
	if (size < need)
		size = need;
	buf = size <= SIZE_MAX ? realloc(e->buf, (size_t)size) : NULL;
	if (buf == NULL)
		return false;
	e->buf = buf;
	e->size = (size_t)size;
	return true;
}

static void
encode_keep(struct encode *e, const unsigned char *in, size_t n)
{
	if (n == 0)
		return;
	if (e->all && (uint64_t)(e->to - e->from) + n > e->max)
		encode_too_long(e);
	else if (!encode_make_room(e, n))
		encode_out_of_memory(e);
	else {
		memcpy(e->buf + e->to, in, n);
		e->to += n;
	}
}

/* As much as there is room for; true: all of it. */
static bool
encode_give_some(struct ring *out, const unsigned char *from, size_t *at,
    size_t len)
{
	size_t room = ring_room(out), n = len - *at < room ? len - *at : room;

	if (n > 0)
		ring_append(out, from + *at, n);
	*at += n;
	return *at == len;
}

/* Go on with the message that goes out; true: no more of it is left. */
static bool
encode_give(struct encode *e, struct ring *out)
{
	struct iovec iov[2];
	size_t at = 0;
	bool all;

	if (!e->going)
		return true;
	if (ring_space(out, iov, 1) == -1) {
		encode_out_of_memory(e);
		return false;
	}
	if (!encode_give_some(out, e->head, &e->head_at, e->head_len))
		return false;
	if (e->body > 0) {
		all = encode_give_some(out, e->buf + e->from, &at, e->body);
		e->from += at;
		e->body -= at;
		if (!all)
			return false;
	}
	if (!encode_give_some(out, e->tail, &e->tail_at, e->tail_len))
		return false;
	e->from += e->skip;
	e->going = false;
	return true;
}

static void
encode_begin(struct encode *e, size_t len, size_t skip)
{
	e->going = true;
	e->body = len;
	e->skip = skip;
	e->head_at = e->tail_at = 0;
	e->head_len = frame_head(e->format, len, e->head);
	e->tail_len = frame_tail(e->format, e->tail);
}

/* The next line; false: there is no whole one. */
static bool
encode_begin_line(struct encode *e)
{
	const unsigned char *lf = NULL;
	size_t len;

	/* After a message that went out the search begins behind it. */
	if (e->seen < e->from)
		e->seen = e->from;
	if (e->seen < e->to)
		lf = memchr(e->buf + e->seen, '\n', e->to - e->seen);
	e->seen = lf != NULL ? (size_t)(lf - e->buf) + 1 : e->to;
	len = e->seen - e->from - (lf != NULL);
	if (len > e->max) {
		encode_too_long(e);
		return false;
	}
	if (lf == NULL && (!e->last || len == 0))
		return false;
	e->lines++;
	encode_begin(e, len, lf != NULL);
	return true;
}

/* All of the input; also if that is nothing. */
static bool
encode_begin_all(struct encode *e)
{
	if (!e->last || e->done)
		return false;
	e->done = true;
	encode_begin(e, e->to - e->from, 0);
	return true;
}

/* What has gone makes place; an idle one keeps no memory. */
static void
encode_settle(struct encode *e)
{
	if (e->broken || (!e->going && e->from == e->to)) {
		e->going = false;
		encode_forget(e);
		return;
	}
	if (e->going || e->from == 0)
		return;
	memmove(e->buf, e->buf + e->from, e->to - e->from);
	e->to -= e->from;
	e->seen -= e->from;
	e->from = 0;
}

static void
encode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct encode *e = (struct encode *)f;

	if (e->broken)
		return;
	encode_keep(e, in, n);
	e->last |= last;
	while (!e->broken && encode_give(e, out) &&
	    (e->all ? encode_begin_all(e) : encode_begin_line(e)))
		continue;
	encode_settle(e);
}

static void
encode_free(struct filter *f)
{
	encode_forget((struct encode *)f);
	free(f);
}

static bool
encode_more(const struct filter *f)
{
	return ((const struct encode *)f)->going;
}

static size_t
encode_held(const struct filter *f)
{
	const struct encode *e = (const struct encode *)f;
	size_t n = e->to - e->from;

	if (e->going)
		n += e->head_len - e->head_at + e->tail_len - e->tail_at;
	return n;
}

static const char *
encode_fault(const struct filter *f)
{
	const struct encode *e = (const struct encode *)f;

	return e->broken ? e->why : NULL;
}

/* A part of a line is what there is of it; a part of a file is none. */
static size_t
encode_cut(struct filter *f, bool failed)
{
	struct encode *e = (struct encode *)f;
	size_t n = e->to - e->from;

	(void)failed;
	if (!e->all || e->done)
		return 0;
	e->done = true;
	encode_forget(e);
	return n;
}

static const struct filter_ops encode_ops = {
	.name = "frame",
	.growth = 1,
	.push = encode_push,
	.free = encode_free,
	.more = encode_more,
	.held = encode_held,
	.fault = encode_fault,
	.cut = encode_cut
};

struct filter *
filter_frame_encode(const struct frame_rules *rules, bool all)
{
	struct encode *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->filter.ops = &encode_ops;
	e->format = rules->format;
	e->max = frame_limit(rules);
	e->all = all;
	return &e->filter;
}
