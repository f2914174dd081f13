#include <ctype.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "base/text.h"

/* The bytes that may follow a first byte: Unicode 15.0, table 3-7. */
static const struct text_form {
	unsigned char	first, last;	/* range of the first byte */
	unsigned char	len;		/* bytes of the character */
	unsigned char	low, high;	/* range of the second byte */
} text_forms[] = {
	{ 0x00, 0x7f, 1, 0, 0 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },		/* else too long a form */
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },		/* else a surrogate */
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },		/* else too long a form */
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f }		/* else above U+10FFFF */
};

size_t
text_decode(const void *from, size_t n, wchar_t *out)
{
	const unsigned char *p = from;
	const struct text_form *form = text_forms, *end = text_forms +
	    sizeof(text_forms) / sizeof(text_forms[0]);
	unsigned low, high;

	*out = (wchar_t)(TEXT_RAW + p[0]);
	while (form < end && p[0] > form->last)
		form++;
	if (form == end || p[0] < form->first)
		return 1;
	low = form->low;
	high = form->high;
	for (size_t i = 1; i < form->len; i++, low = 0x80, high = 0xbf) {
		if (i == n)
			return 0;
		if (p[i] < low || p[i] > high)
			return 1;
	}
	/* The first of several bytes: len set bits, then a clear bit. */
	*out = form->len == 1 ? p[0] : p[0] & (0x7f >> form->len);
	for (size_t i = 1; i < form->len; i++)
		*out = *out << 6 | (p[i] & 0x3f);
	return form->len;
}

size_t
text_whole(const char *text, size_t n)
{
	size_t back;
	wchar_t c;

	for (back = 1; back <= 3 && back <= n; back++)
		if (((unsigned char)text[n - back] & 0xc0) == 0xc0)
			return text_decode(text + n - back, back, &c) == 0 ?
			    n - back : n;
	return n;
}

size_t
text_encode(wchar_t wide, char out[TEXT_CHAR_MAX])
{
	unsigned long c = (unsigned long)wide;
	size_t i, len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	if (c >= TEXT_RAW && c <= TEXT_RAW_LAST) {
		out[0] = (char)(unsigned char)(c - TEXT_RAW);
		return 1;
	}
	for (i = len; i-- > 1; c >>= 6)
		out[i] = (char)(unsigned char)(0x80 | (c & 0x3f));
	if (len > 1)
		c |= (0xff00u >> len) & 0xff;
	out[0] = (char)(unsigned char)c;
	return len;
}

void
text_put(struct buf *b, const wchar_t *text, size_t n)
{
	char bytes[TEXT_CHAR_MAX];

	for (size_t i = 0; i < n; i++)
		buf_add(b, bytes, text_encode(text[i], bytes));
}

void
text_octal(char out[TEXT_OCTAL], unsigned char c)
{
	out[0] = '\\';
	out[1] = (char)('0' + (c >> 6));
	out[2] = (char)('0' + (c >> 3 & 7));
	out[3] = (char)('0' + (c & 7));
}

/*
 * Characters that are invisible or move the text around them: Unicode's general
 * category Cf and its line separators, without the two joiners; others that are
 * ignored (Default_Ignorable_Code_Point), such as the fillers of Hangul, but
 * for the selectors of variants; the blank pattern of Braille; and those for
 * private use, of which each font has others.
 */
static const struct { uint32_t lo, hi; } unseen[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 },
	{ 0x061c, 0x061c }, { 0x06dd, 0x06dd }, { 0x070f, 0x070f },
	{ 0x08e2, 0x08e2 }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
	{ 0x180e, 0x180e }, { 0x200b, 0x200b }, { 0x200e, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x2800, 0x2800 },
	{ 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff }, { 0xf0000, 0x10ffff },
};

void
text_use_utf8(void)
{
	/* The user's own locale may know the width of more characters. */
	static const char *const names[] = { "", "C.UTF-8", "C.utf8",
		"en_US.UTF-8", "C" };
	const size_t last = sizeof(names) / sizeof(names[0]) - 1;
	locale_t loc;

	if (uselocale((locale_t)0) != LC_GLOBAL_LOCALE)
		return;
	for (size_t i = 0; i <= last; i++) {
		loc = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
		if (loc != (locale_t)0 && (i == last ||
		    strcmp(nl_langinfo_l(CODESET, loc), "UTF-8") == 0)) {
			(void)uselocale(loc);
			return;
		}
		if (loc != (locale_t)0)
			freelocale(loc);
	}
}

bool
text_is_printable(wchar_t wide)
{
	uint32_t c = (uint32_t)wide;

	if (c < 0x7f)
		return c >= ' ';
	if (c < 0xa0 || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return false;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (c >= unseen[i].lo && c <= unseen[i].hi)
			return false;
	text_use_utf8();
	return MB_CUR_MAX == 1 || iswprint((wint_t)c);
}

bool
text_is_letter(wchar_t c)
{
	if (c < 0x80)
		return isalnum((int)c);
	text_use_utf8();
	return MB_CUR_MAX > 1 && iswalnum((wint_t)c) && text_is_printable(c);
}

int
text_width(wchar_t c)
{
	int w;

	if (c < ' ' || c == 0x7f || (c >= TEXT_RAW && c <= TEXT_RAW_LAST))
		return -1;
	/* Marks of direction would turn the whole row. */
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return -1;
	text_use_utf8();
	if ((w = wcwidth(c)) >= 0)
		return w;
	/* Unknown: no locale, or the character is too new for the locale. */
	return c < 0xa0 || c == 0x2028 || c == 0x2029 ? -1 : 1;
}
