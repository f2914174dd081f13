/*
 * The other addresses of a target of datagrams: connect(2) of a datagram socket
 * succeeds whether or not there is a server, so that the first address always
 * seems right. When the first datagrams are refused and no answer has come,
 * they are sent to the next address.
 */
#ifndef SERVE_UDP_NEXT_H
#define SERVE_UDP_NEXT_H

#include "reach/dial.h"

struct endpoint;

/* What is reported. */
struct udp_next_ops {
	/* This address has refused the datagrams; another one is dialled. */
	void	(*refused)(void *arg, const struct addr *);
	void	(*failed)(void *arg, const struct addr *,
		    const struct error *);
	void	(*moved)(void *arg, const struct addr *);
};

/*
 * Watches an endpoint of a socket, which is connected to this address of the
 * list to of the options. Returns false if the address is final: the last, or
 * there is no memory. The state ends with the endpoint. ops NULL: none.
 */
bool	udp_next_watch(struct endpoint *, const struct dial_options *,
	    const struct addr *, const struct udp_next_ops *, void *arg);

#endif
