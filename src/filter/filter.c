#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "filter/filter.h"

unsigned char *
ring_ahead_at(struct ring *r, size_t *n)
{
	size_t end = r->head + r->used;
	struct iovec iov[2];

	*n = 0;
	if (r->mem == NULL && ring_space(r, iov, 1) == -1)
		return NULL;
	if (end >= r->cap)
		end -= r->cap;
	if (ring_room(r) > 0)
		*n = end < r->head ? r->head - end : r->cap - end;
	return r->mem + end;
}

void
ring_append(struct ring *r, const void *bytes, size_t n)
{
	const unsigned char *from = bytes;
	struct iovec iov[2];
	unsigned char *to;
	size_t room;
	int i, cnt;

	if (n == 0)
		return;
	to = ring_ahead_at(r, &room);
	if (n <= room) {
		bytes_copy(to, from, n);
		ring_put(r, n);
		return;
	}
	cnt = ring_space(r, iov, n);
	for (i = 0; i < cnt; i++) {
		memcpy(iov[i].iov_base, from, iov[i].iov_len);
		from += iov[i].iov_len;
		ring_put(r, iov[i].iov_len);
	}
}

size_t
ring_line(const struct ring *r, size_t max)
{
	struct iovec iov[2];
	const char *lf;
	size_t before = 0;
	int i, cnt = ring_data(r, iov, max);

	for (i = 0; i < cnt; i++) {
		lf = memchr(iov[i].iov_base, '\n', iov[i].iov_len);
		if (lf != NULL)
			return before + (size_t)(lf -
			    (const char *)iov[i].iov_base) + 1;
		before += iov[i].iov_len;
	}
	return before;
}

bool
filter_more(const struct filter *f)
{
	return f != NULL && f->ops->more != NULL && f->ops->more(f);
}

size_t
filter_held(const struct filter *f)
{
	return f != NULL && f->ops->held != NULL ? f->ops->held(f) : 0;
}

const char *
filter_fault(const struct filter *f)
{
	return f != NULL && f->ops->fault != NULL ? f->ops->fault(f) : NULL;
}

bool
filter_over(const struct filter *f)
{
	return f != NULL && f->ops->over != NULL && f->ops->over(f);
}

size_t
filter_cut(struct filter *f, bool failed)
{
	return f != NULL && f->ops->cut != NULL ? f->ops->cut(f, failed) : 0;
}

void
filter_free(struct filter *f)
{
	if (f != NULL && f->ops->free != NULL)
		f->ops->free(f);
	else
		free(f);
}

void
gate_free(struct gate *g)
{
	if (g != NULL && g->ops->free != NULL)
		g->ops->free(g);
	else
		free(g);
}

void *
filter_new(size_t size, const struct filter_ops *ops)
{
	struct filter *f = calloc(1, size);

	if (f != NULL)
		f->ops = ops;
	return f;
}

/* ---- A chain of two filters --------------------------------------------- */

/* Bytes of a stream that are pushed into the first filter at once. */
#define PIECE	((size_t)4096)

struct chain {
	struct filter		 filter;
	struct filter_ops	 ops;	/* with the growth of both */
	struct filter		*first, *second;
	struct ring		 between; /* output of the first */
};

static size_t
chain_piece(const struct filter_ops *first)
{
	return first->records ? FILTER_DATAGRAM : PIECE;
}

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
	size_t piece, most = chain_piece(c->first->ops);

	do {
		piece = n < most ? n : most;
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
	.push = chain_push,
	.free = chain_free,
	.more = chain_more,
	.held = chain_held,
	.fault = chain_fault,
	.cut = chain_cut
};

/* Allocates the ring between the two now, so that no push can fail. */
static struct chain *
chain_new(const struct filter_ops *a, const struct filter_ops *b)
{
	struct chain *c = calloc(1, sizeof(*c));
	struct iovec iov[2];

	if (c == NULL)
		return NULL;
	ring_init(&c->between, chain_piece(a) * a->growth + a->tail);
	if (ring_space(&c->between, iov, 1) == -1) {
		free(c);
		return NULL;
	}
	c->ops = chain_ops;
	c->ops.growth = a->growth * b->growth;
	c->ops.tail = a->tail * b->growth + b->tail;
	c->ops.records = a->records;
	/* So that a chain can be the first of another. */
	if (b->more == NULL)
		c->ops.more = NULL;
	c->filter.ops = &c->ops;
	return c;
}

struct filter *
filter_chain(struct filter *first, struct filter *second)
{
	struct chain *c = NULL;

	assert(first == NULL || first->ops->more == NULL);
	if (first != NULL && second != NULL)
		c = chain_new(first->ops, second->ops);
	if (c == NULL) {
		filter_free(first);
		filter_free(second);
		return NULL;
	}
	c->first = first;
	c->second = second;
	return &c->filter;
}

/* ---- A filter with an observer of its input ------------------------------ */

static void
filter_before_free(struct filter *f)
{
	filter_free(((struct filter_before *)f)->next);
	free(f);
}

void *
filter_before(size_t size, const struct filter_ops *ops, struct filter *next)
{
	struct filter_before *f = calloc(1, size);

	if (f == NULL) {
		filter_free(next);
		return NULL;
	}
	f->ops = *ops;
	f->ops.free = filter_before_free;
	if (next != NULL) {
		f->ops.growth *= next->ops->growth;
		f->ops.tail = f->ops.tail * next->ops->growth +
		    next->ops->tail;
	}
	f->filter.ops = &f->ops;
	f->next = next;
	return f;
}

void
filter_pass(struct filter_before *f, const void *in, size_t n, bool last,
    struct ring *out)
{
	if (f->next != NULL)
		f->next->ops->push(f->next, in, n, last, out);
	else if (n > 0)
		ring_append(out, in, n);
}

struct tee {
	struct filter_before before;
	void		(*saw)(void *, const unsigned char *, size_t, bool);
	void		*arg;
};

static void
tee_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct tee *t = (struct tee *)f;

	t->saw(t->arg, in, n, last);
	filter_pass(&t->before, in, n, last, out);
}

struct filter *
filter_tee(struct filter *next, void (*saw)(void *, const unsigned char *,
    size_t, bool), void *arg)
{
	static const struct filter_ops ops = { .growth = 1, .push = tee_push };
	struct tee *t = filter_before(sizeof(*t), &ops, next);

	if (t == NULL)
		return NULL;
	t->saw = saw;
	t->arg = arg;
	return &t->before.filter;
}
