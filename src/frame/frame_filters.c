#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/reason.h"
#include "frame/frame_filters.h"

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
	size_t			seen;	/* bytes of kept, LF at most at last */
	bool			last;	/* no more input comes */
	bool			done;	/* all: the message was begun */
	uint64_t		lines;	/* begun so far */
	/* The message that goes out; its body is the beginning of kept. */
	bool			going;
	unsigned char		head[FRAME_HEAD_MAX], tail;
	size_t			head_at, head_len;
	size_t			body;	/* bytes that are left */
	size_t			tail_len;
	size_t			skip;	/* 1: the body's LF follows in kept */
	char			why[FRAME_WHY_MAX];	/* "": no fault */
};

static void
encode_too_long(struct encode *e)
{
	if (e->all)
		(void)snprintf(e->why, sizeof(e->why), "more than %" PRIu64
		    " bytes for one message (--max-frame)", e->max);
	else
		(void)snprintf(e->why, sizeof(e->why), "line %" PRIu64
		    " has more than %" PRIu64 " bytes (--max-frame)",
		    e->lines + 1, e->max);
}

/* Appends as many bytes as have room. Returns their number. */
static size_t
encode_put(struct ring *out, const void *from, size_t n)
{
	if (n > ring_room(out))
		n = ring_room(out);
	if (n > 0)
		ring_append(out, from, n);
	return n;
}

static void
encode_take(struct encode *e, size_t n)
{
	buf_take(&e->kept, n);
	e->seen -= n;
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
	if (e->head_at < e->head_len)
		return false;
	n = encode_put(out, buf_data(&e->kept), e->body);
	e->body -= n;
	encode_take(e, n);
	if (e->body == 0)
		e->tail_len -= encode_put(out, &e->tail, e->tail_len);
	if (e->body > 0 || e->tail_len > 0)
		return false;
	encode_take(e, e->skip);
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

/* Begins the next line. Returns false if there is no whole line. */
static bool
encode_begin_line(struct encode *e)
{
	const char *text = buf_data(&e->kept);
	const char *lf = memchr(text + e->seen, '\n', e->kept.used - e->seen);
	size_t len = lf != NULL ? (size_t)(lf - text) : e->kept.used;

	e->seen = len + (lf != NULL);
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

/* The message of an empty input is empty. */
static bool
encode_begin_all(struct encode *e)
{
	if (!e->last || e->done)
		return false;
	e->done = true;
	e->seen = e->kept.used;
	encode_begin(e, e->kept.used, 0);
	return true;
}

/*
 * Gives whole lines for which the output has room, when no message is on its
 * way. Returns how many bytes of the input were used.
 */
static size_t
encode_lines(struct encode *e, const unsigned char *in, size_t n,
    struct ring *out)
{
	struct bytes_scan lfs = bytes_scan(in, '\n', n);
	unsigned char *begin, *at;
	size_t room, lf, len, used = 0;

	if (n == 0 || e->all || e->going || e->singly)
		return 0;
	begin = at = ring_ahead_at(out, &room);
	while ((lf = bytes_next(&lfs)) < n && (len = lf - used) <= e->max &&
	    (size_t)(at - begin) + FRAME_HEAD_MAX + len + 16 <= room) {
		at += frame_head(e->format, len, at);
		bytes_copy_loosely(at, in + used, len, n - used);
		at += len;
		at += frame_tail(e->format, at);
		e->lines++;
		used = lf + 1;
	}
	ring_put(out, (size_t)(at - begin));
	return used;
}

static void
encode_keep(struct encode *e, const unsigned char *in, size_t n,
    struct ring *out)
{
	size_t used = e->kept.used > 0 ? 0 : encode_lines(e, in, n, out);

	if (e->all && (uint64_t)e->kept.used + n > e->max)
		encode_too_long(e);
	else if (used < n)
		buf_add(&e->kept, in + used, n - used);
}

/* Begins the next message, behind those that could be given at once. */
static bool
encode_begin_next(struct encode *e, struct ring *out)
{
	size_t used;

	if (e->all)
		return encode_begin_all(e);
	if (e->seen == 0 && (used = encode_lines(e, (const unsigned char *)
	    buf_data(&e->kept), e->kept.used, out)) > 0)
		buf_take(&e->kept, used);
	return encode_begin_line(e);
}

static void
encode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct encode *e = (struct encode *)f;

	if (*e->why != '\0')
		return;
	if (n > 0)
		encode_keep(e, in, n, out);
	if (e->kept.failed)
		(void)strlcpy(e->why, reason_text(ENOMEM), sizeof(e->why));
	e->last |= last;
	while (*e->why == '\0' && encode_give(e, out) &&
	    encode_begin_next(e, out))
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

/* ---- Out of a stream ---------------------------------------------------- */

struct decode {
	struct filter		filter;
	struct frame_reader	reader;
	bool			checks;	/* all bytes come out unchanged */
	bool			lf;	/* after each message */
	bool			cut;	/* the end is not the peer's */
	bool			datagrams;	/* each push is a datagram */
	bool			mid;	/* a message came out in part */
	bool			*broken; /* ... of an earlier peer; or NULL */
};

static void
decode_end_line(struct decode *d, struct ring *out)
{
	if (d->lf)
		ring_append(out, "\n", 1);
	d->mid = false;
}

static void
decode_give(struct decode *d, enum frame_event event, const unsigned char *in,
    size_t n, struct ring *out)
{
	if (d->checks) {
		ring_append(out, in, n);
		return;
	}
	if (event != FRAME_DATA && event != FRAME_END)
		return;
	/* Ends the line of a message that broke off, before the next line. */
	if (d->broken != NULL && *d->broken) {
		decode_end_line(d, out);
		*d->broken = false;
	}
	if (event == FRAME_DATA) {
		ring_append(out, in, n);
		d->mid = true;
	} else
		decode_end_line(d, out);
}

/*
 * Gives the messages that are whole, as far as the output has room in one
 * piece. Returns how many bytes of the input were used.
 */
static size_t
decode_whole(struct decode *d, const unsigned char *in, size_t n,
    struct ring *out)
{
	size_t used = 0, bytes, head, len, room;
	unsigned char *begin, *at;

	if (n == 0 || (d->broken != NULL && *d->broken))
		return 0;
	begin = at = ring_ahead_at(out, &room);
	while (used < n && (bytes = frame_whole(&d->reader, in + used,
	    n - used, &head, &len)) > 0) {
		if (d->checks) {
			head = 0;
			len = bytes;
		}
		if (len + 16 > room - (size_t)(at - begin))
			break;
		bytes_copy_loosely(at, in + used + head, len, n - used - head);
		at += len;
		if (!d->checks && d->lf)
			*at++ = '\n';
		used += bytes;
	}
	ring_put(out, (size_t)(at - begin));
	return used;
}

static void
decode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct decode *d = (struct decode *)f;
	enum frame_event event = FRAME_END;
	size_t used;

	while (event != FRAME_MORE) {
		if (event == FRAME_END) {
			used = decode_whole(d, in, n, out);
			in = used > 0 ? in + used : in;
			n -= used;
		}
		event = frame_read(&d->reader, in, n, &used);
		if (event == FRAME_BROKEN)
			return;
		decode_give(d, event, in, used, out);
		in = used > 0 ? in + used : in;
		n -= used;
	}
	if ((last || d->datagrams) && !d->cut)
		(void)frame_read_end(&d->reader);
}

static void
decode_free(struct filter *f)
{
	struct decode *d = (struct decode *)f;

	if (d->broken != NULL && d->mid)
		*d->broken = true;
	free(f);
}

static size_t
decode_held(const struct filter *f)
{
	const struct decode *d = (const struct decode *)f;

	return d->cut || d->checks ? 0 : frame_reader_held(&d->reader);
}

static const char *
decode_fault(const struct filter *f)
{
	const struct decode *d = (const struct decode *)f;

	return d->reader.state == FRAME_AT_FAULT ? d->reader.why : NULL;
}

/* A message cut because we stopped reading is not the peer's fault. */
static size_t
decode_cut(struct filter *f, bool failed)
{
	struct decode *d = (struct decode *)f;
	size_t n = decode_held(f);

	if (failed)
		return 0;
	d->cut = true;
	return n;
}

/*
 * growth 1: each message has at least one byte of framing, for the LF. The
 * tail is for a length, or a message that broke off, of an earlier push.
 */
struct filter *
filter_frame_decode(const struct frame_rules *rules, bool lf)
{
	static const struct filter_ops ops = { .growth = 1, .tail = 1,
	    .push = decode_push, .free = decode_free, .held = decode_held,
	    .fault = decode_fault, .cut = decode_cut };
	struct decode *d = filter_new(sizeof(*d), &ops);

	if (d == NULL)
		return NULL;
	d->lf = lf;
	frame_reader_init(&d->reader, rules);
	return &d->filter;
}

struct filter *
filter_frame_check(const struct frame_rules *rules)
{
	struct filter *f = filter_frame_decode(rules, false);

	if (f != NULL)
		((struct decode *)f)->checks = true;
	return f;
}

void
frame_decode_joins(struct filter *f, bool *broken)
{
	((struct decode *)f)->broken = broken;
}

void
frame_decode_datagrams(struct filter *f)
{
	((struct decode *)f)->datagrams = true;
}

/* ---- One message at a time ----------------------------------------------- */

struct each {
	struct filter		filter;
	struct frame_reader	reader;
	struct buf		kept;
	size_t			read;	/* bytes of kept, of one message */
	bool			whole;	/* these are all of that message */
	bool			last;	/* no more input comes */
	bool			cut;	/* the end is not the peer's */
	char			why[FRAME_WHY_MAX];	/* "": no fault */
};

/* Reads to the end of a message, or of what is kept. */
static void
each_read(struct each *e)
{
	enum frame_event event = FRAME_HEAD;
	size_t used;

	while (event == FRAME_HEAD || event == FRAME_DATA) {
		event = frame_read(&e->reader,
		    (const unsigned char *)buf_data(&e->kept) + e->read,
		    e->kept.used - e->read, &used);
		e->read += used;
	}
	e->whole = event == FRAME_END;
	if (event == FRAME_BROKEN || (event == FRAME_MORE && e->last &&
	    !e->cut && !frame_read_end(&e->reader)))
		memcpy(e->why, e->reader.why, sizeof(e->why));
}

static void
each_give(struct each *e, struct ring *out)
{
	struct iovec iov[2];

	if (ring_space(out, iov, 1) == -1)
		(void)strlcpy(e->why, reason_text(ENOMEM), sizeof(e->why));
	else if (ring_room(out) >= e->read) {
		ring_append(out, buf_data(&e->kept), e->read);
		buf_take(&e->kept, e->read);
		e->read = 0;
		each_read(e);
	}
}

static void
each_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct each *e = (struct each *)f;

	if (*e->why != '\0')
		return;
	e->last |= last;
	buf_add(&e->kept, in, n);
	if (e->kept.failed)
		(void)strlcpy(e->why, reason_text(ENOMEM), sizeof(e->why));
	else if (!e->whole)
		each_read(e);
	if (e->whole)
		each_give(e, out);
	if (*e->why == '\0')
		return;
	e->whole = false;
	buf_free(&e->kept);
}

static void
each_free(struct filter *f)
{
	buf_free(&((struct each *)f)->kept);
	free(f);
}

static bool
each_more(const struct filter *f)
{
	return ((const struct each *)f)->whole;
}

static size_t
each_held(const struct filter *f)
{
	return ((const struct each *)f)->kept.used;
}

static const char *
each_fault(const struct filter *f)
{
	const struct each *e = (const struct each *)f;

	return *e->why != '\0' ? e->why : NULL;
}

/* Drops the message that has begun, after those that are whole. */
static size_t
each_cut(struct filter *f, bool failed)
{
	struct each *e = (struct each *)f, ahead = *e;
	size_t end = 0, n;

	if (failed)
		return 0;
	while (ahead.whole) {
		end = ahead.read;
		each_read(&ahead);
	}
	n = e->kept.used - end;
	e->kept.used = end;
	e->cut = true;
	return n;
}

struct filter *
filter_frame_each(const struct frame_rules *rules)
{
	static const struct filter_ops ops = { .growth = 1, .push = each_push,
	    .free = each_free, .more = each_more, .held = each_held,
	    .fault = each_fault, .cut = each_cut };
	struct each *e = filter_new(sizeof(*e), &ops);

	if (e != NULL)
		frame_reader_init(&e->reader, rules);
	return e == NULL ? NULL : &e->filter;
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
	enum frame_event event = FRAME_MORE;
	const unsigned char *at;
	struct iovec iov[2];
	size_t used, left, sum = 0;
	int i, cnt = ring_data(ring, iov, max);

	for (i = 0; i < cnt && event != FRAME_END; i++) {
		at = iov[i].iov_base;
		left = iov[i].iov_len;
		do {
			event = frame_read(r, at, left, &used);
			at += used;
			left -= used;
			sum += used;
		} while (event == FRAME_HEAD || event == FRAME_DATA);
	}
	*ended = event == FRAME_END;
	return event == FRAME_BROKEN ? ring_used(ring) : sum;
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
