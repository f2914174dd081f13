/*
 * A process that confines itself: fewer capabilities, no new privileges,
 * Landlock, and a filter of system calls, in this order.
 *
 * Laws: a sandbox can only become narrower. Descriptors that are open serve on;
 * of Landlock, each right that the kernel knows is refused unless it is given.
 * Nothing here prints; a part that the system lacks is told to the caller.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "sandbox/filter.h"

/* What may be done with a file, or below a directory; bits. */
enum landlock_may {
	LANDLOCK_MAY_READ = 1,		/* files and directories */
	LANDLOCK_MAY_REMOVE = 2,	/* files, and empty directories */
	LANDLOCK_MAY_BIND = 4,		/* make sockets */
	LANDLOCK_MAY_LOCK = 8,		/* make, read and remove files */
	LANDLOCK_MAY_KEEP = 16,		/* also write and replace files */
	LANDLOCK_MAY_WRITE = 32,	/* anything that needs no device */
	LANDLOCK_MAY_RUN = 64,		/* run programs */
	LANDLOCK_MAY_USE = 128,		/* a device: read, write, ioctl(2) */
	LANDLOCK_MAY_CONNECT = 256	/* to Unix sockets; older kernels than
					   Linux 7.1 limit none by path */
};

/* A path that is missing counts for nothing. */
struct landlock_path {
	const char	*path;
	unsigned	 may;
};

struct landlock_rules {
	const struct landlock_path *paths;
	size_t			 npaths;
	const uint16_t		*ports;		/* to connect to */
	size_t			 nports;
	bool			 all_ports;	/* to connect to */
	bool			 binds;		/* to any port */
	bool			 abstract;	/* reaches abstract sockets */
	bool			 signals;	/* to other processes */
};

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
