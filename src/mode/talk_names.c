/*
 * Who is in a group chat, and what they may be called.
 */
#include <ctype.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wctype.h>

#include "filter/sanitize.h"
#include "mode/talk_names.h"

#define NAME_CHARACTERS	24

/* The character that begins here; the text is valid UTF-8. */
static wint_t
next_character(const unsigned char **s)
{
	static const unsigned char first[] = { 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned more = **s < 0x80 ? 0 : **s < 0xe0 ? 1 : **s < 0xf0 ? 2 : 3;
	wint_t c = *(*s)++ & first[more];

	for (; more > 0 && **s != '\0'; more--)
		c = c << 6 | (*(*s)++ & 0x3f);
	return c;
}

static bool
is_fit(wint_t c, locale_t all)
{
	if (c < 0x80)
		return isalnum((int)c) || c == '-' || c == '_' || c == '.';
	return all != (locale_t)0 && iswalnum_l(c, all);
}

/* Whether all of its characters are fit, and not too many. */
static bool
is_word(const char *name)
{
	const unsigned char *s = (const unsigned char *)name;
	locale_t all = sanitize_locale();
	size_t n;

	for (n = 0; *s != '\0' && n <= NAME_CHARACTERS; n++)
		if (!is_fit(next_character(&s), all))
			break;
	if (all != (locale_t)0)
		freelocale(all);
	return *s == '\0' && n > 0 && n <= NAME_CHARACTERS;
}

/* "user7" is for the seventh that comes. */
static bool
is_given(const char *name)
{
	return strncasecmp(name, "user", 4) == 0 && name[4] != '\0' &&
	    strspn(name + 4, "0123456789") == strlen(name + 4);
}

const char *
talk_name_fault(const struct guest *me, const char *name)
{
	const struct guest *g;

	if (strlen(name) >= GUEST_NAME_MAX || !is_word(name))
		return "a name is a word of at most 24 letters, digits, "
		    "dots, - and _";
	if (strcmp(me->name, name) == 0)
		return NULL;
	if (is_given(name))
		return "such names are given, not taken";
	if (strcasecmp(name, me->room->operator) == 0)
		return "somebody else is called that";
	TAILQ_FOREACH(g, &me->room->guests, link)
		if (g != me && g->in && strcasecmp(g->name, name) == 0)
			return "somebody else is called that";
	return NULL;
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
	return room->near.in != NULL && !room->near.in_over;
}

/* "operator, user1, Eva"; at most so many names, and the number of others. */
static void
list_names(FILE *f, const struct room *room, const struct guest *but,
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
	list_names(f, room, but, most, to == &room->near);
	fputc('\n', f);
	if (fclose(f) == 0)
		hub_tell(to, text, n);
	free(text);
}
