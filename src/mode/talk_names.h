/*
 * What those in a group chat may be called.
 *
 * Law: a name is one word of letters and digits that all see, of any
 * language, and of a few signs; nobody can take one that another has, or
 * could be given.
 */
#ifndef MODE_TALK_NAMES_H
#define MODE_TALK_NAMES_H

#include "mode/room.h"

/* NULL, or why this one cannot be called that. The name is inert. */
const char	*talk_name_fault(const struct guest *, const char *name);
/* The operator's, made of what was given; NULL: none was. */
void		 talk_own_name(const char *given, char name[GUEST_NAME_MAX]);

#endif
