/*
 * A name with several addresses, over UDP: connect(2) succeeds whether or not
 * anybody is there, so that the first address always seems right. When the
 * first datagrams are refused and nothing has been answered, the next address
 * gets them.
 */
#ifndef MODE_UDP_NEXT_H
#define MODE_UDP_NEXT_H

#include "net/dial.h"
#include "run/destinations.h"

struct udp_next {
	struct destinations		*destinations;
	struct udp_resend	*resend;	/* the far endpoint's; NULL: one
						   address is all there is */
	struct dial		*dial;		/* to the addresses left; NULL:
						   none */
	unsigned		 port;
	struct addr		 at;		/* the address in use */
};

/*
 * Watches the far endpoint of the run, which is a socket connected to this
 * address, and has no other layers yet.
 */
void	udp_next_watch(struct udp_next *, struct destinations *, unsigned port,
	    const struct addr *);
/* The session is over. Safe at any time. */
void	udp_next_stop(struct udp_next *);

#endif
