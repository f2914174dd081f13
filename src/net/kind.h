/*
 * The one place where the sockets of peers are made: which type and protocol
 * a plan means.
 */
#ifndef NET_KIND_H
#define NET_KIND_H

#include "base/addr.h"
#include "io/fd.h"
#include "plan/plan.h"

/* SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_DCCP or SOCK_RAW. */
int	kind_type(const struct plan *);
/* Peers connect to it, and are accepted. */
bool	kind_connects(const struct plan *);
/* socket(2) in this family; -1 with errno. */
int	kind_open(const struct plan *, int family, struct fd *);
/*
 * A port that was named may be one of the recent past. If none was named,
 * connect(2) chooses it, which can use more of them than bind(2).
 */
void	kind_ease_bind(const struct fd *, const struct addr *local);
/* A connection of MPTCP that did not fall back to TCP. */
bool	kind_is_multipath(const struct fd *);

#endif
