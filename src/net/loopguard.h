/*
 * Breaks loops of two UDP servers that answer everything: one datagram with a
 * forged sender makes each take the other's answers for questions, endlessly.
 *
 * The rule: a datagram may be our last answer to its sender, coming back, if
 * received within a second of that answer, and equal to, beginning or ending
 * with that answer (a server may add text). Of LOOPGUARD_FIRST such datagrams
 * in a row the last is not answered, then of twice as many, up to
 * LOOPGUARD_MOST, until the sender sends other data or pauses. A loop of one
 * datagram ends at the first drop, after 2 * LOOPGUARD_FIRST + 1 datagrams.
 *
 * Laws: the size of the table is fixed; senders are found by a seeded hash, so
 * that no sender can choose which entry to take.
 */
#ifndef NET_LOOPGUARD_H
#define NET_LOOPGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define LOOPGUARD_FIRST	30
#define LOOPGUARD_MOST	(LOOPGUARD_FIRST * 32)

struct loopguard;

/* The caller frees the guard (free(3)). NULL: no memory. */
struct loopguard	*loopguard_new(void);
/* True if this datagram may be answered. now: CLOCK_MONOTONIC, ns. */
bool			 loopguard_passes(struct loopguard *,
			    const struct addr *from, const void *, size_t,
			    int64_t now);
/* Records an answer. */
void			 loopguard_answered(struct loopguard *,
			    const struct addr *to, const void *, size_t,
			    int64_t now);

#endif
