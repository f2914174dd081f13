/*
 * Which texts may be names in a room, and which names look alike.
 */
#include <ctype.h>
#include <string.h>

#include "chat/name_look.h"

#define NAME_CHARACTERS	24
/* Code points of a name of 96 bytes; NFKC makes at most 18 of each. */
#define TEXT_MAX	(96 * 18)

/*
 * Letters that look like a letter of ASCII: from the first code point on, that
 * letter, or a blank. Capitals are compared as capitals: "ian" does not look
 * like "lan", "Ian" does. The rows are Latin, Greek, Cyrillic, Armenian,
 * Cherokee, Latin small capitals, Coptic and Lisu.
 */
static const struct {
	uint32_t	 first;
	const char	*like;
} lookalikes[] = {
	{ 0x0030, "Ol" },
	{ 0x0049, "l" },
	{ 0x0131, "i" },
	{ 0x0185, "b" },
	{ 0x01c0, "l" },
	{ 0x0251, "a" },
	{ 0x0261, "gg      ii         n           r" },
	{ 0x028f, "y         b  h  l" },
	{ 0x037f, "J" },
	{ 0x0391,
	    "AB  EZH IK MN O P  TY X         a y   n ik  v o p "
	    "otu x w" },
	{ 0x03f3, "j" },
	{ 0x0405,
	    "SI J       A B  E 3  K MHO PCTY X      b   a6 r e "
	    "3  k   onpc y x      b        si j" },
	{ 0x0475, "v" },
	{ 0x04ae, "Yy          hh    l" },
	{ 0x04cf, "l" },
	{ 0x0501, "d          G" },
	{ 0x051a, "QqWw" },
	{ 0x054d, "U S     O" },
	{ 0x0566, "q         h    j  n    u   g   o" },
	{ 0x13a0,
	    "DRT      YAJE      W   M   H Y  G hZ           b  "
	    "R W    VS   LC  P   K" },
	{ 0x13f4, "B" },
	{ 0x1d00, "a   cd e  jk m o        p  tu   vwz" },
	{ 0x2c80, "AaBb    Ee    Hh  IiKk  MmNn  Oo  PpCcTtYy  Xx" },
	{ 0xa4d0, "BP DT GK JC ZF MNLSR  VH  WXY A E IOU" },
	{ 0xa730, "fs" },
};

/* Katakana and the Han characters that they look like. */
static const uint32_t strokes[][2] = {
	{ 0x30a8, 0x5de5 }, { 0x30ab, 0x529b }, { 0x30bf, 0x5915 },
	{ 0x30c8, 0x535c }, { 0x30cb, 0x4e8c }, { 0x30cf, 0x516b },
	{ 0x30d8, 0x3078 }, { 0x30ed, 0x53e3 }, { 0x30fc, 0x4e00 }
};

/* ---- Letters without libunistring --------------------------------------- */

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

/* ---- Valid names -------------------------------------------------------- */

const char *
name_fault(const char *name)
{
	uint32_t text[TEXT_MAX];
	size_t n = letters()->normalize(name, false, text, TEXT_MAX), len = 0;
	bool word = n > 0;

	for (size_t i = 0; i < n; i++)
		word = word && (text[i] == '-' || text[i] == '_' ||
		    text[i] == '.' || letters()->is_letter(text[i], i > 0));
	for (; *name != '\0'; name++)
		len += ((unsigned char)*name & 0xc0) != 0x80;
	if (!word || len > NAME_CHARACTERS)
		return letters()->rule;
	return letters()->of_one_script(text, n) ? NULL :
	    "a name is written in one script, with digits of one kind";
}

/* ---- How names look ----------------------------------------------------- */

/* FNV-1a, of 64 bits. */
static uint64_t
name_look_hash(const uint32_t *text, size_t n)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ text[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static uint32_t
name_look_of(uint32_t c)
{
	/* Small letters of Cherokee are its capitals, only smaller. */
	if (c >= 0xab70 && c <= 0xabbf)
		c = c - 0xab70 + 0x13a0;
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]);
	    i++) {
		uint32_t at = c - lookalikes[i].first;

		if (at < strlen(lookalikes[i].like) &&
		    lookalikes[i].like[at] != ' ')
			return (unsigned char)lookalikes[i].like[at];
	}
	for (size_t i = 0; i < sizeof(strokes) / sizeof(strokes[0]); i++)
		if (c == strokes[i][0])
			return strokes[i][1];
	return c;
}

/* The name in a form that is equal for names that look alike. */
static size_t
name_look_skeleton(const char *name, uint32_t to[2 * TEXT_MAX])
{
	uint32_t apart[TEXT_MAX], like[2 * TEXT_MAX];
	size_t n = letters()->normalize(name, true, apart, TEXT_MAX), len = 0;

	/* "m" looks like "rn", and "w" like "vv". */
	for (size_t i = 0; i < n; i++) {
		uint32_t c = name_look_of(apart[i]);

		like[len++] = c == 'm' ? 'r' : c == 'w' ? 'v' : c;
		if (c == 'm' || c == 'w')
			like[len++] = c == 'm' ? 'n' : 'v';
	}
	return letters()->folded(like, len, to, 2 * TEXT_MAX);
}

void
name_look_at(const char *name, struct name_look *look)
{
	uint32_t text[TEXT_MAX], folded[2 * TEXT_MAX];
	size_t n = letters()->normalize(name, false, text, TEXT_MAX);

	n = letters()->folded(text, n, folded, 2 * TEXT_MAX);
	look->folded = name_look_hash(folded, n);
	n = name_look_skeleton(name, folded);
	look->alike = name_look_hash(folded, n);
}

enum name_likeness
name_compare(const struct name_look *a, const struct name_look *b)
{
	if (a->folded == b->folded)
		return NAME_IS_SAME;
	return a->alike == b->alike ? NAME_LOOKS_LIKE : NAME_DIFFERS;
}

bool
name_is_numbered(const char *name)
{
	static const char user[] = "user";
	/* The digits 0 and 1 look like letters. */
	static const char digits[] = "ol23456789";
	uint32_t text[2 * TEXT_MAX];
	size_t n = name_look_skeleton(name, text);

	for (size_t i = 0; i < n; i++)
		if (i < 4 ? text[i] != (unsigned char)user[i] :
		    text[i] > 0x7f || text[i] == 0 ||
		    strchr(digits, (int)text[i]) == NULL)
			return false;
	return n >= sizeof(user);
}

bool
name_is_reserved(const struct name_look *look)
{
	static const char *const names[] = { "admin", "administrator",
	    "broker", "host", "mod", "moderator", "operator", "owner", "room",
	    "root", "server", "sockcat", "system" };
	struct name_look other;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		name_look_at(names[i], &other);
		if (name_compare(look, &other) != NAME_DIFFERS)
			return true;
	}
	return false;
}
