/*
 * A chat whose peer may be a room of ours (chat/group_chat.h): a room is
 * recognized by the first line that it sends.
 *
 *	FIRST --asks for a password--> SECRET --welcome--> IN
 *	FIRST --welcome--> IN
 *	FIRST --any other line--> NONE
 *
 * Laws: a peer can only claim to be a room, and gains nothing by it. Its text
 * is as inert as before. Only a line that begins with "<" loses our prefix,
 * all others get one that no line of a room can begin with; so nothing of the
 * peer begins with "* ", or looks like what was typed here. Commands of the
 * chat itself are never sent. What was typed while a password was asked for is
 * neither shown nor remembered nor logged, whatever the peer sends. Without a
 * console, and to a peer that has called us, a room is a peer like any other.
 */
#ifndef CHAT_CHAT_ROOM_H
#define CHAT_CHAT_ROOM_H

#include "chat/chat_names.h"
#include "chat/name_look.h"
#include "chat/transcript.h"
#include "filter/filter.h"
#include "run/run.h"

enum chat_room_state { ROOM_NONE, ROOM_FIRST, ROOM_SECRET, ROOM_IN };

struct chat_room {
	/* Set by the owner: */
	struct run		*run;	/* its near end is a console */
	const char		*me;	/* our name, in the prompt */
	const char		*peer;	/* the peer's name */
	bool			 shown;	/* lines have prefixes of ours */
	struct chat_names	*names;	/* not exchanged with a room */
	struct transcript	*log;	/* NULL: none */
	struct filter		*commands;	/* of the session that begins */
	const char		*offer;	/* the name to take there; NULL: none */
	/* Kept here: */
	enum chat_room_state	 state;
	enum line_of		 line;	/* whose line comes through now */
	struct name_look	 own_look;
	/* How many lines of ours are logged next, and then not logged. */
	size_t			 logged, hidden;
};

/* The owner's part is set, the rest is 0: may the peer be a room? */
void		 chat_room_init(struct chat_room *);
/*
 * The filter of what the peer sends, before next, which is owned. NULL: out
 * of memory, and next is freed. Without a room: next.
 */
struct filter	*chat_room_hear(struct chat_room *, struct filter *next);
/* Whether lines that begin with a colon are for the room. */
bool		 chat_room_takes_commands(const struct chat_room *);
/* Whether the log must not have what is sent now: a line, or its LF. */
bool		 chat_room_hides(struct chat_room *, const unsigned char *,
		    size_t n);

#endif
