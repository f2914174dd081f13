/*
 * How bytes become the lines of a group chat.
 *
 * Laws: what is made of them is inert, and does not depend on where reads
 * split them; a line of more than TALK_LINE bytes goes on in pieces, none of
 * which ends within a character; who has said nothing but whole lines needs
 * no buffer.
 */
#ifndef CHAT_TALK_SPEECH_H
#define CHAT_TALK_SPEECH_H

#include "chat/room.h"

/* The most of one read, and the longest line that is kept whole. */
#define TALK_READ	((size_t)2 << 10)
#define TALK_LINE	((size_t)64 << 10)
/* What the scratch ring has to hold. */
#define TALK_SCRATCH	(TALK_READ * 16 + 256)

/* False: out of memory. */
bool	talk_open_speech(struct speech *);
/* Room for n more bytes of a line, and a NUL. */
bool	talk_make_room(struct speech *, size_t n);
void	talk_forget(struct speech *);
/*
 * A client, or (NULL) the operator, said this; n 0: nothing follows, so the
 * last line has ended too.
 */
void	talk_speak(struct room *, struct guest *, const unsigned char *,
	    size_t n);

/* talk.c: a whole line, or a piece of a very long one, ended by a NUL. */
void	talk_line(struct room *, struct guest *, char *line, size_t n,
	    bool whole);
/* talk.c: nothing more of this speaker comes for now. */
void	talk_flush(struct room *, struct hub_member *from);

#endif
