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
	struct filter_before	 before;
	struct chat_room	*room;
	char			 start[START_MAX];	/* of a line, held */
	size_t			 n;
	bool			 within;	/* the line has been judged */
	bool			 asked;		/* drops a LF after a prompt */
};

/* ---- From a peer to a room ---------------------------------------------- */

static void
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
	const char *typed;
	size_t n = console_waiting(near, &typed);
	size_t *lines = r->state == ROOM_SECRET ? &r->hidden : &r->logged;
	char offer[CHAT_NAME_MAX + 8];

	for (*lines = 0; n > 0; n--)
		*lines += *typed++ == '\n';
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

/* A verdict on the held bytes of a line. */
struct verdict {
	bool	wait;		/* more of the line is needed */
	bool	again;		/* a prompt: judge the next bytes */
	size_t	drop;		/* bytes not to be shown */
};

static const struct verdict	undecided = { .wait = true };
static const struct verdict	shown_whole;

static bool
chat_room_begins(const struct chat_room_filter *h, const char *text)
{
	size_t len = strlen(text);

	return h->n >= len && memcmp(h->start, text, len) == 0;
}

/* Whether the line may begin with this text. */
static bool
chat_room_may_begin(const struct chat_room_filter *h, const char *text)
{
	return strncmp(h->start, text, h->n) == 0 ||
	    chat_room_begins(h, text);
}

static bool
chat_room_is_welcome(const struct chat_room_filter *h)
{
	return chat_room_begins(h, ROOM_WELCOME) &&
	    (memmem(h->start, h->n, ROOM_HERE, strlen(ROOM_HERE)) != NULL ||
	    memmem(h->start, h->n, ROOM_ALONE, strlen(ROOM_ALONE)) != NULL);
}

/* The room's own lines are shown after the room's name instead of "* ". */
static struct verdict
chat_room_of_room(const struct chat_room_filter *h)
{
	h->room->line = LINE_OF_ROOM;
	return (struct verdict){ .drop = h->room->shown &&
	    chat_room_begins(h, "* ") ? 2 : 0 };
}

static struct verdict
chat_room_judge_first(struct chat_room_filter *h, bool whole)
{
	struct chat_room *r = h->room;

	if (chat_room_begins(h, ROOM_ASKS "\n") ||
	    chat_room_begins(h, ROOM_ASKS "\r"))
		chat_room_ask(r);
	else if (chat_room_is_welcome(h))
		chat_room_enter(r);
	else if (!whole && (chat_room_may_begin(h, ROOM_WELCOME) ||
	    (h->n <= strlen(ROOM_ASKS) && chat_room_may_begin(h, ROOM_ASKS))))
		return undecided;
	else {
		r->state = ROOM_NONE;
		r->line = LINE_OF_PEER;
		return shown_whole;
	}
	return chat_room_of_room(h);
}

static struct verdict
chat_room_judge_at_door(struct chat_room_filter *h, bool whole)
{
	/* Our prompt stands in the place of the room's. */
	if (chat_room_begins(h, ROOM_PROMPT))
		return (struct verdict){ .again = true };
	if (chat_room_is_welcome(h))
		chat_room_enter(h->room);
	else if (!whole && (chat_room_may_begin(h, ROOM_PROMPT) ||
	    chat_room_may_begin(h, ROOM_WELCOME)))
		return undecided;
	return chat_room_of_room(h);
}

/*
 * Whether the name in "<name> " neither is nor resembles our own name, or that
 * of a known peer: the room may say what it likes.
 */
static bool
chat_room_is_of_other(const struct chat_room_filter *h, const char *end)
{
	char name[START_MAX];
	struct name_look look;

	(void)snprintf(name, sizeof(name), "%.*s",
	    (int)(end - h->start) - 1, h->start + 1);
	name_look_at(name, &look);
	return name_compare(&look, &h->room->own_look) == NAME_DIFFERS &&
	    !chat_tls_is_known_name(h->room->tls, name);
}

static struct verdict
chat_room_judge_inside(struct chat_room_filter *h, bool whole)
{
	const char *end = memchr(h->start, '>', h->n);

	if (h->start[0] == '<' && end != NULL &&
	    chat_room_is_of_other(h, end)) {
		h->room->line = LINE_OF_MEMBER;
		return shown_whole;
	}
	if (!whole && ((h->start[0] == '<' && end == NULL) ||
	    (h->start[0] == '*' && h->n == 1)))
		return undecided;
	return chat_room_of_room(h);
}

static struct verdict
chat_room_judge_start(struct chat_room_filter *h, bool whole)
{
	switch (h->room->state) {
	case ROOM_FIRST:
		return chat_room_judge_first(h, whole);
	case ROOM_SECRET:
		return chat_room_judge_at_door(h, whole);
	case ROOM_IN:
		return chat_room_judge_inside(h, whole);
	default:
		h->room->line = LINE_OF_PEER;
		return shown_whole;
	}
}

/* ---- The filter --------------------------------------------------------- */

static void
chat_room_judge(struct chat_room_filter *h, bool whole, struct ring *out)
{
	struct verdict v = chat_room_judge_start(h, whole);

	if (v.wait)
		return;
	h->asked = v.again && h->room->shown;
	if (!h->asked) {
		transcript_line_of(h->room->log, h->room->line);
		filter_pass(&h->before, h->start + v.drop, h->n - v.drop,
		    false, out);
	}
	h->within = !v.again && h->start[h->n - 1] != '\n';
	h->n = 0;
}

static void
chat_room_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct chat_room_filter *h = (struct chat_room_filter *)f;
	size_t part;

	for (; n > 0; in += part, n -= part) {
		part = 1;
		if (!h->within) {
			bool drop = h->asked && h->n == 0 && *in == '\n';

			h->asked = false;
			if (drop)
				continue;
			h->start[h->n++] = (char)*in;
			chat_room_judge(h, *in == '\n' || h->n == START_MAX,
			    out);
		} else {
			const unsigned char *lf = memchr(in, '\n', n);

			part = lf != NULL ? (size_t)(lf - in) + 1 : n;
			filter_pass(&h->before, in, part, false, out);
			h->within = lf == NULL;
		}
	}
	if (!last)
		return;
	if (h->n > 0)
		chat_room_judge(h, true, out);
	filter_pass(&h->before, NULL, 0, true, out);
}

struct filter *
chat_room_hear(struct chat_room *r, struct filter *next)
{
	static const struct filter_ops ops = { .growth = 1,
	    .tail = START_MAX, .push = chat_room_push };
	struct chat_room_filter *h;

	if (r->state == ROOM_NONE || next == NULL)
		return next;
	if ((h = filter_before(sizeof(*h), &ops, next)) == NULL)
		return NULL;
	h->room = r;
	return &h->before.filter;
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
