/*
 * The pipes between a session and its command, and what the bytes pass on
 * their way.
 */
#ifndef SERVE_EXEC_PIPES_H
#define SERVE_EXEC_PIPES_H

#include "plan/plan.h"
#include "link/session.h"

/*
 * Makes the filters and gates of both flows. Returns -1 with errno, and there
 * are none.
 */
int	exec_pipes_stages(const struct plan *, bool dgram,
	    struct flow_options *up, struct flow_options *down);
/*
 * Makes pipes for the standard input and output of the command. record: each
 * of its writes becomes a datagram, and its input is given one datagram at a
 * time, the next when the pipe is empty. -1 with errno.
 */
int	exec_pipes_open(struct endpoint *near, bool record, struct fd *in,
	    struct fd *out);

#endif
