/*
 * Messages on a stream, and how they are delimited. Pure.
 *
 *	line		the message and LF
 *	len6		six decimal digits, ':', the message
 *	u16be, u32be	the length in network order, the message
 *	netstring	the length in decimal, ':', the message, ','
 *
 * Laws: the messages that a reader finds do not depend on where the bytes were
 * cut. A reader keeps no bytes and allocates nothing, whatever length the peer
 * announces. A message is never longer than the limit.
 */
#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/policy.h"

struct frame_rules {
	enum frame_format	format;
	uint64_t		max;	/* bytes of a message, as asked for */
};

/* Bytes of the longest length and the colon. */
#define FRAME_HEAD_MAX	11
/* Bytes of the reason of a fault, NUL included. */
#define FRAME_WHY_MAX	96

/* Returns the limit: max, or less if the format's length cannot hold max. */
uint64_t	frame_limit(const struct frame_rules *);
/* Writes the bytes before a message of len bytes. Returns how many. */
size_t		frame_head(enum frame_format, uint64_t len,
		    unsigned char head[FRAME_HEAD_MAX]);
/* Writes the byte after a message. Returns 1, or 0 if the format has none. */
size_t		frame_tail(enum frame_format, unsigned char *tail);

enum frame_event {
	FRAME_MORE,		/* all bytes were used, and more are needed */
	FRAME_HEAD,		/* the bytes used end a length */
	FRAME_DATA,		/* the bytes used are a piece of a message */
	FRAME_END,		/* a message is complete */
	FRAME_BROKEN		/* see why; the reader stays so */
};

struct frame_reader {
	enum frame_format	format;
	enum { FRAME_IN_HEAD, FRAME_IN_BODY, FRAME_IN_TAIL, FRAME_AT_FAULT }
				state;
	uint64_t		max;
	unsigned		head;	/* bytes of the length so far */
	uint64_t		len;	/* value of the length so far */
	uint64_t		left;	/* of the message; of a line, at most */
	char			why[FRAME_WHY_MAX];
};

void		 frame_reader_init(struct frame_reader *,
		    const struct frame_rules *);
/*
 * Finds the next event in n bytes, and sets *used to the bytes of that event.
 * To be called until FRAME_MORE is returned: an end may need no byte.
 */
enum frame_event frame_read(struct frame_reader *, const unsigned char *in,
		    size_t n, size_t *used);
/*
 * Where a message begins that is whole in n bytes: returns all its bytes, and
 * sets the bytes before the body, and those of the body. 0: frame_read() has
 * to look at the bytes. For speed alone: frame_read() finds the same.
 */
size_t		 frame_whole(const struct frame_reader *,
		    const unsigned char *in, size_t n, size_t *head,
		    size_t *len);
/* The input has ended. Returns false, and why, if within a message. */
bool		 frame_read_end(struct frame_reader *);
/* Whether n bytes are whole messages and nothing else; if not, why. */
bool		 frame_all_whole(const struct frame_rules *,
		    const unsigned char *, size_t n, char why[FRAME_WHY_MAX]);
/* Returns how many bytes of an unfinished length were used. */
size_t		 frame_reader_held(const struct frame_reader *);

#endif
