/*
 * Frames as wholes: bytes are added as they come, and found are the frames
 * that are complete.
 *
 * Laws: nothing is kept but what was added, whatever length it tells, and no
 * more than one unfinished frame beside what was added last; one that holds
 * nothing costs no memory.
 */
#ifndef FRAME_FRAME_WHOLE_H
#define FRAME_FRAME_WHOLE_H

#include "frame/frame.h"

/* What a frame has beside its message, at most. */
#define FRAME_EXTRA	(FRAME_HEAD_MAX + 1)

struct frame_whole {
	struct frame_reader	reader;
	/* buf[from] to buf[to] is kept; up to seen it has been read. */
	unsigned char		*buf;
	size_t			size, from, seen, to;
	size_t			body, len;	/* the message, behind from */
};

void	frame_whole_init(struct frame_whole *, const struct frame_rules *);
void	frame_whole_free(struct frame_whole *);
/* What was found before is gone. False: no memory. */
bool	frame_whole_add(struct frame_whole *, const unsigned char *, size_t n);
/* The next message, which stays where it is until more is added. */
bool	frame_whole_next(struct frame_whole *, const unsigned char **,
	    size_t *);
/* All complete frames, as they stand on the wire; how many bytes. */
size_t	frame_whole_take(struct frame_whole *, const unsigned char **);
/* Bytes of what is not complete; it begins here. */
size_t	frame_whole_rest(const struct frame_whole *, const unsigned char **);
/* Nothing follows: what is not complete is a fault. */
void	frame_whole_end(struct frame_whole *);
/* What makes no sense behind all that was found; or NULL. */
const char *frame_whole_fault(const struct frame_whole *);

#endif
