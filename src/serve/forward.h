/*
 * --forward: each client is connected with a target by a dial of its own.
 *
 * Laws: no lookup stands still in the loop, and clients that come at once
 * share one; an answer is kept for a short time, and asked for anew after a
 * target could not be reached. A target that cannot be reached costs its
 * client a line and the connection, and never the server. No client is
 * connected with the socket that it has come by: it would be its own next
 * client, and so on.
 */
#ifndef SERVE_FORWARD_H
#define SERVE_FORWARD_H

#include "serve/conn.h"

struct forward;

/* Reads the plan's targets. Returns 0, or the exit status after a report. */
int		 forward_open(struct forward **, struct run *);
/* Tells on which sockets clients come. */
void		 forward_listen(struct forward *, const struct fd *, size_t n);
/* After the last client is gone; NULL: does nothing. */
void		 forward_close(struct forward *);

/*
 * --forward-all: copies what is written to the endpoint to the targets from
 * first on.
 */
void		 forward_copy(struct forward *, struct endpoint *,
		    size_t first);

/* A kind of conn; common is a struct forward. */
struct conn	*conn_forward(const struct conn_start *, int *status);

#endif
