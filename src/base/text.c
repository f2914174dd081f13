/*
 * Characters, their bytes, and their widths.
 */
#include <langinfo.h>
#include <string.h>

#include "base/text.h"

size_t
text_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/* Overlong, a surrogate, or beyond the last character. */
static bool
text_is_wrong(unsigned long c, size_t len)
{
	return (len == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
	    (len == 4 && (c < 0x10000 || c > 0x10ffff));
}

size_t
text_decode(const void *from, size_t n, wchar_t *out)
{
	const unsigned char *p = from;
	size_t i, len = text_length(p[0]);
	unsigned long c;

	*out = (wchar_t)(TEXT_RAW + p[0]);
	if (len == 0)
		return 1;
	c = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if (i == n)
			return 0;
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (!text_is_wrong(c, len)) {
		*out = (wchar_t)c;
		return len;
	}
	return 1;
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
text_encode(wchar_t wide, char out[4])
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
	char bytes[4];
	size_t i;

	for (i = 0; i < n; i++)
		buf_add(b, bytes, text_encode(text[i], bytes));
}

int
text_width(wchar_t c)
{
	int w;

	if (c < ' ' || c == 0x7f || (c >= TEXT_RAW && c <= TEXT_RAW_LAST))
		return -1;
	/* What turns the direction of writing would turn the whole row. */
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return -1;
	if ((w = wcwidth(c)) >= 0)
		return w;
	/* Without a locale nothing is known of it; it may be newer, too. */
	return c < 0xa0 || c == 0x2028 || c == 0x2029 ? -1 : 1;
}

static bool
text_is_utf8(locale_t loc)
{
	return strcmp(nl_langinfo_l(CODESET, loc), "UTF-8") == 0;
}

locale_t
text_locale(void)
{
	/* The user's own may know the width of more characters. */
	static const char *const names[] = { "", "C.UTF-8", "C.utf8",
		"en_US.UTF-8" };
	locale_t loc;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		loc = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
		if (loc != (locale_t)0 && text_is_utf8(loc))
			return loc;
		if (loc != (locale_t)0)
			freelocale(loc);
	}
	return (locale_t)0;
}
