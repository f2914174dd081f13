/*
 * Where the clients of a proxy server may go: --allow-target, --deny-target,
 * and what is denied without them.
 *
 * Laws: the address that is dialled is judged, never a name. A rule that
 * denies wins; if any rule allows, nothing else is allowed. The networks that
 * are denied by default are open only to a rule that lies within them, which a
 * rule for a larger network does not; the addresses that this program listens
 * on, to no rule. IPv4 addresses are mapped (net/spec.h).
 */
#ifndef REACH_TARGETS_H
#define REACH_TARGETS_H

#include "base/addr.h"
#include "base/target.h"
#include "net/spec.h"
#include "reach/resolve.h"

struct targets;

/* The memory of the rules outlives the targets. */
struct targets_options {
	const struct target_rule *rules;
	size_t		 n;
	bool		 open;		/* nothing is denied by default */
	struct resolve_options resolve;
};

/*
 * Looks names up, once. Calls done() once, from a turn of the loop, unless
 * targets_free comes first; NULL: all is well. Returns NULL with errno.
 */
struct targets	*targets_start(struct loop *, const struct targets_options *,
		    void (*done)(void *arg, const struct error *), void *arg);
void		 targets_free(struct targets *);

/* Adds an address that this program listens on. */
void		 targets_listen_on(struct targets *, const struct addr *);

/*
 * Makes the address the one to be dialled: unmaps it, and replaces the address
 * "this host" (0.0.0.0, ::) by loopback.
 */
void		 targets_normalize(struct addr *);
/* Whether this program listens on a normalized address. */
bool		 targets_are_own(const struct targets *, const struct addr *);
/* Whether a client may connect to a normalized address. */
bool		 targets_allow(const struct targets *, const struct addr *);

#endif
