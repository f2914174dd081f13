/*
 * Trying again: so many times, after pauses, as the plan says.
 */
#ifndef RUN_AGAIN_H
#define RUN_AGAIN_H

#include "run/run.h"

struct again {
	struct run	*run;
	struct timer	 timer;
	int		 left;		/* tries; -1: any number */
	int64_t		 pause;		/* before the next */
	/* Begin again; from a turn of the loop. */
	void		(*go)(void *arg);
	void		*arg;
};

void	again_init(struct again *, struct run *, void (*go)(void *),
	    void *arg);
/* Something else is tried: so often. */
void	again_fresh(struct again *, int tries);
/* Is there to be another try? Not after a signal that ends us. */
bool	again_may(const struct again *);
/*
 * There is: that is told, and go() called after the pause. err is why it is
 * needed; NULL: nothing failed.
 */
void	again_later(struct again *, const struct error *err);
bool	again_is_pausing(const struct again *);
void	again_stop(struct again *);

#endif
