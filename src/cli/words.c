#include <ctype.h>
#include <getopt.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "cli/option.h"
#include "message/messages.h"

/*
 * What is said about a command line that is wrong.
 */

/* One line in the personality's way; its exit status for usage. */
int
refuse(const struct parse *p, const char *fmt, ...)
{
	char	text[512];
	va_list	ap;

	/* Said before anything that is found out behind the options. */
	if (p->words != NULL && p->plan->messages->begin != NULL)
		p->plan->messages->begin(p->plan);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (p->who->bare)
		diag_plain("%s%s", text, p->who->tail);
	else
		diag_warnx("%s%s", text, p->who->tail);
	return p->who->usage_status;
}

/* The option that is being applied, as the user wrote it. */
static const char *
words_written(const struct parse *p, char buf[OPTION_TEXT_MAX])
{
	return option_text(p->row, p->by_letter, buf);
}

static const char *
words_noun(const struct parse *p)
{
	return p->row->noun != NULL ? p->row->noun : "value";
}

int
bad_value_native(const struct parse *p, const char *why, const char *word)
{
	char	buf[OPTION_TEXT_MAX];
	bool	times = p->row->act == ACT_WAIT || p->row->act == ACT_QUIT ||
		    p->row->act == ACT_INTERVAL ||
		    (p->row->arg != NULL && strcmp(p->row->arg, "time") == 0);

	return refuse(p, "%s: %s %s: %s%s", words_written(p, buf),
	    words_noun(p), why, word, times &&
	    (strcmp(why, "invalid") == 0 || strcmp(why, "empty") == 0) ?
	    TIME_FORMS : "");
}

int
bad_value_openbsd(const struct parse *p, const char *why, const char *word)
{
	if (p->row->flags & OPT_IS)
		return refuse(p, "%s is %s", words_noun(p), why);
	return refuse(p, "%s %s: %s", words_noun(p), why, word);
}

int
bad_value_traditional(const struct parse *p, const char *why,
    const char *word)
{
	(void)why;
	return refuse(p, "invalid %s %s", words_noun(p), word);
}

int
bad_value_ncat(const struct parse *p, const char *why, const char *word)
{
	(void)why;
	return refuse(p, "Invalid %s \"%s\" (must be greater than 0 and less "
	    "than 2147483s).", words_noun(p), word);
}

/* ---- Options that getopt_long(3) does not take -------------------------- */

/* The names that begin so, or that are as they should be; how many. */
static unsigned
words_bad_option_names(const struct parse *p, const char *name, size_t len,
    struct nearest *near, char *list, size_t size)
{
	const struct option_table	*t = p->who->table;
	unsigned			 n = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!row_has_name(row) || (row->flags & OPT_HIDDEN))
			continue;
		nearest_try(near, row->name, row->name);
		if (len == 0 || strncmp(row->name, name, len) != 0)
			continue;
		strlcat(list, n++ > 0 ? ", --" : "--", size);
		strlcat(list, row->name, size);
	}
	return n;
}

/* Not known, or one of several; word is behind the two hyphens. */
static int
words_bad_option_name(const struct parse *p, const char *word)
{
	size_t		len = strcspn(word, "=");
	struct nearest	near = { .word = word, .len = len };
	char		list[400] = "";

	if (words_bad_option_names(p, word, len, &near, list, sizeof(list)) > 1)
		return refuse(p, "option '--%.*s' is ambiguous (%s)", (int)len,
		    word, list);
	if (nearest_name(&near) != NULL)
		return refuse(p, "unrecognized option '--%.*s' (the nearest "
		    "is --%s; see --help)", (int)len, word,
		    nearest_name(&near));
	return refuse(p, "unrecognized option '--%.*s' (see --help)",
	    (int)len, word);
}

static int
words_bad_option_letter(const struct parse *p, int letter)
{
	int	other = islower(letter) ? toupper(letter) : tolower(letter);

	if (row_of_letter(p->who->table, other) != NULL)
		return refuse(p, "invalid option -- '%c' (the nearest is -%c; "
		    "see --help)", letter, other);
	return refuse(p, "invalid option -- '%c' (see --help)", letter);
}

/*
 * optopt is the letter, or, of a name, where its row stands; 0: there is no
 * such name. Only then word is sure to be there.
 */
int
bad_option_native(const struct parse *p, int ch, const char *word)
{
	if (optopt > 0 && optopt <= UCHAR_MAX) {
		if (ch != ':')
			return words_bad_option_letter(p, optopt);
		return refuse(p, "option requires an argument -- '%c' (see "
		    "--help)", optopt);
	}
	if (optopt == 0)
		return words_bad_option_name(p, word + strspn(word, "-"));
	return refuse(p, ch == ':' ? "option '%.*s' requires an argument "
	    "(see --help)" : "option '%.*s' takes no argument (see --help)",
	    (int)strcspn(word, "="), word);
}

int
bad_option_openbsd(const struct parse *p, int ch, const char *word)
{
	(void)ch, (void)word;
	return usage(p);
}

int
bad_option_traditional(const struct parse *p, int ch, const char *word)
{
	(void)ch, (void)word;
	return refuse(p, "nc -h for help");
}

int
bad_option_ncat(const struct parse *p, int ch, const char *word)
{
	(void)ch, (void)word;
	return refuse(p, "Try `--help' or man(1) ncat for more information, "
	    "usage options and help.");
}

int
refuse_later(const struct parse *p)
{
	char	buf[OPTION_TEXT_MAX];

	return refuse(p, "%s is not built in yet%s",
	    option_text(p->later, p->later_by_letter, buf),
	    *p->who->tail != '\0' ? "." : "");
}

/*
 * Add a word to a line that is kept within 80 columns; a full one is put
 * out.
 */
static void
words_add_word(FILE *f, char *line, size_t size, const char *word)
{
	size_t	tab = line[0] == '\t' ? 7 : 0;

	if (tab + strlen(line) + 1 + strlen(word) > 79) {
		fprintf(f, "%s\n", line);
		snprintf(line, size, "\t ");
	}
	strlcat(line, " ", size);
	strlcat(line, word, size);
}

/* The letters in one cluster, those with arguments behind it. */
void
usage_lines(FILE *f, const struct option_table *t)
{
	const struct option_row	*row = NULL;
	char	line[128] = "usage: nc", cluster[64] = "[-", word[64];
	size_t	n = 2;

	while ((row = next_letter(t, row)) != NULL)
		if (row->arg == NULL && n < sizeof(cluster) - 2)
			cluster[n++] = row->letter;
	memcpy(cluster + n, "]", 2);
	words_add_word(f, line, sizeof(line), cluster);
	while ((row = next_letter(t, row)) != NULL) {
		if (row->arg == NULL)
			continue;
		snprintf(word, sizeof(word), "[-%c %s]", row->letter,
		    row->arg);
		words_add_word(f, line, sizeof(line), word);
	}
	words_add_word(f, line, sizeof(line), "[destination]");
	words_add_word(f, line, sizeof(line), "[port]");
	fprintf(f, "%s\n", line);
}

int
usage(const struct parse *p)
{
	usage_lines(stderr, p->who->table);
	return p->who->usage_status;
}
