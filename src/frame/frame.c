/*
 * Messages on a stream, and how they are told apart.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "frame/frame.h"
#include "io/fd.h"

#define LEN6_DIGITS	6

uint64_t
frame_limit(const struct frame_rules *rules)
{
	static const uint64_t most[] = {
		[FRAME_NONE] = UINT32_MAX, [FRAME_LINE] = UINT32_MAX,
		[FRAME_LEN6] = 999999, [FRAME_U16BE] = UINT16_MAX,
		[FRAME_U32BE] = UINT32_MAX, [FRAME_NETSTRING] = UINT32_MAX
	};

	return rules->max < most[rules->format] ? rules->max :
	    most[rules->format];
}

static size_t
frame_big_endian(unsigned char *head, uint64_t len, size_t bytes)
{
	size_t i;

	for (i = bytes; i-- > 0; len >>= 8)
		head[i] = (unsigned char)len;
	return bytes;
}

static size_t
frame_decimal(unsigned char *head, uint64_t len, size_t digits)
{
	uint64_t rest;
	size_t i, n = 1;

	for (rest = len / 10; rest > 0; rest /= 10)
		n++;
	if (n < digits)
		n = digits;
	for (i = n; i-- > 0; len /= 10)
		head[i] = (unsigned char)('0' + len % 10);
	head[n] = ':';
	return n + 1;
}

size_t
frame_head(enum frame_format format, uint64_t len,
    unsigned char head[FRAME_HEAD_MAX])
{
	switch (format) {
	case FRAME_LEN6:
		return frame_decimal(head, len, LEN6_DIGITS);
	case FRAME_NETSTRING:
		return frame_decimal(head, len, 1);
	case FRAME_U16BE:
		return frame_big_endian(head, len, 2);
	case FRAME_U32BE:
		return frame_big_endian(head, len, 4);
	case FRAME_NONE:
	case FRAME_LINE:
		break;
	}
	return 0;
}

size_t
frame_tail(enum frame_format format, unsigned char *tail)
{
	*tail = format == FRAME_LINE ? '\n' : ',';
	return format == FRAME_LINE || format == FRAME_NETSTRING;
}

/* At the beginning of a message. A line has no length to be read. */
static void
frame_begin(struct frame_reader *r)
{
	r->state = r->format == FRAME_LINE ? FRAME_IN_BODY : FRAME_IN_HEAD;
	r->head = 0;
	r->len = 0;
	r->left = r->max;
}

void
frame_reader_init(struct frame_reader *r, const struct frame_rules *rules)
{
	memset(r, 0, sizeof(*r));
	r->format = rules->format;
	r->max = frame_limit(rules);
	frame_begin(r);
}

static enum frame_event	frame_broken(struct frame_reader *, const char *, ...)
			    __attribute__((format(printf, 2, 3)));

static enum frame_event
frame_broken(struct frame_reader *r, const char *fmt, ...)
{
	static const char prefix[] = "broken frame: ";
	size_t n = sizeof(prefix) - 1;
	va_list ap;

	memcpy(r->why, prefix, n);
	va_start(ap, fmt);
	(void)vsnprintf(r->why + n, sizeof(r->why) - n, fmt, ap);
	va_end(ap);
	r->state = FRAME_AT_FAULT;
	return FRAME_BROKEN;
}

static enum frame_event
frame_too_long(struct frame_reader *r, const char *what)
{
	return frame_broken(r,
	    "a %s of more than %" PRIu64 " bytes (--max-frame)", what, r->max);
}

static bool
frame_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/*
 * The length is known. This and what takes one byte of it answer with
 * FRAME_MORE, FRAME_HEAD or FRAME_BROKEN.
 */
static enum frame_event
frame_measured(struct frame_reader *r)
{
	if (r->len > r->max)
		return frame_too_long(r, "message");
	r->left = r->len;
	r->state = FRAME_IN_BODY;
	return FRAME_HEAD;
}

static enum frame_event
frame_take_binary(struct frame_reader *r, unsigned char c, unsigned bytes)
{
	r->len = r->len << 8 | c;
	return ++r->head < bytes ? FRAME_MORE : frame_measured(r);
}

static enum frame_event
frame_take_len6(struct frame_reader *r, unsigned char c)
{
	if (r->head < LEN6_DIGITS ? !frame_is_digit(c) : c != ':')
		return frame_broken(r,
		    "its length is not six digits and a colon");
	if (r->head++ == LEN6_DIGITS)
		return frame_measured(r);
	r->len = r->len * 10 + (c - '0');
	return FRAME_MORE;
}

static enum frame_event
frame_take_netstring(struct frame_reader *r, unsigned char c)
{
	if (c == ':' && r->head > 0)
		return frame_measured(r);
	if (!frame_is_digit(c))
		return frame_broken(r,
		    "its length is not a number and a colon");
	if (r->head > 0 && r->len == 0)
		return frame_broken(r, "its length begins with a zero");
	r->head++;
	r->len = r->len * 10 + (c - '0');
	/* Before there are so many digits that it no longer fits. */
	return r->len > r->max ? frame_too_long(r, "message") : FRAME_MORE;
}

static enum frame_event
frame_take_head(struct frame_reader *r, unsigned char c)
{
	switch (r->format) {
	case FRAME_U16BE:
		return frame_take_binary(r, c, 2);
	case FRAME_U32BE:
		return frame_take_binary(r, c, 4);
	case FRAME_LEN6:
		return frame_take_len6(r, c);
	default:
		return frame_take_netstring(r, c);
	}
}

static enum frame_event
frame_end_message(struct frame_reader *r)
{
	frame_begin(r);
	return FRAME_END;
}

static enum frame_event
frame_data(struct frame_reader *r, size_t n, size_t *used)
{
	r->left -= n;
	*used = n;
	return FRAME_DATA;
}

static enum frame_event
frame_read_line(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	const unsigned char *lf = n > 0 ? memchr(in, '\n', n) : NULL;
	size_t run = lf != NULL ? (size_t)(lf - in) : n;

	if (run > r->left)
		run = (size_t)r->left;
	if (run > 0)
		return frame_data(r, run, used);
	if (n == 0)
		return FRAME_MORE;
	if (lf != in)
		return frame_too_long(r, "line");
	*used = 1;
	return frame_end_message(r);
}

static enum frame_event
frame_read_head(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	enum frame_event event = FRAME_MORE;

	while (event == FRAME_MORE && *used < n)
		event = frame_take_head(r, in[(*used)++]);
	return event;
}

static enum frame_event
frame_read_tail(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	unsigned char tail;

	if (frame_tail(r->format, &tail) == 0)
		return frame_end_message(r);
	r->state = FRAME_IN_TAIL;
	if (n == 0)
		return FRAME_MORE;
	if (in[0] != tail)
		return frame_broken(r, "no comma stands behind it");
	*used = 1;
	return frame_end_message(r);
}

static enum frame_event
frame_read_body(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	if (r->format == FRAME_LINE)
		return frame_read_line(r, in, n, used);
	if (r->left == 0)
		return frame_read_tail(r, in, n, used);
	return n == 0 ? FRAME_MORE :
	    frame_data(r, n < r->left ? n : (size_t)r->left, used);
}

enum frame_event
frame_read(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	*used = 0;
	switch (r->state) {
	case FRAME_IN_HEAD:
		return frame_read_head(r, in, n, used);
	case FRAME_IN_BODY:
		return frame_read_body(r, in, n, used);
	case FRAME_IN_TAIL:
		return frame_read_tail(r, in, n, used);
	case FRAME_AT_FAULT:
		break;
	}
	return FRAME_BROKEN;
}

bool
frame_reader_between(const struct frame_reader *r)
{
	if (r->format == FRAME_LINE)
		return r->state == FRAME_IN_BODY && r->left == r->max;
	return r->state == FRAME_IN_HEAD && r->head == 0;
}

bool
frame_read_end(struct frame_reader *r)
{
	if (r->state == FRAME_AT_FAULT)
		return false;
	if (frame_reader_between(r))
		return true;
	if (r->state == FRAME_IN_HEAD)
		(void)frame_broken(r, "the end came within its length");
	else if (r->format == FRAME_LINE)
		(void)frame_broken(r, "the end came within a line");
	else if (r->state == FRAME_IN_TAIL)
		(void)frame_broken(r, "the end came before its comma");
	else
		(void)frame_broken(r,
		    "the end came after %" PRIu64 " of %" PRIu64
		    " bytes", r->len - r->left, r->len);
	return false;
}

size_t
frame_length(struct frame_reader *r, const struct iovec *iov, int cnt,
    bool *ended)
{
	const unsigned char *at;
	size_t used, left, sum = 0;
	int i;
	enum frame_event event = FRAME_MORE;

	*ended = false;
	for (i = 0; i < cnt; i++) {
		at = iov[i].iov_base;
		left = iov[i].iov_len;
		do {
			event = frame_read(r, at, left, &used);
			at += used;
			left -= used;
			sum += used;
		} while (event == FRAME_HEAD || event == FRAME_DATA);
		if (event == FRAME_END) {
			*ended = true;
			return sum;
		}
	}
	/* Our own bytes are never broken; if they were, they would just go. */
	return event == FRAME_BROKEN ? fd_total(iov, cnt) : sum;
}

bool
frame_all_whole(const struct frame_rules *rules, const unsigned char *in,
    size_t n, char why[FRAME_WHY_MAX])
{
	struct frame_reader r;
	enum frame_event event;
	size_t used;

	frame_reader_init(&r, rules);
	while ((event = frame_read(&r, in, n, &used)) != FRAME_MORE &&
	    event != FRAME_BROKEN) {
		in += used;
		n -= used;
	}
	if (event == FRAME_MORE && frame_read_end(&r))
		return true;
	memcpy(why, r.why, FRAME_WHY_MAX);
	return false;
}

size_t
frame_reader_held(const struct frame_reader *r)
{
	return r->state == FRAME_IN_HEAD ? r->head : 0;
}
