/*
 * The parts that --chat adds to a run: the console, the commands that are
 * typed, the transcript, and announcements. The session is an ordinary session.
 *
 * Laws: the wire carries the lines that were typed, and the lines of chat_names
 * and chat_room. The peer's text is made inert for every output,
 * unless --raw-text says otherwise; on a terminal alone the peer's lines have
 * our prefix, or, from a room, begin with "<". A terminal that is
 * standard input has commands and announcements wherever the text goes.
 * Without a terminal nothing is added, and only control characters change.
 */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "run/run.h"

/*
 * Called before a session. host: the peer's name; NULL: not known. is_chat: the
 * peer has the mark of a chat (CHAT_TOS).
 */
void	chat_meet(struct chat *, const struct addr *peer, const char *host,
	    const struct addr *local, bool is_chat);

/* The console that this plan asks for; NULL: plain standard streams. */
const struct near_ops	*chat_near_ops(const struct plan *);

#endif
