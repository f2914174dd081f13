/*
 * Text that scrolls by on a terminal: lines broken into rows.
 *
 * Law: the first column belongs to the beginning of a line. Rows after the
 * first, and what follows after a line was interrupted, are indented, so
 * that nobody can make a text of theirs look like an announcement of ours
 * by its length or its timing.
 */
#ifndef CONSOLE_SCROLL_H
#define CONSOLE_SCROLL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct scroll {
	struct buf	*screen;
	unsigned	 cols;		/* 0: never break a line */
	unsigned	 col;
	bool		 open;		/* a row was begun and not ended */
	bool		 interrupted;	/* its line goes on, on a row of its
					   own */
};

/*
 * Whole characters: printable ones, tab, LF, and SGR sequences. Rows are broken
 * at blanks where they can be.
 */
void	scroll_text(struct scroll *, const char *, size_t);
/* Of n bytes, those that are whole. */
size_t	scroll_whole(const char *, size_t n);
/* The row ends, the line does not. */
void	scroll_interrupt(struct scroll *);

#endif
