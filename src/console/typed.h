/*
 * The line being typed, on a terminal that understands ANSI X3.64: which
 * rows it takes, and how it gets there and away again.
 *
 * Laws: the rows are counted from the width of each character, as the
 * terminal does; a line too long for the screen is shown in part, around
 * the cursor, so that its first row is always still there to be gone to.
 */
#ifndef CONSOLE_TYPED_H
#define CONSOLE_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "base/buf.h"

/* A line, as its editor has it. */
struct typed_line {
	const wchar_t	*text;
	size_t		 len, cursor;
};

struct typed {
	struct buf	*screen;
	unsigned	 cols, rows;	/* of the terminal, from 1 */
	bool		 colour;
	bool		 timestamps;	/* before each finished line */
	wchar_t		*prompt;
	size_t		 prompt_len;
	bool		 shown;
	/* What is drawn: text[from .. to), cut at either side. */
	size_t		 from, to;
	bool		 at_end;	/* the cursor */
	bool		 part, prompted;
	/* Where the cursor is, from the first row; and the last row. */
	unsigned	 row, col, last;
	unsigned	 done;		/* columns, on all rows */
};

void	typed_init(struct typed *, struct buf *screen, unsigned cols,
	    unsigned rows);
void	typed_free(struct typed *);
void	typed_prompt(struct typed *, const char *);
/* Draw it anew, in the place of what is drawn. */
void	typed_draw(struct typed *, const struct typed_line *);
/* Only so many characters were added since, at its end. */
void	typed_append(struct typed *, const struct typed_line *, size_t n);
/* All of it, for good: what follows begins on a row of its own. */
void	typed_finish(struct typed *, const struct typed_line *);
void	typed_hide(struct typed *);
/* Somebody else has written: begin on a row of its own. */
void	typed_forget(struct typed *);
/*
 * The terminal has another size, and has broken the rows anew. The line is
 * the one that was drawn.
 */
void	typed_resize(struct typed *, const struct typed_line *, unsigned cols,
	    unsigned rows);

#endif
