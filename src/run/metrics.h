/*
 * Figures of connections: --stats, a line at the end of each; --tcp-info,
 * what the system knows of each TCP connection, every so often.
 *
 * Laws: where nobody asked, nothing is done and no connection costs a byte
 * more: a meter knows its owner, not the owner its meter; a meter never looks
 * at a socket that has taken its socket's number; to look now and then keeps
 * no loop alive that has nothing else to wait for.
 */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include "run/run.h"

/* The file of --tcp-info; -1 with err. */
int	metrics_open(struct run *, struct error *);
/* The end: what is left of all meters. */
void	metrics_close(struct run *);

/*
 * The connection of this owner begins. fd: its socket, or NULL; peer: NULL
 * where the socket knows it.
 */
void	meter_start(struct run *, const void *owner, const struct fd *,
	    const struct addr *peer);
/* Its socket is about to be closed, or handed to whoever closes it. */
void	meter_last(struct run *, const void *owner);
/* It is over; NULL: there is nothing to say about it, or no more. */
void	meter_over(struct run *, const void *owner, const struct outcome *);

#endif
