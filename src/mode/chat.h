/*
 * What --chat adds to a run: the console, the commands that are typed, the
 * transcript, and the words about who came and who left. The session is one
 * like any other.
 *
 * Laws: on the wire there are the lines that were typed and nothing else;
 * what the peer sends reaches a terminal only as inert text behind a prefix
 * that is ours; without a terminal nothing is added and nothing changed.
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
/* Say who has left. */
void	chat_ended(struct chat *, const struct session *);
/* The terminal is as it was. NULL is fine. */
void	chat_close(struct chat *);

#endif
