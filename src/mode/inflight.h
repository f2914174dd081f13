/*
 * How many ports are asked at once: what the plan says, the descriptors
 * allow, and the kind of socket permits.
 */
#ifndef MODE_INFLIGHT_H
#define MODE_INFLIGHT_H

#include "mode/targets.h"

size_t	inflight_most(const struct plan *, const struct targets *);
/* Is this errno one of a system that is short of something? */
bool	inflight_is_short(int num);

#endif
