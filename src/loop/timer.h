/*
 * Deadlines, in a heap of the loop. Setting a timer cannot fail.
 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include "base/heap.h"

/* A deadline, in memory of the caller. The loop sets the node. */
struct timer {
	struct heap_node node;		/* key: ns of CLOCK_MONOTONIC */
	void		(*fire)(void *arg);
	void		*arg;
};

static inline bool
timer_is_set(const struct timer *t)
{
	return heap_has(&t->node);
}

/* The earlier of two dates; 0 is no date. */
static inline int64_t
timer_earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

#endif
