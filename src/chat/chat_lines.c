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

/* ---- The beginnings of lines -------------------------------------------- */

static void
chat_lines_judge(struct line_filter *f, bool whole, struct ring *out)
{
	struct verdict v = f->judge(f, whole, out);

	if (v.wait)
		return;
	filter_pass(&f->before, f->start + v.drop, f->n - v.drop, false, out);
	f->within = !v.again && f->start[f->n - 1] != '\n';
	f->n = 0;
}

void
chat_lines_push(struct filter *filter, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct line_filter *f = (struct line_filter *)filter;
	size_t part;

	for (; n > 0; in += part, n -= part) {
		if (f->within) {
			const unsigned char *lf = memchr(in, '\n', n);

			part = lf != NULL ? (size_t)(lf - in) + 1 : n;
			filter_pass(&f->before, in, part, false, out);
			f->within = lf == NULL;
		} else {
			part = 1;
			f->start[f->n++] = (char)*in;
			f->start[f->n] = '\0';
			chat_lines_judge(f, *in == '\n' || f->n == f->max,
			    out);
		}
	}
	if (!last)
		return;
	if (f->n > 0)
		chat_lines_judge(f, true, out);
	filter_pass(&f->before, NULL, 0, true, out);
}

/* ---- Commands ----------------------------------------------------------- */

struct commands {
	struct line_filter lines;
	const char	*name;
	bool		(*command)(void *, const char *);
	void		*arg;
	enum commands_mode mode;
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

static struct verdict
chat_lines_judge_command(struct line_filter *f, bool whole, struct ring *out)
{
	struct commands *c = (struct commands *)f;
	char *line = f->start, said[COMMAND_NAME_MAX + 8];
	size_t n = line[f->n - 1] == '\n' ? f->n - 1 : f->n;
	bool quoted = line[0] == ':' && line[1] == ':';
	/* The first colon of two only says that the line is text. */
	struct verdict v = { .drop = quoted && c->mode == COMMANDS_PEER };

	if (n == 0 || n == COMMAND_MAX || quoted ||
	    (line[0] != ':' && !chat_lines_is_slash(line, n)))
		return v;
	if (!whole)
		return (struct verdict){ .wait = true };
	line[n] = '\0';
	if (c->mode != COMMANDS_SECRET && strncmp(line + 1, "me ", 3) == 0) {
		(void)snprintf(said, sizeof(said), "* %.*s ",
		    COMMAND_NAME_MAX, c->name);
		filter_pass(&f->before, said, strlen(said), false, out);
		filter_pass(&f->before, line + 4, n - 4, false, out);
		filter_pass(&f->before, "\n", 1, false, out);
		v.drop = f->n;
	} else if (c->command(c->arg, line))
		v.drop = f->n;
	line[n] = '\n';
	return v;
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
	c->lines.judge = chat_lines_judge_command;
	c->lines.max = COMMAND_MAX;
	c->name = name;
	c->command = command;
	c->arg = arg;
	return &c->lines.before.filter;
}

void
commands_help(bool edits)
{
	diag_warnx("%s", help);
	diag_warnx("%s", edits ? help_keys : help_plain_keys);
}
