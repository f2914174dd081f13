/*
 * Framed messages between a stream and datagrams: the stream has frames, and
 * each datagram is a bare message.
 */
#ifndef SERVE_BARE_FRAMES_H
#define SERVE_BARE_FRAMES_H

#include "run/run.h"

/*
 * Puts a layer on the side of datagrams: what is read has its frame, and what
 * is written, in pieces of any size, loses it. A datagram that the format
 * cannot hold is dropped. Fills the options of both directions, of which that
 * to the datagrams fails if the stream has no frames. -1: no memory; the caller
 * frees the filters and gates that were made.
 */
int	bare_frames_stages(const struct plan *, struct endpoint *target,
	    struct endpoint *client, struct flow_options *there,
	    struct flow_options *back);

#endif
