/*
 * How many ports are asked at once: what the plan says, the descriptors
 * allow, and the kind of socket permits.
 */
#ifndef MODE_INFLIGHT_H
#define MODE_INFLIGHT_H

#include "mode/targets.h"

size_t	inflight_most(const struct plan *, const struct targets *);

#endif
