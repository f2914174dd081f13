/*
 * Telnet negotiation.
 */
#include "layer/telnet.h"

void
telnet_init(struct telnet *t, bool strip)
{
	*t = (struct telnet){ .state = TELNET_DATA, .strip = strip };
}

void
telnet_free(struct telnet *t)
{
	buf_free(&t->answers);
}

void
telnet_mute(struct telnet *t)
{
	t->mute = true;
	buf_free(&t->answers);
}

static bool
telnet_waits(const struct telnet *t, unsigned char verb, unsigned char option)
{
	const char *at = buf_data(&t->answers);
	size_t i;

	for (i = 0; i + TELNET_ANSWER <= t->answers.used; i++)
		if ((unsigned char)at[i] == TELNET_IAC &&
		    (unsigned char)at[i + 1] == verb &&
		    (unsigned char)at[i + 2] == option)
			return true;
	return false;
}

static void
telnet_answer(struct telnet *t, unsigned char option)
{
	unsigned char verb = t->verb == TELNET_DO ? TELNET_WONT : TELNET_DONT;
	unsigned char text[TELNET_ANSWER] = { TELNET_IAC, verb, option };
	size_t many = t->answers.used / TELNET_ANSWER;

	if (t->mute || (t->verb != TELNET_DO && t->verb != TELNET_WILL))
		return;
	/*
	 * There are 512 different ones, so that with half of the room left
	 * for these nothing is ever without an answer.
	 */
	if (many >= TELNET_ANSWERS / 2 && telnet_waits(t, verb, option))
		return;
	buf_add(&t->answers, text, sizeof(text));
}

/* Behind an IAC; true: it is the data byte 255. */
static bool
telnet_command(struct telnet *t, unsigned char c)
{
	t->state = TELNET_DATA;
	if (c >= TELNET_WILL && c <= TELNET_DONT) {
		t->verb = c;
		t->state = TELNET_OPTION;
	} else if (c == TELNET_SB)
		t->state = TELNET_INSIDE;
	return c == TELNET_IAC;
}

/* The next byte; true: it is data. */
static bool
telnet_step(struct telnet *t, unsigned char c)
{
	switch (t->state) {
	case TELNET_DATA:
		if (c != TELNET_IAC)
			return true;
		t->state = TELNET_COMMAND;
		return false;
	case TELNET_COMMAND:
		return telnet_command(t, c);
	case TELNET_OPTION:
		t->state = TELNET_DATA;
		telnet_answer(t, c);
		return false;
	case TELNET_INSIDE:
		if (c == TELNET_IAC)
			t->state = TELNET_INSIDE_IAC;
		return false;
	case TELNET_INSIDE_IAC:
		t->state = TELNET_INSIDE;
		/* Any other command ends it as well: its end was forgotten. */
		if (c != TELNET_IAC)
			(void)telnet_command(t, c);
		return false;
	}
	return true;
}

size_t
telnet_read(struct telnet *t, unsigned char *bytes, size_t n)
{
	size_t i, kept = 0;

	for (i = 0; i < n; i++)
		if (telnet_step(t, bytes[i]) || !t->strip)
			bytes[kept++] = bytes[i];
	return kept;
}
