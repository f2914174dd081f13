/*
 * Datagrams that are lines.
 */
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"

/* The most that is kept back; a datagram is never larger. */
#define MOST	((size_t)65536)
#define LF	((const unsigned char *)"\n")

/* ---- A datagram becomes a line ------------------------------------------ */

/* Each push is a datagram: here the split of the bytes has a meaning. */
static void
to_lines_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	(void)f;
	if (last)
		return;
	ring_append(out, in, n);
	if (n == 0 || in[n - 1] != '\n')
		ring_append(out, LF, 1);
}

static void
lines_plain_free(struct filter *f)
{
	free(f);
}

/* The one byte more is in the tail: a growth of 2 would cost a larger ring. */
static const struct filter_ops to_lines_ops = {
	.name = "to-lines",
	.growth = 1,
	.tail = 1,
	.push = to_lines_push,
	.free = lines_plain_free
};

struct filter *
filter_to_lines(void)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f != NULL)
		f->ops = &to_lines_ops;
	return f;
}

/* ---- A line becomes a datagram ------------------------------------------ */

struct whole_lines {
	struct filter	 filter;
	struct filter	*before;
	struct ring	 passed;	/* what comes out of it */
	size_t		 max;
	struct ring	 kept;		/* no LF in it */
};

/* All n bytes, behind what was kept: they end a line, or fill a datagram. */
static void
lines_let_go(struct whole_lines *w, const unsigned char *in, size_t n,
    struct ring *out)
{
	struct iovec iov[2];
	int i, cnt = ring_data(&w->kept, iov, ring_used(&w->kept));

	for (i = 0; i < cnt; i++)
		ring_append(out, iov[i].iov_base, iov[i].iov_len);
	ring_free(&w->kept);
	ring_append(out, in, n);
}

/* Without memory to keep it in, it goes on as it is. */
static void
lines_keep_back(struct whole_lines *w, const unsigned char *in, size_t n,
    struct ring *out)
{
	struct iovec iov[2];

	if (n == 0)
		return;
	if (ring_space(&w->kept, iov, n) == -1)
		ring_append(out, in, n);
	else
		ring_append(&w->kept, in, n);
}

static void
lines_cut(struct whole_lines *w, const unsigned char *in, size_t n,
    struct ring *out)
{
	size_t whole = n, room;

	while (whole > 0 && in[whole - 1] != '\n')
		whole--;
	if (whole > 0)
		lines_let_go(w, in, whole, out);
	in += whole;
	n -= whole;
	/* What is too long for a datagram is no line any more. */
	while (ring_used(&w->kept) + n >= w->max) {
		room = w->max - ring_used(&w->kept);
		lines_let_go(w, in, room, out);
		in += room;
		n -= room;
	}
	lines_keep_back(w, in, n, out);
}

static void
lines_whole_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct whole_lines *w = (struct whole_lines *)f;
	struct iovec iov[2];
	int i, cnt;

	if (w->before == NULL && n > 0)
		lines_cut(w, in, n, out);
	else if (w->before != NULL) {
		w->before->ops->push(w->before, in, n, last, &w->passed);
		cnt = ring_data(&w->passed, iov, ring_used(&w->passed));
		for (i = 0; i < cnt; i++)
			lines_cut(w, iov[i].iov_base, iov[i].iov_len, out);
		ring_free(&w->passed);
	}
	if (last)
		lines_let_go(w, in, 0, out);
}

static void
lines_whole_free(struct filter *f)
{
	struct whole_lines *w = (struct whole_lines *)f;

	filter_free(w->before);
	ring_free(&w->kept);
	ring_free(&w->passed);
	free(w);
}

/* With each push comes what the last one kept back, at most. */
static const struct filter_ops whole_ops = {
	.name = "whole-lines",
	.growth = 1,
	.tail = MOST,
	.push = lines_whole_push,
	.free = lines_whole_free
};

/* Behind a filter that at most doubles what it is given. */
static const struct filter_ops whole_after_ops = {
	.name = "whole-lines",
	.growth = 2,
	.tail = 2 * MOST,
	.push = lines_whole_push,
	.free = lines_whole_free
};

struct filter *
filter_whole_lines(size_t max, struct filter *before)
{
	struct whole_lines *w = calloc(1, sizeof(*w));

	if (w == NULL) {
		filter_free(before);
		return NULL;
	}
	w->filter.ops = before != NULL ? &whole_after_ops : &whole_ops;
	w->before = before;
	w->max = max < MOST ? max : MOST;
	ring_init(&w->kept, MOST);
	ring_init(&w->passed, 2 * MOST);
	return &w->filter;
}

struct line_gate {
	struct gate	gate;
	size_t		max;
};

static size_t
lines_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	size_t n = ring_line(r), max = ((struct line_gate *)g)->max;

	(void)now, (void)when;
	return n < max ? n : max;
}

static void
lines_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	(void)g, (void)r, (void)n, (void)now;
}

static void
lines_free(struct gate *g)
{
	free(g);
}

static const struct gate_ops lines_ops = {
	.name = "lines",
	.allow = lines_allow,
	.passed = lines_passed,
	.free = lines_free
};

struct gate *
gate_lines(size_t max)
{
	struct line_gate *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->gate.ops = &lines_ops;
	g->max = max;
	return &g->gate;
}
