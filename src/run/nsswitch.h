/*
 * nsswitch.conf(5): which modules of the C library look names up, and what they
 * need in a sandbox.
 */
#ifndef RUN_NSSWITCH_H
#define RUN_NSSWITCH_H

#include <stdbool.h>
#include <stddef.h>

/* Paths of one system's modules; of more, none are known. */
#define NSSWITCH_PATHS	6

struct nsswitch {
	bool		 known;		/* all modules are known, and need no
					   more than what follows, the files of
					   names in /etc, and DNS. Others may
					   read any file and connect anywhere,
					   as those of LDAP do */
	bool		 sockets;	/* Unix sockets, to ask programs */
	const char	*paths[NSSWITCH_PATHS];	/* of files and sockets */
	size_t		 npaths;
};

/*
 * Reads the file's lines for hosts and services, and loads the modules for
 * hosts, because a sandbox loads no library. Of a file that is long, nothing is
 * known; a file that is missing has no module.
 */
void	nsswitch_prepare(struct nsswitch *, const char *path);

#endif
