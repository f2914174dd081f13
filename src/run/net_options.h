/*
 * Makes the option structs of net/, reach/ and door/ from the plan, which these
 * rooms do not know.
 */
#ifndef RUN_NET_OPTIONS_H
#define RUN_NET_OPTIONS_H

#include "door/access.h"
#include "door/listen.h"
#include "plan/plan.h"
#include "reach/dial.h"
#include "reach/resolve.h"

struct socket_kind	net_socket_kind(const struct plan *);
struct resolve_options	net_resolve_options(const struct plan *);
/* Makes the options without addresses and port. */
struct dial_options	net_dial_options(const struct plan *);
struct listen_options	net_listen_options(const struct plan *);
struct access_options	net_access_options(const struct plan *);

/* Returns sockopt_patience() of the plan's sockets. */
int64_t	net_patience(const struct plan *);

/* neterr_set() with the plan's kind of socket. */
void	net_error(struct error *, int num, const char *op, const struct plan *,
	    const struct addr *);

#endif
