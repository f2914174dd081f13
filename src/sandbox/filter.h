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

/* Stands in the filters where the number of the process belongs. */
#define FILTER_PID	0x70494421U

/* Returns whether this build has filters. */
bool	filter_is_built(void);
/*
 * Enters a filter. kills: a call that is refused ends the program, for tests;
 * otherwise the call fails with EPERM. Returns -1 with errno.
 */
int	filter_enter(enum filter_kind, unsigned needs, bool kills);

#endif
