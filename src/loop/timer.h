/*
 * Deadlines in a pairing heap: a tree in which no timer is later than those
 * below it. The links are in the timers, so that setting one needs no memory
 * and cannot fail. For loop.c alone.
 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include "loop/loop.h"

struct timer_heap {
	struct timer	*top;		/* the earliest; NULL: none is set */
	unsigned	 n;
};

/* A timer that is set is moved. */
void	heap_set(struct timer_heap *, struct timer *, int64_t when);
void	heap_clear(struct timer_heap *, struct timer *);

#endif
