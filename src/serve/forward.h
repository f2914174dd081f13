/*
 * --forward: each client is connected with a target by a dial of its own.
 * --forward-all: what is written to an endpoint goes to further targets, too.
 *
 * Laws: no lookup stands still in the loop, and clients that come at once
 * share one; an answer is kept for a short time, and asked for anew after a
 * target could not be reached. A target that cannot be reached costs its
 * client a line and the connection, and never the server. No client is
 * connected with the socket that it has come by: it would be its own next
 * client, and so on.
 * A further target delays neither the endpoint nor the other targets: a stream
 * that takes less than comes is dropped when MIRROR_ROOM bytes wait for it,
 * with a line, and so is a target that fails. What such targets send is
 * discarded. The end of the data is passed on to them after the data.
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
 * Puts a layer on an endpoint of a socket that copies what is written to the
 * targets from first on. Without memory, nothing is copied, after a message.
 */
void		 forward_copy(struct forward *, struct endpoint *,
		    size_t first);

/* A kind of conn; common is a struct forward. */
conn_starter	 conn_forward;

#endif
