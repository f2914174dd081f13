/*
 * UDP ASSOCIATE (RFC 1928, section 7): datagrams between the client of one
 * connection and targets.
 *
 * Laws: only the host of the connection is heard, and from its first datagram
 * on only the port of that; each target is judged, and so is each sender of an
 * answer; fragments are dropped. While a name is looked up, the association
 * keeps a single datagram, and drops others for names. Until an address of the
 * name has answered, the last datagram is kept, and goes to the next address if
 * this one refuses or cannot be used.
 */
#ifndef SERVE_PROXY_UDP_H
#define SERVE_PROXY_UDP_H

#include "reach/targets.h"
#include "serve/proxy_lookup.h"

struct proxy_udp;
struct run;

/*
 * Opens the socket for the client, on the address where the client has come
 * in; peer: the client. *bound: where the client is to send. Returns NULL with
 * errno.
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
