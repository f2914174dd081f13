/*
 * The output of a terminal: text scrolls by, and the typed line stands below
 * the text.
 *
 * Laws: all bytes stand in one buffer, in order. The typed line is drawn only
 * when the buffer is empty, so a stopped terminal costs no memory for it.
 * Lines are shown when they are whole, or after a pause. Only the beginning of
 * a line stands in the first column: rows after the first, and the rest of a
 * line after an interruption, are indented; of a URL without the characters
 * *<>[] the terminal breaks the rows. So no peer can make its text look
 * like an announcement of the program by length or timing.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include "base/buf.h"
#include "console/editor.h"
#include "io/fd.h"

/* Lines, broken into rows. */
struct scroll {
	struct buf	*screen;
	unsigned	 cols;		/* 0: lines are not broken */
	unsigned	 col;
	bool		 open;		/* a row was begun and not ended */
	bool		 interrupted;	/* the line goes on, indented */
	bool		 link;		/* the current word is a URL */
	bool		 labels;	/* see console_options */
};

struct screen {
	struct fd	 out;
	struct buf	 buf;		/* for the terminal */
	struct buf	 held;		/* the beginning of a line */
	struct scroll	 scroll;
	struct editor	*editor;
	bool		 colour;
	bool		 peer_prompts;	/* see console_options */
	bool		 asks;		/* the held text is the prompt */
	int		 error;		/* errno of a terminal, gone */
	unsigned	 dropped;	/* announcements without room */
};

void	screen_free(struct screen *);
/* Shows lines; the text after the last LF is held. */
void	screen_text(struct screen *, const char *, size_t);
/* Whether a line has begun and not ended. */
bool	screen_is_torn(const struct screen *);
/* Shows the held text; the line may go on later. */
void	screen_pause(struct screen *);
/* A line was typed: it stands in the row of the prompt, and ends that row. */
void	screen_typed(struct screen *);
/* From now on no text is a prompt; shows the text that was the prompt. */
void	screen_settle(struct screen *);
/* Shows an announcement; if the buffer has no room, only counts it. */
void	screen_say(struct screen *, const char *line);
/* Writes until the terminal takes no more. typed: also the typed line. */
void	screen_flush(struct screen *, bool typed);

/* Adds whole printable characters, tab, LF, SGR; breaks rows at blanks. */
void	scroll_text(struct scroll *, const char *, size_t);
/* Ends the row, and not the line. */
void	scroll_interrupt(struct scroll *);

#endif
