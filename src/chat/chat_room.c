/*
 * A chat with a room of sockcat.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/chat_lines.h"
#include "chat/chat_room.h"
#include "chat/chat_tls.h"
#include "chat/name_look.h"
#include "chat/group_chat.h"
#include "console/console.h"

/* The bytes to decide a line's kind: a welcome with the longest name. */
#define START_MAX	160

struct chat_room_filter {
	struct line_filter	 lines;
	struct chat_room	*room;
	bool			 asked;		/* drops a LF after a prompt */
};

/* ---- From a peer to a room ---------------------------------------------- */

void
chat_room_prompt(struct chat_room *r)
{
	char prompt[160];

	if (r->state == ROOM_SECRET)
		(void)snprintf(prompt, sizeof(prompt), "password for %s: ",
		    r->peer);
	else
		(void)snprintf(prompt, sizeof(prompt), "%s> ", r->me);
	console_prompt(&r->run->near, prompt);
}

static void
chat_room_ask(struct chat_room *r)
{
	r->state = ROOM_SECRET;
	r->names->off = true;
	commands_mode(r->commands, COMMANDS_SECRET);
	diag_warnx("%s is a room that asks for a password; your input is "
	    "not shown, and :q leaves", r->peer);
	console_secret(&r->run->near, true);
	chat_room_prompt(r);
}

static void
chat_room_enter(struct chat_room *r)
{
	struct endpoint *near = &r->run->near;
	char offer[CHAT_NAME_MAX + 8];

	*(r->state == ROOM_SECRET ? &r->hidden : &r->logged) =
	    console_waiting(near);
	r->state = ROOM_IN;
	r->names->off = true;
	name_look_at(r->me, &r->own_look);
	commands_mode(r->commands, COMMANDS_ROOM);
	diag_warnx("%s is a room; lines that begin with a colon go to it, "
	    "except :q, :help, :info%s and :me", r->peer,
	    r->tls->on ? ", :words, :trust, :forget" : "");
	console_secret(near, false);
	chat_room_prompt(r);
	if (r->offer == NULL)
		return;
	/* After all lines typed before. */
	(void)snprintf(offer, sizeof(offer), ":name %s\n", r->offer);
	console_type(near, offer);
	r->hidden++;
}

/* ---- The kind of a line, by its start ----------------------------------- */

static const struct verdict	undecided = { .wait = true };
static const struct verdict	shown_whole;

static bool
chat_room_begins(const struct line_filter *f, const char *text)
{
	size_t len = strlen(text);

	return f->n >= len && memcmp(f->start, text, len) == 0;
}

/* Whether the line may begin with this text. */
static bool
chat_room_may_begin(const struct line_filter *f, const char *text)
{
	return strncmp(f->start, text, f->n) == 0 ||
	    chat_room_begins(f, text);
}

static bool
chat_room_is_welcome(const struct line_filter *f)
{
	return chat_room_begins(f, ROOM_WELCOME) &&
	    (memmem(f->start, f->n, ROOM_HERE, strlen(ROOM_HERE)) != NULL ||
	    memmem(f->start, f->n, ROOM_ALONE, strlen(ROOM_ALONE)) != NULL);
}

/*
 * Whether the name in "<name> " neither is nor resembles our own name, or that
 * of a known peer: the room may say what it likes.
 */
static bool
chat_room_is_of_other(const struct chat_room *r, const char *name, int len)
{
	char text[START_MAX];
	struct name_look look;

	(void)snprintf(text, sizeof(text), "%.*s", len, name);
	name_look_at(text, &look);
	return name_compare(&look, &r->own_look) == NAME_DIFFERS &&
	    !chat_tls_is_known_name(r->tls, text);
}

/* The room's own lines are shown after the room's name instead of "* ". */
static struct verdict
chat_room_judge_start(struct chat_room *r, const struct line_filter *f,
    bool whole)
{
	const char *end = memchr(f->start, '>', f->n);

	switch (r->state) {
	case ROOM_NONE:
		r->line = LINE_OF_PEER;
		return shown_whole;
	case ROOM_FIRST:
		if (chat_room_begins(f, ROOM_ASKS "\n") ||
		    chat_room_begins(f, ROOM_ASKS "\r"))
			chat_room_ask(r);
		else if (chat_room_is_welcome(f))
			chat_room_enter(r);
		else if (!whole && (chat_room_may_begin(f, ROOM_WELCOME) ||
		    (f->n <= strlen(ROOM_ASKS) &&
		    chat_room_may_begin(f, ROOM_ASKS))))
			return undecided;
		else {
			r->state = ROOM_NONE;
			r->line = LINE_OF_PEER;
			return shown_whole;
		}
		break;
	case ROOM_SECRET:
		/* Our prompt stands in the place of the room's. */
		if (chat_room_begins(f, ROOM_PROMPT))
			return (struct verdict){ .again = true };
		if (chat_room_is_welcome(f))
			chat_room_enter(r);
		else if (!whole && (chat_room_may_begin(f, ROOM_PROMPT) ||
		    chat_room_may_begin(f, ROOM_WELCOME)))
			return undecided;
		break;
	case ROOM_IN:
		if (f->start[0] == '<' && end != NULL &&
		    chat_room_is_of_other(r, f->start + 1,
		    (int)(end - f->start) - 1)) {
			r->line = LINE_OF_MEMBER;
			return shown_whole;
		}
		if (!whole && ((f->start[0] == '<' && end == NULL) ||
		    (f->start[0] == '*' && f->n == 1)))
			return undecided;
		break;
	}
	r->line = LINE_OF_ROOM;
	return (struct verdict){ .drop = r->shown &&
	    chat_room_begins(f, "* ") ? 2 : 0 };
}

static struct verdict
chat_room_judge(struct line_filter *f, bool whole, struct ring *out)
{
	struct chat_room_filter *h = (struct chat_room_filter *)f;
	bool asked = h->asked;
	struct verdict v;

	(void)out;
	h->asked = false;
	if (asked && strcmp(f->start, "\n") == 0)
		return (struct verdict){ .drop = 1 };
	v = chat_room_judge_start(h->room, f, whole);
	if (v.wait)
		return v;
	h->asked = v.again && h->room->shown;
	if (h->asked)
		v.drop = f->n;
	else
		transcript_line_of(h->room->log, h->room->line);
	return v;
}

struct filter *
chat_room_hear(struct chat_room *r, struct filter *next)
{
	static const struct filter_ops ops = { .growth = 1,
	    .tail = START_MAX, .push = chat_lines_push };
	struct chat_room_filter *h;

	if (r->state == ROOM_NONE || next == NULL)
		return next;
	if ((h = filter_before(sizeof(*h), &ops, next)) == NULL)
		return NULL;
	h->lines.judge = chat_room_judge;
	h->lines.max = START_MAX;
	h->room = r;
	return &h->lines.before.filter;
}

/* ---- Questions of the chat ---------------------------------------------- */

bool
chat_room_takes_commands(const struct chat_room *r)
{
	return r->state == ROOM_SECRET || r->state == ROOM_IN;
}

bool
chat_room_hides(struct chat_room *r, const unsigned char *text, size_t n)
{
	bool hides = r->logged == 0 && r->hidden > 0;
	size_t *count = r->logged > 0 ? &r->logged : &r->hidden;

	if (r->state == ROOM_SECRET)
		return true;
	if (*count > 0 && n > 0 && text[n - 1] == '\n')
		--*count;
	return hides;
}

void
chat_room_init(struct chat_room *r)
{
	const struct plan *plan = r->run->plan;

	if (plan->mode == PLAN_CONNECT && plan_has_connections(plan))
		r->state = ROOM_FIRST;
}
