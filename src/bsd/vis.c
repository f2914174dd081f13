/*
 * vis(3): what a terminal might obey, as text.
 */
#include <string.h>

#include "bsd/bsd.h"

static int
is_octal(int c)
{
	return c >= '0' && c <= '7';
}

static int
is_graph(int c)
{
	return c > ' ' && c <= '~';
}

/* Bytes that are hidden though a terminal would show them, or nothing. */
static int
is_extra(int c, int flags)
{
	switch (c) {
	case '\0':
	case '\\':
		return 1;
	case ' ':
		return (flags & BSD_VIS_SP) != 0;
	case '\t':
		return (flags & BSD_VIS_TAB) != 0;
	case '\n':
		return (flags & BSD_VIS_NL) != 0;
	case '*':
	case '?':
	case '[':
	case '#':
		return (flags & BSD_VIS_GLOB) != 0;
	}
	return 0;
}

static int
is_white(int c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static char *
put_octal(char *dst, int c)
{
	*dst++ = (char)('0' + (c >> 6 & 3));
	*dst++ = (char)('0' + (c >> 3 & 7));
	*dst++ = (char)('0' + (c & 7));
	return dst;
}

/* As C writes it; NULL: C has no letter for it. */
static char *
put_letter(char *dst, int c, int next)
{
	static const char of[] = "\n\r\b\a\v\t\f \\", letters[] = "nrbavtfs\\";
	const char *at;

	if (c == '\0') {
		memcpy(dst, "000", 3);
		return dst + (is_octal(next) ? 3 : 1);
	}
	at = strchr(of, c);
	if (at == NULL)
		return NULL;
	*dst++ = letters[at - of];
	return dst;
}

/* As a key of the keyboard: control, meta. */
static char *
put_key(char *dst, int c)
{
	if ((c & 0x80) != 0)
		*dst++ = 'M';
	c &= 0x7f;
	if (c < ' ' || c == 0x7f) {
		*dst++ = '^';
		*dst++ = c == 0x7f ? '?' : (char)(c + '@');
	} else {
		*dst++ = '-';
		*dst++ = (char)c;
	}
	return dst;
}

static char *
put_hidden(char *dst, int c, int flags, int next)
{
	char *end = NULL;

	if ((flags & BSD_VIS_CSTYLE) != 0)
		end = put_letter(dst, c, next);
	if (end != NULL)
		return end;
	if ((flags & BSD_VIS_OCTAL) != 0 || (c & 0x7f) == ' ' ||
	    is_extra(c, flags))
		return put_octal(dst, c);
	return put_key(dst, c);
}

char *
bsd_vis(char *dst, int c, int flags, int next)
{
	c &= 0xff;
	if (!is_extra(c, flags) && (is_graph(c) || is_white(c)))
		*dst++ = (char)c;
	else {
		*dst++ = '\\';
		dst = put_hidden(dst, c, flags, next);
	}
	*dst = '\0';
	return dst;
}

int
bsd_strvis(char *dst, const char *src, int flags)
{
	char *end = dst;

	for (*end = '\0'; *src != '\0'; src++)
		end = bsd_vis(end, (unsigned char)src[0], flags,
		    (unsigned char)src[1]);
	return (int)(end - dst);
}
