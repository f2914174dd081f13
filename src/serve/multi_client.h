/*
 * Many clients at once on the standard streams: one session, whose far
 * endpoint gathers what the clients send, and scatters the input over them.
 *
 * Laws: what fails for one client ends that client alone, and is told; a
 * client that has ended gets what was on its way to it, and is closed; a
 * limit of silence or time is each client's own. The session begins with the
 * first client, so that the input is not read before there is one.
 */
#ifndef SERVE_MULTI_CLIENT_H
#define SERVE_MULTI_CLIENT_H

#include "endpoint/gather.h"
#include "endpoint/scatter.h"
#include "serve/conn.h"

struct multi_client {
	struct run	*run;
	struct gather	 gather;
	struct scatter	 scatter;
	bool		 begun;
};

void		 multi_client_init(struct multi_client *, struct run *);
/* A client; conn_start.common is the crowd. */
struct conn	*conn_multi_client(const struct conn_start *, int *status);
/* What the clients held as the session was over. */
void		 multi_client_add_losses(const struct multi_client *,
    struct outcome *);

#endif
