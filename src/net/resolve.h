/*
 * Names to addresses, without blocking the loop.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stddef.h>

#include "base/addr.h"
#include "base/diag.h"
#include "loop/loop.h"
#include "plan/plan.h"

struct addr_list {
	struct addr	*v;		/* in the order to be tried */
	size_t		 n;
};

struct resolve;

/*
 * Look up host (NULL: the wildcard when passive, else loopback) and port
 * (a decimal number or service; NULL: 0) as the plan's family, type and
 * numeric say. done() is called exactly once, from a turn of the loop (never
 * from within this call), unless resolve_cancel comes first: err->num or
 * err->gai is set on failure, else the list has at least one address, whose
 * memory done() takes over (addr_list_free). Numeric hosts, the wildcard and
 * Unix paths cost no thread; a name is looked up (getaddrinfo(3)) in a
 * thread, whose end the loop waits for. NULL with errno when it cannot begin.
 */
struct resolve	*resolve_start(struct loop *, const struct plan *,
		    const char *host, const char *port, bool passive,
		    void (*done)(void *arg, struct addr_list *,
		    const struct error *), void *arg);
/* Nothing more comes of it. A thread that is still out is left behind. */
void		 resolve_cancel(struct resolve *);
void		 addr_list_free(struct addr_list *);

#endif
