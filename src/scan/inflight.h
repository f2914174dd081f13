/*
 * How many ports are asked at once: what the plan says, the descriptors
 * allow, and the kind of socket permits.
 */
#ifndef SCAN_INFLIGHT_H
#define SCAN_INFLIGHT_H

#include "run/destinations.h"

size_t	inflight_most(const struct plan *, const struct destinations *);

#endif
