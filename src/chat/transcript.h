/*
 * The transcript of a chat: who said what, and when, as lines of inert text,
 * appended to a file.
 *
 * Law: a transcript that cannot be written is told of once and given up; the
 * chat goes on.
 */
#ifndef CHAT_TRANSCRIPT_H
#define CHAT_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/plan.h"

struct transcript;

enum speaker { SPEAKER_ME, SPEAKER_PEER };

/* Who says a line of the peer's, if that is a room. */
enum line_of {
	LINE_OF_PEER,		/* "<peer> " stands before it */
	LINE_OF_ROOM,		/* "[peer] " */
	LINE_OF_MEMBER		/* nothing: the line begins with "<name> " */
};

/* NULL with errno. Names are copied. */
struct transcript	*transcript_open(const struct plan *, const char *path,
			    const char *me);
/* What one of them is called from now on. */
void			 transcript_name(struct transcript *, enum speaker,
			    const char *name);
/* Who says the peer's line that comes next. */
void			 transcript_line_of(struct transcript *,
			    enum line_of);
/* Some bytes of a line or of several; last: nothing follows. */
void			 transcript_add(struct transcript *, enum speaker,
			    const unsigned char *, size_t n, bool last);
/* Lines that are inert already, each with its LF and all before it. */
void			 transcript_lines(struct transcript *, const char *,
			    size_t n);
void			 transcript_close(struct transcript *);	/* or NULL */
/* Was some of it not written? That was told, once. NULL: no. */
bool	transcript_failed(const struct transcript *);

#endif
