/* The kinds of peers' sockets, and their options. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "base/addr.h"
#include "base/socket.h"
#include "io/fd.h"

/* Peers connect to such a socket, and are accepted. */
bool	socket_connects(const struct socket_kind *);
/*
 * Sets the user's options on a socket that is not bound yet (tcp(7): because
 * of the buffers); those of --sockopt last. Datagram sockets get a large buffer
 * if the system allows. Returns -1 and fills the error (op "set", object: the
 * option) on failure.
 */
int	sockopt_apply(const struct sockopt_set *, const struct fd *,
	    int family, struct error *);
/*
 * Sets SO_REUSEADDR (of datagrams: for multicast groups alone), IPV6_V6ONLY,
 * and SO_REUSEPORT if asked for. Only IPv4 and IPv6 have them.
 */
int	sockopt_listener(const struct socket_kind *, const struct sockopt_set *,
	    const struct fd *, const struct addr *, bool v6only,
	    struct error *);
/*
 * Lets a named port be a recently used port. If no port is named, lets
 * connect(2) choose, which can use more ports than bind(2).
 */
void	sockopt_ease_bind(const struct fd *, const struct addr *local);
/* Tries to set TCP_NODELAY, unless named by the user or set already. */
void	sockopt_nodelay(const struct sockopt_set *, const struct fd *);
bool	sockopt_has_nodelay(const struct fd *);
/*
 * Signs segments to and from this peer (NULL: any peer) with the secret: RFC
 * 2385, TCP_MD5SIG of tcp(7). Returns -1 and fills the error on failure.
 */
int	sockopt_md5(const struct fd *, const struct addr *peer,
	    const char *secret, struct error *);
/*
 * Asks for that secret on the terminal. The caller frees it (secret_free).
 * Returns NULL and fills the error if there is no terminal.
 */
char	*sockopt_md5_secret(struct error *);

#endif
