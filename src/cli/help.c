#include <stdio.h>
#include <string.h>

#include "cli/help.h"

/*
 * The help of the copied tools, from the tables, in the shape that scripts look
 * for: where the tool prints it, and with every letter on a separate line.
 */

/*
 * "<tab>-x arg<tab>text". The long name follows, for scripts look for the
 * letter at the beginning.
 */
static void
help_classic_row(FILE *f, const struct option_row *row,
    const struct help_shape *shape)
{
	int	n;

	if (row->flags & OPT_HIDDEN)
		return;
	fputs(shape->gap, f);
	n = fprintf(f, "-%c", row->letter);
	if (*row->arg != '\0')
		n += fprintf(f, row->flags & OPT_MAYBE ? "[=%s]" : " %s",
		    row->arg);
	do
		fputc('\t', f);
	while ((n = n / 8 * 8 + 8) < shape->column);
	fputs(row->help, f);
	if (row_has_name(row))
		fprintf(f, " (--%s)", row->name);
	fputc('\n', f);
}

/* Prints the options that have a letter, as the copied tools do. */
void
help_classic_rows(FILE *f, const struct option_table *t,
    const struct help_shape *shape)
{
	const struct option_row	*row = NULL;

	while ((row = next_letter(t, row)) != NULL)
		help_classic_row(f, row, shape);
}

const char *
help_left(const struct option_row *row, char buf[HELP_LEFT_MAX])
{
	char	letter[3] = { '-', row->letter, '\0' };
	bool	named = row_has_name(row), takes = *row->arg != '\0';
	bool	maybe = row->flags & OPT_MAYBE;

	snprintf(buf, HELP_LEFT_MAX, "%s%s%s%s%s%s%s",
	    row->letter == 0 ? "    " : letter,
	    row->letter != 0 && named ? ", " : "",
	    named ? "--" : "", named ? row->name : "",
	    maybe ? "[=<" : takes ? " <" : "", takes ? row->arg : "",
	    maybe ? ">]" : takes ? ">" : "");
	return buf;
}

/* "  -x, --name <arg>          text" */
void
help_wide_rows(const struct option_table *t)
{
	char	left[HELP_LEFT_MAX];

	for (size_t i = 0; i < t->n; i++)
		if (!(t->rows[i].flags & OPT_HIDDEN))
			printf("  %-28s %s\n", help_left(&t->rows[i], left),
			    t->rows[i].help);
}

/*
 * Adds a word to a line that ends before the 80th column. If the word does not
 * fit, a new line begins with the indentation.
 */
static void
help_put_word(FILE *f, size_t *col, const char *indent, const char *word)
{
	size_t	width = *indent == '\t' ? 8 + strlen(indent) - 1 :
		    strlen(indent);

	if (*col + 1 + strlen(word) > 79) {
		fprintf(f, "\n%s", indent);
		*col = width;
	}
	*col += (size_t)fprintf(f, " %s", word);
}

/* The letters in a cluster; then the letters with arguments. */
void
usage_lines(FILE *f, const struct option_table *t)
{
	const struct option_row	*row = NULL;
	char	cluster[64] = "[-", word[64];
	size_t	n = 2, col = (size_t)fprintf(f, "usage: nc");

	while ((row = next_letter(t, row)) != NULL)
		if (*row->arg == '\0' && n < sizeof(cluster) - 2)
			cluster[n++] = row->letter;
	memcpy(cluster + n, "]", 2);
	help_put_word(f, &col, "\t ", cluster);
	while ((row = next_letter(t, row)) != NULL) {
		if (*row->arg == '\0')
			continue;
		snprintf(word, sizeof(word), "[-%c %s]", row->letter,
		    row->arg);
		help_put_word(f, &col, "\t ", word);
	}
	help_put_word(f, &col, "\t ", "[destination]");
	help_put_word(f, &col, "\t ", "[port]");
	fputc('\n', f);
}
