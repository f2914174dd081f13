/*
 * A line editor: makes finished lines of the bytes of the keyboard.
 *
 * Laws: an editor reads nothing, writes nothing and never waits. The caller
 * passes typed bytes; the editor adds finished lines to one buffer and output
 * for the terminal to another, and draws only in show(). Other text is added
 * to the screen only while the editor is hidden.
 */
#ifndef CONSOLE_EDITOR_H
#define CONSOLE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct editor;

struct editor_setup {
	struct buf	*lines;		/* finished lines, each with its LF */
	struct buf	*screen;
	const char	*prompt;	/* copied; NULL: none */
	unsigned	 cols, rows;
	bool		 cursor;	/* the terminal knows ANSI X3.64 */
	bool		 colour;
	bool		 timestamps;	/* the time before a finished line */
	unsigned char	 erase, eof, interrupt;	/* keys, as in stty(1) */
};

struct editor_ops {
	bool		 raw;		/* wants each key, and echoes itself */
	void		 (*prompt)(struct editor *, const char *);
	/*
	 * true: typed text is neither drawn nor remembered. At each change,
	 * an unfinished line is dropped.
	 */
	void		 (*secret)(struct editor *, bool);
	/* Returns true at ^D: the input has ended, the rest is ignored. */
	bool		 (*feed)(struct editor *, const unsigned char *,
			    size_t);
	/*
	 * The input has ended otherwise. A line that ^D has passed on is
	 * finished. NULL: does nothing.
	 */
	void		 (*end)(struct editor *);
	/* Draws the changes, or everything if the drawing was hidden. */
	void		 (*show)(struct editor *);
	/* Clears the drawing; the cursor stands in an empty row. */
	void		 (*hide)(struct editor *);
	/* Other programs have written: the drawing is lost. */
	void		 (*forget)(struct editor *);
	/* Hides for good; a begun line stays visible. */
	void		 (*leave)(struct editor *);
	/* NULL: the size does not matter. */
	void		 (*resize)(struct editor *, unsigned cols,
			    unsigned rows);
	void		 (*close)(struct editor *);
};

struct editor {
	const struct editor_ops	*ops;
	/* A question or a search is open: the interrupt key is to be typed. */
	bool			 asks;
};

/* The line mode of the terminal. Returns NULL without memory. */
struct editor	*editor_open_plain(const struct editor_setup *);
/* Needs cursor. NULL: libedit fails, or the build is without libedit. */
struct editor	*editor_open_libedit(const struct editor_setup *);

#endif
