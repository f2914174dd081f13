/*
 * Breaks loops of two UDP servers that answer everything: one datagram with a
 * forged sender makes each take the other's answers for questions, endlessly.
 *
 * The rule: a datagram counts as one of our answers that comes back if it is
 * received within a second of an answer to the same sender, and equal to that
 * answer, or begins or ends with it (a server may add text) if it has at least
 * eight bytes. Of many answers, each is remembered, so a loop may have many
 * datagrams in flight.
 * The sender has a budget of LOOPGUARD_FIRST answers to such datagrams, and two
 * more each second. After that, none is answered during a pause of at least
 * 50 ms, and of eight times as an answer took to come back (one second at
 * most): what is in flight is gone then. A loop of one datagram ends at the
 * first drop, after 2 * LOOPGUARD_FIRST + 1 datagrams.
 *
 * A sender that still sends at the end of the pause is no loop: the sender is
 * answered at up to twice the pace of that time for 300 pauses, and then looked
 * at again. Another sender that goes on within a second after the pause may
 * wait for each answer; the budget doubles, up to LOOPGUARD_MOST.
 *
 * Laws: the size of the tables is fixed; senders are found by a seeded hash, so
 * that no sender can choose which entry to take; a datagram that is not an
 * answer of ours is never dropped, and changes no budget.
 */
#ifndef PEERS_LOOPGUARD_H
#define PEERS_LOOPGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

#define LOOPGUARD_FIRST	30
#define LOOPGUARD_MOST	(LOOPGUARD_FIRST * 32)

struct loopguard;

/* The caller frees the guard (free(3)). NULL: no memory. */
struct loopguard	*loopguard_new(void);
/*
 * True if this datagram may be answered. echoes: it is its own answer, which is
 * recorded then. now: CLOCK_MONOTONIC, ns.
 */
bool			 loopguard_passes(struct loopguard *,
			    const struct addr *from, const void *, size_t,
			    int64_t now, bool echoes);
/* Records an answer. */
void			 loopguard_answered(struct loopguard *,
			    const struct addr *to, const void *, size_t,
			    int64_t now);
/* A seeded hash of the address and port: no sender can choose its value. */
uint64_t		 loopguard_hash_addr(uint64_t seed,
			    const struct addr *);

#endif
