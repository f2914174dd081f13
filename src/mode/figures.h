/*
 * Figures of connections: --stats, a line at the end of each; --tcp-info,
 * what the system knows of each TCP connection, every so often.
 *
 * Laws: where nobody asked, all of this is NULL and nothing is done; a meter
 * never looks at a socket that has taken its socket's number; to look now and
 * then keeps no loop alive that has nothing else to wait for.
 */
#ifndef MODE_FIGURES_H
#define MODE_FIGURES_H

#include "mode/run.h"

struct meter;

/* The file of --tcp-info; -1 with err. */
int		 figures_open(struct run *, struct error *);
/* The end: what is left of all meters. */
void		 figures_close(struct run *);

/*
 * A connection begins. fd: its socket, or NULL; peer: NULL where the socket
 * knows it. NULL: nobody asked.
 */
struct meter	*meter_start(struct run *, const struct fd *,
		    const struct addr *peer);
/* Its socket is about to be closed, or handed to whoever closes it. */
void		 meter_last(struct meter *);
/* It is over, and *m is gone; NULL: there is nothing to say about it. */
void		 meter_over(struct run *, struct meter **m,
		    const struct outcome *);

#endif
