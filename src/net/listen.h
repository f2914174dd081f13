/*
 * Listening: the sockets that wait for peers, and who may come in.
 *
 * Laws: EMFILE, ENFILE, ENOBUFS and ENOMEM park the listener for a second;
 * a pause leaves it out of the wait, so that the kernel's backlog queues;
 * errors of a connection that died before it was accepted are skipped.
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "plan/plan.h"

/* Opens, binds and (streams) listens. -1 and err filled (op: socket, bind,
 * listen, join, or what sockopt said). A multicast group is joined. A Unix
 * path: see listen_unix_path. */
int	listen_open(const struct plan *, const struct addr *, bool v6only,
	    struct fd *, struct error *);
/*
 * Make room for a Unix socket at this path: probe with connect(2); unlink it
 * only if it is a socket that nobody serves. -1 with EADDRINUSE if somebody
 * does, with ENOTSOCK if it is not a socket (then never touched).
 */
int	listen_unix_path(const struct addr *, int type);

struct listener;

/*
 * Accept from these descriptors, which the listener owns from now on.
 * accepted() is called for each client; fd is the caller's. NULL with
 * errno: the descriptors are still the caller's.
 */
struct listener	*listener_new(struct loop *, const struct fd *, size_t n,
		    void (*accepted)(void *arg, struct fd *,
		    const struct addr *peer), void *arg);
/* Whom to tell why nobody can be accepted for now; it is tried again. */
void		 listener_tells(struct listener *,
		    void (*failed)(void *arg, int num));
/* Leave the sockets out of the wait, or take them in again. */
void		 listener_pause(struct listener *, bool);
/*
 * Reset everybody who waits to be accepted, without a byte; how many there
 * were.
 */
unsigned	 listener_turn_away(struct listener *);
/* Close them. Safe from within accepted(). */
void		 listener_free(struct listener *);

#endif
