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
/* Writes the last lines. */
void	metrics_close(struct run *);

/* A connection, as far as its owner knows it; each may be NULL. */
struct metrics_of {
	const struct fd		*fd;		/* the socket */
	const struct layer	*top;		/* the layers above it */
	const struct addr	*peer, *local;	/* NULL: the socket's own */
};

/* The owner's connection begins. */
void	metrics_start(struct run *, const void *owner,
	    const struct metrics_of *);
/* The exit status will be known after metrics_over, and goes to settle. */
void	metrics_await_status(const struct run *, const void *owner);
void	metrics_settle(struct run *, const void *owner, int status);
/* Reads the last metrics: the socket will be closed or passed on. */
void	metrics_last(struct run *, const void *owner);
/* The connection is over. NULL outcome: no line is printed. */
void	metrics_over(struct run *, const void *owner, const struct outcome *);

/* Prints the state of the run (SIGUSR1). */
void	metrics_report(const struct run *);

#endif
