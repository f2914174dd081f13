/*
 * Who speaks in a room: whose turn it is, and whom it has to wait for. For
 * hub.c alone.
 *
 * Law: one that waits for room is looked at again whenever somebody has
 * taken something, has left, or is waited for no longer.
 */
#ifndef HUB_HUB_SPEAK_H
#define HUB_HUB_SPEAK_H

#include "hub/hub.h"

/* What the half that it is read from waits for. */
bool	hub_wants_in(const void *member);
/* There is something to push, or somebody to read. */
void	hub_serve_later(struct hub *);
/* It is to be read, if it has something and may speak. */
void	hub_queue(struct hub_member *);
void	hub_unqueue(struct hub_member *);
/* Look again at those that wait for room. */
void	hub_release(struct hub *);
/* Note whether it, which hears, is far behind. */
void	hub_note_lag(struct hub_member *);
/* One read, or a place among those that wait. It is queued. */
void	hub_take_turn(struct hub_member *);

#endif
