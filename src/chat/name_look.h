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
#include <stddef.h>
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

/* ---- Letters ------------------------------------------------------------ */

/*
 * Unicode's letters, by libunistring; only those of ASCII in a build without
 * that library, or where it is missing. Text here is code points.
 */
struct letters {
	/* A message: the characters that a name may consist of. */
	const char	*rule;
	/*
	 * Converts UTF-8 to its compatibility composition (NFKC), or (apart)
	 * its decomposition (NFKD). Returns the number of code points, 0 if
	 * they are not valid or more than max. Without libunistring: the bytes
	 * as they are.
	 */
	size_t		 (*normalize)(const char *utf8, bool apart,
			    uint32_t *to, size_t max);
	/* Folds case, and composes the result (NFKC); returns as above. */
	size_t		 (*folded)(const uint32_t *text, size_t n,
			    uint32_t *to, size_t max);
	/* Is this a letter, a decimal digit, or (mark) a combining mark? */
	bool		 (*is_letter)(uint32_t codepoint, bool mark);
	/*
	 * Whether all letters are of one script, and all digits of one set. The
	 * scripts of Japanese count as one script, as do those of Korean and
	 * Chinese.
	 */
	bool		 (*of_one_script)(const uint32_t *text, size_t n);
};

/* Opens the library when first called, which a sandbox would refuse. */
const struct letters		*letters(void);

/* NULL: there is no libunistring. */
const struct letters		*letters_open_unistring(void);

#endif
