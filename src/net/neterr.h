/*
 * The wording of a failure on an address, the same for every caller:
 * "192.0.2.1 port 80 (tcp)", or the path of a Unix socket.
 */
#ifndef NET_NETERR_H
#define NET_NETERR_H

#include "base/addr.h"
#include "base/socket.h"

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
