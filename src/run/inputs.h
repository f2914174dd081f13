/*
 * Standard input and the files of --input as one: the read half of the near
 * endpoint. Lines are kept together; the end has come when all have ended.
 *
 * Law: nothing that is opened here is waited for. A FIFO that nobody writes
 * to yet has not ended: its end is when its last writer has left.
 */
#ifndef RUN_INPUTS_H
#define RUN_INPUTS_H

#include "endpoint/gather.h"
#include "plan/plan.h"

struct input;

struct inputs {
	struct gather	 gather;
	struct input	*v;		/* owned */
	size_t		 n;
	struct error	 err;		/* the first read that failed */
};

/* NULL and err filled: one could not be opened. */
struct inputs	*inputs_open(const struct plan *, struct endpoint *near,
		    struct error *);
void		 inputs_free(struct inputs *);

#endif
