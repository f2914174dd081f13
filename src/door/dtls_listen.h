/*
 * A bound datagram socket that accepts peers: each peer whose address is true
 * (RFC 6347 section 4.2.1) gets a socket of its own, which is bound to the
 * address that the peer called and connected to the peer.
 *
 * Laws: no answer is longer than the datagram that asked, and nothing is kept
 * of the sender; no other program can join the port, but for the moment of a
 * bind; the socket of a peer has received from that peer alone.
 */
#ifndef DOOR_DTLS_LISTEN_H
#define DOOR_DTLS_LISTEN_H

#include "base/addr.h"
#include "base/socket.h"
#include "io/fd.h"
#include "layer/tls.h"

struct dtls_listen;

/*
 * Listens on a bound socket, which stays the caller's. The context is of a
 * server for datagrams. Both must live longer. Returns NULL with errno.
 */
struct dtls_listen	*dtls_listen_new(const struct fd *,
			    struct tls_context *);
/* Options for the sockets of peers, which must live longer; NULL: none. */
void			 dtls_listen_set_options(struct dtls_listen *,
			    const struct sockopt_set *);
/* NULL: does nothing. */
void			 dtls_listen_free(struct dtls_listen *);
/*
 * Reads datagrams and answers them until a peer's address is true: IO_OK, with
 * the peer's socket, address, and layer, to be put above the socket. IO_AGAIN:
 * no datagram waits, or many have been read. IO_FAIL with errno: the system is
 * short of something, or the port is another's.
 */
enum io			 dtls_listen_accept(struct dtls_listen *, struct fd *,
			    struct addr *peer, struct layer **);
/*
 * After the listening socket was closed: no other program can join the port of
 * this peer's socket. Until then a peer's socket has SO_REUSEADDR, for the next
 * peer's.
 */
void			 dtls_listen_settle(const struct fd *);

#endif
