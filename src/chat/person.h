/*
 * The console of a person at the near end: of a chat, or of a room's operator.
 */
#ifndef CHAT_PERSON_H
#define CHAT_PERSON_H

#include "run/run.h"

/* The console that this plan asks for; NULL: plain standard streams. */
const struct near_ops	*person_near_ops(const struct plan *);
/* Whether a room has an operator at a terminal. */
bool			 person_is_operator(const struct plan *);

#endif
