/*
 * The line that --stats prints at the end of a session: words of KEY=VALUE, or
 * (--stats=json) an object of JSON (RFC 8259).
 *
 * Laws: the line of JSON is ASCII, whatever a path or a peer contains; without
 * --stats=json a connection has no facts.
 */
#ifndef RUN_STATS_H
#define RUN_STATS_H

#include <time.h>

#include "base/addr.h"
#include "base/tls.h"
#include "io/fd_metrics.h"
#include "message/messages.h"

struct layer;

/* What JSON tells of a connection beside its outcome. */
struct stats_facts {
	struct timespec		 started;	/* real time */
	struct addr		 local;		/* len 0: not known */
	bool			 has_tcp, has_tls;
	struct fd_metrics	 tcp;		/* has_tcp: the last ones */
	struct tls_facts	 tls;		/* if has_tls */
	/* The exit status comes later than the outcome, which is kept. */
	bool			 held, over;
	struct outcome		 outcome;	/* if over */
};

struct stats {
	unsigned		 number;	/* of the connection, from 1 */
	const char		*protocol;	/* "tcp" */
	const struct addr	*peer;		/* len 0: not known */
	const struct outcome	*outcome;
	bool			 json;		/* an object of JSON */
	const struct stats_facts *facts;	/* for JSON; NULL: no memory */
	int			 status;	/* the program's, if the session
						   was all there is */
};

/*
 * Facts of a connection that begins now. local: NULL or len 0: the socket's
 * own; num: the socket, or -1; top: the layers above it, or NULL. NULL: no
 * memory.
 */
struct stats_facts *stats_facts_new(const struct addr *local, int num,
		    const struct layer *top, bool show_mapped);
/* Prints the line on standard error. */
void		 stats_print(const struct stats *);

/* How the session ended: "eof", "timeout" ... */
const char	*stats_end(const struct outcome *);
/* The address of one side as text; false: not known. */
bool		 stats_side(const struct addr *, char *buf, size_t size);

#endif
