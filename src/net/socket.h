/* The kinds of peers' sockets, their options, and their failures. */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include "base/addr.h"
#include "base/socket.h"
#include "io/fd.h"

/* Peers connect to such a socket, and are accepted. */
bool	socket_connects(const struct socket_kind *);
/*
 * Whether a connected socket is its own peer. A socket that connects to a free
 * ephemeral port of this host may be bound to that port, and connect to itself
 * (simultaneous open, RFC 9293).
 */
bool	socket_meets_itself(const struct fd *, const struct addr *to);
/*
 * Sets the user's options on a socket that is not bound yet (tcp(7): because
 * of the buffers); those of --sockopt last. Datagram sockets get a large buffer
 * if the system allows. Returns -1 and fills the error (op "set", object: the
 * option) on failure.
 */
int	sockopt_apply(const struct sockopt_set *, struct fd *,
	    int family, struct error *);
/*
 * Has the system probe a silent peer of TCP, as asked for; sockopt_apply does
 * so, too, and accepted sockets inherit it.
 */
void	sockopt_keepalive(const struct sockopt_set *, const struct fd *);
/*
 * Has the system give a TCP connection up when the peer has acknowledged
 * nothing for the time of all probes. Of a socket that connects: afterwards,
 * since connecting has other limits; accepted sockets inherit it. Linux counts
 * a peer that answers but does not read, too: see fd_excuse_pause.
 */
void	sockopt_limit_unacked(const struct sockopt_set *, const struct fd *);
/* Returns half of that limit in ns; 0: there is none. */
int64_t	sockopt_patience(const struct sockopt_set *);
/*
 * Sets SO_REUSEADDR (of datagrams: for multicast groups alone), IPV6_V6ONLY,
 * and SO_REUSEPORT if asked for. Only IPv4 and IPv6 have them.
 */
int	sockopt_listener(const struct socket_kind *, const struct sockopt_set *,
	    const struct fd *, const struct addr *, bool v6only,
	    struct error *);
/*
 * Binds a client's socket to its own address. A named port may be a recently
 * used port; if no port is named, connect(2) chooses, which can use more ports
 * than bind(2). -1 with errno, as unix_path_bind.
 */
int	socket_bind_own(const struct socket_kind *, const struct sockopt_set *,
	    const struct fd *, const struct addr *local);
/*
 * The type of service of the packet with which this peer has connected, or of
 * the datagram that is to be read next; -1: not known. Two calls for a stream.
 */
int	sockopt_peer_tos(const struct fd *, const struct addr *peer);
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

/*
 * The wording of a failure on an address, the same for every caller:
 * "192.0.2.1 port 80 (tcp)", or the path of a Unix socket.
 */

/* Fills the error: this operation on this address failed with errno num. */
void	neterr_set(struct error *, int num, const char *op,
	    const struct socket_kind *, const struct addr *);
/* The same of connecting; adds a reason beyond errno, if any. */
void	neterr_refusal(struct error *, int num, const struct socket_kind *,
	    const struct addr *);
/* A hint if 127.0.0.1 serves the datagram port that ::1 refused, or NULL. */
const char	*neterr_other_loopback(int fd, const char *host);
/* The failure concerns the local end: every address would fail like this. */
bool	neterr_is_ours(const struct error *);

#endif
