/*
 * The line that --stats prints at the end of a session: words of KEY=VALUE, or
 * (--stats=json) an object of JSON (RFC 8259).
 *
 * Law: the line is ASCII, whatever a path or a peer contains.
 */
#ifndef RUN_STATS_H
#define RUN_STATS_H

#include <time.h>

#include "base/addr.h"
#include "base/tls.h"
#include "io/fd.h"
#include "message/messages.h"

/* A connection beside its outcome; all but number and peer are for JSON. */
struct stats {
	unsigned		 number;	/* of the connection, from 1 */
	struct addr		 peer, local;	/* len 0: not known */
	const char		*protocol;	/* "tcp" */
	struct timespec		 started;	/* real time */
	bool			 has_tcp;
	struct fd_metrics	 tcp;		/* has_tcp: the last ones */
	struct tls_facts	*tls;		/* NULL: no TLS */
};

/*
 * Prints the line on standard error. status: the program's, if the session was
 * all there is.
 */
void		 stats_print(const struct stats *, const struct outcome *,
		    int status, bool json);

/* Returns how the session ended, as JSON has it: "eof", "timeout" ... */
const char	*stats_end(const struct outcome *);
/* Writes the address of one side as text; false: not known. */
bool		 stats_side(const struct addr *, char *buf, size_t size);

#endif
