#include <stdio.h>
#include <string.h>

#include "plan/option.h"

/*
 * Help from the tables, in the shape that scripts look for: where the copied
 * tool prints it, and with every letter on a line of its own.
 */

/*
 * "<tab>-x arg<tab>text". The long name stands behind, for scripts look for
 * the letter at the beginning.
 */
static void
classic_row(FILE *f, const struct option_row *row, const char *gap)
{
	const char	*arg = row->arg != NULL ? row->arg : "";
	const char	*space = row->arg != NULL ? " " : "";

	if (row->flags & OPT_HIDDEN)
		return;
	if (row->letter == 0) {
		if (!row_is_later(row))
			fprintf(f, "%s--%s%s%s\t%s\n", gap, row->name,
			    space, arg, row->help);
		return;
	}
	fprintf(f, "%s-%c%s%s\t%s", gap, row->letter, space, arg, row->help);
	if (row_has_name(row))
		fprintf(f, " (--%s)", row->name);
	fprintf(f, "%s\n", row_is_later(row) ? " (not built in yet)" : "");
}

/* The letters first, then the names that have none. */
static void
classic_rows(FILE *f, const struct option_table *t, const char *gap)
{
	const struct option_row	*row = NULL;

	while ((row = next_letter(t, row)) != NULL)
		classic_row(f, row, gap);
	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].letter == 0)
			classic_row(f, &t->rows[i], gap);
}

/* "  -x, --name <arg>          text" */
static void
wide_row(FILE *f, const struct option_row *row)
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
put_word(FILE *f, size_t *col, const char *word)
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
later_names(FILE *f, const struct option_table *t, bool letters)
{
	size_t	col = 80;
	char	buf[OPTION_TEXT_MAX];

	fputs("\nNot built in yet:", f);
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!row_is_later(row) || (row->letter != 0 && !letters))
			continue;
		if (row->letter != 0)
			put_word(f, &col, option_text(row, true, buf));
		if (row_has_name(row))
			put_word(f, &col, option_text(row, false, buf));
	}
	fputc('\n', f);
}

static void
help_native(FILE *f, const struct option_table *t)
{
	fputs("usage: sockcat [options] host port [port ...]\n"
	    "       sockcat -l [options] [address] port\n"
	    "       sockcat -U [-l] [options] path\n"
	    "       sockcat [--chat host [port]]\n\n"
	    "A time is a number of seconds, or has a unit: 500ms 5s 2m 1h.\n"
	    "A port is a number, a service or a range: 80 http 20-25.\n\n", f);
	for (size_t i = 0; i < t->n; i++)
		if (!row_is_later(&t->rows[i]))
			wide_row(f, &t->rows[i]);
	later_names(f, t, true);
}

static void
help_openbsd(FILE *f, const struct plan *plan, const struct option_table *t)
{
	fprintf(f, "sockcat %s, in the manner of OpenBSD netcat (Debian)\n"
	    "usage: %s [options] [destination] [port ...]\n",
	    plan_version_text(), plan->progname);
	classic_rows(f, t, "\t\t");
	fputs("\tA port is a number, a service or a range: lo-hi\n", f);
	later_names(f, t, false);
}

static void
help_traditional(FILE *f, const struct option_table *t)
{
	fprintf(f, "[sockcat %s, in the manner of v1.10]\n"
	    "connect to somewhere:\tnc [-options] hostname port[s] "
	    "[ports] ...\n"
	    "listen for inbound:\tnc -l -p port [-options] [hostname] "
	    "[port]\noptions:\n", plan_version_text());
	classic_rows(f, t, "\t");
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
		wide_row(f, &t->rows[i]);
	later_names(f, t, true);
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
		help_openbsd(f = stderr, plan, t);
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
