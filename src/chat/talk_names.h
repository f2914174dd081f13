/*
 * Who is in a group chat, and what they may be called.
 *
 * Law: nobody can take a name that another has or could be given, nor one
 * that looks like it; chat/name_look.h tells what is compared.
 */
#ifndef CHAT_TALK_NAMES_H
#define CHAT_TALK_NAMES_H

#include "chat/room.h"

/* NULL, or why this one cannot be called that. The name is inert. */
const char	*talk_name_fault(const struct guest *, const char *name);
/* Calls the guest by the next number. */
void		 talk_name_give(struct guest *);
/* Calls the guest so; talk_name_fault has found no fault. */
void		 talk_name_take(struct guest *, const char *name);
/* The operator's, made of what was given; NULL: none was. */
void		 talk_own_name(const char *given, char name[GUEST_NAME_MAX]);
/* Whether there is somebody who speaks for the room. */
bool		 talk_has_operator(const struct room *);
/*
 * Tell one of them who is there: "* BEFORE operator, user1, Eva", at most so
 * many, and not one of them. The operator is told their addresses too.
 */
void		 talk_tell_names(struct room *, struct hub_member *to,
		    const char *before, const struct guest *but,
		    unsigned most);

#endif
