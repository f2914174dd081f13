/*
 * Slows down guessing a password: after each wrong one the address has to wait
 * longer until the next is judged, also over new connections.
 *
 * Laws: the table has a fixed size; addresses are found by a seeded hash, and
 * those that share a place share its pause, so that many addresses gain
 * nothing by pushing others out; guesses of one address are judged one after
 * the other, however many connections send them; nothing here waits.
 */
#ifndef CHAT_PASSWORD_GUARD_H
#define CHAT_PASSWORD_GUARD_H

#include "base/addr.h"

struct password_guard;

/* The caller frees the guard (free(3)). NULL: no memory. */
struct password_guard	*password_guard_new(void);
/*
 * Returns when a guess from this address may be judged, now at the earliest.
 * If that is not after latest, the next guess has to wait for longer. Times
 * are of CLOCK_MONOTONIC, in ns. Of IPv6 the first 64 bits count; all Unix
 * peers are one.
 */
int64_t	password_guard_turn(struct password_guard *, const struct addr *,
	    int64_t now, int64_t latest);
/* The guess was wrong. */
void	password_guard_wrong(struct password_guard *, const struct addr *,
	    int64_t now);

#endif
