/*
 * An endpoint over a datagram socket: the read half gives datagrams together
 * with their addresses, and the write half sends each back to its sender, from
 * the local address to which the sender sent the datagram.
 *
 * Laws: nothing is read before all of the last batch is sent or dropped; an
 * error of a datagram drops that datagram alone; an idle socket holds no
 * memory and takes no turns.
 */
#ifndef ENDPOINT_UDP_REPLY_H
#define ENDPOINT_UDP_REPLY_H

#include "endpoint/endpoint.h"
#include "io/fd_batch.h"

struct udp_reply {
	struct layer	 layer;
	struct endpoint	*ep;
	struct addr	 bound;		/* local address of the socket */
	struct timer	 retry;		/* set: the socket is not tried */
	unsigned	 pauses;	/* for the first datagram of a batch */
	bool		 retried;	/* ... which was tried again at once */
	uint64_t	 unheard;	/* bytes dropped because their peer has
					   gone: not sent, and not missed */
	/* Whether to give a datagram to the flow. NULL: all of them. */
	bool		(*keep)(void *arg, struct udp_reply *,
			    const struct dgram *);
	/* Reports an errno that concerned a single datagram, and the call. */
	void		(*failed)(void *arg, int num, const char *op);
	void		*arg;
};

/*
 * Makes ep an endpoint over fd, which is the endpoint's then. The caller sets
 * keep, failed and arg; the memory is the caller's. -1 with errno: ep has no
 * half, and fd stays the caller's.
 */
int	udp_reply_init(struct udp_reply *, struct endpoint *ep, struct loop *,
	    const struct fd *);

#endif
