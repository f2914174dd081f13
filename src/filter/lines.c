/* The ends of lines: CR LF, and datagrams that are lines. */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "filter/filter.h"

/* ---- LF becomes CR LF --------------------------------------------------- */

struct crlf {
	struct filter	filter;
	bool		after_cr;	/* the last push ended in CR */
};

/* The room is at least twice n. Returns the end of what was written. */
static unsigned char *
lines_write_crlf(struct crlf *c, unsigned char *to, const unsigned char *in,
    size_t n)
{
	struct bytes_scan lfs = bytes_scan(in, '\n', n);
	bool after_cr = c->after_cr;
	size_t at = 0, lf;

	for (; (lf = bytes_next(&lfs)) < n; at = lf + 1) {
		bytes_copy_loosely(to, in + at, lf - at, n - at);
		to += lf - at;
		if (lf > 0)
			after_cr = in[lf - 1] == '\r';
		*to = '\r';
		to += !after_cr;
		*to++ = '\n';
	}
	bytes_copy(to, in + at, n - at);
	c->after_cr = n > 0 && in[n - 1] == '\r';
	return to + (n - at);
}

static void
lines_crlf_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct crlf *c = (struct crlf *)f;
	unsigned char pair[2], *to, *end;
	size_t part, room;

	(void)last;
	for (; n > 0; in += part, n -= part) {
		to = ring_ahead_at(out, &room);
		part = room / 2 < n ? room / 2 : n;
		if (part > 0) {
			end = lines_write_crlf(c, to, in, part);
			ring_put(out, (size_t)(end - to));
			continue;
		}
		/* At the end of the ring's memory. */
		part = 1;
		end = lines_write_crlf(c, pair, in, part);
		ring_append(out, pair, (size_t)(end - pair));
	}
}

struct filter *
filter_crlf(void)
{
	static const struct filter_ops ops = { .growth = 2,
	    .push = lines_crlf_push };

	return filter_new(sizeof(struct crlf), &ops);
}

/* ---- A datagram becomes a line ------------------------------------------ */

static void
lines_from_datagram(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	(void)f;
	if (last)
		return;
	ring_append(out, in, n);
	if (n == 0 || in[n - 1] != '\n')
		ring_append(out, "\n", 1);
}

/* The LF is in the tail: with a growth of 2 the ring would be larger. */
struct filter *
filter_to_lines(void)
{
	static const struct filter_ops ops = { .growth = 1, .tail = 1,
	    .push = lines_from_datagram };

	return filter_new(sizeof(struct filter), &ops);
}

/* ---- A line becomes a datagram ------------------------------------------ */

/* Bytes that are kept at most; no datagram is larger. */
#define LINE_MOST	((size_t)65536)

struct whole_lines {
	struct filter	 filter;
	size_t		 max;
	struct ring	 kept;		/* the beginning of a line */
};

/* Gives the kept bytes, and n bytes that end the line or fill a datagram. */
static void
lines_give(struct whole_lines *w, const unsigned char *in, size_t n,
    struct ring *out)
{
	struct iovec iov[2];
	int i, cnt = ring_data(&w->kept, iov, ring_used(&w->kept));

	for (i = 0; i < cnt; i++)
		ring_append(out, iov[i].iov_base, iov[i].iov_len);
	ring_free(&w->kept);
	ring_append(out, in, n);
}

/* A line that is longer than a datagram becomes several. */
static void
lines_cut(struct whole_lines *w, const unsigned char *in, size_t n,
    struct ring *out)
{
	struct iovec iov[2];
	size_t whole = n, room;

	while (whole > 0 && in[whole - 1] != '\n')
		whole--;
	if (whole > 0)
		lines_give(w, in, whole, out);
	in += whole;
	n -= whole;
	while (ring_used(&w->kept) + n >= w->max) {
		room = w->max - ring_used(&w->kept);
		lines_give(w, in, room, out);
		in += room;
		n -= room;
	}
	/* Without memory the bytes go on at once. */
	if (n > 0)
		ring_append(ring_space(&w->kept, iov, n) == -1 ? out :
		    &w->kept, in, n);
}

static void
lines_whole_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct whole_lines *w = (struct whole_lines *)f;

	if (n > 0)
		lines_cut(w, in, n, out);
	if (last)
		lines_give(w, NULL, 0, out);
}

static void
lines_whole_free(struct filter *f)
{
	ring_free(&((struct whole_lines *)f)->kept);
	free(f);
}

/* Any push may bring out the bytes that were kept. */
struct filter *
filter_whole_lines(size_t max)
{
	static const struct filter_ops ops = { .growth = 1, .tail = LINE_MOST,
	    .push = lines_whole_push, .free = lines_whole_free };
	struct whole_lines *w = filter_new(sizeof(*w), &ops);

	if (w == NULL)
		return NULL;
	w->max = max < LINE_MOST ? max : LINE_MOST;
	ring_init(&w->kept, LINE_MOST);
	return &w->filter;
}
