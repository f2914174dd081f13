/*
 * Lines typed by a person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "chat/chat_lines.h"

static const char help[] =
    ":q or /quit leaves, and so does ^D; :info tells about the connection; "
    ":name NAME changes your name; :me or /me TEXT "
    "says what you do; ::TEXT sends a line that begins with a colon; :help or "
    "/help lists this";
static const char help_keys[] =
    "keys: arrows, ^A and ^E move; ^W, ^U and ^K cut, ^Y puts back; up and "
    "down bring back sent lines, ^R searches them for what is typed next; ^L "
    "clears the screen; ^V takes the next key as it is; ^C ends the program, "
    "^Z stops it";
static const char help_plain_keys[] =
    "keys: backspace, ^W and ^U erase a character, a word, the line; ^C ends "
    "the program, ^Z stops it";

struct commands {
	struct filter_before before;
	const char	*name;
	bool		(*command)(void *, const char *);
	void		*arg;
	enum commands_mode mode;
	char		 line[COMMAND_MAX + 1];	/* its start */
	size_t		 n;		/* bytes of line */
	bool		 passing;	/* the line is text: its rest passes */
};

/* Whether this is, or can become, "/quit", "/help" or "/me TEXT". */
static bool
chat_lines_is_slash(const char *line, size_t n)
{
	static const char *const words[] = { "/quit", "/help", "/me" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (n <= strlen(words[i]) && strncmp(line, words[i], n) == 0)
			return true;
	return n >= 4 && strncmp(line, "/me ", 4) == 0;
}

/* The line is text: passes on its start, without the quoting colon. */
static void
chat_lines_release(struct commands *c, struct ring *out)
{
	bool quoted = c->mode == COMMANDS_PEER && c->n > 1 &&
	    c->line[0] == ':' && c->line[1] == ':';

	filter_pass(&c->before, c->line + quoted, c->n - quoted, false, out);
	c->n = 0;
}

/* A whole line is held, without its LF. */
static void
chat_lines_obey(struct commands *c, struct ring *out)
{
	char said[COMMAND_NAME_MAX + 8];

	c->line[c->n] = '\0';
	if (c->mode != COMMANDS_SECRET &&
	    strncmp(c->line + 1, "me ", 3) == 0) {
		(void)snprintf(said, sizeof(said), "* %.*s ",
		    COMMAND_NAME_MAX, c->name);
		filter_pass(&c->before, said, strlen(said), false, out);
		filter_pass(&c->before, c->line + 4, c->n - 4, false, out);
		filter_pass(&c->before, "\n", 1, false, out);
	} else if (!c->command(c->arg, c->line)) {
		chat_lines_release(c, out);
		filter_pass(&c->before, "\n", 1, false, out);
	}
	c->n = 0;
}

static void
chat_lines_take(struct commands *c, char byte, struct ring *out)
{
	if (byte == '\n') {
		if (c->n > 0)
			chat_lines_obey(c, out);
		else
			filter_pass(&c->before, "\n", 1, false, out);
		c->passing = false;
		return;
	}
	c->line[c->n++] = byte;
	if (c->n < COMMAND_MAX && (c->line[0] == ':' ?
	    c->n < 2 || c->line[1] != ':' :
	    chat_lines_is_slash(c->line, c->n)))
		return;
	chat_lines_release(c, out);
	c->passing = true;
}

static void
chat_lines_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct commands *c = (struct commands *)f;

	for (; n > 0; in++, n--) {
		const unsigned char *lf = memchr(in, '\n', n);
		size_t run = lf != NULL ? (size_t)(lf - in) : n;

		if (c->passing && run > 0) {
			filter_pass(&c->before, in, run, false, out);
			in += run - 1;
			n -= run - 1;
		} else
			chat_lines_take(c, (char)*in, out);
	}
	if (!last)
		return;
	if (c->n > 0)
		chat_lines_obey(c, out);
	filter_pass(&c->before, NULL, 0, true, out);
}

void
commands_mode(struct filter *f, enum commands_mode mode)
{
	((struct commands *)f)->mode = mode;
}

struct filter *
filter_commands(struct filter *next, const char *name,
    bool (*command)(void *, const char *), void *arg)
{
	/* The held bytes come with any byte; ":me x" gives a name for five. */
	static const struct filter_ops ops = {
	    .growth = (COMMAND_NAME_MAX + 8) / 5 + 1,
	    .tail = COMMAND_MAX + COMMAND_NAME_MAX + 8,
	    .push = chat_lines_push };
	struct commands *c = filter_before(sizeof(*c), &ops, next);

	if (c == NULL)
		return NULL;
	c->name = name;
	c->command = command;
	c->arg = arg;
	return &c->before.filter;
}

void
commands_help(bool edits)
{
	diag_warnx("%s", help);
	diag_warnx("%s", edits ? help_keys : help_plain_keys);
}
