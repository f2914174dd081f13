/*
 * Sockets that a service manager opened for us, as sd_listen_fds(3) has it:
 * they begin at descriptor 3. Their names (LISTEN_FDNAMES) say nothing to us.
 *
 * Law: they are shared with whoever gave them to us, and stay as they are:
 * not a flag is set, no option, no peer, and a path is not ours to remove.
 */
#ifndef NET_ACTIVATION_H
#define NET_ACTIVATION_H

#include "base/diag.h"
#include "io/fd.h"
#include "plan/plan.h"

/*
 * Take all of them (plan->service.activated), if they are what the plan is
 * about: all streams that listen, or all datagrams; all of the Internet, or
 * all Unix. -1 and err filled. Our children see no trace of them.
 */
int	activation_take(const struct plan *, bool is_unix, struct fd *,
	    struct error *);
/* Returns whether the sockets are Unix sockets, by -U or by the first. */
bool	activation_is_unix(const struct plan *);

#endif
