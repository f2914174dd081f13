/*
 * The other addresses of a target of datagrams: connect(2) of a datagram socket
 * succeeds whether or not there is a server, so the first address always seems
 * right. Copies of the first datagrams are kept until something is received;
 * if the port refuses them before that (ECONNREFUSED), they are sent to the
 * next address, and nothing else is read or written before.
 */
#ifndef PEERS_NEXT_ADDRESS_H
#define PEERS_NEXT_ADDRESS_H

#include "endpoint/endpoint.h"
#include "reach/dial.h"

/* This address is connected to (err NULL), or refuses, or cannot be tried. */
typedef void next_address_tried(void *arg, const struct addr *,
    const struct error *);

/*
 * Watches an endpoint of a socket, which is connected to this address of the
 * list to of the options; tried may be NULL. Returns false if the address is
 * final: it is the last, or memory is short. The state ends with the endpoint.
 */
bool	next_address_watch(struct endpoint *, const struct dial_options *,
	    const struct addr *, next_address_tried *, void *arg);

#endif
