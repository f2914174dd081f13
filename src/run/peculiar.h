/*
 * What is peculiar to some kinds of connections: urgent data, and whether a
 * multipath connection is one.
 */
#ifndef RUN_PECULIAR_H
#define RUN_PECULIAR_H

#include "run/run.h"

/*
 * The far end, which is open, tells of urgent data. False: that failed, and
 * the run stops after the words.
 */
bool	peculiar_far(struct run *);
/* A connection stands: say what it is worth saying of its kind. */
void	peculiar_said(const struct run *, const struct fd *);

#endif
