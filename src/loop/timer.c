#include <stddef.h>

#include "loop/timer.h"

/* Melds two trees, both without siblings at the top, into a single tree. */
static struct timer *
timer_meld(struct timer *a, struct timer *b)
{
	struct timer *late;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	late = b->when < a->when ? a : b;
	a = late == a ? b : a;
	late->next = a->child;
	if (late->next != NULL)
		late->next->before = late;
	late->before = a;
	a->child = late;
	return a;
}

/*
 * Melds a row of siblings into a tree: in pairs, and then the pairs from
 * the last to the first, which keeps later rows short.
 */
static struct timer *
timer_meld_row(struct timer *row)
{
	struct timer *a, *b, *pairs = NULL, *all = NULL;

	while ((a = row) != NULL) {
		b = a->next;
		row = b != NULL ? b->next : NULL;
		a->next = NULL;
		if (b != NULL)
			b->next = NULL;
		a = timer_meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while ((a = pairs) != NULL) {
		pairs = a->next;
		a->next = NULL;
		all = timer_meld(all, a);
	}
	return all;
}

static void
timer_put_top(struct timer_heap *h, struct timer *t)
{
	h->top = t;
	if (t != NULL)
		t->before = t;
}

void
heap_set(struct timer_heap *h, struct timer *t, int64_t when)
{
	heap_clear(h, t);
	t->when = when;
	timer_put_top(h, timer_meld(h->top, t));
	h->n++;
}

void
heap_clear(struct timer_heap *h, struct timer *t)
{
	struct timer *below;

	if (!timer_is_set(t))
		return;
	below = timer_meld_row(t->child);
	if (t == h->top)
		timer_put_top(h, below);
	else {
		if (t->before->child == t)
			t->before->child = t->next;
		else
			t->before->next = t->next;
		if (t->next != NULL)
			t->next->before = t->before;
		timer_put_top(h, timer_meld(h->top, below));
	}
	t->child = t->next = t->before = NULL;
	h->n--;
}
