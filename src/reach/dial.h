/*
 * Connecting, directly or through a proxy: to a list of addresses, in order
 * or raced with a head start (RFC 8305, section 5), until an address answers;
 * then the proxy, if any, is asked to connect; then a header of the PROXY
 * protocol, if any, is sent; then TLS, if any, shakes hands.
 *
 * Laws: through a proxy, nothing is sent to the target before the proxy agreed,
 * and no byte of the target is taken from the socket; the whole handshake ends
 * within the proxy's timeout; a password is wiped after use. The timeout of an
 * address covers the header and the TLS handshake; if either fails, no other
 * address is tried, unless a datagram was refused.
 */
#ifndef REACH_DIAL_H
#define REACH_DIAL_H

#include "base/addr.h"
#include "base/proxy.h"
#include "base/socket.h"
#include "io/fd.h"
#include "layer/tls.h"
#include "loop/loop.h"
#include "net/own_addrs.h"
#include "reach/proxyp.h"

/*
 * A socket that was refused at once, for the next suitable dial: saves time
 * when dialling many ports. The caller closes the socket in the end. Errors of
 * connecting then come without the object: formatting it takes time, too.
 */
struct dial_socket_reuse {
	struct fd	fd;		/* num -1: there is none */
	int		family;
};

/* The memory of these outlives the dial, but for the list to. */
struct dial_options {
	struct socket_kind	 kind;
	struct sockopt_set	 sock;
	int64_t			 timeout; /* ns, of an address; -1: none */
	int64_t			 handshake; /* ns, of TLS and the header, if
						there is no timeout; 0: none */
	int64_t			 race_delay; /* ns to the next address; -1:
						wait for a failure */
	const struct addr_list	*to;	/* with a proxy: of the proxy */
	unsigned		 port;	/* of the target; 0: as in the list */
	const struct addr_list	*local;	/* to be bound; NULL or empty: none */
	const struct own_addrs	*avoid;	/* not connected to, but failures with
					   ELOOP; NULL: none */
	const struct addr_list	*hops;	/* source route; NULL or empty: none */
	int			 hop_pointer;
	struct dial_socket_reuse *reuse; /* or NULL */

	const struct proxy_options *proxy; /* NULL or PROXY_NONE: directly */
	const char		*host;	/* that the proxy connects to */
	const struct addr_list	*target; /* host; NULL or empty: by name */

	unsigned		 send_proxy; /* the version of the header of
						the PROXY protocol; 0: none */
	const struct proxyp_ends *announced; /* by the header; NULL: the
						connection's own ends */
	struct tls_context	*tls;	/* NULL: none */
	const char		*tls_name; /* sent and verified; or NULL */
};

struct dial;

struct dial_ops {
	/*
	 * The callee owns the fd, and the layer of TLS (NULL: none), which has
	 * nothing below. Address: of the proxy, if any.
	 */
	void	(*connected)(void *arg, struct fd *, const struct addr *,
		    struct layer *tls);
	/*
	 * An address failed (in time: ETIMEDOUT), or the proxy objects: op
	 * "connect through", and err->proxy is set; or the header was not
	 * taken: op "send PROXY header to"; or the TLS handshake failed: op
	 * "TLS handshake with". last: the dial is over.
	 */
	void	(*failed)(void *arg, const struct addr *,
		    const struct error *, bool last);
	/* The connection is up, and TLS begins. May be NULL. */
	void	(*securing)(void *arg, const struct addr *);
};

/*
 * Starts to connect. A local address is bound first (failed() gets op "bind");
 * addresses of a family without a local address are left out, unless none would
 * be left. Calls come from turns of the loop, never from within dial_start.
 * Returns NULL with errno if the dial cannot begin.
 *
 * A password that the proxy wants is asked for on the terminal, while the loop
 * stands still; that time is not counted. A signal ends the wait with EINTR.
 */
struct dial	*dial_start(struct loop *, const struct dial_options *,
		    const struct dial_ops *, void *arg);
/* Closes everything; no function is called any more. NULL: does nothing. */
void		 dial_cancel(struct dial *);

/* The longest option of an IP header, in bytes. */
#define ROUTE_MAX	40

/*
 * Makes the option of a loose source route of IPv4 (RFC 791): by these hops to
 * that address. Returns its bytes, a multiple of 4; or 0 if they are too many,
 * or any is not IPv4.
 */
size_t		 route_build(const struct addr_list *hops,
		    const struct addr *to, int pointer,
		    unsigned char buf[ROUTE_MAX]);

#endif
