/*
 * What the system knows of a TCP connection.
 */
#ifndef IO_FD_METRICS_H
#define IO_FD_METRICS_H

#include "io/fd.h"

enum figure {
	FIG_RTT,		/* microseconds, smoothed */
	FIG_RTTVAR,		/* microseconds */
	FIG_CWND,		/* segments that may be on their way */
	FIG_SSTHRESH,		/* segments; slow start is below */
	FIG_MSS,		/* bytes of a segment */
	FIG_RETRANS,		/* segments sent again so far */
	FIG_UNACKED,		/* segments on their way */
	FIG_LOST,		/* segments thought to be lost */
	FIG_SND_WND,		/* bytes that the peer has room for */
	FIG_RCV_SPACE,		/* bytes that we let it have in a round trip */
	FIG_ACKED,		/* bytes that it has acknowledged */
	FIG_RECEIVED,		/* bytes that came in order */
	FIG_RATE,		/* bytes a second that arrive there */
	FIG_COUNT
};

struct fd_metrics {
	const char	*state;
	int64_t		 value[FIG_COUNT];	/* -1: not known */
};

/* False: it is no TCP socket, or this system does not tell. */
bool		 fd_metrics(const struct fd *, struct fd_metrics *);
/* A number that no other socket ever has; 0: unknown, or no socket. */
uint64_t	 fd_cookie(const struct fd *);

#endif
