/*
 * The console of a room's operator: with a terminal at standard input and
 * output, the near end is one, as in a chat.
 */
#ifndef CHAT_TALK_CONSOLE_H
#define CHAT_TALK_CONSOLE_H

#include "run/run.h"

/* Whether this run has an operator who sits at a terminal. */
bool	talk_console_fits(const struct plan *);
extern const struct near_ops	talk_near_ops;

#endif
