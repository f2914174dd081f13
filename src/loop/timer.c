/*
 * Deadlines in a binary heap: each timer knows its place.
 */
#include <errno.h>
#include <stdlib.h>

#include "loop/timer.h"

static void
place(struct timer_heap *h, unsigned slot, struct timer *t)
{
	h->at[slot] = t;
	t->slot = slot;
}

static void
sift_up(struct timer_heap *h, struct timer *t)
{
	unsigned slot = t->slot;

	for (; slot > 1 && h->at[slot / 2]->when > t->when; slot /= 2)
		place(h, slot, h->at[slot / 2]);
	place(h, slot, t);
}

static void
sift_down(struct timer_heap *h, struct timer *t)
{
	unsigned child, slot = t->slot;

	for (; (child = slot * 2) <= h->n; slot = child) {
		if (child < h->n && h->at[child + 1]->when < h->at[child]->when)
			child++;
		if (h->at[child]->when >= t->when)
			break;
		place(h, slot, h->at[child]);
	}
	place(h, slot, t);
}

static int
grow(struct timer_heap *h)
{
	unsigned cap = h->cap == 0 ? 8 : h->cap * 2;
	struct timer **at = reallocarray(h->at, cap, sizeof(*at));

	if (at == NULL)
		return -1;
	h->at = at;
	h->cap = cap;
	return 0;
}

int
heap_set(struct timer_heap *h, struct timer *t, int64_t when)
{
	if (t->slot == 0) {
		if (h->n + 1 >= h->cap && grow(h) == -1)
			return -1;
		place(h, ++h->n, t);
	}
	t->when = when;
	sift_up(h, t);
	sift_down(h, t);
	return 0;
}

void
heap_clear(struct timer_heap *h, struct timer *t)
{
	struct timer *last;
	unsigned slot = t->slot;

	if (slot == 0)
		return;
	last = h->at[h->n--];
	t->slot = 0;
	if (last == t)
		return;
	place(h, slot, last);
	sift_up(h, last);
	sift_down(h, last);
}

struct timer *
heap_first(const struct timer_heap *h)
{
	return h->n == 0 ? NULL : h->at[1];
}
