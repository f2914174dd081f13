/*
 * Loose source routes of IPv4 (RFC 791): the hosts that a packet goes by.
 */
#ifndef NET_ROUTE_H
#define NET_ROUTE_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "plan/plan.h"

/* The longest option there can be. */
#define ROUTE_MAX	40

/*
 * The option's bytes: by these hops to that address. Their count, a multiple
 * of 4; 0: they are too many, or one is not IPv4.
 */
size_t	route_build(const struct addr_list *hops, const struct addr *to,
	    int pointer, unsigned char buf[ROUTE_MAX]);
/* Set it on a socket; -1 and err filled (op "set"). */
int	route_set(const struct fd *, const struct addr_list *hops,
	    const struct addr *to, int pointer, struct error *);

struct route;

/*
 * Look up the plan's hops, one after the other, each within the plan's limit
 * of connecting where that is one of lookups, too. done() is called once, from
 * a turn of the loop, with as many addresses as there are hops, or with the
 * name that has none and the error. NULL with errno when it cannot begin.
 */
struct route	*route_find(struct loop *, const struct plan *,
		    void (*done)(void *arg, struct addr_list *,
		    const char *host, const struct error *), void *arg);
void		 route_cancel(struct route *);

#endif
