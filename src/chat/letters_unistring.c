/*
 * Letters, as libunistring knows them.
 */
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/library.h"
#include "chat/name_look.h"

/* The code points of the longest name, which has at most 96 bytes. */
#define NAME_MOST	96

/* Languages that are written in several scripts at once (UTS 39). */
#define JAPANESE	0x01U
#define KOREAN		0x02U
#define CHINESE		0x04U
#define ONE_SCRIPT	0x08U
#define ANY		0x0fU

#define UNISTRING(X) X(u32_casefold) X(u32_normalize) X(u8_to_u32) \
	X(uc_decimal_value) X(uc_is_general_category_withtable) \
	X(uc_is_property_default_ignorable_code_point) X(uc_script) \
	X(uninorm_nfkc) X(uninorm_nfkd)

/*
 * Opened once, or not at all: names are looked at a character at a time, and a
 * sandbox opens no library.
 */
static struct unistring {
	UNISTRING(LIBRARY_POINTER)
	bool	tried, here;
} unistring;

/* libunistring may return a buffer of its own, even if the result fits. */
static size_t
unistring_keep(uint32_t *result, size_t n, uint32_t *to, size_t max)
{
	if (result == NULL || result == to)
		return result == NULL ? 0 : n;
	if (n > max)
		n = 0;
	memcpy(to, result, n * sizeof(*to));
	free(result);
	return n;
}

static size_t
unistring_normalize(const char *utf8, bool apart, uint32_t *to, size_t max)
{
	uint32_t text[NAME_MOST], *result;
	size_t n = NAME_MOST, len = max;

	result = unistring.u8_to_u32((const uint8_t *)utf8, strlen(utf8), text,
	    &n);
	if ((n = unistring_keep(result, n, text, NAME_MOST)) == 0)
		return 0;
	result = unistring.u32_normalize(apart ? unistring.uninorm_nfkd :
	    unistring.uninorm_nfkc, text, n, to, &len);
	return unistring_keep(result, len, to, max);
}

static size_t
unistring_folded(const uint32_t *text, size_t n, uint32_t *to, size_t max)
{
	size_t len = max;
	uint32_t *result;

	result = unistring.u32_casefold(text, n, NULL, unistring.uninorm_nfkc,
	    to, &len);
	return unistring_keep(result, len, to, max);
}

static bool
unistring_is_letter(uint32_t c, bool mark)
{
	uint32_t kinds = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_Nd;

	if (mark)
		kinds |= UC_CATEGORY_MASK_Mn | UC_CATEGORY_MASK_Mc;
	return unistring.uc_is_general_category_withtable(c, kinds) &&
	    !unistring.uc_is_property_default_ignorable_code_point(c) &&
	    /* These are letters by category, but look like punctuation. */
	    !(c >= 0x02b0 && c <= 0x02ff);
}

static unsigned
unistring_languages_of(const uc_script_t *script)
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

static bool
unistring_of_one_script(const uint32_t *text, size_t n)
{
	const uc_script_t *first = NULL, *script;
	uint32_t zero = 0, mine;
	unsigned languages = ANY;
	int digit;

	for (size_t i = 0; i < n; i++) {
		if ((digit = unistring.uc_decimal_value(text[i])) >= 0) {
			mine = text[i] - (uint32_t)digit;
			if (zero != 0 && mine != zero)
				return false;
			zero = mine;
		}
		script = unistring.uc_script(text[i]);
		if (script == NULL || strcmp(script->name, "Common") == 0 ||
		    strcmp(script->name, "Inherited") == 0)
			continue;
		languages &= unistring_languages_of(script);
		if (languages == 0 || (languages == ONE_SCRIPT &&
		    first != NULL && first != script))
			return false;
		first = script;
	}
	return true;
}

const struct letters *
letters_open_unistring(void)
{
	static const struct letters letters = {
		.rule = "a name is a word of at most 24 letters, digits, "
		    "dots, - and _",
		.normalize = unistring_normalize, .folded = unistring_folded,
		.is_letter = unistring_is_letter,
		.of_one_script = unistring_of_one_script
	};

	if (!unistring.tried)
		unistring.here = LIBRARY_OPEN(&unistring, UNISTRING,
		    LIBUNISTRING_SONAME);
	unistring.tried = true;
	return unistring.here ? &letters : NULL;
}
