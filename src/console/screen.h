/*
 * The output of a terminal: text that scrolls by, and below it the line that
 * is being typed.
 *
 * Laws: all bytes stand in one buffer, in order. The typed line is drawn only
 * when the buffer is empty, so that a stopped terminal costs no memory for it.
 * Lines are shown when they are whole, or after a pause.
 */
#ifndef CONSOLE_SCREEN_H
#define CONSOLE_SCREEN_H

#include "base/buf.h"
#include "console/editor.h"
#include "console/scroll.h"
#include "io/fd.h"

struct screen {
	struct fd	 out;
	struct buf	 buf;		/* for the terminal */
	struct buf	 held;		/* the beginning of a line */
	struct scroll	 scroll;
	struct editor	*editor;
	bool		 colour;
	int		 error;		/* errno of a terminal that is gone */
	unsigned	 dropped;	/* announcements without room */
};

void	screen_free(struct screen *);
/* Shows lines; the text after the last LF is held. */
void	screen_text(struct screen *, const char *, size_t);
/* Whether a line has begun and not ended. */
bool	screen_is_torn(const struct screen *);
/* Shows the held text; the line may go on later. */
void	screen_pause(struct screen *);
/* Shows an announcement; without room it is only counted. */
void	screen_say(struct screen *, const char *line);
/* Writes what the terminal takes. typed: draws the typed line, too. */
void	screen_flush(struct screen *, bool typed);

#endif
