/*
 * What --chat adds to a run: the console, the commands that are typed, the
 * transcript, and the words about who came and who left. The session is one
 * like any other.
 *
 * Laws: on the wire there are the lines that were typed, and what
 * chat/chat_names and chat/chat_room add to them; what the peer sends is made
 * inert wherever it goes, unless --raw-text says otherwise, and has a prefix
 * of ours on a terminal alone, or, from a room, begins with "<"; a terminal
 * that is standard input has commands and announcements wherever the text
 * goes; without any terminal nothing is added, and nothing but control
 * characters is changed.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "run/run.h"

struct chat;

/* Who is at the far end, which is r->far: before the session starts. */
void	chat_meet(struct chat *, const struct addr *peer, const char *host,
	    const struct addr *local);

extern const struct near_ops	chat_near_ops;

#endif
