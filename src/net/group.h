/*
 * Multicast groups: a datagram socket that is bound to the address of a group
 * hears the group only if some interface has joined it (ip(7), ipv6(7)).
 */
#ifndef NET_GROUP_H
#define NET_GROUP_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"

/*
 * Joins the group that the address is, on the interface of its scope, or on
 * the one that the system's routes choose. Does nothing for an address that
 * is no group. -1 and err filled (op: join).
 */
int	group_join(const struct fd *, const struct addr *, struct error *);
/*
 * Adds to an error of binding or joining what may help: the interface that
 * the address lacks. Nothing if the address is no group.
 */
void	group_explain(struct error *, const struct addr *);

#endif
