/*
 * Who sits at the near end.
 */
#ifndef CHAT_PERSON_H
#define CHAT_PERSON_H

#include "run/run.h"

/* The console that this plan asks for; NULL: the standard streams will do. */
const struct near_ops	*person_near_ops(const struct plan *);

#endif
