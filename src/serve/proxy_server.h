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

#include "serve/conn.h"

struct proxy_lookups;
struct proxy_server;
struct proxy_udp;
struct targets;

/*
 * Reads the rules for targets, and then calls done() from a turn of the loop;
 * NULL: all is well. secret: NONCE_SECRET bytes that several processes share;
 * NULL: it is alone. Returns 0, or the exit status after a report.
 */
int		 proxy_server_open(struct proxy_server **, struct run *,
		    const unsigned char *secret, void (*done)(void *arg,
		    const struct error *), void *arg);
/* After the last client is gone. NULL: does nothing. */
void		 proxy_server_close(struct proxy_server *);
/* These sockets listen, and are never a target. */
void		 proxy_server_listen(struct proxy_server *, const struct fd *,
		    size_t n);

/* A kind of conn; common is a struct proxy_server. */
conn_starter	 conn_proxy;

/* ---- UDP ASSOCIATE (RFC 1928, section 7): proxy_udp.c ------------------- */

/*
 * Opens the socket for the datagrams of a client, on the address where the
 * client has come in; peer: the client. *bound: where the client is to send.
 * Returns NULL with errno.
 */
struct proxy_udp	*proxy_udp_new(struct proxy_lookups *,
			    const struct targets *,
			    const struct addr *local, const struct addr *peer,
			    struct addr *bound);
/* Datagrams that the kernel has dropped are counted by the run. */
void			 proxy_udp_free(struct proxy_udp *, struct run *);
/* When a datagram passed last. */
int64_t			 proxy_udp_active(const struct proxy_udp *);

#endif
