/*
 * Messages on a stream, and how they are told apart. Pure.
 *
 *	line		the message and LF
 *	len6		six decimal digits, ':', the message
 *	u16be, u32be	the length in network order, the message
 *	netstring	the length in decimal, ':', the message, ','
 *
 * Laws: what a reader finds does not depend on where the bytes were cut; it
 * keeps nothing of a message and allocates nothing, whatever length it is
 * told; a message is never above the limit.
 */
#ifndef FRAME_FRAME_H
#define FRAME_FRAME_H

#include <sys/uio.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum frame_format {
	FRAME_NONE, FRAME_LINE, FRAME_LEN6, FRAME_U16BE, FRAME_U32BE,
	FRAME_NETSTRING
};

struct frame_rules {
	enum frame_format	format;
	uint64_t		max;	/* bytes of a message; what the length
					   cannot tell is never allowed */
};

/* The longest length, and its colon. */
#define FRAME_HEAD_MAX	11
/* Room for what is wrong, in words. */
#define FRAME_WHY_MAX	96
/* Of an input, with its number and the limit (uint64_t). */
#define FRAME_LONG_LINE	"line %" PRIu64 " has more than %" PRIu64 \
	" bytes (--max-frame)"

/* The most that the length of this format can tell, and that is allowed. */
uint64_t	frame_limit(const struct frame_rules *);
/* What stands before a message of so many bytes; how long that is. */
size_t		frame_head(enum frame_format, uint64_t len,
		    unsigned char head[FRAME_HEAD_MAX]);
/* ... and behind it: one byte, or none. */
size_t		frame_tail(enum frame_format, unsigned char *tail);

enum frame_event {
	FRAME_MORE,		/* all was taken, and more is needed */
	FRAME_HEAD,		/* the bytes used are a length, now known */
	FRAME_DATA,		/* the bytes used are a piece of a message */
	FRAME_END,		/* a message is complete */
	FRAME_BROKEN		/* why tells the reason; it stays so */
};

struct frame_reader {
	enum frame_format	format;
	enum { FRAME_IN_HEAD, FRAME_IN_BODY, FRAME_IN_TAIL, FRAME_AT_FAULT }
				state;
	uint64_t		max;
	unsigned		head;	/* bytes of the length so far */
	uint64_t		len;	/* as far as it was read */
	uint64_t		left;	/* of the message; of a line, at most */
	char			why[FRAME_WHY_MAX];
};

void		 frame_reader_init(struct frame_reader *,
		    const struct frame_rules *);
/*
 * The next event in n bytes, *used of which belong to it. It is called until
 * it says FRAME_MORE: an end may need no byte.
 */
enum frame_event frame_read(struct frame_reader *, const unsigned char *in,
		    size_t n, size_t *used);
/* Nothing follows: false, and why, if that is in the midst of a message. */
bool		 frame_read_end(struct frame_reader *);
/* Stands it between two messages? */
bool		 frame_reader_between(const struct frame_reader *);
/*
 * Read on to the end of a message, or of these bytes; how many that are, and
 * did it end? For bytes of our own making.
 */
size_t		 frame_length(struct frame_reader *, const struct iovec *,
		    int, bool *ended);
/* Are these n bytes whole messages and nothing else? If not, why tells. */
bool		 frame_all_whole(const struct frame_rules *,
		    const unsigned char *, size_t n, char why[FRAME_WHY_MAX]);
/* Bytes that were taken and are not told of: those of a length. */
size_t		 frame_reader_held(const struct frame_reader *);

#endif
