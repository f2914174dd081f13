#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "console/keys.h"

#define ESC	0x1b
#define DEL	0x7f
#define CTRL(c)	((c) & 0x1f)

/* The keys of Emacs for the bytes after ESC [, up to its end. */
static const struct {
	const char	*from;
	wchar_t		 to[3];
} sequences[] = {
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
static const char control[] =
    "\001\002\005\006\010\013\016\020\024\025\027\031\177";

/* The functions below return how many keys are in out. */

static size_t
keys_edit(struct key *out, wchar_t first, wchar_t second)
{
	*out = (struct key){ .what = KEY_EDIT, .seq = { first, second } };
	return 1;
}

static size_t
keys_sequence(struct key *out, const char *from)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		if (strcmp(sequences[i].from, from) == 0)
			return keys_edit(out, sequences[i].to[0],
			    sequences[i].to[1]);
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
		byte = DEL;
	return strchr(control, byte) != NULL ? keys_edit(out, byte, 0) : 0;
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
	k->state = KEYS_GROUND;
	if (byte == '[')
		k->state = KEYS_CSI;
	else if (byte == 'O')
		k->state = KEYS_SS3;
	else if (byte == CTRL('H') || (byte >= ' ' && byte < 0x80)) {
		if (byte >= 'A' && byte <= 'Z')
			byte |= 0x20;
		if (byte == CTRL('H'))
			byte = DEL;
		return strchr("bcdflnpuw\177", byte) != NULL ?
		    keys_edit(out, ESC, byte) : 0;
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
	return keys_sequence(out, k->held);
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
		    keys_sequence(out, name);
	case KEYS_QUOTE:
		k->state = KEYS_GROUND;
		if (byte != '\0' && byte != '\n' && byte != '\r' &&
		    (byte < ' ' || byte == DEL))
			return keys_put(out, KEY_TEXT, byte);
		return keys_ground(k, byte, out);
	case KEYS_CTRL_X:
		k->state = KEYS_GROUND;
		return byte == CTRL('X') ? keys_edit(out, byte, byte) :
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

/* ---- Pastes ------------------------------------------------------------- */

/* Lines that are sent without a question. */
#define PASTE_LINES	20
/* Seconds of silence after which a paste without its end mark has ended. */
#define PASTE_PAUSE	5

void
paste_drop(struct paste *p)
{
	buf_free(&p->text);
	p->text = (struct buf){ 0 };
	p->lines = 0;
	p->last = L'\n';
	p->too_long = false;
}

void
paste_add(struct paste *p, wchar_t c)
{
	p->lines += c == L'\n';
	p->last = c;
	p->too_long |= p->text.used >= PASTE_MOST * sizeof(c);
	if (!p->too_long)
		buf_add(&p->text, &c, sizeof(c));
}

bool
paste_is_stale(struct paste *p)
{
	struct timespec now;
	time_t was = p->fed;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	p->fed = now.tv_sec;
	return p->open && now.tv_sec - was > PASTE_PAUSE;
}

bool
paste_end(struct paste *p, char question[PASTE_QUESTION])
{
	size_t lines = p->lines + (p->last != L'\n');

	p->open = false;
	if (p->too_long) {
		paste_drop(p);
		(void)snprintf(question, PASTE_QUESTION,
		    "paste too long, dropped [Enter] ");
		return true;
	}
	(void)snprintf(question, PASTE_QUESTION, "paste %zu lines? [y/N] ",
	    lines);
	return lines > PASTE_LINES;
}

bool
paste_next(struct paste *p, wchar_t *c)
{
	if (p->text.used < sizeof(*c))
		return false;
	memcpy(c, buf_data(&p->text), sizeof(*c));
	buf_take(&p->text, sizeof(*c));
	return true;
}
