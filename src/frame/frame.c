#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "frame/frame.h"

static const struct frame_form {
	uint64_t	longest;	/* the largest length */
	unsigned	bytes;		/* of a length in network order */
	unsigned	least, most;	/* digits of a decimal length */
	const char	*no_length;	/* the fault of any other byte */
	char		tail;		/* '\0': none */
} frame_formats[] = {
	[FRAME_NONE] = { .longest = UINT32_MAX },
	[FRAME_LINE] = { .longest = UINT32_MAX, .tail = '\n' },
	[FRAME_LEN6] = { .longest = 999999, .least = 6, .most = 6,
	    .no_length = "its length is not six digits and a colon" },
	[FRAME_U16BE] = { .longest = UINT16_MAX, .bytes = 2 },
	[FRAME_U32BE] = { .longest = UINT32_MAX, .bytes = 4 },
	/* A length of 11 digits is above the limit. */
	[FRAME_NETSTRING] = { .longest = UINT32_MAX, .least = 1, .most = 11,
	    .no_length = "its length is not a number and a colon",
	    .tail = ',' }
};

uint64_t
frame_limit(const struct frame_rules *rules)
{
	uint64_t longest = frame_formats[rules->format].longest;

	return rules->max < longest ? rules->max : longest;
}

size_t
frame_head(enum frame_format format, uint64_t len,
    unsigned char head[FRAME_HEAD_MAX])
{
	size_t i, n = frame_formats[format].least;
	uint64_t rest = len;

	if (n == 0) {
		for (i = frame_formats[format].bytes; i-- > 0; len >>= 8)
			head[i] = (unsigned char)len;
		return frame_formats[format].bytes;
	}
	for (i = 1; rest > 9; rest /= 10)
		i++;
	if (i > n)
		n = i;
	for (i = n; i-- > 0; len /= 10)
		head[i] = (unsigned char)('0' + len % 10);
	head[n] = ':';
	return n + 1;
}

size_t
frame_tail(enum frame_format format, unsigned char *tail)
{
	*tail = (unsigned char)frame_formats[format].tail;
	return *tail != '\0';
}

/* Stands between two messages. A line has no length in front. */
static inline void
frame_next(struct frame_reader *r)
{
	r->body = r->format == FRAME_LINE;
	r->head = 0;
	r->left = r->max;
}

void
frame_reader_init(struct frame_reader *r, const struct frame_rules *rules)
{
	*r = (struct frame_reader){ .format = rules->format,
	    .max = frame_limit(rules) };
	frame_next(r);
}

/*
 * Reads the length that begins a message. Returns its bytes; 0: more are
 * needed, or there is a fault.
 */
static inline size_t
frame_length(struct frame_reader *r, const unsigned char *in, size_t n)
{
	const struct frame_form *form = &frame_formats[r->format];
	size_t i = form->bytes;
	uint64_t len = 0;
	unsigned digit;

	if (n < i)
		return 0;
	if (i == 2)
		len = (uint64_t)in[0] << 8 | in[1];
	else if (i == 4)
		len = (uint64_t)in[0] << 24 | (uint64_t)in[1] << 16 |
		    (uint64_t)in[2] << 8 | in[3];
	else
		while (i < n && i < form->most &&
		    (digit = (unsigned)in[i] - '0') < 10) {
			len = len * 10 + digit;
			i++;
		}
	r->len = len;
	if (i > 1 && in[0] == '0' && form->most > form->least)
		r->fault = FRAME_ZERO_FIRST;
	else if (len > r->max)
		r->fault = FRAME_TOO_LONG;
	else if (form->bytes > 0)
		return i;
	else if (i < n && in[i] == ':' && i >= form->least)
		return i + 1;
	else if (i < n)
		r->fault = FRAME_NO_LENGTH;
	return 0;
}

/* Inline: of short messages, the call would be a third of a decoder's time. */
inline __attribute__((always_inline)) size_t
frame_read(struct frame_reader *r, const unsigned char *in, size_t n,
    struct frame_piece *p)
{
	unsigned char tail = (unsigned char)frame_formats[r->format].tail;
	size_t before = r->head, fit = sizeof(r->kept) - before;

	*p = (struct frame_piece){ .head = 0 };
	if (r->fault != FRAME_SOUND)
		return 0;
	if (!r->body) {
		if (before == 0)
			p->head = frame_length(r, in, n);
		else {
			fit = n < fit ? n : fit;
			memcpy(r->kept + before, in, fit);
			p->head = frame_length(r, r->kept, before + fit);
		}
		if (r->fault != FRAME_SOUND)
			return 0;
		if (p->head == 0) {
			if (before == 0)
				memcpy(r->kept, in, n);
			r->head += (unsigned char)n;
			return p->head = n;
		}
		p->head -= before;
		r->body = true;
		r->left = r->len;
		in += p->head;
		n -= p->head;
	}
	p->body = n < r->left ? n : (size_t)r->left;
	if (r->format == FRAME_LINE)
		p->body = bytes_find(in, '\n', p->body);
	r->left -= p->body;
	if (tail == '\0' ? r->left == 0 : p->body < n && in[p->body] == tail) {
		p->tail = tail != '\0';
		p->end = true;
		frame_next(r);
	} else if (p->body < n)
		r->fault = r->format == FRAME_LINE ? FRAME_TOO_LONG :
		    FRAME_NO_TAIL;
	return p->head + p->body + p->tail;
}

bool
frame_read_end(struct frame_reader *r)
{
	if (r->fault == FRAME_SOUND && (r->format == FRAME_LINE ?
	    r->left < r->max : r->body || r->head > 0))
		r->fault = FRAME_UNFINISHED;
	return r->fault == FRAME_SOUND;
}

void
frame_why(const struct frame_reader *r, char why[FRAME_WHY_MAX])
{
	const char *text = "";
	char number[64];

	switch (r->fault) {
	case FRAME_SOUND:
		break;
	case FRAME_NO_LENGTH:
		text = frame_formats[r->format].no_length;
		break;
	case FRAME_ZERO_FIRST:
		text = "its length begins with a zero";
		break;
	case FRAME_TOO_LONG:
		(void)snprintf(number, sizeof(number), "a %s of more than %"
		    PRIu64 " bytes (--max-frame)",
		    r->format == FRAME_LINE ? "line" : "message", r->max);
		text = number;
		break;
	case FRAME_NO_TAIL:
		text = "no comma stands behind it";
		break;
	case FRAME_UNFINISHED:
		(void)snprintf(number, sizeof(number), "the end came after %"
		    PRIu64 " of %" PRIu64 " bytes", r->len - r->left, r->len);
		text = r->format == FRAME_LINE ? "the end came within a line" :
		    !r->body ? "the end came within its length" :
		    r->left > 0 ? number : "the end came before its comma";
		break;
	}
	(void)snprintf(why, FRAME_WHY_MAX, "broken frame: %s", text);
}

bool
frame_all_whole(const struct frame_rules *rules, const unsigned char *in,
    size_t n, char why[FRAME_WHY_MAX])
{
	struct frame_reader r;
	struct frame_piece p = { .end = true };
	size_t used;

	frame_reader_init(&r, rules);
	for (; p.end && n > 0; in += used, n -= used)
		used = frame_read(&r, in, n, &p);
	if (frame_read_end(&r))
		return true;
	frame_why(&r, why);
	return false;
}

size_t
frame_reader_held(const struct frame_reader *r)
{
	return r->body || r->fault != FRAME_SOUND ? 0 : r->head;
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
	char			why[FRAME_WHY_MAX];	/* "": no fault */
};

static void
decode_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct decode *d = (struct decode *)f;
	struct frame_reader r = d->reader;
	struct frame_piece p = { .end = true };
	bool joins = d->broken != NULL && *d->broken, mid = d->mid;
	bool all = d->checks, lf = d->lf;
	unsigned char *begin, *at;
	size_t used, room;

	begin = at = ring_ahead_at(out, &room);
	for (; n > 0 && p.end; in += used, n -= used) {
		used = frame_read(&r, in, n, &p);
		if (all)
			p = (struct frame_piece){ .body = used, .end = p.end };
		/* Ends the line of a message that broke off, first. */
		if (joins && (p.body > 0 || p.end)) {
			ring_append(out, "\n", lf);
			begin = at = ring_ahead_at(out, &room);
			joins = *d->broken = mid = false;
		}
		mid = !p.end && (mid || p.body > 0);
		if ((size_t)(at - begin) + p.body + 16 <= room) {
			bytes_copy_loosely(at, in + p.head, p.body, n - p.head);
			at += p.body;
			*at = '\n';
			at += lf && p.end;
			continue;
		}
		ring_put(out, (size_t)(at - begin));
		ring_append(out, in + p.head, p.body);
		ring_append(out, "\n", lf && p.end);
		begin = at = ring_ahead_at(out, &room);
	}
	ring_put(out, (size_t)(at - begin));
	d->mid = mid;
	d->reader = r;
	if ((last || d->datagrams) && !d->cut)
		(void)frame_read_end(&d->reader);
	if (d->reader.fault != FRAME_SOUND)
		frame_why(&d->reader, d->why);
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

	return *d->why != '\0' ? d->why : NULL;
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
	const unsigned char *kept = (const unsigned char *)buf_data(&e->kept);
	struct frame_piece p;

	e->read += frame_read(&e->reader, kept + e->read,
	    e->kept.used - e->read, &p);
	e->whole = p.end;
	if (!p.end && e->last && !e->cut)
		(void)frame_read_end(&e->reader);
	if (e->reader.fault != FRAME_SOUND)
		frame_why(&e->reader, e->why);
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
