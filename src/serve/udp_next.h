/*
 * The other addresses of a target of datagrams: connect(2) of a datagram socket
 * succeeds whether or not there is a server. When the first datagrams are
 * refused and no answer has come, they are sent to the next address.
 */
#ifndef SERVE_UDP_NEXT_H
#define SERVE_UDP_NEXT_H

#include "reach/dial.h"

struct endpoint;

/*
 * Watches an endpoint of a socket, which is connected to this address of the
 * list to of the options. Without memory the address is final. The state ends
 * with the endpoint.
 */
void	udp_next_watch(struct endpoint *, const struct dial_options *,
	    const struct addr *);

#endif
