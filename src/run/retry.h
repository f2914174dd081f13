/*
 * Trying again: so many times, after pauses, as the plan says.
 */
#ifndef RUN_RETRY_H
#define RUN_RETRY_H

#include "run/run.h"

struct retry {
	struct run	*run;
	struct timer	 timer;
	int		 left;		/* tries; -1: any number */
	int64_t		 pause;		/* before the next */
	/* Begin again; from a turn of the loop. */
	void		(*go)(void *arg);
	void		*arg;
};

void	retry_init(struct retry *, struct run *, void (*go)(void *),
	    void *arg);
/* Something else is tried: so often. */
void	retry_fresh(struct retry *, int tries);
/* Is there to be another try? Not after a signal that ends us. */
bool	retry_may(const struct retry *);
/*
 * There is: that is told, and go() called after the pause. err is why it is
 * needed; NULL: nothing failed.
 */
void	retry_later(struct retry *, const struct error *err);
bool	retry_is_pausing(const struct retry *);
void	retry_stop(struct retry *);

#endif
