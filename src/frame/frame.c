#include <endian.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "frame/frame.h"

static const struct {
	uint64_t	most;		/* the largest length */
	unsigned	bytes;		/* of a length in network order */
	unsigned	digits;		/* of a decimal length, at least */
	bool		fixed;		/* ... and at most */
	char		tail;		/* '\0': none */
} frame_formats[] = {
	[FRAME_NONE] = { .most = UINT32_MAX },
	[FRAME_LINE] = { .most = UINT32_MAX, .tail = '\n' },
	[FRAME_LEN6] = { .most = 999999, .digits = 6, .fixed = true },
	[FRAME_U16BE] = { .most = UINT16_MAX, .bytes = 2 },
	[FRAME_U32BE] = { .most = UINT32_MAX, .bytes = 4 },
	[FRAME_NETSTRING] = { .most = UINT32_MAX, .digits = 1, .tail = ',' }
};

uint64_t
frame_limit(const struct frame_rules *rules)
{
	uint64_t most = frame_formats[rules->format].most;

	return rules->max < most ? rules->max : most;
}

static size_t
frame_decimal(unsigned char *head, uint64_t len, size_t digits)
{
	uint64_t rest;
	size_t i, n = 1;

	if (len < 10 && digits == 1) {
		head[0] = (unsigned char)('0' + len);
		head[1] = ':';
		return 2;
	}
	for (rest = len / 10; rest > 0; rest /= 10)
		n++;
	if (n < digits)
		n = digits;
	for (i = n; i-- > 0; len /= 10)
		head[i] = (unsigned char)('0' + len % 10);
	head[n] = ':';
	return n + 1;
}

/* A length in network order of 0, 2 or 4 bytes: each by one store or load. */
static void
frame_put_length(unsigned char *head, size_t bytes, uint64_t len)
{
	uint16_t two = htobe16((uint16_t)len);
	uint32_t four = htobe32((uint32_t)len);

	if (bytes == sizeof(four))
		memcpy(head, &four, sizeof(four));
	else if (bytes == sizeof(two))
		memcpy(head, &two, sizeof(two));
}

static uint64_t
frame_get_length(const unsigned char *head, size_t bytes)
{
	uint16_t two = 0;
	uint32_t four = 0;

	if (bytes == sizeof(four))
		memcpy(&four, head, sizeof(four));
	else if (bytes == sizeof(two))
		memcpy(&two, head, sizeof(two));
	return be32toh(four) | be16toh(two);
}

size_t
frame_head(enum frame_format format, uint64_t len,
    unsigned char head[FRAME_HEAD_MAX])
{
	size_t bytes = frame_formats[format].bytes;

	if (frame_formats[format].digits > 0)
		return frame_decimal(head, len, frame_formats[format].digits);
	frame_put_length(head, bytes, len);
	return bytes;
}

size_t
frame_tail(enum frame_format format, unsigned char *tail)
{
	*tail = (unsigned char)frame_formats[format].tail;
	return *tail != '\0';
}

/* Stands between two messages. A line has no length in front. */
static enum frame_event
frame_end_message(struct frame_reader *r)
{
	r->state = r->format == FRAME_LINE ? FRAME_IN_BODY : FRAME_IN_HEAD;
	r->head = 0;
	r->len = 0;
	r->left = r->max;
	return FRAME_END;
}

void
frame_reader_init(struct frame_reader *r, const struct frame_rules *rules)
{
	*r = (struct frame_reader){ .format = rules->format,
	    .max = frame_limit(rules) };
	(void)frame_end_message(r);
}

static enum frame_event __attribute__((format(printf, 2, 3)))
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

/* The length is complete. */
static enum frame_event
frame_measured(struct frame_reader *r)
{
	if (r->len > r->max)
		return frame_too_long(r, "message");
	r->left = r->len;
	r->state = FRAME_IN_BODY;
	return FRAME_HEAD;
}

/* Returns FRAME_MORE, FRAME_HEAD or FRAME_BROKEN. */
static enum frame_event
frame_take_decimal(struct frame_reader *r, unsigned char c)
{
	bool fixed = frame_formats[r->format].fixed;
	unsigned digits = frame_formats[r->format].digits;

	if (c == ':' && (fixed ? r->head == digits : r->head >= digits))
		return frame_measured(r);
	if (c < '0' || c > '9' || (fixed && r->head == digits))
		return frame_broken(r, fixed ?
		    "its length is not six digits and a colon" :
		    "its length is not a number and a colon");
	if (!fixed && r->head > 0 && r->len == 0)
		return frame_broken(r, "its length begins with a zero");
	r->head++;
	r->len = r->len * 10 + (c - '0');
	/* At once: with more digits the value would overflow. */
	return r->len > r->max && !fixed ? frame_too_long(r, "message") :
	    FRAME_MORE;
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
	unsigned bytes = frame_formats[r->format].bytes;
	enum frame_event event = FRAME_MORE;

	while (event == FRAME_MORE && *used < n) {
		unsigned char c = in[(*used)++];

		if (bytes == 0)
			event = frame_take_decimal(r, c);
		else {
			r->len = r->len << 8 | c;
			if (++r->head == bytes)
				event = frame_measured(r);
		}
	}
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

enum frame_event
frame_read(struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *used)
{
	*used = 0;
	switch (r->state) {
	case FRAME_IN_HEAD:
		return frame_read_head(r, in, n, used);
	case FRAME_IN_BODY:
		if (r->format == FRAME_LINE)
			return frame_read_line(r, in, n, used);
		if (r->left > 0)
			return n == 0 ? FRAME_MORE : frame_data(r,
			    n < r->left ? n : (size_t)r->left, used);
		return frame_read_tail(r, in, n, used);
	case FRAME_IN_TAIL:
		return frame_read_tail(r, in, n, used);
	case FRAME_AT_FAULT:
		break;
	}
	return FRAME_BROKEN;
}

/* Reads a whole decimal length. Returns its bytes with the colon, or 0. */
static size_t
frame_whole_decimal(const struct frame_reader *r, const unsigned char *in,
    size_t n, uint64_t *len)
{
	unsigned digits = frame_formats[r->format].digits;
	bool fixed = frame_formats[r->format].fixed;
	size_t i;

	/* Most are short. */
	if (n > 1 && in[1] == ':' && !fixed) {
		*len = (uint64_t)in[0] - '0';
		return *len < 10 ? 2 : 0;
	}
	*len = 0;
	for (i = 0; i < n && i < FRAME_HEAD_MAX - 1 && in[i] >= '0' &&
	    in[i] <= '9'; i++)
		*len = *len * 10 + (in[i] - '0');
	if (i == n || in[i] != ':' || (fixed ? i != digits :
	    i == 0 || (i > 1 && in[0] == '0')))
		return 0;
	return i + 1;
}

static size_t
frame_whole_line(const struct frame_reader *r, const unsigned char *in,
    size_t n, size_t *len)
{
	*len = bytes_find(in, '\n', n);
	return *len == n || *len > r->max || r->left != r->max ? 0 : *len + 1;
}

size_t
frame_whole(const struct frame_reader *r, const unsigned char *in, size_t n,
    size_t *head, size_t *len)
{
	size_t bytes = frame_formats[r->format].bytes;
	char tail = frame_formats[r->format].tail;
	uint64_t body;

	*head = 0;
	if (r->format == FRAME_LINE)
		return r->state == FRAME_IN_BODY ?
		    frame_whole_line(r, in, n, len) : 0;
	if (r->state != FRAME_IN_HEAD || r->head > 0 || n < bytes)
		return 0;
	*head = bytes;
	body = frame_get_length(in, bytes);
	if (bytes == 0 &&
	    (*head = frame_whole_decimal(r, in, n, &body)) == 0)
		return 0;
	if (body > r->max || body > n - *head)
		return 0;
	*len = (size_t)body;
	if (tail == '\0')
		return *head + *len;
	return *len < n - *head && in[*head + *len] == (unsigned char)tail ?
	    *head + *len + 1 : 0;
}

bool
frame_read_end(struct frame_reader *r)
{
	if (r->state == FRAME_AT_FAULT)
		return false;
	if (r->format == FRAME_LINE ? r->left == r->max :
	    r->state == FRAME_IN_HEAD && r->head == 0)
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
