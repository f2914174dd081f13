/*
 * Framed messages between a stream and datagrams: the stream has frames, and
 * each datagram is a bare message.
 */
#ifndef SERVE_BARE_FRAMES_H
#define SERVE_BARE_FRAMES_H

#include "endpoint/endpoint.h"
#include "frame/frame.h"

/* The most bytes of a message that fits into a datagram. */
#define BARE_MAX	((size_t)65507)

/*
 * Puts a layer on an endpoint of datagrams: what is read has its frame, and
 * what is written, in pieces of any size, loses it. A datagram that the format
 * cannot hold is dropped. Broken frames are the caller's. -1 with errno.
 */
int	bare_frames(struct endpoint *, const struct frame_rules *);

#endif
