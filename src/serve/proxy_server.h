/*
 * A proxy server: reads the request of each client, by HTTP, SOCKS 4, 4a or 5,
 * looks the target up, judges and dials the address, and relays.
 *
 * Laws: a request must be complete PROXY_REQUEST_TIME after the client has
 * come, and the target must answer PROXY_DIAL_TIME after that, or as
 * --connect-timeout says; the judged address is the one that is dialled
 * (reach/targets.h); no byte of a client reaches a target before the client has
 * shown that it may use the proxy.
 */
#ifndef SERVE_PROXY_SERVER_H
#define SERVE_PROXY_SERVER_H

#include "serve/proxy_client.h"

/*
 * Reads the rules for targets, and then calls done() from a turn of the loop;
 * NULL: all is well. secret: NONCE_SECRET bytes that several processes share;
 * NULL: it is alone. Returns 0, or the exit status after a report.
 */
int		 proxy_server_open(struct proxy_server *, struct run *,
		    const unsigned char *secret, void (*done)(void *arg,
		    const struct error *), void *arg);
/* After the last client is gone. Zeroed memory: does nothing. */
void		 proxy_server_close(struct proxy_server *);
/* These sockets listen, and are never a target. */
void		 proxy_server_listen(struct proxy_server *, const struct fd *,
		    size_t n);

/* A kind of conn; common is a struct proxy_server. */
struct conn	*conn_proxy(const struct conn_start *, int *status);

#endif
