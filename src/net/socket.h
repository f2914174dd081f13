/*
 * Options of a new socket, from the plan.
 */
#ifndef NET_SOCKOPT_H
#define NET_SOCKOPT_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"
#include "plan/plan.h"

/*
 * Set what the plan asks for on a socket that is not bound yet (buffers must
 * come before connect and listen, tcp(7)). -1 and err filled (op "set", the
 * option's name as object) when the system refuses one that the user named.
 * Those of --sockopt come last. What nobody named is set silently where it
 * can be: datagrams get room for many.
 */
int	sockopt_apply(const struct plan *, const struct fd *, int family,
	    struct error *);
/*
 * SO_REUSEADDR (of datagrams, groups alone), and SO_REUSEPORT if the plan says
 * so; IPV6_V6ONLY. Nothing beside IPv4 and IPv6.
 */
int	sockopt_listener(const struct plan *, const struct fd *,
	    const struct addr *, bool v6only, struct error *);
/* TCP_NODELAY; best effort, and not if the plan names it or it is there. */
void	sockopt_nodelay(const struct plan *, const struct fd *);
bool	sockopt_has_nodelay(const struct fd *);
/*
 * RFC 2385 (TCP_MD5SIG, tcp(7)): the secret signs segments to and from this
 * peer (len 0: anyone). -1 and err filled.
 */
int	sockopt_md5(const struct fd *, const struct addr *peer,
	    const char *secret, struct error *);
/*
 * Ask for that secret on the terminal. To be freed (freezero(3)) by the
 * caller. NULL and err filled, as when there is no terminal.
 */
char	*sockopt_md5_secret(struct error *);

#endif
