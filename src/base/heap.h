/*
 * A pairing heap: a tree in which no key is larger than those below. The links
 * are in the nodes, so that to enter one needs no memory and cannot fail.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In memory of the caller, zeroed at first. */
struct heap_node {
	int64_t		 key;
	struct heap_node *child, *next;
	struct heap_node *before;	/* NULL: in no heap */
};

struct heap {
	struct heap_node *top;		/* the smallest key; NULL: none */
	unsigned	 n;
};

static inline bool
heap_has(const struct heap_node *t)
{
	return t->before != NULL;
}

/* A node that is in the heap is moved. */
void	heap_set(struct heap *, struct heap_node *, int64_t key);
void	heap_clear(struct heap *, struct heap_node *);

#endif
