/*
 * Connecting, directly or through a proxy: to a list of addresses, one after
 * the other or raced with a head start (RFC 8305, section 5), until an address
 * answers; then the proxy, if there is one, is asked to connect.
 *
 * Laws: through a proxy, nothing is sent to the target before the proxy
 * agreed, and no byte of the target is taken from the socket; all of it,
 * with the proxy's answers, happens within the proxy's timeout; a password is
 * wiped after use.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/addr.h"
#include "base/proxy.h"
#include "base/socket.h"
#include "io/fd.h"
#include "loop/loop.h"

/*
 * A socket that was refused at once, for the next dial that it fits, where
 * the system allows that: saves time when dialling many ports. The caller
 * closes the socket in the end. Errors of connecting then come without the
 * object, whose text takes time too.
 */
struct dial_socket_reuse {
	struct fd	fd;		/* num -1: there is none */
	int		family;
};

/* The memory of these outlives the dial, but for the list to. */
struct dial_options {
	struct socket_kind	 kind;
	struct sockopt_set	 sock;
	int64_t			 timeout; /* ns for each address; -1: the
					     system's */
	int64_t			 race_delay; /* ns until the next address starts
						beside; -1: after a failure */
	const struct addr_list	*to;	/* with a proxy: its addresses */
	unsigned		 port;	/* of the target; 0: as in the list */
	const struct addr_list	*local;	/* to be bound; NULL or empty: none */
	const struct addr_list	*hops;	/* source route; NULL or empty: none */
	int			 hop_pointer;
	struct dial_socket_reuse *reuse; /* or NULL */

	const struct proxy_options *proxy; /* NULL or PROXY_NONE: directly */
	const char		*host;	/* that the proxy connects to */
	const struct addr_list	*target; /* the host's address; NULL or empty:
					    the proxy is given the name */
};

struct dial;

struct dial_ops {
	/*
	 * Connected, to this address (of the proxy, if there is one); the
	 * callee owns the fd. The dial is over.
	 */
	void	(*connected)(void *arg, struct fd *, const struct addr *);
	/*
	 * An address failed (num ETIMEDOUT: its time ran out), or the proxy
	 * objects: op "connect through", and err->proxy is set. last: the dial
	 * is over.
	 */
	void	(*failed)(void *arg, const struct addr *,
		    const struct error *, bool last);
};

/*
 * Starts to connect. A local address is bound first; addresses of a family
 * that has no local address are left out, unless none has one. If the local
 * address cannot be bound, failed() gets op "bind". Datagram sockets connect
 * at once. Calls come from turns of the loop, never from within dial_start.
 * Returns NULL with errno if the dial cannot begin.
 *
 * A password that the proxy wants is asked for on the terminal, while the
 * loop stands still; that time is not counted. A signal ends the question
 * with err->num EINTR.
 */
struct dial	*dial_start(struct loop *, const struct dial_options *,
		    const struct dial_ops *, void *arg);
/* Closes everything; no function is called any more. NULL: does nothing. */
void		 dial_cancel(struct dial *);

#endif
