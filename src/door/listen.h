/*
 * Listening: the sockets that wait for peers.
 *
 * Laws: if accept(2) fails with EMFILE, ENFILE, ENOBUFS or ENOMEM, the listener
 * leaves the poll set for a second; a paused listener is not in the poll set;
 * an error of a connection that died before accept(2) is skipped. No flag,
 * option or path of a service manager's socket is changed.
 */
#ifndef DOOR_LISTEN_H
#define DOOR_LISTEN_H

#include "base/addr.h"
#include "base/socket.h"
#include "door/greet.h"
#include "io/fd.h"
#include "layer/tls.h"
#include "loop/loop.h"

struct listen_options {
	struct socket_kind	 kind;
	struct sockopt_set	 sock;
	/* The port is ours alone at first; the next sockets share it. */
	bool			 shares_port;
	/* Leaves a Unix socket that no process serves: its path is taken. */
	bool			 leave_dead_socket;
};

/*
 * Opens, binds and (streams) listens. Datagram sockets join the groups
 * of the options, see net/group.h. A Unix socket that no process serves is
 * removed first, unless the options say to leave it. Returns -1 and fills the
 * error (op: socket, bind, listen, join or set) on failure: EADDRINUSE if the
 * path is taken.
 */
int	listen_open(const struct listen_options *, const struct addr *,
	    bool v6only, struct fd *, struct error *);

/*
 * Takes n descriptors from first on, as sd_listen_fds(3) passes them, if all
 * are of this kind, and Unix sockets or not. Removes the variables that
 * announced them. Returns -1 and fills the error if any does not fit.
 */
int	listen_take_given(const struct socket_kind *, bool is_unix, int first,
	    int n, struct fd *, struct error *);
/* True if this descriptor is a Unix socket. */
bool	listen_is_unix(int num);

struct listener;

/*
 * Owns these descriptors, and calls accepted() for each client; with tls (NULL:
 * none) after the handshakes of clients, which go on beside each other. Bound
 * datagram sockets need tls: each client gets a socket of its own, see
 * door/dtls_listen.h. Returns NULL with errno: then the caller still owns the
 * descriptors.
 */
struct listener	*listener_new(struct loop *, const struct fd *, size_t n,
		    struct tls_context *tls, const struct listener_ops *,
		    void *arg);
/*
 * These options must outlive the listener. With TLS over datagrams, they are
 * set on the socket that each client gets. Clients of a service manager's
 * socket, which has no option of ours to inherit, are probed as asked for.
 */
void		 listener_set_options(struct listener *,
		    const struct sockopt_set *);
/*
 * Has each client send a header of the PROXY protocol first, before TLS. The
 * headers come beside each other.
 */
void		 listener_expect_headers(struct listener *);
/*
 * Takes the sockets out of the poll set, or puts them back. Handshakes and
 * headers go on; a client that is done with them waits.
 */
void		 listener_pause(struct listener *, bool);
/* The number of clients accepted so far; it may overflow. */
unsigned	 listener_accepted(const struct listener *);
/* The number of clients in the backlogs; 0 also where that is not known. */
unsigned	 listener_backlog(const struct listener *);
/*
 * Resets all clients of the backlog, without a byte, and closes those that
 * shake hands or have yet to send a header; returns their number.
 */
unsigned	 listener_turn_away(struct listener *);
/*
 * Closes the sockets; handshakes and headers go on. Safe from within admits().
 */
void		 listener_close_socks(struct listener *);
/* Closes the sockets. Safe from within accepted(). NULL: does nothing. */
void		 listener_free(struct listener *);

#endif
