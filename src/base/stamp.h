/* The time of day before a line: "HH:MM:SS.mmm ", local time. */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define STAMP_LEN	((size_t)13)

/* Formats the local time as strftime(3); "" if there is none. */
void	stamp_now(char *buf, size_t size, const char *format);

/* The text, and the second that it was made for. */
struct stamp {
	time_t	second;
	char	text[STAMP_LEN + 1];	/* "": not made yet */
};

/* Sets the text; the time zone is asked once a second. */
void	stamp_set(struct stamp *, const struct timespec *);

/*
 * A stream with a stamp before each line: which of its bytes were added. The
 * counts begin with each session; in_line stays.
 */
struct stamped {
	bool		in_line;	/* the last byte given was no LF */
	uint64_t	given;		/* bytes, with the added ones */
	uint64_t	added;		/* stamps, and LFs before them */
	uint64_t	lf_at;		/* bytes given before the last added
					   LF; UINT64_MAX: none */
	uint64_t	seen;		/* bytes that the sink took */
	uint64_t	taken;		/* the added ones of these */
	size_t		left;		/* bytes of a stamp that come next */
};

void	stamped_begin(struct stamped *);
/* The sink took these bytes, which follow those before. */
void	stamped_take(struct stamped *, const unsigned char *, size_t n);

#endif
