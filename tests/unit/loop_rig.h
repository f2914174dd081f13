/*
 * A loop for each test, with each poller, and a trail of what happened.
 */
#ifndef LOOP_RIG_H
#define LOOP_RIG_H

#include "loop/loop.h"
#include "unit.h"

#define MSEC	INT64_C(1000000)

static enum loop_poller	poller;		/* the one under test */

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
	return loop_new(poller);
}

static inline void
both(const char *sentence, void (*fn)(void))
{
	char buf[128];

	poller = LOOP_POLLER_EPOLL;
	(void)snprintf(buf, sizeof(buf), "%s (epoll)", sentence);
	unit_run(buf, fn);
	poller = LOOP_POLLER_POLL;
	(void)snprintf(buf, sizeof(buf), "%s (poll)", sentence);
	unit_run(buf, fn);
}

#endif
