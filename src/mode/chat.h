/*
 * What --chat adds to a run: the console, the commands that are typed, the
 * transcript, and the words about who came and who left. The session is one
 * like any other.
 *
 * Laws: on the wire there are the lines that were typed, and what
 * mode/chat_names and mode/chat_room add to them; what the peer sends is made
 * inert wherever it goes, unless --raw-text says otherwise, and has a prefix
 * of ours on a terminal alone, or, from a room, begins with "<"; a terminal
 * that is standard input has commands and announcements wherever the text
 * goes; without any terminal nothing is added, and nothing but control
 * characters is changed.
 */
#ifndef MODE_CHAT_H
#define MODE_CHAT_H

#include "mode/run.h"

struct chat;

/* The near end of the run; 0, or the exit status after the words. */
int	chat_open(struct run *);
/* Who is at the far end, which is r->far: before the session starts. */
void	chat_meet(struct chat *, const struct addr *peer, const char *host,
	    const struct addr *local);
/* Add to what the session is to do. False: out of memory. */
bool	chat_prepare(struct chat *, struct session_options *);
/*
 * Sending met this errno. True: that was told, as a line that the peer did not
 * get.
 */
bool	chat_not_delivered(struct chat *, int num);
/*
 * The peer cannot be reached and is tried again: whether that is to be told
 * now, which is not at every try. NULL: false. chat_tell_trying says that it
 * goes on.
 */
bool	chat_may_complain(struct chat *);
void	chat_tell_trying(const struct chat *);
/* Say who has left. */
void	chat_ended(struct chat *, const struct session *);
/* The terminal is as it was. NULL is fine. */
void	chat_close(struct chat *);

#endif
