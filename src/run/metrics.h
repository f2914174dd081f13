/*
 * Metrics of connections: --stats, a line at the end of each; --tcp-info, the
 * system's metrics of each TCP connection in intervals; and the report on
 * SIGUSR1.
 *
 * Laws: without these options no connection costs a byte more: a series of
 * metrics knows its owner, not the reverse. No metrics are read from a socket
 * that has the number of a closed socket. The interval's timer keeps no loop
 * alive that has nothing else to wait for.
 */
#ifndef RUN_METRICS_H
#define RUN_METRICS_H

#include "run/run.h"

/* Opens the file of --tcp-info. Returns -1 with the error. */
int	metrics_open(struct run *, struct error *);
/* Writes the last lines; sets r->status if the file is not complete. */
void	metrics_close(struct run *);

/*
 * The owner's connection begins. fd: the socket, or NULL; peer: NULL if the
 * socket knows the peer.
 */
void	metrics_start(struct run *, const void *owner, const struct fd *,
	    const struct addr *peer);
/* Reads the last metrics: the socket will be closed or passed on. */
void	metrics_last(struct run *, const void *owner);
/* The connection is over. NULL outcome: no line is printed. */
void	metrics_over(struct run *, const void *owner, const struct outcome *);

/* Prints the state of the run (SIGUSR1). */
void	metrics_report(const struct run *);

#endif
