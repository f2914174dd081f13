#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "plan/option.h"
#include "plan/voice.h"

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
	if (p->words != NULL && p->plan->voice->begin != NULL)
		p->plan->voice->begin(p->plan);
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
written(const struct parse *p, char buf[OPTION_TEXT_MAX])
{
	return option_text(p->row, p->by_letter, buf);
}

static const char *
noun(const struct parse *p)
{
	return p->row->noun != NULL ? p->row->noun : "value";
}

int
bad_value_native(const struct parse *p, const char *why, const char *word)
{
	char	buf[OPTION_TEXT_MAX];

	return refuse(p, "%s: %s %s: %s", written(p, buf), noun(p), why, word);
}

int
bad_value_openbsd(const struct parse *p, const char *why, const char *word)
{
	if (p->row->flags & OPT_IS)
		return refuse(p, "%s is %s", noun(p), why);
	return refuse(p, "%s %s: %s", noun(p), why, word);
}

int
bad_value_traditional(const struct parse *p, const char *why,
    const char *word)
{
	(void)why;
	return refuse(p, "invalid %s %s", noun(p), word);
}

int
bad_value_ncat(const struct parse *p, const char *why, const char *word)
{
	(void)why;
	return refuse(p, "Invalid %s \"%s\" (must be greater than 0 and less "
	    "than 2147483s).", noun(p), word);
}

/* getopt_long's line is all that a slip of the finger deserves. */
int
bad_option_native(const struct parse *p)
{
	return p->who->usage_status;
}

int
bad_option_openbsd(const struct parse *p)
{
	return usage(p);
}

int
bad_option_traditional(const struct parse *p)
{
	return refuse(p, "nc -h for help");
}

int
bad_option_ncat(const struct parse *p)
{
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
add_word(FILE *f, char *line, size_t size, const char *word)
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
	add_word(f, line, sizeof(line), cluster);
	while ((row = next_letter(t, row)) != NULL) {
		if (row->arg == NULL)
			continue;
		snprintf(word, sizeof(word), "[-%c %s]", row->letter,
		    row->arg);
		add_word(f, line, sizeof(line), word);
	}
	add_word(f, line, sizeof(line), "[destination]");
	add_word(f, line, sizeof(line), "[port]");
	fprintf(f, "%s\n", line);
}

int
usage(const struct parse *p)
{
	usage_lines(stderr, p->who->table);
	return p->who->usage_status;
}
