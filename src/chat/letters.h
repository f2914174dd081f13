/*
 * Unicode's letters, by libunistring; only those of ASCII in a build without
 * that library, or where it is missing. Text here is code points.
 */
#ifndef CHAT_LETTERS_H
#define CHAT_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
