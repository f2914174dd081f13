/*
 * One filter behind the other.
 */
#include <assert.h>
#include <stdlib.h>

#include "filter/filter.h"

/* What the first makes of so much at a time stands between the two. */
#define PIECE	((size_t)4096)

struct chain {
	struct filter		 filter;
	struct filter_ops	 ops;	/* its growth is theirs together */
	struct filter		*first, *second;
	struct ring		 between;
};

static void
chain_hand_on(struct chain *c, bool last, struct ring *out)
{
	struct iovec iov[2];
	int i, cnt = ring_data(&c->between, iov, ring_used(&c->between));

	for (i = 0; i < cnt; i++)
		c->second->ops->push(c->second, iov[i].iov_base,
		    iov[i].iov_len, false, out);
	ring_take(&c->between, ring_used(&c->between));
	if (last || cnt == 0)
		c->second->ops->push(c->second, NULL, 0, last, out);
}

static void
chain_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct chain *c = (struct chain *)f;
	size_t piece;

	do {
		piece = n < PIECE ? n : PIECE;
		n -= piece;
		c->first->ops->push(c->first, in, piece, last && n == 0,
		    &c->between);
		chain_hand_on(c, last && n == 0, out);
		in = in != NULL ? in + piece : NULL;
	} while (n > 0);
}

static void
chain_free(struct filter *f)
{
	struct chain *c = (struct chain *)f;

	filter_free(c->first);
	filter_free(c->second);
	ring_free(&c->between);
	free(c);
}

static bool
chain_more(const struct filter *f)
{
	return filter_more(((const struct chain *)f)->second);
}

static size_t
chain_held(const struct filter *f)
{
	const struct chain *c = (const struct chain *)f;

	return filter_held(c->first) + filter_held(c->second);
}

static const char *
chain_fault(const struct filter *f)
{
	const struct chain *c = (const struct chain *)f;
	const char *why = filter_fault(c->first);

	return why != NULL ? why : filter_fault(c->second);
}

static size_t
chain_cut(struct filter *f, bool failed)
{
	struct chain *c = (struct chain *)f;

	return filter_cut(c->first, failed) + filter_cut(c->second, failed);
}

static const struct filter_ops chain_ops = {
	.name = "chain",
	.push = chain_push,
	.free = chain_free,
	.more = chain_more,
	.held = chain_held,
	.fault = chain_fault,
	.cut = chain_cut
};

/* The memory between them is there from the start: no push can fail. */
static struct chain *
new_chain(const struct filter_ops *a, const struct filter_ops *b)
{
	struct chain *c = calloc(1, sizeof(*c));
	struct iovec iov[2];

	if (c == NULL)
		return NULL;
	ring_init(&c->between, PIECE * a->growth + a->tail);
	if (ring_space(&c->between, iov, 1) == -1) {
		free(c);
		return NULL;
	}
	c->ops = chain_ops;
	c->ops.growth = a->growth * b->growth;
	c->ops.tail = a->tail * b->growth + b->tail;
	c->filter.ops = &c->ops;
	return c;
}

struct filter *
filter_chain(struct filter *first, struct filter *second)
{
	struct chain *c = NULL;

	assert(first == NULL || first->ops->more == NULL);
	if (first != NULL && second != NULL)
		c = new_chain(first->ops, second->ops);
	if (c == NULL) {
		filter_free(first);
		filter_free(second);
		return NULL;
	}
	c->first = first;
	c->second = second;
	return &c->filter;
}
