/*
 * What a person has in the line being typed, worked out from the bytes of the
 * keys alone, with the keys as the manual has them. Some keys are left to the
 * editor (words, what was killed, what was sent before): after one of these
 * the line is not known until it is sent or deleted.
 */
#ifndef FUZZ_TYPIST_H
#define FUZZ_TYPIST_H

#include "glass.h"

#define TYPIST_MOST	((size_t)1 << 14)
/* A byte that is no part of a character is one of its own. */
#define TYPIST_RAW	0xdc00u

enum typist_did { TYPIST_NOTHING, TYPIST_ENTER, TYPIST_CLEAR, TYPIST_END };

struct typist {
	uint32_t	 line[TYPIST_MOST];
	size_t		 len, cursor;
	bool		 unknown;
	enum { PLAIN, AFTER_ESC, IN_CSI, IN_SS3, QUOTING, AFTER_X } state;
	unsigned char	 held[4];
	size_t		 nheld;
	char		 seq[16];
	size_t		 nseq;
	unsigned char	 erase, eof;
};

static void
typist_init(struct typist *t, unsigned char erase, unsigned char eof)
{
	t->len = t->cursor = t->nheld = t->nseq = 0;
	t->unknown = false;
	t->state = PLAIN;
	t->erase = erase;
	t->eof = eof;
}

static void
typist_insert(struct typist *t, uint32_t c)
{
	FUZZ_CHECK(t->len < TYPIST_MOST);
	memmove(t->line + t->cursor + 1, t->line + t->cursor,
	    (t->len++ - t->cursor) * sizeof(*t->line));
	t->line[t->cursor++] = c;
}

static void
typist_delete(struct typist *t)
{
	if (t->cursor == t->len)
		return;
	t->len--;
	memmove(t->line + t->cursor, t->line + t->cursor + 1,
	    (t->len - t->cursor) * sizeof(*t->line));
}

static void
typist_backspace(struct typist *t)
{
	if (t->cursor == 0)
		return;
	t->cursor--;
	typist_delete(t);
}

/* By the letter that Emacs has for it with Ctrl. */
static void
typist_edit(struct typist *t, char key)
{
	if (key == 'A')
		t->cursor = 0;
	else if (key == 'E')
		t->cursor = t->len;
	else if (key == 'B')
		t->cursor -= t->cursor > 0;
	else if (key == 'F')
		t->cursor += t->cursor < t->len;
	else if (key == 'D')
		typist_delete(t);
	else if (key == 'H')
		typist_backspace(t);
	else if (key == 'K')
		t->len = t->cursor;
	else if (key == 'U') {
		t->len = t->cursor = 0;
		t->unknown = false;
	} else
		t->unknown = true;
}

static enum typist_did
typist_control(struct typist *t, unsigned char b)
{
	if (b == t->eof && t->len == 0 && !t->unknown)
		return TYPIST_END;
	if (b == t->eof || b == 4)
		typist_edit(t, 'D');
	else if (b == '\t')
		typist_insert(t, b);
	else if (b == '\n' || b == '\r')
		return TYPIST_ENTER;
	else if (b == 'L' - '@')
		return TYPIST_CLEAR;
	else if (b == 'V' - '@')
		t->state = QUOTING;
	else if (b == 'X' - '@')
		t->state = AFTER_X;
	else if (b == 0x1b)
		t->state = AFTER_ESC;
	else if (b == t->erase || b == 0x7f)
		typist_edit(t, 'H');
	else if (b != 0 && strchr("ABEFHKNPRTUWY", b + '@') != NULL)
		typist_edit(t, (char)(b + '@'));
	return TYPIST_NOTHING;
}

static void
typist_character(struct typist *t, unsigned char b)
{
	uint32_t c;
	int len;

	t->held[t->nheld++] = b;
	while (t->nheld > 0 &&
	    (len = utf8_first(t->held, t->nheld, &c)) != 0) {
		typist_insert(t, len > 0 ? c : TYPIST_RAW + t->held[0]);
		len = len > 0 ? len : 1;
		t->nheld -= (size_t)len;
		memmove(t->held, t->held + len, t->nheld);
	}
}

static enum typist_did
typist_plain(struct typist *t, unsigned char b)
{
	size_t i;

	t->state = PLAIN;
	if (b >= 0x80) {
		typist_character(t, b);
		return TYPIST_NOTHING;
	}
	for (i = 0; i < t->nheld; i++)
		typist_insert(t, TYPIST_RAW + t->held[i]);
	t->nheld = 0;
	if (b < ' ' || b == 0x7f || b == t->erase)
		return typist_control(t, b);
	typist_insert(t, b);
	return TYPIST_NOTHING;
}

/* All of a function key's sequence but its ESC [ or ESC O. */
static enum typist_did
typist_function(struct typist *t, const char *seq)
{
	static const char *const keys[] = { "A\0?", "B\0?", "C\0F", "D\0B",
		"H\0A", "F\0E", "1~\0A", "7~\0A", "4~\0E", "8~\0E", "3~\0D",
		"1;5C\0?", "1;3C\0?", "1;5D\0?", "1;3D\0?", "3;5~\0?",
		"3;3~\0?" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], seq) == 0)
			typist_edit(t, keys[i][strlen(seq) + 1]);
	return TYPIST_NOTHING;
}

static enum typist_did
typist_csi(struct typist *t, unsigned char b)
{
	if (b < ' ' || b >= 0x7f)
		return typist_plain(t, b);
	if (t->nseq + 1 < sizeof(t->seq))
		t->seq[t->nseq++] = (char)b;
	if (b < '@')
		return TYPIST_NOTHING;
	t->seq[t->nseq] = '\0';
	t->state = PLAIN;
	return typist_function(t, t->seq);
}

static enum typist_did
typist_ss3(struct typist *t, unsigned char b)
{
	const char seq[2] = { (char)b, '\0' };

	if (b < ' ' || b >= 0x7f)
		return typist_plain(t, b);
	t->state = PLAIN;
	return b == 'M' ? TYPIST_ENTER : typist_function(t, seq);
}

static enum typist_did
typist_escape(struct typist *t, unsigned char b)
{
	if (b != '\b' && (b < ' ' || b >= 0x80))
		return typist_plain(t, b);
	t->nseq = 0;
	t->state = b == '[' ? IN_CSI : b == 'O' ? IN_SS3 : PLAIN;
	if (t->state == PLAIN && strchr("bcdflnpuwBCDFLNPUW\b\177", b) != NULL)
		t->unknown = true;
	return TYPIST_NOTHING;
}

static enum typist_did
typist_byte(struct typist *t, unsigned char b)
{
	switch (t->state) {
	case AFTER_ESC:
		return typist_escape(t, b);
	case IN_CSI:
		return typist_csi(t, b);
	case IN_SS3:
		return typist_ss3(t, b);
	case QUOTING:
		t->state = PLAIN;
		if (b == 0 || b == '\n' || b == '\r' ||
		    (b >= ' ' && b != 0x7f))
			return typist_plain(t, b);
		typist_insert(t, b);
		return TYPIST_NOTHING;
	case AFTER_X:
		t->state = PLAIN;
		t->unknown |= b == 'X' - '@';
		return b == 'X' - '@' ? TYPIST_NOTHING : typist_plain(t, b);
	case PLAIN:
		break;
	}
	return typist_plain(t, b);
}

#endif
