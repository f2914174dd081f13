/*
 * Messages in the datagrams of several senders to one socket.
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
