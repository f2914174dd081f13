/*
 * Deadlines in a heap. Used by loop.c alone.
 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include "loop/loop.h"

struct timer_heap {
	struct timer	*top;		/* the earliest, or NULL */
	unsigned	 n;
};

/* A timer that is set already is moved. */
void		 heap_set(struct timer_heap *, struct timer *, int64_t when);
void		 heap_clear(struct timer_heap *, struct timer *);
/* The earliest, or NULL. */
struct timer	*heap_first(const struct timer_heap *);

#endif
