/*
 * Text that scrolls by on a terminal: lines broken into rows.
 *
 * Law: only the beginning of a line stands in the first column. Rows after the
 * first, and the rest of a line after an interruption, are indented. So no
 * peer can make its text look like an announcement of the program by its
 * length or its timing.
 */
#ifndef CONSOLE_SCROLL_H
#define CONSOLE_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct scroll {
	struct buf	*screen;
	unsigned	 cols;		/* 0: lines are not broken */
	unsigned	 col;
	bool		 open;		/* a row was begun and not ended */
	bool		 interrupted;	/* the line goes on, indented */
};

/*
 * Adds whole characters: printable characters, tab, LF, and SGR sequences. Rows
 * are broken at blanks where possible.
 */
void	scroll_text(struct scroll *, const char *, size_t);
/* Returns n without an unfinished character or sequence at the end. */
size_t	scroll_whole(const char *, size_t n);
/* Ends the row, and not the line. */
void	scroll_interrupt(struct scroll *);

#endif
