/*
 * Tries again: the plan's number of tries, after the plan's pauses.
 */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include "run/run.h"

struct retry {
	struct run	*run;
	struct timer	 timer;		/* begins a try */
	int		 left;		/* tries; -1: no limit */
	int64_t		 pause;		/* ns, before the next try */
};

void	retry_init(struct retry *, struct run *, void (*go)(void *),
	    void *arg);
/* Begins to try another operation, with this many tries. */
void	retry_fresh(struct retry *, int tries);
/* Returns whether a try is left, and no signal ends the run. */
bool	retry_may(const struct retry *);
/*
 * Reports the next try, and calls go() after the pause from a turn of the
 * loop. err: why; NULL: nothing failed.
 */
void	retry_later(struct retry *, const struct error *err);
bool	retry_is_pausing(const struct retry *);
void	retry_stop(struct retry *);

#endif
