/*
 * A chat with a peer, perhaps a room of sockcat (chat/group_chat.h): a room
 * is recognized by its first line.
 *
 *	FIRST --asks for a password--> SECRET --welcome--> IN
 *	FIRST --welcome--> IN
 *	FIRST --any other line--> NONE
 *
 * Laws: a peer can claim to be a room, and gains nothing by the claim. Its
 * text is as inert as before. Only a line that begins with "<" loses our
 * prefix, and not with our name or that of a known peer; other lines get a
 * prefix that no line of a room can begin with; so no line of the peer begins
 * with "* ", or looks like a line typed here.
 * Commands of the chat itself are never sent. Lines typed at a password prompt
 * are neither shown nor remembered nor logged, whatever the peer sends. Without
 * a console, and if the peer has called us, a room is a peer like any other.
 */
#ifndef CHAT_CHAT_ROOM_H
#define CHAT_CHAT_ROOM_H

#include "chat/chat_lines.h"
#include "chat/name_look.h"
#include "chat/transcript.h"
#include "filter/filter.h"
#include "run/run.h"

struct chat_tls;

enum chat_room_state { ROOM_NONE, ROOM_FIRST, ROOM_SECRET, ROOM_IN };

struct chat_room {
	/* Set by the owner: */
	struct run		*run;	/* its near end is a console */
	const char		*me;	/* our name, in the prompt */
	const char		*peer;	/* the peer's name */
	bool			 shown;	/* lines have our prefixes */
	struct chat_names	*names;	/* not exchanged with a room */
	struct transcript	*log;	/* NULL: none */
	struct filter		*commands;	/* of the next session */
	const char		*offer;	/* the name to take there; NULL: none */
	const struct chat_tls	*tls;
	/* Kept here: */
	enum chat_room_state	 state;
	enum line_of		 line;	/* the speaker of the current line */
	struct name_look	 own_look;
	/* How many of our lines are logged next, and then not logged. */
	size_t			 logged, hidden;
};

/* The owner's part is set, the rest is 0: may the peer be a room? */
void		 chat_room_init(struct chat_room *);
/*
 * The filter of the peer's bytes, before next, which is owned. NULL: out of
 * memory, and next is freed. Without a room: next.
 */
struct filter	*chat_room_hear(struct chat_room *, struct filter *next);
/* Shows the prompt of the state. */
void		 chat_room_prompt(struct chat_room *);
/* Whether lines that begin with a colon are for the room. */
bool		 chat_room_takes_commands(const struct chat_room *);
/* Whether the bytes sent now stay out of the log: a line, or its LF. */
bool		 chat_room_hides(struct chat_room *, const unsigned char *,
		    size_t n);

#endif
