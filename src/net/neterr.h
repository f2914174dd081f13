/*
 * The wording of what failed on an address, the same for every caller:
 * "192.0.2.1 port 80 (tcp)", or the path of a Unix socket.
 */
#ifndef NET_NETERR_H
#define NET_NETERR_H

#include "base/addr.h"
#include "base/diag.h"
#include "plan/plan.h"

/* Fill err: this operation on this address failed with this errno. */
void	neterr_set(struct error *err, int num, const char *op,
	    const struct plan *, const struct addr *);

/* Connecting to this address failed; with more than errno says, if it can. */
void	neterr_refusal(struct error *err, int num, const struct plan *,
	    const struct addr *);

/*
 * A hint for a datagram socket that was refused by ::1, while 127.0.0.1 has a
 * UDP server at the same port; NULL: there is none, or it is not known. host:
 * as the user wrote it.
 */
const char	*neterr_other_loopback(int fd, const char *host);
/* Something that we have too little of, and that may come back. */
bool	neterr_is_short(int num);
/* It is about our own end, and would be the same for every address. */
bool	neterr_is_ours(const struct error *);

#endif
