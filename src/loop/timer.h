/*
 * Deadlines in a pairing heap: a tree in which no timer is later than those
 * below. The links are in the timers, so that setting a timer needs no memory
 * and cannot fail.
 */
#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A deadline, in memory of the caller. The loop sets the links. */
struct timer {
	int64_t		 when;		/* nanoseconds, CLOCK_MONOTONIC */
	struct timer	*child, *next;
	struct timer	*before;	/* NULL: not set */
	void		(*fire)(void *arg);
	void		*arg;
};

static inline bool
timer_is_set(const struct timer *t)
{
	return t->before != NULL;
}

/* The earlier of two dates; 0 is no date. */
static inline int64_t
timer_earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* For loop.c alone. */
struct timer_heap {
	struct timer	*top;		/* the earliest; NULL: none is set */
	unsigned	 n;
};

/* A timer that is set is moved. */
void	heap_set(struct timer_heap *, struct timer *, int64_t when);
void	heap_clear(struct timer_heap *, struct timer *);

#endif
