/*
 * Landlock(7): which files and ports of TCP are left, by its system calls.
 *
 * Laws: whatever is open stays usable; a right that is not given is refused,
 * and each right that the kernel knows is handled.
 */
#ifndef SANDBOX_LANDLOCK_H
#define SANDBOX_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Paths; one that is missing counts for nothing. */
struct landlock_paths {
	const char *const	*v;
	size_t			 n;
};

struct landlock_rules {
	struct landlock_paths	 reads;		/* files and directories */
	struct landlock_paths	 removes;	/* directories from which files
						   are removed */
	const uint16_t		*ports;		/* to connect to */
	size_t			 nports;
	bool			 all_ports;	/* to connect to */
	bool			 binds;		/* to any port */
	bool			 abstract;	/* reaches abstract sockets */
};

/* Returns the version of the kernel's interface; 0: there is none. */
int	landlock_version(void);
/* Enters a sandbox, in this thread and its later threads. -1 with errno. */
int	landlock_enter(const struct landlock_rules *, int version);

#endif
