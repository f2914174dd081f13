#include <string.h>

#include "base/text.h"
#include "console/keys.h"

#define ESC	0x1b
#define DEL	0x7f
#define CTRL(c)	((c) & 0x1f)

struct binding {
	const char	*from;
	const wchar_t	*to;
};

/* The bytes after ESC [, up to its end. */
static const struct binding sequences[] = {
	{ "A", L"\020" }, { "B", L"\016" },
	{ "C", L"\006" }, { "D", L"\002" },
	{ "H", L"\001" }, { "F", L"\005" },
	{ "1~", L"\001" }, { "7~", L"\001" },
	{ "4~", L"\005" }, { "8~", L"\005" },
	{ "1;5C", L"\033f" }, { "1;3C", L"\033f" },
	{ "1;5D", L"\033b" }, { "1;3D", L"\033b" },
	{ "3;5~", L"\033d" }, { "3;3~", L"\033d" }
};

/* Control characters; none of these makes libedit read another key. */
static const struct binding control[] = {
	{ "\001", L"\001" }, { "\002", L"\002" }, { "\005", L"\005" },
	{ "\006", L"\006" }, { "\010", L"\010" }, { "\013", L"\013" },
	{ "\016", L"\016" }, { "\020", L"\020" },
	{ "\024", L"\024" }, { "\025", L"\025" }, { "\027", L"\027" },
	{ "\031", L"\031" }, { "\177", L"\177" }
};

static const struct binding meta[] = {
	{ "b", L"\033b" }, { "c", L"\033c" }, { "d", L"\033d" },
	{ "f", L"\033f" }, { "l", L"\033l" }, { "n", L"\033n" },
	{ "p", L"\033p" }, { "u", L"\033u" }, { "w", L"\033w" },
	{ "\010", L"\033\177" }, { "\177", L"\033\177" }
};

static const struct binding exchange[] = { { "\030", L"\030\030" } };

#define COUNT(table)	(sizeof(table) / sizeof((table)[0]))

/* The functions below return how many keys are in out. */

static size_t
keys_edit(struct key *out, const struct binding *table, size_t n,
    const char *from)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(table[i].from, from) == 0) {
			*out = (struct key){ .what = KEY_EDIT,
			    .seq = table[i].to };
			return 1;
		}
	return 0;
}

static size_t
keys_put(struct key *out, enum key_what what, wchar_t c)
{
	*out = (struct key){ .what = what, .c = c };
	return 1;
}

static size_t
keys_control_key(struct keys *k, unsigned char byte, struct key *out)
{
	char name[2] = { (char)byte, '\0' };

	if (byte == k->eof)
		return keys_put(out, KEY_END, 0);
	if (byte == CTRL('D'))
		return keys_put(out, KEY_DELETE, 0);
	if (byte == '\t')
		return keys_put(out, KEY_TEXT, byte);
	if (byte == '\n' || byte == '\r')
		return keys_put(out, KEY_ENTER, 0);
	if (byte == CTRL('L'))
		return keys_put(out, KEY_CLEAR, 0);
	if (byte == CTRL('R'))
		return keys_put(out, KEY_SEARCH, 0);
	if (byte == CTRL('G') || (byte != '\0' && byte == k->interrupt))
		return keys_put(out, KEY_CANCEL, 0);
	k->state = byte == CTRL('V') ? KEYS_QUOTE :
	    byte == CTRL('X') ? KEYS_CTRL_X :
	    byte == ESC ? KEYS_ESCAPE : KEYS_GROUND;
	if (k->state != KEYS_GROUND || byte == '\0')
		return 0;
	if (byte == k->erase)
		name[0] = DEL;
	return keys_edit(out, control, COUNT(control), name);
}

/* Decodes a byte from 0x80 on; another byte ends the held character only. */
static size_t
keys_character(struct keys *k, unsigned char byte, struct key *out)
{
	size_t n = 0, len;
	wchar_t c;

	if (byte >= 0x80) {
		/* Takes the held characters, if they are whole. */
		k->held[k->nheld++] = (char)byte;
		while (k->nheld > 0 && n < KEYS_MOST &&
		    (len = text_decode(k->held, k->nheld, &c)) > 0) {
			n += keys_put(&out[n], KEY_TEXT, c);
			k->nheld -= len;
			memmove(k->held, k->held + len, k->nheld);
		}
		return n;
	}
	/* An unfinished character stays as its bytes. */
	for (; n < k->nheld; n++)
		(void)keys_put(&out[n], KEY_TEXT, (wchar_t)(TEXT_RAW +
		    (unsigned char)k->held[n]));
	k->nheld = 0;
	return n;
}

static size_t
keys_ground(struct keys *k, unsigned char byte, struct key *out)
{
	size_t n = keys_character(k, byte, out);

	k->state = KEYS_GROUND;
	if (byte >= 0x80)
		return n;
	if (byte >= ' ' && byte != DEL && byte != k->erase)
		return n + keys_put(&out[n], KEY_TEXT, byte);
	return n + keys_control_key(k, byte, &out[n]);
}

static size_t
keys_escape(struct keys *k, unsigned char byte, struct key *out)
{
	char name[2] = { (char)byte, '\0' };

	k->state = KEYS_GROUND;
	if (byte == '[')
		k->state = KEYS_CSI;
	else if (byte == 'O')
		k->state = KEYS_SS3;
	else if (byte == CTRL('H') || (byte >= ' ' && byte < 0x80)) {
		if (byte >= 'A' && byte <= 'Z')
			name[0] = (char)(byte | 0x20);
		return keys_edit(out, meta, COUNT(meta), name);
	} else
		return keys_ground(k, byte, out);
	return 0;
}

static size_t
keys_csi(struct keys *k, unsigned char byte, struct key *out)
{
	bool whole = byte >= '@' && byte < DEL;

	/* A byte of no sequence: the held sequence was cut off. */
	if (byte < ' ' || byte >= DEL) {
		k->nheld = 0;
		return keys_ground(k, byte, out);
	}
	/* If longer than all known sequences, only the end matters. */
	if (k->nheld + 1 < sizeof(k->held))
		k->held[k->nheld++] = (char)byte;
	if (!whole)
		return 0;
	k->held[k->nheld] = '\0';
	k->nheld = 0;
	k->state = KEYS_GROUND;
	if (strcmp(k->held, "200~") == 0) {
		k->state = KEYS_PASTE;
		return keys_put(out, KEY_PASTE_BEGIN, 0);
	}
	if (strcmp(k->held, "3~") == 0)
		return keys_put(out, KEY_DELETE, 0);
	return keys_edit(out, sequences, COUNT(sequences), k->held);
}

static size_t
keys_pasted(struct keys *k, unsigned char byte, struct key *out)
{
	size_t n = keys_character(k, byte, out);

	if (byte >= 0x80 || byte == '\0')
		return n;
	return n + keys_put(&out[n], byte == '\n' || byte == '\r' ?
	    KEY_ENTER : KEY_TEXT, byte);
}

/* No byte of a paste has a function, except in the sequence at its end. */
static size_t
keys_paste(struct keys *k, unsigned char byte, struct key *out)
{
	static const char mark[] = "\033[201~";
	size_t n = 0;

	if (byte != (unsigned char)mark[k->nmark]) {
		for (size_t i = 0; i < k->nmark; i++)
			n += keys_pasted(k, (unsigned char)mark[i], &out[n]);
		k->nmark = 0;
		if (byte != ESC)
			return n + keys_pasted(k, byte, &out[n]);
	}
	if (k->nmark == 0)
		n += keys_character(k, ESC, &out[n]);
	if (mark[++k->nmark] != '\0')
		return n;
	k->nmark = 0;
	k->state = KEYS_GROUND;
	return n + keys_put(&out[n], KEY_PASTE_END, 0);
}

size_t
keys_byte(struct keys *k, unsigned char byte, struct key out[KEYS_MOST])
{
	char name[2] = { (char)byte, '\0' };

	switch (k->state) {
	case KEYS_ESCAPE:
		return keys_escape(k, byte, out);
	case KEYS_CSI:
		return keys_csi(k, byte, out);
	case KEYS_SS3:
		k->state = KEYS_GROUND;
		if (byte < ' ' || byte >= DEL)
			return keys_ground(k, byte, out);
		return byte == 'M' ? keys_put(out, KEY_ENTER, 0) :
		    keys_edit(out, sequences, COUNT(sequences), name);
	case KEYS_QUOTE:
		k->state = KEYS_GROUND;
		if (byte != '\0' && byte != '\n' && byte != '\r' &&
		    (byte < ' ' || byte == DEL))
			return keys_put(out, KEY_TEXT, byte);
		return keys_ground(k, byte, out);
	case KEYS_CTRL_X:
		k->state = KEYS_GROUND;
		return byte == CTRL('X') ? keys_edit(out, exchange, 1, "\030") :
		    keys_ground(k, byte, out);
	case KEYS_PASTE:
		return keys_paste(k, byte, out);
	case KEYS_GROUND:
		break;
	}
	return keys_ground(k, byte, out);
}

void
keys_end_paste(struct keys *k)
{
	k->state = KEYS_GROUND;
	k->nmark = 0;
}
