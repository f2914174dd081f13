/*
 * A paste that the terminal has marked: held until its end has come, and until
 * the person has answered whether many lines are to be sent.
 */
#ifndef CONSOLE_PASTE_H
#define CONSOLE_PASTE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <wchar.h>

#include "base/buf.h"

/* Characters that are held; a longer paste is dropped. */
#define PASTE_MOST	((size_t)1 << 20)
#define PASTE_QUESTION	64

struct paste {
	struct buf	 text;		/* of wchar_t; LF for each line end */
	size_t		 lines;		/* that have ended */
	wchar_t		 last;
	bool		 open;		/* the end has not come */
	bool		 too_long;
	time_t		 fed;		/* the latest bytes, in seconds */
};

void	paste_begin(struct paste *);
void	paste_add(struct paste *, wchar_t);
/*
 * Whether no byte has come for some seconds: the end mark will not come. Called
 * before each piece of the input.
 */
bool	paste_is_stale(struct paste *);
/* The end has come. Returns true if the question is to be asked first. */
bool	paste_end(struct paste *, char question[PASTE_QUESTION]);
/* Takes the first character. Returns false at the end. */
bool	paste_next(struct paste *, wchar_t *);
/* Drops the text; an open paste stays open. */
void	paste_drop(struct paste *);

#endif
