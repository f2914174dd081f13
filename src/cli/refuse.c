#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cli/option.h"
#include "message/messages.h"

/* The messages about a command line that is wrong. */

static int
refuse_va(const struct parse *p, const char *fmt, va_list ap)
{
	char	text[512];

	/* A fault found after the options is reported after begin(). */
	if (p->words != NULL && p->plan->messages->begin != NULL)
		p->plan->messages->begin(p->plan);
	vsnprintf(text, sizeof(text), fmt, ap);
	(p->dialect->bare ? diag_plain : diag_warnx)("%s%s", text,
	    p->dialect->tail);
	return p->dialect->usage_status;
}

int
refuse(const struct parse *p, const char *fmt, ...)
{
	va_list	ap;
	int	rc;

	va_start(ap, fmt);
	rc = refuse_va(p, fmt, ap);
	va_end(ap);
	return rc;
}

int
refuse_as(const struct parse *p, enum text which, ...)
{
	const char	*text = p->dialect->texts[which];
	va_list		 ap;
	int		 rc;

	if (text == NULL)
		text = dialect_native.texts[which];
	if (*text == '\0')
		return 0;
	va_start(ap, which);
	rc = refuse_va(p, text, ap);
	va_end(ap);
	return rc;
}

/*
 * "--merge must be line or chunk: word"; or of an option with or without its
 * only word: "--stats takes no value except json: word".
 */
int
refuse_choice(const struct parse *p, const char *word)
{
	const char *const	*w = actions[p->row->act].choices;
	char			 option[OPTION_TEXT_MAX], text[128] = "";

	if (p->dialect->bad_choice != NULL)
		return p->dialect->bad_choice(p, word);
	if (w[1] == NULL)
		return refuse(p, "%s takes no value except %s: %s",
		    option_text(p->row, p->by_letter, option), *w, word);
	for (; *w != NULL; w++) {
		if (*text != '\0')
			strlcat(text, w[1] != NULL ? ", " : " or ",
			    sizeof(text));
		strlcat(text, *w, sizeof(text));
	}
	return refuse(p, "%s must be %s: %s",
	    option_text(p->row, p->by_letter, option), text, word);
}

int
refuse_with_usage(const struct parse *p)
{
	usage_lines(stderr, p->dialect->table);
	return p->dialect->usage_status;
}

/* ---- Options that getopt_long(3) does not take -------------------------- */

/* Lists the names with this beginning; returns their number. */
static unsigned
refuse_list_names(const struct option_table *t, struct nearest *near,
    char list[400])
{
	unsigned	n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!row_has_name(row) || (row->flags & OPT_HIDDEN))
			continue;
		nearest_try(near, row->name, row->name);
		if (near->len == 0 ||
		    strncmp(row->name, near->word, near->len) != 0)
			continue;
		strlcat(list, n++ > 0 ? ", --" : "--", 400);
		strlcat(list, row->name, 400);
	}
	return n;
}

/* Unknown or ambiguous; word begins after the two hyphens. */
int
refuse_name(const struct parse *p, const char *word)
{
	struct nearest	 near = { .word = word, .len = strcspn(word, "=") };
	char		 list[400] = "";
	const char	*meant;

	if (refuse_list_names(p->dialect->table, &near, list) > 1)
		return refuse(p, "option '--%.*s' is ambiguous (%s)",
		    (int)near.len, word, list);
	meant = nearest_name(&near);
	return refuse(p, "unrecognized option '--%.*s' (%s%s%ssee --help)",
	    (int)near.len, word, meant != NULL ? "the nearest is --" : "",
	    meant != NULL ? meant : "", meant != NULL ? "; " : "");
}

/*
 * optopt is the letter; or the value of a name's entry, beyond the letters; 0:
 * there is no such name. Only then is word never NULL.
 */
int
refuse_option(const struct parse *p, int ch, const char *word)
{
	int	other;

	if (!p->dialect->own_getopt)
		return p->dialect->bad_option == NULL ? refuse_with_usage(p) :
		    refuse(p, "%s", p->dialect->bad_option);
	if (optopt == 0)
		return refuse_name(p, word + strspn(word, "-"));
	if (optopt > 0 && optopt <= UCHAR_MAX) {
		if (ch == ':')
			return refuse(p, "option requires an argument -- '%c' "
			    "(see --help)", optopt);
		other = islower(optopt) ? toupper(optopt) : tolower(optopt);
		return refuse(p, row_of_letter(p->dialect->table, other) ==
		    NULL ? "invalid option -- '%c' (see --help)" :
		    "invalid option -- '%c' (the nearest is -%c; see --help)",
		    optopt, other);
	}
	return refuse(p, ch == ':' ? "option '%.*s' requires an argument "
	    "(see --help)" : "option '%.*s' takes no argument (see --help)",
	    (int)strcspn(word, "="), word);
}
