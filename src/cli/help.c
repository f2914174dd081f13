#include <stdio.h>
#include <string.h>

#include "cli/option.h"

/*
 * Help from the tables, in the shape that scripts look for: where the copied
 * tool prints it, and with every letter on a line of its own.
 */

/* Where the rows of a copied tool begin, and where their texts do. */
struct shape {
	const char	*gap;
	int		 column;	/* behind the gap */
};

/*
 * "<tab>-x arg<tab>text". The long name stands behind, for scripts look for
 * the letter at the beginning.
 */
static void
help_classic_row(FILE *f, const struct option_row *row,
    const struct shape *shape)
{
	int	n;

	if ((row->flags & OPT_HIDDEN) ||
	    (row->letter == 0 && row_is_later(row)))
		return;
	fputs(shape->gap, f);
	n = row->letter == 0 ? fprintf(f, "--%s", row->name) :
	    fprintf(f, "-%c", row->letter);
	if (row->arg != NULL)
		n += fprintf(f, " %s", row->arg);
	do
		fputc('\t', f);
	while ((n = n / 8 * 8 + 8) < shape->column);
	fputs(row->help, f);
	if (row->letter != 0 && row_has_name(row))
		fprintf(f, " (--%s)", row->name);
	fprintf(f, "%s\n", row_is_later(row) ? " (not built in yet)" : "");
}

/* The letters first, then the names that have none. */
static void
help_classic_rows(FILE *f, const struct option_table *t,
    const struct shape *shape)
{
	const struct option_row	*row = NULL;

	while ((row = next_letter(t, row)) != NULL)
		help_classic_row(f, row, shape);
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].letter == 0)
			help_classic_row(f, &t->rows[i], shape);
}

/* "  -x, --name <arg>          text" */
static void
help_wide_row(FILE *f, const struct option_row *row)
{
	char	left[64];
	int	n;

	if (row->flags & OPT_HIDDEN)
		return;
	if (row->letter != 0)
		n = snprintf(left, sizeof(left), "-%c%s", row->letter,
		    row_has_name(row) ? ", " : "");
	else
		n = snprintf(left, sizeof(left), "    ");
	if (row_has_name(row))
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s",
		    row->name);
	if (row->arg != NULL)
		snprintf(left + n, sizeof(left) - (size_t)n, " <%s>",
		    row->arg);
	fprintf(f, "  %-28s %s\n", left, row->help);
}

/* A word of a paragraph that is kept within 80 columns. */
static void
help_put_word(FILE *f, size_t *col, const char *word)
{
	if (*col + 1 + strlen(word) > 78) {
		fputs("\n ", f);
		*col = 1;
	}
	fprintf(f, " %s", word);
	*col += 1 + strlen(word);
}

/* The names of what is still to come. */
static void
help_later_names(FILE *f, const struct option_table *t, bool letters)
{
	size_t	col = 80;
	char	buf[OPTION_TEXT_MAX];

	fputs("\nNot built in yet:", f);
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!row_is_later(row) || (row->letter != 0 && !letters))
			continue;
		if (row->letter != 0)
			help_put_word(f, &col, option_text(row, true, buf));
		if (row_has_name(row))
			help_put_word(f, &col, option_text(row, false, buf));
	}
	fputc('\n', f);
}

static const char	usage_native[] =
	"usage: sockcat [options] host port [port ...]\n"
	"       sockcat -l [options] [address] port\n"
	"       sockcat -U [-l] [options] path\n"
	"       sockcat [--chat host [port]]\n";

static void
help_native(FILE *f, const struct option_table *t)
{
	fputs(usage_native, f);
	fputs("\n"
	    "A time is a number of seconds, or has a unit: 500ms 5s 2m 1h.\n"
	    "A port is a number, a service or a range: 80 http 20-25.\n\n", f);
	for (size_t i = 0; i < t->n; i++)
		if (!row_is_later(&t->rows[i]))
			help_wide_row(f, &t->rows[i]);
	help_later_names(f, t, true);
}

/* Scripts tell the netcats apart by the words of the first line. */
static void
help_openbsd(FILE *f, const struct option_table *t)
{
	static const struct shape	shape = { "\t\t", 16 };

	fprintf(f, "OpenBSD netcat (Debian patchlevel 1.219-1), "
	    "as spoken by sockcat %s\n", plan_version_text());
	usage_lines(f, t);
	fputs("\tCommand Summary:\n", f);
	help_classic_rows(f, t, &shape);
	fputs("\tA port is a number, a service or one of the ranges: lo-hi\n",
	    f);
	help_later_names(f, t, false);
}

static void
help_traditional(FILE *f, const struct option_table *t)
{
	static const struct shape	shape = { "\t", 24 };

	fprintf(f, "[v1.10-47, as spoken by sockcat %s]\n"
	    "connect to somewhere:\tnc [-options] hostname port[s] "
	    "[ports] ...\n"
	    "listen for inbound:\tnc -l -p port [-options] [hostname] "
	    "[port]\noptions:\n", plan_version_text());
	help_classic_rows(f, t, &shape);
	fputs("A port is a number, a service or a range: lo-hi. Write \\- "
	    "for a hyphen\nin the name of a service.\n", f);
}

static void
help_ncat(FILE *f, const struct option_table *t)
{
	fprintf(f, "sockcat %s, in the manner of Ncat 7.93\n"
	    "Usage: ncat [options] [hostname] [port]\n\n"
	    "A time is a number of seconds, or has a unit: 500ms 5s 2m 1h.\n",
	    plan_version_text());
	for (size_t i = 0; i < t->n; i++)
		help_wide_row(f, &t->rows[i]);
	help_later_names(f, t, true);
}

int
plan_help(const struct plan *plan)
{
	const struct option_table	*t;
	FILE				*f = stdout;

	if (plan->list_sockopts) {
		sockopt_list();
		return fflush(stdout) == 0 ? 0 : 1;
	}
	t = personality_of(plan->compat)->table;
	switch (plan->compat) {
	case COMPAT_NATIVE:
		help_native(f, t);
		break;
	case COMPAT_OPENBSD:
		help_openbsd(f = stderr, t);
		break;
	case COMPAT_TRADITIONAL:
		help_traditional(f = stderr, t);
		break;
	case COMPAT_NCAT:
		help_ncat(f, t);
		break;
	}
	return fflush(f) == 0 ? 0 : 1;
}

int
plan_usage(const struct plan *plan)
{
	fputs(usage_native, stderr);
	return personality_of(plan->compat)->usage_status;
}
