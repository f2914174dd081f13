/*
 * What a terminal is sent: text that scrolls by, and below it the line being
 * typed.
 *
 * Laws: its bytes stand in one buffer, in order; the line being typed is
 * drawn only when that is empty, so a terminal that takes nothing costs no
 * memory for what is typed meanwhile; lines are shown when they are whole,
 * or after a pause.
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
	struct buf	 held;		/* a line that has not ended */
	struct scroll	 scroll;
	struct editor	*editor;
	bool		 colour;
	int		 error;		/* errno of a terminal that is gone */
	unsigned	 unsaid;	/* announcements that found no room */
};

void	screen_free(struct screen *);
/* Lines; what follows the last LF is held. */
void	screen_text(struct screen *, const char *, size_t);
/* A line has begun and not ended. */
bool	screen_is_torn(const struct screen *);
/* Show what is held; the line may go on later. */
void	screen_pause(struct screen *);
void	screen_say(struct screen *, const char *line);
/* Send what the terminal takes; typed: draw that line, too, if it can be. */
void	screen_flush(struct screen *, bool typed);

#endif
