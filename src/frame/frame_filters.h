/*
 * Filters and a gate of framed messages.
 */
#ifndef FRAME_FRAME_FILTERS_H
#define FRAME_FRAME_FILTERS_H

#include "filter/filter.h"
#include "frame/frame.h"

/*
 * Messages: each line, or (all) the whole input, becomes one; each one comes
 * out, with an LF behind it (lf) or as it is. An encoder holds one message
 * and what one push brought beside it, a decoder a length.
 */
struct filter	*filter_frame_encode(const struct frame_rules *, bool all);
struct filter	*filter_frame_decode(const struct frame_rules *, bool lf);
/*
 * A decoder of one peer after the other: broken (or NULL) says whether the
 * last message that came out broke off; with lf, its line is ended before the
 * next one.
 */
void		 frame_decode_joins(struct filter *, bool *broken);
/* ... of datagrams: each push is one, and holds whole messages. */
void		 frame_decode_datagrams(struct filter *);
/* What is pushed next begins a message, whatever came before. */
void		 frame_decode_restart(struct filter *);
/*
 * Messages that come out when all of them is there. loose: what stands at
 * the end is a message too, as of a file's last line.
 */
struct filter	*filter_frame_whole(const struct frame_rules *, bool lf,
		    bool loose);
/* All bytes as they are, up to the first that makes no sense. */
struct filter	*filter_frame_check(const struct frame_rules *);
/* The same as gate_delay, with messages; whole: each leaves at once, as a
 * datagram. */
struct gate	*gate_delay_frames(int64_t interval,
		    const struct frame_rules *, bool whole);

#endif
