/*
 * Letters, as libunistring knows them.
 */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "chat/letters.h"

/* The code points of the longest name, which has at most 96 bytes. */
#define NAME_MOST	96

/* Languages that are written in several scripts at once (UTS 39). */
#define JAPANESE	0x01U
#define KOREAN		0x02U
#define CHINESE		0x04U
#define ONE_SCRIPT	0x08U
#define ANY		0x0fU

const char letters_rule[] = "a name is a word of at most 24 letters, digits, "
    "dots, - and _";

/* libunistring may return a buffer of its own, even if the result fits. */
static size_t
letters_keep(uint32_t *result, size_t n, uint32_t *to, size_t max)
{
	if (result == NULL || result == to)
		return result == NULL ? 0 : n;
	if (n > max)
		n = 0;
	memcpy(to, result, n * sizeof(*to));
	free(result);
	return n;
}

size_t
letters_normalize(const char *utf8, bool apart, uint32_t *to, size_t max)
{
	uint32_t text[NAME_MOST], *result;
	size_t n = NAME_MOST, len = max;

	result = u8_to_u32((const uint8_t *)utf8, strlen(utf8), text, &n);
	if ((n = letters_keep(result, n, text, NAME_MOST)) == 0)
		return 0;
	result = u32_normalize(apart ? UNINORM_NFKD : UNINORM_NFKC, text, n,
	    to, &len);
	return letters_keep(result, len, to, max);
}

size_t
letters_folded(const uint32_t *text, size_t n, uint32_t *to, size_t max)
{
	size_t len = max;
	uint32_t *result;

	result = u32_casefold(text, n, NULL, UNINORM_NFKC, to, &len);
	return letters_keep(result, len, to, max);
}

bool
letters_is_letter(uint32_t c, bool mark)
{
	uint32_t kinds = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_Nd;

	if (mark)
		kinds |= UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc;
	return uc_is_general_category_withtable(c, kinds) &&
	    !uc_is_property_default_ignorable_code_point(c) &&
	    /* These are letters by category, but look like punctuation. */
	    !(c >= 0x02b0 && c <= 0x02ff);
}

static unsigned
letters_languages_of(const uc_script_t *script)
{
	static const struct {
		const char	*script;
		unsigned	 languages;
	} shared[] = {
		{ "Han", JAPANESE | KOREAN | CHINESE },
		{ "Hiragana", JAPANESE }, { "Katakana", JAPANESE },
		{ "Hangul", KOREAN }, { "Bopomofo", CHINESE }
	};

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
		if (strcmp(script->name, shared[i].script) == 0)
			return shared[i].languages;
	return ONE_SCRIPT;
}

bool
letters_of_one_script(const uint32_t *text, size_t n)
{
	const uc_script_t *first = NULL, *script;
	uint32_t zero = 0, mine;
	unsigned languages = ANY;
	int digit;

	for (size_t i = 0; i < n; i++) {
		if ((digit = uc_decimal_value(text[i])) >= 0) {
			mine = text[i] - (uint32_t)digit;
			if (zero != 0 && mine != zero)
				return false;
			zero = mine;
		}
		script = uc_script(text[i]);
		if (script == NULL || strcmp(script->name, "Common") == 0 ||
		    strcmp(script->name, "Inherited") == 0)
			continue;
		languages &= letters_languages_of(script);
		if (languages == 0 || (languages == ONE_SCRIPT &&
		    first != NULL && first != script))
			return false;
		first = script;
	}
	return true;
}
