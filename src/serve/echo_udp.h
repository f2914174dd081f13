/*
 * What comes in datagrams goes back to whoever sent it.
 *
 * Laws: answers leave from the address that was asked; what waits to be sent
 * is one batch a socket, and nothing is read before it is gone; an error that
 * one datagram met concerns that one alone; we never answer ourselves, and
 * two servers that answer each other are told apart from clients (see
 * net/loopguard.h).
 */
#ifndef SERVE_ECHO_UDP_H
#define SERVE_ECHO_UDP_H

#include "serve/conn.h"

struct echo_sockets {
	const struct fd	*fds;		/* taken, also when it fails */
	size_t		 n;
	/* Who may be answered; NULL: everybody. */
	bool		(*admits)(void *arg, const struct addr *peer,
			    const struct addr *local);
	void		*arg;
};

/*
 * All sockets are one conn. With a peer in conn_start they are connected to
 * it; its fd is not looked at. Without one they listen: if the plan does not
 * keep them open, the first sender becomes the peer, and nobody else is
 * heard.
 */
struct conn	*conn_echo_sockets(const struct conn_start *,
		    const struct echo_sockets *, int *status);

#endif
