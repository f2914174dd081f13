#include <stdio.h>
#include <string.h>

#include "cli/subjects.h"

/*
 * A program of the build, not of the user: prints what shells complete after
 * sockcat, made from the option table; with --list every option of every
 * personality, and with --categories the categories and their native options,
 * for the tests that compare help, manual and completions.
 */

static bool
gen_completions_offered(const struct option_row *row)
{
	return !(row->flags & OPT_HIDDEN);
}

/* Text between single quotes, with a backslash before some characters. */
static void
gen_completions_put_quoted(const char *text, const char *specials,
    const char *quote)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs(quote, stdout);
		else if (strchr(specials, *text) != NULL)
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* The next word is the option's, and not only what follows its "=". */
static bool
gen_completions_takes(const struct option_row *row)
{
	return *row->arg != '\0' && !(row->flags & OPT_MAYBE);
}

/* The kinds of values: in bash, an action of zsh, and arguments of fish. */
static const struct {
	const char	*name, *zsh, *fish;
} kinds[VALUE_COUNT] = {
	[VALUE_ANY] = { "any", "", " -x" },
	[VALUE_FILE] = { "file", "_files", " -r -F" },
	[VALUE_PROGRAM] = { "program", "_command_names -e",
	    " -x -a '(__fish_complete_subcommand)'" },
	[VALUE_HOST] = { "host", "_sockcat_hosts",
	    " -x -a '(__fish_print_hostnames)'" },
	[VALUE_PORT] = { "port", "_ports", " -x -a '(__sockcat_services)'" },
	[VALUE_INTERFACE] = { "interface", "_net_interfaces",
	    " -x -a '(__fish_print_interfaces)'" },
	[VALUE_PROTOCOL] = { "protocol", "_sockcat_protocols",
	    " -x -a '(__sockcat_protocols)'" },
	[VALUE_SOCKOPT] = { "sockopt", "_sockcat_sockopts",
	    " -x -a '(__sockcat_sockopts)'" },
	[VALUE_TOPIC] = { "topic", "", "" }
};

/* The words that an argument may be, NULL: any; with blanks between them. */
static bool
gen_completions_put_choices(const struct option_row *row, const char *before,
    const char *after)
{
	const char	*const *w = actions[row->act].choices;

	if (w == NULL)
		return false;
	for (; *w != NULL; w++, before = " ")
		printf("%s%s", before, *w);
	fputs(after, stdout);
	return true;
}

/* Once the option was given, the other one is not offered. */
static bool
gen_completions_excludes(const struct option_row *row,
    const struct option_row *other)
{
	return gen_completions_offered(row) &&
	    gen_completions_offered(other) &&
	    rules_exclude(row->act, other->act);
}

/* Prints the names of all options that this one excludes. */
static void
gen_completions_put_excluded(const struct option_table *t,
    const struct option_row *row)
{
	const char	*gap = "";
	char		 buf[OPTION_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*other = &t->rows[i];

		if (!gen_completions_excludes(row, other))
			continue;
		if (other->letter != 0)
			printf("%s%s", gap, option_text(other, true, buf));
		if (other->letter != 0 && row_has_name(other))
			gap = " ";
		if (row_has_name(other))
			printf("%s%s", gap, option_text(other, false, buf));
		gap = " ";
	}
}

static bool
gen_completions_excludes_any(const struct option_table *t,
    const struct option_row *row)
{
	for (size_t i = 0; i < t->n; i++)
		if (gen_completions_excludes(row, &t->rows[i]))
			return true;
	return false;
}

static void
gen_completions_categories_put(void)
{
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		printf("%s%s", c == 1 ? "" : " ", categories[c].name);
}

/* ---- bash -------------------------------------------------------------- */

static void
gen_completions_bash_options(const struct option_table *t)
{
	const char	*gap = "";
	char		 buf[OPTION_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row))
			continue;
		if (row->letter != 0) {
			printf("%s%s", gap, option_text(row, true, buf));
			gap = "\n";
		}
		if (row_has_name(row)) {
			printf("%s%s", gap, option_text(row, false, buf));
			gap = "\n";
		}
	}
}

/* "-x|--name", with "=" after a name whose value is optional. */
static void
gen_completions_bash_pattern(const struct option_row *row, const char *gap)
{
	char	buf[OPTION_TEXT_MAX];

	fputs(gap, stdout);
	if (row->letter != 0)
		fputs(option_text(row, true, buf), stdout);
	if (row->letter != 0 && row_has_name(row))
		fputs("|\\\n\t", stdout);
	if (row_has_name(row))
		fputs(option_text(row, false, buf), stdout);
	if (row->flags & OPT_MAYBE)
		putchar('=');
	else if (*row->arg != '\0' && row_has_name(row))
		printf("|\\\n\t%s=", option_text(row, false, buf));
}

/* "-f|--log) kind=file ;;" */
static void
gen_completions_bash_kind(const struct option_table *t, enum value_kind kind)
{
	const char	*gap = "\t";

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row) ||
		    actions[row->act].takes != kind ||
		    actions[row->act].choices != NULL ||
		    (*row->arg == '\0' && kind != VALUE_TOPIC))
			continue;
		gen_completions_bash_pattern(row, gap);
		gap = "|\\\n\t";
	}
	if (strcmp(gap, "\t") != 0)
		printf(")\n\t\tkind='%s' ;;\n", kinds[kind].name);
}

static void
gen_completions_bash_values(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row) || *row->arg == '\0' ||
		    actions[row->act].choices == NULL)
			continue;
		gen_completions_bash_pattern(row, "\t");
		fputs(")\n", stdout);
		gen_completions_put_choices(row, "\t\tkind=words words='",
		    "' ;;\n");
	}
	for (enum value_kind k = 0; k < VALUE_COUNT; k++)
		gen_completions_bash_kind(t, k);
}

/* A case for each option that excludes others. */
static void
gen_completions_bash_excluded(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		char	buf[OPTION_TEXT_MAX];

		if (!gen_completions_excludes_any(t, &t->rows[i]))
			continue;
		putchar('\t');
		if (t->rows[i].letter != 0)
			fputs(option_text(&t->rows[i], true, buf), stdout);
		if (t->rows[i].letter != 0 && row_has_name(&t->rows[i]))
			putchar('|');
		if (row_has_name(&t->rows[i]))
			fputs(option_text(&t->rows[i], false, buf), stdout);
		fputs(")\n\t\tnot+=' ", stdout);
		gen_completions_put_excluded(t, &t->rows[i]);
		puts(" ' ;;");
	}
}

/* ---- zsh --------------------------------------------------------------- */

/* "optional:name:action": the argument of an option. */
static void
gen_completions_zsh_value(const struct option_row *row)
{
	enum value_kind	kind = actions[row->act].takes;

	if (kind == VALUE_TOPIC) {
		fputs("::topic:(all ", stdout);
		gen_completions_categories_put();
		putchar(')');
	}
	if (*row->arg == '\0')
		return;
	fputs(gen_completions_takes(row) ? ":" : "::", stdout);
	gen_completions_put_quoted(row->arg, "[]:\\", "'\\''");
	putchar(':');
	if (!gen_completions_put_choices(row, "(", ")"))
		fputs(kinds[kind].zsh, stdout);
}

static void
gen_completions_zsh_option(const struct option_table *t,
    const struct option_row *row, bool letter)
{
	char	buf[OPTION_TEXT_MAX];
	bool	any = t == &table_native && gen_completions_excludes_any(t,
		    row);

	fputs(any ? "\t'(" : "\t'", stdout);
	if (any)
		gen_completions_put_excluded(t, row);
	/* -v may stand many times. */
	printf("%s%s%s", any ? ")" : "", row->act == ACT_VERBOSE ? "*" : "",
	    option_text(row, letter, buf));
	if (*row->arg != '\0')
		fputs(letter ? "+" : gen_completions_takes(row) ? "=" : "=-",
		    stdout);
	putchar('[');
	gen_completions_put_quoted(row->help, "[]:\\", "'\\''");
	putchar(']');
	gen_completions_zsh_value(row);
	puts("' \\");
}

static void
gen_completions_zsh(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row))
			continue;
		if (row->letter != 0)
			gen_completions_zsh_option(t, row, true);
		if (row_has_name(row))
			gen_completions_zsh_option(t, row, false);
	}
}

/* ---- fish -------------------------------------------------------------- */

/* "-s 6 -l vsock": what excludes the option, for fish's own functions. */
static void
gen_completions_fish_excluded(const struct option_table *t,
    const struct option_row *row)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*other = &t->rows[i];

		if (!gen_completions_excludes(row, other))
			continue;
		if (other->letter != 0)
			printf(" -s %c", other->letter);
		if (row_has_name(other))
			printf(" -l %s", other->name);
	}
}

static void
gen_completions_fish_row(const struct option_table *t,
    const struct option_row *row)
{
	bool	native = t == &table_native;

	fputs(native ? "complete -c sockcat" : "complete -c ncat", stdout);
	if (row->letter != 0)
		printf(" -s %c", row->letter);
	if (row_has_name(row))
		printf(" -l %s", row->name);
	if (native && gen_completions_excludes_any(t, row)) {
		fputs(" -n 'not __fish_seen_argument", stdout);
		gen_completions_fish_excluded(t, row);
		putchar('\'');
	}
	fputs(" -d '", stdout);
	gen_completions_put_quoted(row->help, "\\", "\\'");
	putchar('\'');
	if (*row->arg != '\0' && !gen_completions_put_choices(row,
	    gen_completions_takes(row) ? " -x -a '" : " -f -a '", "'") &&
	    gen_completions_takes(row))
		fputs(kinds[actions[row->act].takes].fish, stdout);
	putchar('\n');
}

static void
gen_completions_fish(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (gen_completions_offered(&t->rows[i]))
			gen_completions_fish_row(t, &t->rows[i]);
}

/* ---- The list ---------------------------------------------------------- */

/* "native -s", "native --source" */
static void
gen_completions_list(enum compat compat)
{
	const struct dialect	*who = dialects[compat];
	const struct option_table	*t = who->table;
	char				 buf[OPTION_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (row->flags & OPT_HIDDEN)
			continue;
		if (row->letter != 0)
			printf("%s %s\n", who->name,
			    option_text(row, true, buf));
		if (row_has_name(row))
			printf("%s %s\n", who->name,
			    option_text(row, false, buf));
	}
}

/* "tls=Encryption" before "tls --tls-cert", in the order of the help. */
static void
gen_completions_categories(const struct option_table *t)
{
	char	buf[OPTION_TEXT_MAX];

	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		printf("%s=%s\n", categories[c].name, categories[c].title);
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];
		const char		*name =
		    categories[actions[row->act].category].name;

		if (!gen_completions_offered(row))
			continue;
		if (name == NULL)
			name = "none";
		if (row->letter != 0)
			printf("%s %s\n", name, option_text(row, true, buf));
		if (row_has_name(row))
			printf("%s %s\n", name, option_text(row, false, buf));
	}
}

/* ---- Templates ---------------------------------------------------------- */

static void
gen_completions_sockopts(const struct option_table *t)
{
	(void)t;
	for (size_t i = 0; i < sockopt_nrows; i++)
		printf("%s%s", i == 0 ? "" : " ", sockopt_rows[i].name);
}

static void
gen_completions_topics(const struct option_table *t)
{
	(void)t;
	gen_completions_categories_put();
}

typedef void	gen_completions_part(const struct option_table *);

/* The parts that "@@name@@" or "@@name table@@" stand for in each shell. */
static const struct part {
	const char		*shell, *name;
	gen_completions_part	*put;
} parts[] = {
	{ "bash", "options", gen_completions_bash_options },
	{ "bash", "values", gen_completions_bash_values },
	{ "bash", "excluded", gen_completions_bash_excluded },
	{ "zsh", "options", gen_completions_zsh },
	{ "fish", "options", gen_completions_fish },
	{ NULL, "sockopts", gen_completions_sockopts },
	{ NULL, "categories", gen_completions_topics }
};

/* Prints the part; returns the text after its second "@@", or NULL. */
static const char *
gen_completions_put_part(const char *shell, const char *text)
{
	size_t	len = strcspn(text, " @");
	const char	*end = strstr(text, "@@");

	if (end == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strlen(parts[i].name) == len &&
		    strncmp(parts[i].name, text, len) == 0 &&
		    (parts[i].shell == NULL ||
		    strcmp(parts[i].shell, shell) == 0)) {
			parts[i].put(strncmp(text + len, " ncat", 5) == 0 ?
			    &table_ncat : &table_native);
			return end + 2;
		}
	return NULL;
}

/* Copies the template from standard input, with its parts. */
static bool
gen_completions_fill(const char *shell)
{
	char	line[512];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		const char	*text = line, *part;

		for (; (part = strstr(text, "@@")) != NULL; text = part) {
			printf("%.*s", (int)(part - text), text);
			part = gen_completions_put_part(shell, part + 2);
			if (part == NULL)
				return false;
			/* Lines of options end by themselves. */
			if (text == line && strcmp(part, "\n") == 0 &&
			    line[0] == '@')
				part++;
		}
		fputs(text, stdout);
	}
	return true;
}

int
main(int argc, char **argv)
{
	const char	*what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "--list") == 0) {
		gen_completions_list(COMPAT_NATIVE);
		gen_completions_list(COMPAT_OPENBSD);
		gen_completions_list(COMPAT_TRADITIONAL);
		gen_completions_list(COMPAT_NCAT);
	} else if (strcmp(what, "--categories") == 0)
		gen_completions_categories(&table_native);
	else if (*what == '\0' || !gen_completions_fill(what)) {
		fputs("usage: gen_completions --list | --categories |\n"
		    "    bash|zsh|fish < template\n", stderr);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
