/*
 * The door of a room that asks for a password.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "chat/talk_door.h"
#include "chat/talk_speech.h"
#include "chat/talk_words.h"

static void
talk_door_ask(struct guest *g, const char *before)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s" TALK_PROMPT, before);
	hub_send(&g->member, text, strlen(text));
}

void
talk_door_meet(struct guest *g)
{
	talk_door_ask(g, TALK_ASKS "\n");
}

static void
talk_door_judge(struct guest *g)
{
	struct speech *s = &g->speech;
	bool right;

	if (s->len > 0 && s->line[s->len - 1] == '\r')
		s->len--;
	right = !g->overlong && password_is(&g->room->password,
	    s->len > 0 ? s->line : "", s->len);
	if (s->cap > 0)
		explicit_bzero(s->line, s->cap);
	talk_forget(s);
	g->overlong = false;
	if (right)
		talk_let_in(g);
	else if (++g->tries < TALK_TRIES)
		talk_door_ask(g, "* that is not it\n");
	else
		room_part(g, PART_REFUSED);
}

static void
talk_door_take(struct guest *g, unsigned char byte)
{
	struct speech *s = &g->speech;
	bool paused = s->paused;

	s->paused = false;
	if (byte == '\n' && paused)
		return;
	if (byte == '\n')
		talk_door_judge(g);
	else if (s->len > PASSWORD_MAX || !talk_make_room(s, 1))
		g->overlong = true;
	else
		s->line[s->len++] = (char)byte;
}

size_t
talk_door_hear(struct guest *g, const unsigned char *in, size_t n)
{
	size_t i;

	for (i = 0; i < n && !g->in && g->part == PART_NOT_YET; i++)
		talk_door_take(g, in[i]);
	return i;
}

void
talk_door_paused(struct guest *g)
{
	if (g->speech.len > 0 || g->overlong)
		talk_door_judge(g);
}

int
talk_door_open(struct room *room)
{
	const struct run *r = room->run;
	const char *path = r->plan->chat.password_file, *wrong;
	struct error err;

	if (path == NULL || (wrong = password_read(&room->password,
	    path)) == NULL)
		return 0;
	if (*wrong == '\0') {
		error_set(&err, errno, "read", "%s", path);
		return r->messages->failed(r->plan, &err);
	}
	diag_warnx("%s holds no password: %s", path, wrong);
	return 1;
}
