/*
 * Breaks loops of two UDP servers that answer everything: one datagram with a
 * forged sender makes each take the other's answers for questions, for ever.
 *
 * The rule: a datagram may be our last answer to its sender, coming back, if it
 * comes within a second of that answer and equals it, or begins or ends with it
 * (a server may add text). Of so many such datagrams in a row the last is not
 * answered: LOOPGUARD_FIRST, then twice as many, up to LOOPGUARD_MOST, until
 * the sender sends something else or pauses. A loop of one datagram ends with
 * the first that is dropped, after 2 * LOOPGUARD_FIRST + 1 datagrams.
 *
 * Laws: the size of the table is fixed; senders are found by a seeded hash, so
 * that no sender can choose whose entry to take.
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

/* The caller frees it (free(3)). NULL: no memory. */
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
