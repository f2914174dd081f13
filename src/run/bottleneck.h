/*
 * Whether a buffer of TCP has limited a transfer over a long link: a hint at
 * -v, once a run. Without -v nothing is looked at.
 */
#ifndef RUN_BOTTLENECK_H
#define RUN_BOTTLENECK_H

#include "io/fd.h"
#include "run/run.h"

enum bottleneck {
	BOTTLENECK_NONE,		/* the link, a program or the peer */
	BOTTLENECK_SEND_BUFFER,
	BOTTLENECK_PEER_WINDOW,		/* the peer's receive buffer */
	BOTTLENECK_WINDOW		/* the receive buffer here */
};

/* Returns what limited a connection that has lasted so long (ns). Pure. */
enum bottleneck	bottleneck_of(const struct fd_pace *, int64_t elapsed);
/* The transfer over this socket is over: prints the hint, if there is one. */
void	bottleneck_report(struct run *, const struct fd *, int64_t elapsed);

#endif
