/*
 * A loop for each test, and a trail of what happened.
 */
#ifndef LOOP_RIG_H
#define LOOP_RIG_H

#include "loop/loop.h"
#include "unit.h"

#define MSEC	INT64_C(1000000)

static char	trail[64];		/* what happened, in order */

static inline void
mark(char c)
{
	size_t n = strlen(trail);

	if (n + 1 < sizeof(trail)) {
		trail[n] = c;
		trail[n + 1] = '\0';
	}
}

static inline struct loop *
fresh(void)
{
	trail[0] = '\0';
	return loop_new();
}

#endif
