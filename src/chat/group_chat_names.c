/*
 * The members of a group chat, and their names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chat/chat_lines.h"
#include "chat/group_chat.h"
#include "chat/name_look.h"
#include "filter/sanitize.h"

void
group_chat_open_names(struct room *room)
{
	for (unsigned i = 0; i < ROOM_NAMES; i++) {
		TAILQ_INIT(&room->same[i]);
		TAILQ_INIT(&room->alike[i]);
	}
}

static struct member_names *
group_chat_same(struct room *room, const struct name_look *look)
{
	return &room->same[look->folded % ROOM_NAMES];
}

static struct member_names *
group_chat_alike(struct room *room, const struct name_look *look)
{
	return &room->alike[look->alike % ROOM_NAMES];
}

const char *
group_chat_name_fault(const struct member *me, const char *name)
{
	struct room *room = me->room;
	const char *wrong = name_fault(name);
	const struct member_name *n;
	enum name_likeness worst;
	struct name_look look;

	if (wrong != NULL)
		return wrong;
	if (strcmp(member_called(me), name) == 0)
		return NULL;
	if (name_is_numbered(name))
		return "such names are given, not taken";
	name_look_at(name, &look);
	if (name_is_reserved(&look))
		return "this name is reserved";
	worst = name_compare(&look, &room->operator_look);
	TAILQ_FOREACH(n, group_chat_same(room, &look), same)
		if (n->of != me && n->of->in &&
		    name_compare(&look, &n->look) > worst)
			worst = name_compare(&look, &n->look);
	TAILQ_FOREACH(n, group_chat_alike(room, &look), alike)
		if (n->of != me && n->of->in &&
		    name_compare(&look, &n->look) > worst)
			worst = name_compare(&look, &n->look);
	return worst == NAME_IS_SAME ? "this name is taken" :
	    worst == NAME_LOOKS_LIKE ?
	    "this name looks like another member's" : NULL;
}

void
group_chat_number(struct member *m)
{
	struct room *room = m->room;
	struct name_look look;

	/* The operator's name may be this name, or look like it. */
	do {
		(void)snprintf(m->given, sizeof(m->given), "user%u",
		    ++room->numbered);
		if (!room->operator_is_numbered)
			return;
		name_look_at(m->given, &look);
	} while (name_compare(&look, &room->operator_look) != NAME_DIFFERS);
}

void
group_chat_forget_name(struct member *m)
{
	struct member_name *n = m->chosen;

	if (n == NULL)
		return;
	TAILQ_REMOVE(group_chat_same(m->room, &n->look), n, same);
	TAILQ_REMOVE(group_chat_alike(m->room, &n->look), n, alike);
	free(n);
	m->chosen = NULL;
}

bool
group_chat_name(struct member *m, const char *name)
{
	size_t size = strlen(name) + 1;
	struct member_name *n = malloc(sizeof(*n) + size);

	if (n == NULL)
		return false;
	n->of = m;
	memcpy(n->text, name, size);
	name_look_at(name, &n->look);
	group_chat_forget_name(m);
	m->chosen = n;
	TAILQ_INSERT_TAIL(group_chat_same(m->room, &n->look), n, same);
	TAILQ_INSERT_TAIL(group_chat_alike(m->room, &n->look), n, alike);
	return true;
}

bool
group_chat_is_attended(const struct plan *plan)
{
	return plan->near == PLAN_HUB && plan->hub == HUB_TALK &&
	    !plan->no_stdin && !plan->no_stdout && isatty(STDIN_FILENO) &&
	    isatty(STDOUT_FILENO);
}

void
group_chat_own_name(const struct plan *plan, char name[MEMBER_NAME_MAX])
{
	const char *given = group_chat_is_attended(plan) ?
	    chat_own_name(plan) : plan->chat.name;

	(void)sanitize_text(given != NULL ? given : "", name, MEMBER_NAME_MAX);
	/* Any text may be the name, but no byte may seem to end the name. */
	for (char *s = name; *s != '\0'; s++)
		if (*s == '<' || *s == '>')
			*s = '_';
	if (*name == '\0')
		(void)strlcpy(name, "operator", MEMBER_NAME_MAX);
}

bool
group_chat_has_operator(const struct room *room)
{
	return room->near.in != NULL && !room->near.mute;
}

void
group_chat_list(struct room *room, struct hub_member *to, const char *before,
    const struct member *but, unsigned most)
{
	struct buf b = { .mem = NULL };
	const struct member *m;
	char host[ADDR_HOST_MAX];
	struct addr peer;
	const char *gap = "";
	unsigned n = 0, all = room->nin - (but != NULL && but->in);

	buf_str(&b, "* ");
	buf_str(&b, before);
	if (group_chat_has_operator(room)) {
		buf_str(&b, room->operator);
		gap = ", ";
	}
	TAILQ_FOREACH(m, &room->members, link) {
		if (n == most)
			break;
		if (!m->in || m == but)
			continue;
		n++;
		buf_str(&b, gap);
		buf_str(&b, member_called(m));
		if (to == &room->near &&
		    addr_family(member_peer(m, &peer)) != AF_UNIX)
			buf_fmt(&b, " (%s port %u)", addr_host(&peer, host,
			    sizeof(host)), addr_port(&peer));
		gap = ", ";
	}
	if (n < all)
		buf_fmt(&b, " and %u more", all - n);
	buf_str(&b, "\n");
	if (!b.failed)
		hub_send(to, buf_data(&b), b.used);
	buf_free(&b);
}
