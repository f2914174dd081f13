/*
 * The console of a room's operator: with a terminal at standard input and
 * output, the near end is one, as in a chat.
 */
#ifndef MODE_TALK_CONSOLE_H
#define MODE_TALK_CONSOLE_H

#include "mode/run.h"

/* Whether this run has an operator who sits at a terminal. */
bool	talk_console_fits(const struct plan *);
/* The near end of the run; -1 and err filled. */
int	talk_console_open(struct run *, struct error *);
/* Messages go to standard error again. */
void	talk_console_close(void);

#endif
