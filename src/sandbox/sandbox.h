/*
 * A process that confines itself: fewer capabilities, no new privileges,
 * Landlock, and a filter of system calls, in this order.
 *
 * Laws: a sandbox can only become narrower. Descriptors that are open serve on.
 * Nothing here prints; a part that the system lacks is told to the caller.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/diag.h"
#include "sandbox/filter.h"
#include "sandbox/landlock.h"

struct sandbox_plan {
	enum filter_kind	 kind;
	unsigned		 needs;		/* of filter.h; FILTER_OPENS and
						   FILTER_LOCKS count only with
						   Landlock */
	struct filter_sockets	 sockets;
	struct landlock_rules	 rules;
	uint64_t		 capabilities;	/* that stay; bits by
						   capabilities(7) */
	bool			 kills;		/* refused calls, for tests */
	bool			 strict;	/* all parts or an error */
};

/* The parts that are on; zeroed: none. */
struct sandbox {
	int	landlock;	/* version; 0: off */
	bool	filtered;
};

/*
 * Enters as many parts as this system has; with strict, the first that is
 * missing is the last that is tried. Returns -1 with an error if any is
 * missing.
 */
int	sandbox_enter(struct sandbox *, const struct sandbox_plan *,
	    struct error *);

#endif
