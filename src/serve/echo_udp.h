/*
 * An echo of datagrams: each goes back to its sender.
 *
 * Laws: answers leave from the address that was asked; an error that one
 * datagram met concerns that one alone; the echo never answers itself, and
 * tells two servers that answer each other from clients (net/loopguard.h).
 */
#ifndef SERVE_ECHO_UDP_H
#define SERVE_ECHO_UDP_H

#include "serve/conn.h"

struct echo_sockets {
	const struct fd	*fds;		/* taken, also on failure */
	size_t		 n;
	/* Whether a peer may be answered; NULL: all of them. */
	bool		(*admits)(void *arg, const struct addr *peer,
			    const struct addr *local);
	void		*arg;
};

/*
 * Starts one conn for all sockets. With a peer in conn_start they are
 * connected to that peer, and its fd is ignored. Without one they listen: if
 * the plan does not keep them open, the first sender becomes the only peer.
 */
struct conn	*conn_echo_sockets(const struct conn_start *,
		    const struct echo_sockets *, int *status);

#endif
