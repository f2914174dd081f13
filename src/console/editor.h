/*
 * What stands between a terminal's bytes and finished lines.
 *
 * Laws: an editor reads nothing, writes nothing and never waits: it is fed
 * what was typed, and adds finished lines to one buffer and what the screen
 * is to be sent to another. It draws only when it is told to show; whatever
 * else the screen gets is added while the editor is hidden.
 */
#ifndef CONSOLE_EDITOR_H
#define CONSOLE_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct editor;

struct editor_setup {
	struct buf	*lines;		/* finished ones, each with its LF */
	struct buf	*screen;
	const char	*prompt;
	unsigned	 cols, rows;
	bool		 cursor;	/* the terminal knows ANSI X3.64 */
	bool		 colour;
	bool		 timestamps;	/* the time before a finished line */
	unsigned char	 erase, eof;	/* keys, as stty(1) has them */
};

struct editor_ops {
	const char	*name;
	bool		 raw;		/* wants each key, and echoes itself */
	/* NULL: not to be had here. */
	struct editor	*(*open)(const struct editor_setup *);
	void		 (*prompt)(struct editor *, const char *);
	/*
	 * What is typed is not drawn and not remembered (true), or is again:
	 * what had been begun by then is dropped.
	 */
	void		 (*secret)(struct editor *, bool);
	/* true: the input has ended; what follows is not looked at. */
	bool		 (*feed)(struct editor *, const unsigned char *,
			    size_t);
	/* The input ended by itself: what was sent by ^D is a line, too. */
	void		 (*end)(struct editor *);
	/* Draw what is new; all of it, if it was hidden. */
	void		 (*show)(struct editor *);
	/* Away with it: the cursor is at the begin of an empty row. */
	void		 (*hide)(struct editor *);
	/* Somebody else has written: it is no more where it was. */
	void		 (*forget)(struct editor *);
	/* Away for good; what was begun to be typed stays to be seen. */
	void		 (*leave)(struct editor *);
	void		 (*resize)(struct editor *, unsigned cols,
			    unsigned rows);
	void		 (*close)(struct editor *);
};

struct editor {
	const struct editor_ops	*ops;
};

/* The terminal's own line mode: always to be had. */
const struct editor_ops	*editor_plain(void);
/* libedit; NULL where it was not built in. */
const struct editor_ops	*editor_libedit(void);

#endif
