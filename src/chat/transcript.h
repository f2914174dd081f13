/*
 * The transcript of a chat: speakers, lines and times as lines of inert text,
 * appended to a file.
 *
 * Law: if the transcript cannot be written, the error is reported once, and
 * the chat goes on without a transcript.
 */
#ifndef CHAT_TRANSCRIPT_H
#define CHAT_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "plan/plan.h"

struct transcript;

enum speaker { SPEAKER_ME, SPEAKER_PEER };

/* Who says a line of the peer's, which may be a room. */
enum line_of {
	LINE_OF_PEER,		/* after "<peer> " */
	LINE_OF_ROOM,		/* after "[peer] " */
	LINE_OF_MEMBER		/* as received: begins with "<name> " */
};

/* Fills buf with the beginning of a speaker's line, "WHEN<name> ". */
void	transcript_prefix(char *buf, size_t size, enum line_of,
	    const char *when, const char *name);
/*
 * Opens the plan's transcript; *t stays NULL if there is none. The names are
 * copied. Returns -1 with err. The functions below do nothing with NULL.
 */
int	transcript_open(struct transcript **t, const struct plan *,
	    const char *me, struct error *err);
/* From now on the speaker is called so. */
void	transcript_name(struct transcript *, enum speaker, const char *name);
/* Sets the speaker of the peer's next line. */
void	transcript_line_of(struct transcript *, enum line_of);
/* Adds bytes of a line or of several; last: nothing follows. */
void	transcript_add(struct transcript *, enum speaker,
	    const unsigned char *, size_t n, bool last);
/* Adds the line "* ..." between two others; the text is inert. */
void	transcript_mark(struct transcript *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
void	transcript_close(struct transcript *);
/* Whether something was not written. */
bool	transcript_failed(const struct transcript *);

#endif
