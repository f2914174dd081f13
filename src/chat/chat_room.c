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

/* So much of a line says what it is: a welcome with the longest name. */
#define START_MAX	160

enum room_state { ROOM_FIRST, ROOM_SECRET, ROOM_IN, ROOM_NONE };

struct chat_room {
	struct chat_room_options opt;
	const char		*offer;		/* a name; NULL: none */
	struct name_look	 me;
	struct filter		*commands;
	enum room_state		 state;
	enum line_of		 line;		/* of the line that comes */
	/* The next lines of ours that are logged, and those that are not. */
	size_t			 logged, hidden;
};

struct hearing {
	struct filter		 filter;
	struct filter_ops	 ops;		/* bounds are next's */
	struct filter		*next;
	struct chat_room	*room;
	char			 start[START_MAX];	/* of a line, held */
	size_t			 n;
	bool			 within;	/* the line has been judged */
	bool			 asked;		/* a prompt was taken out; the
						   LF after it goes too */
};

/* ---- From a peer to a room --------------------------------------------- */

static void
chat_room_prompt(struct chat_room *r)
{
	char prompt[160];

	if (r->state == ROOM_SECRET)
		(void)snprintf(prompt, sizeof(prompt), "password for %s: ",
		    r->opt.peer);
	else
		(void)snprintf(prompt, sizeof(prompt), "%s> ", r->opt.me);
	console_prompt(&r->opt.run->near, prompt);
}

static void
chat_room_ask(struct chat_room *r)
{
	r->state = ROOM_SECRET;
	r->opt.names->off = true;
	commands_mode(r->commands, COMMANDS_SECRET);
	diag_warnx("%s is a room that asks for a password; what you type is "
	    "not shown, and :q leaves", r->opt.peer);
	console_secret(&r->opt.run->near, true);
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

/* Behind whatever was typed before. */
static void
chat_room_offer_name(struct chat_room *r)
{
	char line[CHAT_NAME_MAX + 8];

	if (r->offer == NULL)
		return;
	(void)snprintf(line, sizeof(line), ":name %s\n", r->offer);
	console_type(&r->opt.run->near, line);
	r->hidden++;
}

static void
chat_room_enter(struct chat_room *r)
{
	struct endpoint *near = &r->opt.run->near;
	const char *typed;
	size_t waiting = console_waiting(near, &typed);

	waiting = chat_room_count_lines(typed, waiting);
	if (r->state == ROOM_SECRET)
		r->hidden = waiting;
	else
		r->logged = waiting;
	r->state = ROOM_IN;
	r->opt.names->off = true;
	name_look_at(r->opt.me, &r->me);
	commands_mode(r->commands, COMMANDS_ROOM);
	diag_warnx("%s is a room; lines that begin with a colon go to it, "
	    "but for :q, :help, :info and :me", r->opt.peer);
	console_secret(near, false);
	chat_room_prompt(r);
	chat_room_offer_name(r);
}

/* ---- What a line is, by its start -------------------------------------- */

/* A verdict on what is held of a line. */
struct verdict {
	bool	wait;		/* the rest of the start is needed */
	bool	again;		/* it is a prompt; judge what follows it */
	size_t	drop;		/* bytes that nobody is to see */
};

static const struct verdict	undecided = { .wait = true };

static bool
chat_room_begins(const struct hearing *h, const char *text)
{
	size_t len = strlen(text);

	return h->n >= len && memcmp(h->start, text, len) == 0;
}

/* Whether it begins like the text, as far as it has come. */
static bool
chat_room_may_begin(const struct hearing *h, const char *text)
{
	size_t len = strlen(text);

	return memcmp(h->start, text, h->n < len ? h->n : len) == 0;
}

static bool
chat_room_is_asking(const struct hearing *h)
{
	size_t len = strlen(ROOM_ASKS);

	return chat_room_begins(h, ROOM_ASKS) && h->n > len &&
	    (h->start[len] == '\n' || h->start[len] == '\r');
}

static bool
chat_room_is_welcome(const struct hearing *h)
{
	return chat_room_begins(h, ROOM_WELCOME) &&
	    memmem(h->start, h->n, ROOM_HERE, strlen(ROOM_HERE)) != NULL;
}

/* The room's own words stand behind its name instead of "* ". */
static struct verdict
chat_room_of_room(const struct hearing *h)
{
	h->room->line = LINE_OF_ROOM;
	return (struct verdict){ .drop = h->room->opt.shown &&
	    chat_room_begins(h, "* ") ? 2 : 0 };
}

static struct verdict
chat_room_judge_first(struct hearing *h, bool whole)
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
chat_room_judge_at_door(struct hearing *h, bool whole)
{
	/* The prompt of ours says that. */
	if (chat_room_begins(h, ROOM_PROMPT))
		return (struct verdict){ .again = true };
	if (chat_room_is_welcome(h))
		chat_room_enter(h->room);
	else if (!whole && (chat_room_may_begin(h, ROOM_PROMPT) ||
	    chat_room_may_begin(h, ROOM_WELCOME)))
		return undecided;
	return chat_room_of_room(h);
}

/* "<name> ", and that is not, and does not look like, what we are called. */
static bool
chat_room_is_of_other(const struct hearing *h, const char *end)
{
	char name[START_MAX];
	size_t n = (size_t)(end - h->start) - 1;
	struct name_look look;

	memcpy(name, h->start + 1, n);
	name[n] = '\0';
	name_look_at(name, &look);
	return !name_is_same(&look, &h->room->me) &&
	    !name_looks_like(&look, &h->room->me);
}

static struct verdict
chat_room_judge_inside(struct hearing *h, bool whole)
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
chat_room_judge_start(struct hearing *h, bool whole)
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

/* ---- The filter -------------------------------------------------------- */

static void
chat_room_hearing_pass(struct hearing *h, const void *text, size_t n,
    struct ring *out)
{
	if (n > 0)
		h->next->ops->push(h->next, text, n, false, out);
}

static void
chat_room_hearing_judge(struct hearing *h, bool whole, struct ring *out)
{
	struct verdict v = chat_room_judge_start(h, whole);

	if (v.wait)
		return;
	h->asked = v.again && h->room->opt.shown;
	if (!h->asked) {
		if (h->room->opt.log != NULL)
			transcript_line_of(h->room->opt.log, h->room->line);
		chat_room_hearing_pass(h, h->start + v.drop, h->n - v.drop,
		    out);
	}
	h->within = !v.again && h->start[h->n - 1] != '\n';
	h->n = 0;
}

static void
chat_room_hearing_start(struct hearing *h, char byte, struct ring *out)
{
	bool asked = h->asked;

	h->asked = false;
	if (asked && h->n == 0 && byte == '\n')
		return;
	h->start[h->n++] = byte;
	chat_room_hearing_judge(h, byte == '\n' || h->n == START_MAX, out);
}

static void
chat_room_hearing_push(struct filter *f, const unsigned char *in, size_t n,
    bool last, struct ring *out)
{
	struct hearing *h = (struct hearing *)f;
	const unsigned char *lf;
	size_t part;

	while (n > 0) {
		part = 1;
		if (!h->within)
			chat_room_hearing_start(h, (char)*in, out);
		else {
			lf = memchr(in, '\n', n);
			part = lf != NULL ? (size_t)(lf - in) + 1 : n;
			chat_room_hearing_pass(h, in, part, out);
			h->within = lf == NULL;
		}
		in += part;
		n -= part;
	}
	if (!last)
		return;
	if (h->n > 0)
		chat_room_hearing_judge(h, true, out);
	h->next->ops->push(h->next, NULL, 0, true, out);
}

static void
chat_room_hearing_free(struct filter *f)
{
	filter_free(((struct hearing *)f)->next);
	free(f);
}

struct filter *
chat_room_hear(struct chat_room *r, struct filter *next)
{
	struct hearing *h;

	if (r == NULL || next == NULL)
		return next;
	if ((h = calloc(1, sizeof(*h))) == NULL) {
		filter_free(next);
		return NULL;
	}
	h->ops = (struct filter_ops){ .name = "room",
	    .growth = next->ops->growth,
	    .tail = next->ops->growth * START_MAX + next->ops->tail,
	    .push = chat_room_hearing_push, .free = chat_room_hearing_free };
	h->filter.ops = &h->ops;
	h->next = next;
	h->room = r;
	return &h->filter;
}

/* ---- What the chat asks ------------------------------------------------ */

void
chat_room_obey(struct chat_room *r, struct filter *commands)
{
	if (r != NULL)
		r->commands = commands;
}

enum line_of
chat_room_speaker(const struct chat_room *r)
{
	return r != NULL ? r->line : LINE_OF_PEER;
}

bool
chat_room_takes_commands(const struct chat_room *r)
{
	return r != NULL && (r->state == ROOM_SECRET || r->state == ROOM_IN);
}

bool
chat_room_hides(struct chat_room *r, const unsigned char *text, size_t n)
{
	size_t *count;
	bool hides;

	if (r == NULL)
		return false;
	if (r->state == ROOM_SECRET)
		return true;
	hides = r->logged == 0 && r->hidden > 0;
	count = r->logged > 0 ? &r->logged : &r->hidden;
	if (*count > 0 && n > 0 && text[n - 1] == '\n')
		--*count;
	return hides;
}

struct chat_room *
chat_room_open(const struct chat_room_options *opt, bool *failed)
{
	const struct plan *plan = opt->run->plan;
	struct chat_room *r;

	*failed = false;
	if (plan->mode != PLAN_CONNECT || plan->type == TYPE_DGRAM)
		return NULL;
	if ((r = calloc(1, sizeof(*r))) == NULL) {
		*failed = true;
		return NULL;
	}
	r->opt = *opt;
	r->line = LINE_OF_PEER;
	return r;
}

void
chat_room_offer(struct chat_room *r, const char *name)
{
	if (r != NULL)
		r->offer = name;
}

void
chat_room_close(struct chat_room *r)
{
	free(r);
}
