/*
 * Framed messages between a stream and datagrams: the stream has frames, and
 * each datagram is a bare message.
 */
#ifndef SERVE_BARE_FRAMES_H
#define SERVE_BARE_FRAMES_H

#include "run/run.h"

/*
 * Puts a layer on an endpoint of datagrams: what is read has its frame, and
 * what is written, in pieces of any size, loses it. A datagram that the format
 * cannot hold is dropped. Fills the options of the flow to the endpoint, which
 * fails if the stream has no frames, and of the flow from there. -1: no memory;
 * the caller frees the filters and gates that were made.
 */
int	bare_frames_stages(const struct plan *, struct endpoint *,
	    struct flow_options *to, struct flow_options *from);

#endif
