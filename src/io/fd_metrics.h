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
/* How a TCP connection has used its link. */
struct fd_pace {
	int64_t		 round_trip;	/* ns, the shortest; 0: not known */
	int64_t		 busy;		/* ns with bytes under way */
	int64_t		 for_window;	/* ns of busy: the peer's window was
					   full */
	int64_t		 for_buffer;	/* ns of busy: the send buffer was
					   full */
	uint64_t	 acked, received;	/* bytes */
	uint64_t	 cwnd;		/* bytes that congestion control lets
					   be under way */
	uint64_t	 sndbuf;	/* bytes of the send buffer */
	uint64_t	 window;	/* bytes, the largest window offered */
};

/* False: the descriptor is no TCP socket, or the kernel is too old. */
bool		 fd_pace(const struct fd *, struct fd_pace *);
/* A number that no other socket ever has; 0: no socket, or not known. */
uint64_t	 fd_cookie(const struct fd *);

#endif
