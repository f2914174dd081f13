/*
 * The names of a room: which texts are valid, and which names look alike.
 *
 * Laws: a name is one word of letters and digits that all can see, of one
 * script, and of dots, hyphens and underscores. Two names are the same if
 * they are equal after NFKC and case folding, and look alike if they are
 * equal after the letters that name_look.c lists have been replaced by those
 * that they look like. Nothing else is compared.
 */
#ifndef CHAT_NAME_LOOK_H
#define CHAT_NAME_LOOK_H

#include <stdbool.h>
#include <stdint.h>

/* Hashes of a name's compared forms; all 0: of no name. */
struct name_look {
	uint64_t	folded;
	uint64_t	alike;
};

/* Returns why the name, which is inert, is not valid; NULL: valid. */
const char	*name_fault(const char *name);
void		 name_look_at(const char *name, struct name_look *);
enum name_likeness { NAME_DIFFERS, NAME_LOOKS_LIKE, NAME_IS_SAME };
enum name_likeness name_compare(const struct name_look *,
		    const struct name_look *);
/* Whether the name looks like "user7", which a room gives to a client. */
bool		 name_is_numbered(const char *name);
/* Whether the name looks like the name of a person or program in charge. */
bool		 name_is_reserved(const struct name_look *);

#endif
