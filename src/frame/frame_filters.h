/*
 * Filters and a gate of framed messages. Filters and gates are NULL without
 * memory.
 */
#ifndef FRAME_FRAME_FILTERS_H
#define FRAME_FRAME_FILTERS_H

#include "filter/filter.h"
#include "frame/frame.h"

/*
 * Makes a message of each line, or with all, of the whole input. Holds one
 * message and the rest of a push.
 */
struct filter	*filter_frame_encode(const struct frame_rules *, bool all);
/* Each message comes out on its own, and in one piece. */
void		 frame_encode_singly(struct filter *);
/* Gives the messages, with lf each as a line. Holds a length. */
struct filter	*filter_frame_decode(const struct frame_rules *, bool lf);
/*
 * For decoders of successive peers: *broken, which outlives them, is whether
 * the last message that came out broke off. With lf, that line is then ended
 * before the next message. broken: NULL for a single peer.
 */
void		 frame_decode_joins(struct filter *, bool *broken);
/* Each push is a datagram, and holds whole messages. */
void		 frame_decode_datagrams(struct filter *);
/* Gives all bytes unchanged, up to the first invalid byte. */
struct filter	*filter_frame_check(const struct frame_rules *);
/* The same, but each message comes out on its own, and in one piece. */
struct filter	*filter_frame_each(const struct frame_rules *);
/*
 * One framed message, or a part, leaves at a time; after its end none for
 * interval ns. whole: the message leaves in one piece, as a datagram.
 */
struct gate	*gate_delay_frames(int64_t interval,
		    const struct frame_rules *, bool whole);

#endif
