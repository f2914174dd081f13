/*
 * The kernel's metrics of a TCP connection, tcp(7) TCP_INFO.
 */
#ifndef IO_FD_METRICS_H
#define IO_FD_METRICS_H

#include "io/fd.h"

/* How many values there are; fd_metrics.c lists them in order. */
#define FD_METRICS	13

struct fd_metrics {
	const char	*state;
	int64_t		 value[FD_METRICS];	/* -1: not known */
};

/* False: the descriptor is no TCP socket. */
bool		 fd_metrics(const struct fd *, struct fd_metrics *);
/* The name of a value: the column of --tcp-info. */
const char	*fd_metrics_name(int);
/* A number that no other socket ever has; 0: no socket, or not known. */
uint64_t	 fd_cookie(const struct fd *);

#endif
