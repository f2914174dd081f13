#include <stddef.h>

#include "base/heap.h"

/* Melds two trees, both without siblings at the top, into a single tree. */
static struct heap_node *
heap_meld(struct heap_node *a, struct heap_node *b)
{
	struct heap_node *late;

	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	late = b->key < a->key ? a : b;
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
static struct heap_node *
heap_meld_row(struct heap_node *row)
{
	struct heap_node *a, *b, *pairs = NULL, *all = NULL;

	while ((a = row) != NULL) {
		b = a->next;
		row = b != NULL ? b->next : NULL;
		a->next = NULL;
		if (b != NULL)
			b->next = NULL;
		a = heap_meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while ((a = pairs) != NULL) {
		pairs = a->next;
		a->next = NULL;
		all = heap_meld(all, a);
	}
	return all;
}

static void
heap_put_top(struct heap *h, struct heap_node *t)
{
	h->top = t;
	if (t != NULL)
		t->before = t;
}

void
heap_set(struct heap *h, struct heap_node *t, int64_t key)
{
	heap_clear(h, t);
	t->key = key;
	heap_put_top(h, heap_meld(h->top, t));
	h->n++;
}

void
heap_clear(struct heap *h, struct heap_node *t)
{
	struct heap_node *below;

	if (!heap_has(t))
		return;
	below = heap_meld_row(t->child);
	if (t == h->top)
		heap_put_top(h, below);
	else {
		if (t->before->child == t)
			t->before->child = t->next;
		else
			t->before->next = t->next;
		if (t->next != NULL)
			t->next->before = t->before;
		heap_put_top(h, heap_meld(h->top, below));
	}
	t->child = t->next = t->before = NULL;
	h->n--;
}
