/*
 * Two servers that answer everything can be set at each other for ever, by
 * one datagram whose sender was forged: each takes the other's answer for a
 * question. This tells such a loop from a client, and breaks it.
 *
 * The rule: a datagram that is the same as our last answer to its sender, or
 * begins or ends with it (a server may put words of its own before or behind
 * what it gets), and comes within a second of it, may be that answer coming
 * back. Of so many in a row the last is not to be answered: LOOPGUARD_FIRST,
 * then twice as many, and so on up to LOOPGUARD_MOST, until the sender says
 * something else or pauses. A loop has one datagram in flight, and ends with
 * the first that is dropped, after 2 * LOOPGUARD_FIRST + 1 datagrams. Of
 * several in flight each is dropped in its turn. A client that repeats itself
 * so fast loses few, and fewer the longer it goes on.
 *
 * Laws: the table is bounded, whoever sends; a sender is known by a seeded
 * hash, so that nobody can choose whose place to take.
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

/* NULL: no memory. */
struct loopguard	*loopguard_new(void);
void			 loopguard_free(struct loopguard *);
/* This came; may it be answered? now: of the monotonic clock, ns. */
bool			 loopguard_passes(struct loopguard *,
			    const struct addr *from, const void *, size_t,
			    int64_t now);
/* This was sent. */
void			 loopguard_answered(struct loopguard *,
			    const struct addr *to, const void *, size_t,
			    int64_t now);

#endif
