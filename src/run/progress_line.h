/*
 * The text of the line of --progress. Pure.
 */
#ifndef RUN_PROGRESS_LINE_H
#define RUN_PROGRESS_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of a flow from near to far, and of a flow back. */
enum progress_way { PROGRESS_SENT, PROGRESS_RECEIVED, PROGRESS_WAYS };

struct progress_state {
	uint64_t	 bytes[PROGRESS_WAYS];
	uint64_t	 rate[PROGRESS_WAYS];	/* bytes per second, now */
	int64_t		 elapsed;		/* ns */
	uint64_t	 size;			/* bytes to expect; 0: not
						   known */
	enum progress_way sized;		/* the way that has the size */
	bool		 stalled;		/* no byte moves any more */
	bool		 last;			/* there is no now any more */
};

/* The widest line, whatever the terminal: an enlarged window has more. */
#define PROGRESS_LINE_MAX	512

/*
 * Writes the line, of at most columns characters: the parts that matter most,
 * if the line is too short for all. Returns the length.
 */
size_t	progress_line(const struct progress_state *, size_t columns,
	    char buf[PROGRESS_LINE_MAX]);
/* Writes a number of bytes in four digits or less: "1.25 GiB". */
#define PROGRESS_SIZE_MAX	16
const char *progress_size(uint64_t bytes, char buf[PROGRESS_SIZE_MAX]);

#endif
