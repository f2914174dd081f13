/*
 * The one clock over everything that the program does, from names to last
 * words. When it rings, that is said, and the loop stops at once: what is
 * left goes the way of a second signal, but what was held is told as lost.
 *
 * Laws: nothing is waited for from then on, not even standard error; the
 * clock alone is no reason to go on. A question for a password, which waits
 * outside of the loop, is interrupted by SIGALRM; see run_was_cut().
 */
#ifndef RUN_DEADLINE_H
#define RUN_DEADLINE_H

#include "base/diag.h"
#include "loop/loop.h"

struct run;

struct deadline {
	struct timer	 timer;
	bool		 passed;
	int		 status;	/* of the program, once it has */
	struct error	 last;		/* what failed and is tried again */
};

/* From now on, if the plan has one. The run's loop is there already. */
void	deadline_start(struct run *);
void	deadline_stop(struct run *);
/* This failed, and will be tried again; NULL: something has succeeded. */
void	deadline_blame(struct run *, const struct error *);

#endif
