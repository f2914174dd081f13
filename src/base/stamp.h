/* The time of day before a line: "HH:MM:SS.mmm ", local time. */
#ifndef BASE_STAMP_H
#define BASE_STAMP_H

#include <time.h>

#define STAMP_LEN	((size_t)13)

/* The text, and the second that it was made for. */
struct stamp {
	time_t	second;
	char	text[STAMP_LEN + 1];	/* "": not made yet */
};

/* Sets the text; the time zone is asked once a second. */
void	stamp_set(struct stamp *, const struct timespec *);

#endif
