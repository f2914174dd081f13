/*
 * Multicast groups: ip(7), ipv6(7), RFC 3678. A group belongs to an interface:
 * the one that a user names, or that of the system's route to the group.
 */
#ifndef NET_GROUP_H
#define NET_GROUP_H

#include "base/addr.h"
#include "base/socket.h"
#include "io/fd.h"

/*
 * Sets the interface, the TTL and the loop of the multicast that a socket of
 * this family sends. Returns -1 and fills the error on failure.
 */
int	group_set_sending(const struct mcast_options *, const struct fd *,
	    int family, struct error *);
/*
 * Has a datagram socket, bound to addr, hear the groups of the options, and no
 * group that others on this host have joined; without groups in the options,
 * the group that the address may be. Returns -1 and fills the error (op: join)
 * on failure.
 */
int	group_join(const struct mcast_options *, const struct fd *,
	    const struct addr *, struct error *);
/* Adds a hint about the missing interface, if the address is a group. */
void	group_explain(struct error *, const struct addr *);

#endif
