/*
 * Who is in a group chat, and what they may be called.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/letters.h"
#include "chat/talk_names.h"
#include "filter/sanitize.h"

/* Whether it is, or looks like, the name that somebody in the room has. */
static const char *
talk_names_taken_fault(const struct guest *me, const struct name_look *look)
{
	const struct room *room = me->room;
	const struct guest *g;
	bool alike = name_looks_like(look, &room->operator_look);

	if (name_is_same(look, &room->operator_look))
		return "somebody else is called that";
	TAILQ_FOREACH(g, &room->guests, link) {
		if (g == me || !g->in)
			continue;
		if (name_is_same(look, &g->look))
			return "somebody else is called that";
		alike = alike || name_looks_like(look, &g->look);
	}
	return alike ? "that looks like the name of somebody else" : NULL;
}

const char *
talk_name_fault(const struct guest *me, const char *name)
{
	struct name_look look;
	const char *wrong;

	if (strlen(name) >= GUEST_NAME_MAX)
		return letters_rule;
	if ((wrong = name_fault(name)) != NULL)
		return wrong;
	if (strcmp(me->name, name) == 0)
		return NULL;
	if (name_is_numbered(name))
		return "such names are given, not taken";
	name_look_at(name, &look);
	return talk_names_taken_fault(me, &look);
}

void
talk_name_give(struct guest *g)
{
	struct room *room = g->room;
	struct name_look look;

	/* The operator may be called that, or something that looks like it. */
	do {
		(void)snprintf(g->name, sizeof(g->name), "user%u",
		    ++room->numbered);
		name_look_at(g->name, &look);
	} while (name_is_same(&look, &room->operator_look) ||
	    name_looks_like(&look, &room->operator_look));
}

void
talk_name_take(struct guest *g, const char *name)
{
	(void)strlcpy(g->name, name, sizeof(g->name));
	name_look_at(name, &g->look);
}

void
talk_own_name(const char *given, char name[GUEST_NAME_MAX])
{
	char *s;

	(void)sanitize_text(given != NULL ? given : "", name, GUEST_NAME_MAX);
	/* One that is no word may be, but not look as if it had ended. */
	for (s = name; *s != '\0'; s++)
		if (*s == '<' || *s == '>')
			*s = '_';
	if (*name == '\0')
		(void)strlcpy(name, "operator", GUEST_NAME_MAX);
}

bool
talk_has_operator(const struct room *room)
{
	return room->near.in != NULL && !room->near.mute;
}

/* "operator, user1, Eva"; at most so many names, and the number of others. */
static void
talk_names_list_names(FILE *f, const struct room *room, const struct guest *but,
    unsigned most, bool addresses)
{
	const struct guest *g;
	char host[ADDR_HOST_MAX];
	const char *gap = "";
	unsigned more = 0;

	if (talk_has_operator(room)) {
		fputs(room->operator, f);
		gap = ", ";
	}
	TAILQ_FOREACH(g, &room->guests, link) {
		if (!g->in || g == but)
			continue;
		if (most == 0) {
			more++;
			continue;
		}
		most--;
		fprintf(f, "%s%s", gap, g->name);
		if (addresses && addr_family(&g->peer) != AF_UNIX)
			fprintf(f, " (%s port %u)", addr_host(&g->peer, host,
			    sizeof(host)), addr_port(&g->peer));
		gap = ", ";
	}
	if (more > 0)
		fprintf(f, " and %u more", more);
	else if (*gap == '\0')
		fputs("nobody else", f);
}

void
talk_tell_names(struct room *room, struct hub_member *to, const char *before,
    const struct guest *but, unsigned most)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	if (f == NULL)
		return;
	fprintf(f, "* %s", before);
	talk_names_list_names(f, room, but, most, to == &room->near);
	fputc('\n', f);
	if (fclose(f) == 0)
		hub_send(to, text, n);
	free(text);
}
