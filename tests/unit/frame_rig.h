/*
 * Push bytes through a filter in pieces, and gather what comes out.
 */
#ifndef FRAME_RIG_H
#define FRAME_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "frame/frame.h"

#define GOT_MAX		((size_t)1 << 16)

/* What came out; why is the fault's text or "". */
struct got {
	unsigned char	bytes[GOT_MAX];
	size_t		n;
	char		why[FRAME_WHY_MAX];
};

static inline void
got_take(struct got *g, struct ring *r)
{
	struct iovec iov[2];
	int i, cnt = ring_data(r, iov, ring_used(r));

	for (i = 0; i < cnt; i++) {
		if (g->n + iov[i].iov_len > GOT_MAX)
			abort();
		memcpy(g->bytes + g->n, iov[i].iov_base, iov[i].iov_len);
		g->n += iov[i].iov_len;
	}
	ring_take(r, ring_used(r));
}

/* One push, and those of nothing that go on behind it. */
static inline void
got_push(struct got *g, struct filter *f, const void *in, size_t n, bool last,
    struct ring *r)
{
	const char *why;

	f->ops->push(f, in, n, last, r);
	got_take(g, r);
	while (filter_more(f)) {
		f->ops->push(f, NULL, 0, false, r);
		got_take(g, r);
	}
	why = filter_fault(f);
	(void)snprintf(g->why, sizeof(g->why), "%s", why != NULL ? why : "");
}

/*
 * All of it, cut at these ncuts places, the last push with or without the
 * last piece, through a ring of this size. The filter is freed.
 */
static inline void
got_cut(struct got *g, struct filter *f, const void *in, size_t n,
    const size_t *cuts, size_t ncuts, bool end_alone, size_t ring)
{
	const unsigned char *at = in;
	size_t i, from = 0, to;
	struct ring r;

	g->n = 0;
	ring_init(&r, ring);
	for (i = 0; i <= ncuts; i++, from = to) {
		to = i < ncuts ? cuts[i] : n;
		got_push(g, f, at + from, to - from,
		    i == ncuts && !end_alone, &r);
	}
	if (end_alone)
		got_push(g, f, NULL, 0, true, &r);
	ring_free(&r);
	filter_free(f);
}

static inline bool
got_is(const struct got *g, const void *want, size_t n, const char *why)
{
	return g->n == n && (n == 0 || memcmp(g->bytes, want, n) == 0) &&
	    strcmp(g->why, why) == 0;
}

#endif
