/*
 * Draws and erases the typed line, on a terminal that understands
 * ANSI X3.64.
 *
 * Laws: rows are counted from the width of each character, as the terminal
 * does. A line too long for the screen is shown in part, around the
 * cursor, so that its first row never scrolls away.
 */
#ifndef CONSOLE_TYPED_H
#define CONSOLE_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "base/buf.h"

/* A line of an editor. Indices of characters. */
struct typed_line {
	const wchar_t	*text;
	size_t		 len, cursor;
};

struct typed {
	struct buf	*screen;
	unsigned	 cols, rows;	/* of the terminal, from 1 */
	bool		 colour;
	bool		 timestamps;	/* before each finished line */
	struct typed_line prompt;	/* its text is owned */
	struct typed_line question;	/* as prompt, and drawn in its place;
					   text NULL: none */
	bool		 shown;
	/* The drawing: text[from] to text[to - 1]. */
	size_t		 from, to;
	bool		 at_end;	/* the cursor is */
	bool		 part;		/* not all of the line */
	bool		 prompted;	/* with the prompt */
	unsigned	 row, col;	/* of the cursor; the first is 0 */
	unsigned	 last;		/* row */
	unsigned	 done;		/* columns, in all rows */
};

void	typed_init(struct typed *, struct buf *screen, unsigned cols,
	    unsigned rows);
void	typed_free(struct typed *);
void	typed_prompt(struct typed *, const char *);
/* Draws this text in the place of the prompt from now on; NULL: the prompt. */
void	typed_ask(struct typed *, const char *);
/* Draws the line in the place of the old drawing. */
void	typed_draw(struct typed *, const struct typed_line *);
/* The same, when only n characters were added at the end. */
void	typed_append(struct typed *, const struct typed_line *, size_t n);
/* Draws prompt and line for good, as a whole; a new row follows. */
void	typed_finish(struct typed *, const struct typed_line *);
void	typed_hide(struct typed *);
/* Other programs have written: the next drawing begins on a new row. */
void	typed_forget(struct typed *);
/* The terminal has a new size, and has broken the drawn rows anew. */
void	typed_resize(struct typed *, const struct typed_line *, unsigned cols,
	    unsigned rows);

#endif
