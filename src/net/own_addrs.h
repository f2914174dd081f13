/*
 * The addresses that this program listens on: a connection to such an address
 * would come back to the program.
 */
#ifndef NET_OWN_ADDRS_H
#define NET_OWN_ADDRS_H

#include <net/if.h>

#include "base/addr.h"

/* Zeroed: none. */
struct own_addrs {
	struct addr	*v;
	size_t		 n;
};

/* Without memory, the address is left out. */
void	own_addrs_add(struct own_addrs *, const struct addr *);
/* Of IPv4 and IPv6; also an address of this host, if the wildcard is there. */
bool	own_addrs_have(const struct own_addrs *, const struct addr *);
void	own_addrs_free(struct own_addrs *);

/*
 * Finds the interface that has this address of IPv4 or IPv6. Returns 1; 0: none
 * has; -1: not known.
 */
int	own_addrs_interface(const struct addr *, char name[IF_NAMESIZE]);
/* Whether an unmapped address is of the loopback. */
bool	own_addrs_is_loopback(const struct addr *);

#endif
