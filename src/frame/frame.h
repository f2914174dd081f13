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
#include "filter/filter.h"

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

/* A piece of one message: so many bytes of each kind, side by side. */
struct frame_piece {
	size_t			head;	/* of the length and its colon */
	size_t			body;	/* of the message */
	size_t			tail;	/* after the message: 0 or 1 */
	bool			end;	/* the message is complete */
};

enum frame_fault {
	FRAME_SOUND,
	FRAME_NO_LENGTH,	/* a byte that no length has */
	FRAME_ZERO_FIRST,	/* a length begins with a zero */
	FRAME_TOO_LONG,
	FRAME_NO_TAIL,
	FRAME_UNFINISHED	/* the input has ended within a message */
};

struct frame_reader {
	enum frame_format	format;
	enum frame_fault	fault;	/* stays */
	uint64_t		max;
	uint64_t		len;	/* of the message */
	uint64_t		left;	/* of the message; of a line, at most */
	bool			body;	/* the length is complete */
	unsigned char		head;	/* bytes kept of a length */
	unsigned char		kept[FRAME_HEAD_MAX];
};

void		 frame_reader_init(struct frame_reader *,
		    const struct frame_rules *);
/*
 * Finds what n bytes have of one message. Returns the bytes of the piece: all
 * n, unless a message ends before, or there is a fault, which stays.
 */
size_t		 frame_read(struct frame_reader *, const unsigned char *in,
		    size_t n, struct frame_piece *);
/* Writes the text of the reader's fault. */
void		 frame_why(const struct frame_reader *,
		    char why[FRAME_WHY_MAX]);
/* The input has ended. Returns false if there is a fault. */
bool		 frame_read_end(struct frame_reader *);
/* Whether n bytes are whole messages and nothing else; if not, why. */
bool		 frame_all_whole(const struct frame_rules *,
		    const unsigned char *, size_t n, char why[FRAME_WHY_MAX]);
/* Returns how many bytes of an unfinished length were used. */
size_t		 frame_reader_held(const struct frame_reader *);

/* Filters and gates are NULL without memory. */

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
