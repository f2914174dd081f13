/*
 * A chat whose peer is a room of ours (chat/group_chat.h): it is known by the
 * first line that it sends.
 *
 *	FIRST --asks for a password--> SECRET --welcome--> IN
 *	FIRST --welcome--> IN
 *	FIRST --any other line--> NONE
 *
 * Laws: a peer can only claim to be a room, and gains nothing by it. Its text
 * is as inert as before. Only a line that begins with "<" loses the prefix of
 * ours, all others get one that no line of a room can begin with; so nothing
 * of the peer begins with "* ", or looks like what we have typed. Commands of
 * the chat itself are never sent. What was typed while a password was asked
 * for is neither shown nor remembered nor logged, whatever the peer says.
 * Without a console, and to a peer that has called us, a room is a peer like
 * any other.
 */
#ifndef CHAT_CHAT_ROOM_H
#define CHAT_CHAT_ROOM_H

#include "chat/chat_names.h"
#include "chat/transcript.h"
#include "filter/filter.h"
#include "run/run.h"

struct chat_room;

struct chat_room_options {
	struct run		*run;	/* its near end is a console */
	const char		*me;	/* the name in the prompt */
	const char		*peer;	/* who is at the far end: as of the
					   time when it is needed */
	bool			 shown;	/* with prefixes of ours */
	struct chat_names	*names;	/* not exchanged with a room */
	struct transcript	*log;	/* NULL: none */
};

/*
 * The rest takes NULL, which this returns for a chat that cannot be with a
 * room, and without memory (*failed is set). The options' strings stay the
 * caller's.
 */
struct chat_room *chat_room_open(const struct chat_room_options *,
		    bool *failed);
void		 chat_room_close(struct chat_room *);
/* The name that the room is offered, which stays the caller's. */
void		 chat_room_offer(struct chat_room *, const char *name);

/*
 * Stands before the filter of what the peer says, which is owned; NULL: out
 * of memory, and that one is freed.
 */
struct filter	*chat_room_hear(struct chat_room *, struct filter *next);
/* The filter of commands (chat/chat_lines.h) of the session that begins. */
void		 chat_room_obey(struct chat_room *, struct filter *commands);

/* Who says the line that the filter lets through at the moment. */
enum line_of	 chat_room_speaker(const struct chat_room *);
/* Whether lines that begin with a colon are for the room. */
bool		 chat_room_takes_commands(const struct chat_room *);
/* Whether the log is not to have what is sent now: a line, or its LF. */
bool		 chat_room_hides(struct chat_room *, const unsigned char *,
		    size_t n);

#endif
