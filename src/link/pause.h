/*
 * A peer whose reader pauses, beside a peer that has vanished: the system ends
 * a connection whose bytes are not acknowledged for the time of
 * TCP_USER_TIMEOUT, but also one whose window was closed for so long. While
 * bytes wait for an acknowledgement, the peer is looked at from time to time,
 * and a peer that answers is excused until the next look.
 */
#ifndef LINK_PAUSE_H
#define LINK_PAUSE_H

#include "base/num.h"
#include "io/fd.h"

/* Small, because each idle connection has one. */
struct pause_watch {
	uint32_t	 at;	/* the next look, in PAUSE_UNIT; 0: nothing
				   was sent */
	uint32_t	 seen;	/* moves as of the last look, folded */
};
#define PAUSE_UNIT	(NSEC_PER_SEC / 10)

/* The date of the next look; 0: none. */
static inline int64_t
pause_date(const struct pause_watch *p)
{
	return p->at * PAUSE_UNIT;
}

/*
 * Looks at the peers, if it is time. moves: any number that changes when bytes
 * are sent; patience: ns between two looks, half of TCP_USER_TIMEOUT; 0: never
 * looks. b may be NULL. Returns the date of the next look; 0: none.
 */
int64_t	pause_look(struct pause_watch *, uint64_t moves, int64_t now,
	    int64_t patience, const struct fd *a, const struct fd *b);

#endif
