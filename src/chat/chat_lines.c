/*
 * Lines that are judged by their beginning: those typed by a person, and those
 * by which the peer tells its name, or leaves.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/text.h"
#include "chat/chat_lines.h"
#include "filter/sanitize.h"

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

/* ---- Names -------------------------------------------------------------- */

static const char	tells[] = "* this is ";

struct names_filter {
	struct line_filter	 lines;
	struct chat_names	*names;
};

static bool
chat_names_fit_char(wchar_t c)
{
	return text_is_letter(c) || c == '-' || c == '_' || c == '.';
}

bool
chat_names_fit(const char *name)
{
	const char *s = name;
	size_t len, n = 0;
	wchar_t c;

	while (*s != '\0' && (len = text_decode(s, strlen(s), &c)) > 0 &&
	    chat_names_fit_char(c)) {
		s += len;
		n++;
	}
	return *s == '\0' && n > 0 && n <= CHAT_NAME_CHARS &&
	    strlen(name) < CHAT_NAME_MAX;
}

const char *
chat_own_name(const struct plan *plan)
{
	const struct passwd *pw;
	const char *name = plan->chat.name;

	if (name == NULL && (pw = getpwuid(getuid())) != NULL)
		name = pw->pw_name;
	return name != NULL && *name != '\0' ? name : "me";
}

void
chat_names_own(struct chat_names *names, const char *text)
{
	size_t len, used = 0;
	wchar_t c = 0;

	for (size_t n = 0; *text != '\0' && n < CHAT_NAME_CHARS; n++) {
		if ((len = text_decode(text, strlen(text), &c)) == 0)
			len = 1;
		if (used + len + 1 >= sizeof(names->own))
			break;
		if (chat_names_fit_char(c)) {
			memcpy(names->own + used, text, len);
			used += len;
		} else
			names->own[used++] = '_';
		text += len;
	}
	names->own[used] = '\0';
}

void
chat_names_line(const struct chat_names *names, char *buf, size_t size)
{
	(void)snprintf(buf, size, "%s%s\n", tells, names->own);
}

static void
chat_names_tell(struct chat_names *names)
{
	if (names->told || names->off || *names->own == '\0')
		return;
	names->told = true;
	names->tell(names->arg);
}

void
chat_names_meet(struct chat_names *names, bool is_chat)
{
	names->told = names->off = names->quitting = false;
	names->is_chat = is_chat;
	if (is_chat)
		chat_names_tell(names);
}

static const char *const quits[] = { ":q", ":quit", "/quit" };

bool
chat_names_is_quit(const char *line)
{
	for (size_t i = 0; i < sizeof(quits) / sizeof(quits[0]); i++)
		if (strcmp(line, quits[i]) == 0)
			return true;
	return false;
}

/* Whether a line with this beginning may become a command of the peer. */
static bool
chat_names_may_obey(const struct chat_names *names, const char *line, size_t n)
{
	size_t len = n > 0 && line[n - 1] == '\r' ? n - 1 : n;

	if (names->heard && strncmp(line, tells,
	    n < sizeof(tells) - 1 ? n : sizeof(tells) - 1) == 0)
		return true;
	for (size_t i = 0; i < sizeof(quits) / sizeof(quits[0]); i++)
		if (strncmp(line, quits[i], len) == 0)
			return true;
	return false;
}

/* Obeys a whole line of the peer; false: the line is text. */
static bool
chat_names_obey(struct chat_names *names, const char *start, size_t n)
{
	char line[LINE_START_MAX + 1];
	const char *name = line + sizeof(tells) - 1;

	memcpy(line, start, n);
	if (n > 0 && line[n - 1] == '\n')
		n--;
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	if (strlen(line) != n)
		return false;
	if (chat_names_is_quit(line)) {
		names->quits(names->arg, true);
		return true;
	}
	if (!names->heard || strncmp(line, tells, sizeof(tells) - 1) != 0 ||
	    !chat_names_fit(name))
		return false;
	/* An echo server sends our name back. */
	if (names->told && !names->is_chat &&
	    strcasecmp(name, names->own) == 0)
		return false;
	names->learned(names->arg, name);
	chat_names_tell(names);
	return true;
}

static struct verdict
chat_names_judge(struct line_filter *f, bool whole, struct ring *out)
{
	struct chat_names *names = ((struct names_filter *)f)->names;

	(void)out;
	if (names->off)
		return (struct verdict){ .drop = 0 };
	if (whole && chat_names_obey(names, f->start, f->n))
		return (struct verdict){ .drop = f->n };
	return (struct verdict){ .wait = !whole &&
	    chat_names_may_obey(names, f->start, f->n) };
}

static void
chat_names_push(struct filter *filter, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	const struct names_filter *f = (const struct names_filter *)filter;
	struct chat_names *names = f->names;

	chat_lines_push(filter, in, n, last, out);
	names->quitting = !last && f->lines.n > 0 &&
	    chat_names_is_quit(f->lines.start);
	if (names->quitting)
		names->quits(names->arg, false);
}

struct filter *
filter_names(struct chat_names *names, struct filter *next)
{
	static const struct filter_ops ops = { .growth = 1,
	    .tail = CHAT_NAME_MAX + 16, .push = chat_names_push };
	struct names_filter *f = filter_before(sizeof(*f), &ops, next);

	if (f == NULL)
		return NULL;
	f->lines.judge = chat_names_judge;
	f->lines.max = CHAT_NAME_MAX + 16;
	f->names = names;
	return &f->lines.before.filter;
}
