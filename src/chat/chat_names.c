/*
 * The names of two people who chat.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "chat/chat_lines.h"
#include "chat/chat_names.h"
#include "filter/sanitize.h"

static const char	tells[] = "* this is ";

struct names_filter {
	struct line_filter	 lines;
	struct chat_names	*names;
};

/* ---- Names -------------------------------------------------------------- */

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

/* ---- Lines -------------------------------------------------------------- */

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

/* ---- The filter --------------------------------------------------------- */

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
