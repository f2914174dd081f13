/*
 * How a command is tied to what the pump moves for it: two pipes for a
 * stream. For datagrams, by default, its input is a pipe that is given one
 * datagram at a time, and each of its writes becomes one; else each line, or
 * block, does.
 */
#ifndef SERVE_CHILD_PIPES_H
#define SERVE_CHILD_PIPES_H

#include "endpoint/endpoint.h"
#include "plan/plan.h"
#include "pump/flow.h"

/*
 * Make the ends that become the command's 0 and 1, and of ours an endpoint,
 * which has been through endpoint_init. dgram: the far end has records. -1
 * with errno; what was made by then is the caller's to close.
 */
int	child_pipes_command(struct endpoint *, const struct plan *, bool dgram,
	    struct fd *in, struct fd *out);
/* What the bytes pass each way. -1: out of memory, and nothing is made. */
int	child_pipes_stages(const struct plan *, bool dgram,
    struct flow_options *up,
	    struct flow_options *down);

#endif
