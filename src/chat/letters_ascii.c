/*
 * Letters without libunistring, and the choice between the two.
 */
#include <ctype.h>
#include <string.h>

#include "chat/letters.h"

static size_t
ascii_normalize(const char *utf8, bool apart, uint32_t *to, size_t max)
{
	size_t n = strlen(utf8);

	(void)apart;
	if (n > max)
		return 0;
	for (size_t i = 0; i < n; i++)
		to[i] = (unsigned char)utf8[i];
	return n;
}

static size_t
ascii_folded(const uint32_t *text, size_t n, uint32_t *to, size_t max)
{
	if (n > max)
		return 0;
	for (size_t i = 0; i < n; i++)
		to[i] = text[i] >= 'A' && text[i] <= 'Z' ?
		    text[i] - 'A' + 'a' : text[i];
	return n;
}

static bool
ascii_is_letter(uint32_t c, bool mark)
{
	(void)mark;
	return c < 0x80 && isalnum((int)c);
}

static bool
ascii_of_one_script(const uint32_t *text, size_t n)
{
	(void)text;
	(void)n;
	return true;
}

static const struct letters letters_ascii = {
	.rule = "a name is a word of at most 24 letters of ASCII, digits, "
	    "dots, - and _",
	.normalize = ascii_normalize, .folded = ascii_folded,
	.is_letter = ascii_is_letter, .of_one_script = ascii_of_one_script
};

const struct letters *
letters(void)
{
	const struct letters *all = letters_open_unistring();

	return all != NULL ? all : &letters_ascii;
}
