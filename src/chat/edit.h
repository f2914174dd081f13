/*
 * --edit: the line editor of chats and inert text for any connection.
 *
 * Laws: the wire carries the lines that were typed, and nothing else. The
 * peer's text is made inert for every output. Without a terminal at standard
 * input there is no editor.
 */
#ifndef CHAT_EDIT_H
#define CHAT_EDIT_H

#include "run/run.h"

extern const struct near_ops	edit_near_ops;

/* The standard streams as the near end; -1 with err. */
int	edit_open_streams(struct run *, struct error *err);

#endif
