/*
 * Clients served at once on the standard streams: one session whose
 * far endpoint is the port of a hub, of which the clients are the members.
 *
 * Laws: a failure ends one client alone, and is reported; a client that has
 * ended gets the bytes that are on their way, and is closed; limits of
 * silence and time apply to each client. The session begins with the first
 * client, so the input is not read before.
 */
#ifndef SERVE_MULTI_CLIENT_H
#define SERVE_MULTI_CLIENT_H

#include "hub/hub_port.h"
#include "serve/conn.h"

/* All 0 at first. */
struct multi_client {
	struct hub_port	 port;
	bool		 begun;		/* the session */
};

/* A client; conn_start.common is the multi_client. */
struct conn	*conn_multi_client(const struct conn_start *, int *status);
/* Adds the bytes that the clients held when the session was over. */
void		 multi_client_add_losses(const struct multi_client *,
		    struct outcome *);

#endif
