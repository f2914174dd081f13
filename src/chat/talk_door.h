/*
 * The door of a room that asks for a password.
 *
 * Law: whoever has not said the password is told nothing but that there is
 * one, and is not heard.
 */
#ifndef CHAT_TALK_DOOR_H
#define CHAT_TALK_DOOR_H

#include "chat/room.h"

/* Wrong passwords of one client. */
#define TALK_TRIES	3

/* Reads the password's file: 0, or the exit status after the words. */
int	talk_door_open(struct room *);
/* A client has come. */
void	talk_door_meet(struct guest *);
/* How many of these n bytes were for the password. */
size_t	talk_door_hear(struct guest *, const unsigned char *, size_t n);
/* What it has begun to say is all. */
void	talk_door_paused(struct guest *);

/* talk.c: it has said the password. */
void	talk_let_in(struct guest *);

#endif
