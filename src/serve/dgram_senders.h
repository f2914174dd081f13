/*
 * Several senders to one socket: what is said about them, and messages in their
 * datagrams.
 *
 * Law: a datagram that does not consist of whole messages is dropped, and
 * reported once for each sender in a row.
 */
#ifndef SERVE_DGRAM_SENDERS_H
#define SERVE_DGRAM_SENDERS_H

#include "frame/frame.h"
#include "run/run.h"

/* told: the sender of the last message of this kind; len 0 at first. */
void	dgram_senders_report(const struct run *, const struct addr *from,
	    struct addr *told, const char *why);

/* Of datagrams that the guard against loops has stopped (net/loopguard.h). */
#define DGRAM_SENDERS_LOOP	"sends our answers back: some are dropped"
#define DGRAM_SENDERS_STOPPED	"that were our own answers"

/* Prints something about a sender; the other one only with -v. */
void	dgram_senders_tell(const struct run *, const struct addr *from,
	    const char *text);
void	dgram_senders_warn(const struct run *, const struct addr *from,
	    const char *text);
/* At the end, with -v: how many datagrams were dropped, and why. 0: nothing. */
void	dgram_senders_dropped(const struct run *, uint64_t n, const char *why);

struct dgram_senders {
	struct run		*run;
	const struct layer	*udp;	/* knows the sender */
	struct addr		 told;
};

/*
 * Unpacks messages above the endpoint of a datagram socket, which has all its
 * other layers. -1: no memory.
 */
int	dgram_senders_unpack(struct dgram_senders *, struct run *,
	    struct endpoint *);

#endif
