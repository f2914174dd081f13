#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "frame/frame.h"

/*
 * ---- Into a stream ------------------------------------------------------
 *
 * A length precedes its message, so the first byte cannot leave before the
 * last has come.
 */

struct encode {
	struct filter		filter;
	enum frame_format	format;
	bool			all;	/* the input is one message */
	bool			singly;	/* each message comes out on its own */
	uint64_t		max;
	struct buf		kept;
	size_t			seen;	/* bytes of kept without LF, so far */
	bool			last;	/* no more input comes */
	bool			done;	/* all: the message was begun */
	uint64_t		lines;	/* begun so far */
	/* A message without room for all of it; kept begins with its body. */
	bool			going;
	unsigned char		head[FRAME_HEAD_MAX], tail;
	size_t			head_at, head_len;
	size_t			body;	/* bytes that are left */
	size_t			tail_len;
	size_t			skip;	/* 1: the body's LF follows in kept */
	char			why[FRAME_WHY_MAX];	/* "": no fault */
};

/* Appends as many bytes as have room. Returns their number. */
static size_t
encode_put(struct ring *out, const void *from, size_t n)
{
	if (n > ring_room(out))
		n = ring_room(out);
	ring_append(out, from, n);
	return n;
}

/* Goes on with the message that goes out. Returns true at the end. */
static bool
encode_give(struct encode *e, struct ring *out)
{
	struct iovec iov[2];
	size_t n;

	if (!e->going)
		return true;
	if (ring_space(out, iov, 1) == -1) {
		(void)strlcpy(e->why, reason_text(ENOMEM), sizeof(e->why));
		return false;
	}
	if (e->singly &&
	    ring_room(out) < e->head_len + e->body + e->tail_len)
		return false;
	e->head_at += encode_put(out, e->head + e->head_at,
	    e->head_len - e->head_at);
	n = encode_put(out, buf_data(&e->kept), e->body);
	buf_take(&e->kept, n);
	e->body -= n;
	e->tail_len -= encode_put(out, &e->tail, e->tail_len);
	if (e->head_at < e->head_len || e->body > 0 || e->tail_len > 0)
		return false;
	buf_take(&e->kept, e->skip);
	e->going = false;
	return true;
}

static void
encode_begin(struct encode *e, size_t len, size_t skip)
{
	e->going = true;
	e->body = len;
	e->skip = skip;
	e->head_at = 0;
	e->head_len = frame_head(e->format, len, e->head);
	e->tail_len = frame_tail(e->format, &e->tail);
}

/*
 * Gives the lines that the output has room for in one piece, and begins the
 * next line. Returns false if that is not whole.
 */
static bool
encode_lines(struct encode *e, struct ring *out)
{
	const unsigned char *in = (const unsigned char *)buf_data(&e->kept);
	size_t n = e->kept.used, room, len, lf, used = 0;
	struct bytes_scan lfs = bytes_scan(in, '\n', n);
	unsigned char *begin, *at;
	bool whole;

	lfs.at = e->seen;
	begin = at = ring_ahead_at(out, &room);
	for (;;) {
		lf = bytes_next(&lfs);
		len = lf - used;
		whole = lf < n || (e->last && len > 0);
		if (!whole || len > e->max || e->singly || (size_t)(at -
		    begin) + FRAME_HEAD_MAX + len + 16 > room)
			break;
		at += frame_head(e->format, len, at);
		bytes_copy_loosely(at, in + used, len, n - used);
		at += len;
		at += frame_tail(e->format, at);
		e->lines++;
		used = lf < n ? lf + 1 : n;
	}
	ring_put(out, (size_t)(at - begin));
	buf_take(&e->kept, used);
	e->seen = whole ? 0 : len;
	if (len > e->max)
		(void)snprintf(e->why, sizeof(e->why), "line %" PRIu64
		    " has more than %" PRIu64 " bytes (--max-frame)",
		    e->lines + 1, e->max);
	if (!whole || len > e->max)
		return false;
	e->lines++;
	encode_begin(e, len, lf < n);
	return true;
}

/* The message of an empty input is empty. */
static bool
encode_all(struct encode *e)
{
	if (e->kept.used > e->max)
		(void)snprintf(e->why, sizeof(e->why), "more than %" PRIu64
		    " bytes for one message (--max-frame)", e->max);
	if (!e->last || e->done || *e->why != '\0')
		return false;
	e->done = true;
	encode_begin(e, e->kept.used, 0);
	return true;
}

static void
encode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct encode *e = (struct encode *)f;

	if (*e->why != '\0')
		return;
	buf_add(&e->kept, in, n);
	if (e->kept.failed)
		(void)strlcpy(e->why, reason_text(ENOMEM), sizeof(e->why));
	e->last |= last;
	while (*e->why == '\0' && encode_give(e, out) &&
	    (e->all ? encode_all(e) : encode_lines(e, out)))
		if (e->singly)
			break;
	if (*e->why == '\0')
		return;
	e->going = false;
	buf_free(&e->kept);
}

static void
encode_free(struct filter *f)
{
	buf_free(&((struct encode *)f)->kept);
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

	return e->kept.used +
	    (e->going ? e->head_len - e->head_at + e->tail_len : 0);
}

static const char *
encode_fault(const struct filter *f)
{
	const struct encode *e = (const struct encode *)f;

	return *e->why != '\0' ? e->why : NULL;
}

/* The beginning of a line is sent, the beginning of a file is not. */
static size_t
encode_cut(struct filter *f, bool failed)
{
	struct encode *e = (struct encode *)f;
	size_t n = e->kept.used;

	(void)failed;
	if (!e->all || e->done)
		return 0;
	e->done = true;
	buf_free(&e->kept);
	return n;
}

struct filter *
filter_frame_encode(const struct frame_rules *rules, bool all)
{
	static const struct filter_ops ops = { .growth = 1,
	    .push = encode_push, .free = encode_free, .more = encode_more,
	    .held = encode_held, .fault = encode_fault, .cut = encode_cut };
	struct encode *e = filter_new(sizeof(*e), &ops);

	if (e == NULL)
		return NULL;
	e->format = rules->format;
	e->max = frame_limit(rules);
	e->all = all;
	return &e->filter;
}

void
frame_encode_singly(struct filter *f)
{
	((struct encode *)f)->singly = true;
}

/* ---- A pause after each message on the wire ------------------------------ */

struct frame_delay {
	struct gate		gate;
	int64_t			interval;
	int64_t			next;	/* monotonic, ns; 0: at once */
	bool			whole;
	struct frame_reader	reader;	/* of the bytes that have left */
};

/*
 * Reads to the end of the message, or max bytes, of our own framing: without
 * faults. Returns how many bytes were read; ended: at the end of a message.
 */
static size_t
frame_delay_read(struct frame_reader *r, const struct ring *ring, size_t max,
    bool *ended)
{
	struct frame_piece p = { .end = false };
	struct iovec iov[2];
	size_t sum = 0;
	int i, cnt = ring_data(ring, iov, max);

	for (i = 0; i < cnt && !p.end; i++)
		sum += frame_read(r, iov[i].iov_base, iov[i].iov_len, &p);
	*ended = p.end;
	return r->fault != FRAME_SOUND ? ring_used(ring) : sum;
}

static size_t
frame_delay_allow(struct gate *g, const struct ring *r, int64_t now,
    int64_t *when)
{
	struct frame_delay *d = (struct frame_delay *)g;
	struct frame_reader ahead = d->reader;
	bool ended;
	size_t n;

	if (now < d->next) {
		*when = d->next;
		return 0;
	}
	n = frame_delay_read(&ahead, r, ring_used(r), &ended);
	return d->whole && !ended ? 0 : n;
}

static void
frame_delay_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct frame_delay *d = (struct frame_delay *)g;
	bool ended;

	(void)frame_delay_read(&d->reader, r, n, &ended);
	if (ended)
		d->next = now + d->interval;
}

struct gate *
gate_delay_frames(int64_t interval, const struct frame_rules *rules,
    bool whole)
{
	static const struct gate_ops ops = { .allow = frame_delay_allow,
	    .passed = frame_delay_passed };
	struct frame_delay *d = gate_new(sizeof(*d), &ops);

	if (d == NULL)
		return NULL;
	d->interval = interval;
	d->whole = whole;
	frame_reader_init(&d->reader, rules);
	return &d->gate;
}
