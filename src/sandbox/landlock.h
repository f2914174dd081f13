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

/* Returns the version of the kernel's interface; 0: there is none. */
int	landlock_version(void);
/* Enters a sandbox, in this thread and its later threads. -1 with errno. */
int	landlock_enter(const struct landlock_rules *, int version);

#endif
