/*
 * A chat whose peer is a room of ours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/chat_lines.h"
#include "chat/chat_room.h"
#include "chat/name_look.h"
#include "chat/group_chat.h"
#include "console/console.h"

/* The bytes that tell what a line is: a welcome with the longest name. */
#define START_MAX	160

struct chat_room_filter {
	struct filter_before	 before;
	struct chat_room	*room;
	char			 start[START_MAX];	/* of a line, held */
	size_t			 n;
	bool			 within;	/* the line has been judged */
	bool			 asked;		/* a prompt was taken out; a
						   LF after it goes too */
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
	diag_warnx("%s is a room that asks for a password; what you type is "
	    "not shown, and :q leaves", r->peer);
	console_secret(&r->run->near, true);
	chat_room_prompt(r);
}

static size_t
chat_room_count_lines(const char *text, size_t n)
{
	size_t lines = 0;

	while (n-- > 0)
		lines += *text++ == '\n';
	return lines;
}

/* After everything that was typed before. */
static void
chat_room_offer_name(struct chat_room *r)
{
	char line[CHAT_NAME_MAX + 8];

	if (r->offer == NULL)
		return;
	(void)snprintf(line, sizeof(line), ":name %s\n", r->offer);
	console_type(&r->run->near, line);
	r->hidden++;
}

static void
chat_room_enter(struct chat_room *r)
{
	struct endpoint *near = &r->run->near;
	const char *typed;
	size_t waiting = console_waiting(near, &typed);

	waiting = chat_room_count_lines(typed, waiting);
	if (r->state == ROOM_SECRET)
		r->hidden = waiting;
	else
		r->logged = waiting;
	r->state = ROOM_IN;
	r->names->off = true;
	name_look_at(r->me, &r->own_look);
	commands_mode(r->commands, COMMANDS_ROOM);
	diag_warnx("%s is a room; lines that begin with a colon go to it, "
	    "but for :q, :help, :info and :me", r->peer);
	console_secret(near, false);
	chat_room_prompt(r);
	chat_room_offer_name(r);
}

/* ---- What a line is, by its start --------------------------------------- */

/* A verdict on what is held of a line. */
struct verdict {
	bool	wait;		/* more of the line is needed */
	bool	again;		/* a prompt: judge what follows it */
	size_t	drop;		/* bytes that are not shown */
};

static const struct verdict	undecided = { .wait = true };

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
	size_t len = strlen(text);

	return memcmp(h->start, text, h->n < len ? h->n : len) == 0;
}

static bool
chat_room_is_asking(const struct chat_room_filter *h)
{
	size_t len = strlen(ROOM_ASKS);

	return chat_room_begins(h, ROOM_ASKS) && h->n > len &&
	    (h->start[len] == '\n' || h->start[len] == '\r');
}

static bool
chat_room_is_welcome(const struct chat_room_filter *h)
{
	return chat_room_begins(h, ROOM_WELCOME) &&
	    memmem(h->start, h->n, ROOM_HERE, strlen(ROOM_HERE)) != NULL;
}

/* The room's own lines stand behind its name instead of "* ". */
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

	if (chat_room_is_asking(h))
		chat_room_ask(r);
	else if (chat_room_is_welcome(h))
		chat_room_enter(r);
	else if (!whole && (chat_room_may_begin(h, ROOM_WELCOME) ||
	    (h->n <= strlen(ROOM_ASKS) && chat_room_may_begin(h, ROOM_ASKS))))
		return undecided;
	else {
		r->state = ROOM_NONE;
		r->line = LINE_OF_PEER;
		return (struct verdict){ .drop = 0 };
	}
	return chat_room_of_room(h);
}

static struct verdict
chat_room_judge_at_door(struct chat_room_filter *h, bool whole)
{
	/* Our prompt says that. */
	if (chat_room_begins(h, ROOM_PROMPT))
		return (struct verdict){ .again = true };
	if (chat_room_is_welcome(h))
		chat_room_enter(h->room);
	else if (!whole && (chat_room_may_begin(h, ROOM_PROMPT) ||
	    chat_room_may_begin(h, ROOM_WELCOME)))
		return undecided;
	return chat_room_of_room(h);
}

/* Whether "<name> " is not our own name, and does not look like it. */
static bool
chat_room_is_of_other(const struct chat_room_filter *h, const char *end)
{
	char name[START_MAX];
	size_t n = (size_t)(end - h->start) - 1;
	struct name_look look;

	memcpy(name, h->start + 1, n);
	name[n] = '\0';
	name_look_at(name, &look);
	return name_compare(&look, &h->room->own_look) == NAME_DIFFERS;
}

static struct verdict
chat_room_judge_inside(struct chat_room_filter *h, bool whole)
{
	const char *end = memchr(h->start, '>', h->n);

	if (h->start[0] == '<' && end != NULL &&
	    chat_room_is_of_other(h, end)) {
		h->room->line = LINE_OF_MEMBER;
		return (struct verdict){ .drop = 0 };
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
		return (struct verdict){ .drop = 0 };
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
chat_room_start(struct chat_room_filter *h, char byte, struct ring *out)
{
	bool asked = h->asked;

	h->asked = false;
	if (asked && h->n == 0 && byte == '\n')
		return;
	h->start[h->n++] = byte;
	chat_room_judge(h, byte == '\n' || h->n == START_MAX, out);
}

static void
chat_room_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct chat_room_filter *h = (struct chat_room_filter *)f;
	const unsigned char *lf;
	size_t part;

	while (n > 0) {
		part = 1;
		if (!h->within)
			chat_room_start(h, (char)*in, out);
		else {
			lf = memchr(in, '\n', n);
			part = lf != NULL ? (size_t)(lf - in) + 1 : n;
			filter_pass(&h->before, in, part, false, out);
			h->within = lf == NULL;
		}
		in += part;
		n -= part;
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

/* ---- What the chat asks ------------------------------------------------- */

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

	if (plan->mode == PLAN_CONNECT && plan->type != TYPE_DGRAM)
		r->state = ROOM_FIRST;
}
