/*
 * Filters of system calls, seccomp(2). They are compiled when the program is
 * built (tools/gen_filters.c, which has the lists).
 *
 * Laws: a filter is for good, and for all threads; a second filter can only
 * make it narrower.
 */
#ifndef SANDBOX_FILTER_H
#define SANDBOX_FILTER_H

#include <stdbool.h>

enum filter_kind {
	FILTER_TRANSFER,	/* moves bytes between open descriptors */
	FILTER_SERVE,		/* accepts clients, too */
	FILTER_AWAIT,		/* also connects an open socket */
	FILTER_DIAL,		/* also looks names up, opens sockets */
	FILTER_DIAL_USER,	/* also changes the user */
	FILTER_LEAD,		/* signals processes, and waits for them */
	FILTER_COMMAND,		/* runs commands, which inherit the filter:
				   all but calls that command the system */
	FILTER_KINDS
};

/* Needs beside the kind, bits; the last two include those before them. */
enum {
	FILTER_OPENS = 1,	/* opens files to read */
	FILTER_REMOVES = 2,	/* removes files */
	FILTER_LOCKS = 4,	/* makes files, which stay empty */
	FILTER_WRITES = 8	/* makes, writes and replaces files */
};

/* The filters of a kind: by the first two bits, then the last two. */
#define FILTER_OF_LOCKS		4
#define FILTER_OF_WRITES	5
#define FILTER_VARIANTS		6

/*
 * What stands in the filters where a number of the process or of the run
 * belongs; no argument has such a value.
 */
enum filter_place {
	FILTER_PID = 0x70494400,	/* of the process */
	FILTER_INET, FILTER_INET6, FILTER_UNIX, FILTER_ROUTE, FILTER_VSOCK,
					/* families that sockets may have */
	FILTER_NO_UNIX,			/* AF_UNIX, if sockets may not */
	FILTER_TYPE, FILTER_PROTOCOL,	/* of the plan's sockets */
	FILTER_PLACES			/* the last, and one */
};

/* The sockets that FILTER_DIAL allows; the other kinds allow none. */
struct filter_sockets {
	bool	inet;		/* TCP and UDP, by IPv4 and IPv6 */
	bool	unix_paths;	/* of Unix, and pairs of these */
	bool	vsock;
	bool	route;		/* of Netlink, for facts about addresses */
	int	type, protocol;	/* of inet, further; type 0: none */
};

/* Returns whether this build has filters. */
bool	filter_is_built(void);
/*
 * Enters a filter. kills: a call that is refused ends the program, for tests;
 * otherwise the call fails with EPERM. Returns -1 with errno.
 */
int	filter_enter(enum filter_kind, unsigned needs,
	    const struct filter_sockets *, bool kills);

#endif
