/* Loose source routes of IPv4 (RFC 791): the hosts that a packet passes. */
#ifndef REACH_ROUTE_H
#define REACH_ROUTE_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"

/* The longest option of an IP header, in bytes. */
#define ROUTE_MAX	40

/*
 * Makes the bytes of the option: by these hops to that address. Returns their
 * count, a multiple of 4; or 0 if they are too many, or any is not IPv4.
 */
size_t	route_build(const struct addr_list *hops, const struct addr *to,
	    int pointer, unsigned char buf[ROUTE_MAX]);
/* Sets the option on a socket. Returns -1 and fills the error (op "set"). */
int	route_set(const struct fd *, const struct addr_list *hops,
	    const struct addr *to, int pointer, struct error *);

#endif
