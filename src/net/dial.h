/*
 * Connecting: a list of addresses tried one after the other, or raced with
 * a head start (RFC 8305, section 5), until one answers.
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/addr.h"
#include "base/diag.h"
#include "io/fd.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "plan/plan.h"

struct dial;

struct dial_ops {
	/* Connected: fd is the caller's now. The dial is over. */
	void	(*connected)(void *arg, struct fd *, const struct addr *);
	/*
	 * One address failed (num is ETIMEDOUT when the plan's time ran out);
	 * last: no other is left and the dial is over.
	 */
	void	(*failed)(void *arg, const struct addr *,
		    const struct error *, bool last);
};

/*
 * Connect to the addresses with this port (0: the port they have). local is
 * bound first (NULL: none; -s and -p); addresses of a family that it has not
 * are left out, unless none has it. If it cannot be bound, failed() is told
 * with op "bind". Each address gets the plan's connect_timeout (-1: as long
 * as the system tries). The plan's race_delay after a start the next address
 * is started beside it; -1: only when it has failed. Datagram sockets
 * connect at once. Calls come from turns of the loop, never from within
 * dial_start. NULL with errno when it cannot begin.
 */
struct dial	*dial_start(struct loop *, const struct plan *,
		    const struct addr_list *, unsigned port,
		    const struct addr_list *local,
		    const struct dial_ops *, void *arg);
/* By these hosts (-g), which the dial does not free. Before the next turn. */
void		 dial_by(struct dial *, const struct addr_list *hops);
/*
 * A socket that was refused at once may be used again, where the system lets
 * it: for whoever dials much, one after the other. It is left here, and the
 * next dial that it fits takes it. The owner closes what is left. Such a dial
 * tells of failed connecting without the object, which takes its time too.
 */
struct dial_socket_reuse {
	struct fd	fd;		/* num -1: there is none */
	int		family;
};

/* Right after dial_start. The spare outlives the dial. */
void		 dial_lend(struct dial *, struct dial_socket_reuse *);
/* Give up: every attempt is closed and nothing more is called. */
void		 dial_cancel(struct dial *);

#endif
