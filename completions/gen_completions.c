#include <stdio.h>
#include <string.h>

#include "cli/option.h"

/*
 * A program of the build, not of the user: prints what shells complete after
 * sockcat, made from the option table; with --list every option of every
 * personality, and with --categories the categories and their native options,
 * for the tests that compare help, manual and completions.
 */

static bool
gen_completions_offered(const struct option_row *row)
{
	return !(row->flags & OPT_HIDDEN) && row->act != ACT_LATER;
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
	return row->arg != NULL && !(row->flags & OPT_MAYBE);
}

/* What kind of word an argument is. */
static bool
gen_completions_is_host(const struct option_row *row)
{
	return row->act == ACT_SOURCE;
}

static bool
gen_completions_is_file(const struct option_row *row)
{
	return row->arg != NULL && (strcmp(row->arg, "file") == 0 ||
	    strcmp(row->arg, "file|dir") == 0);
}

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

/* ---- bash -------------------------------------------------------------- */

/* All options, or those that take an argument, in lines of words. */
static void
gen_completions_bash_words(const struct option_table *t, bool with_arg,
    const char *gap)
{
	const char	*sep = "";
	char		 buf[OPTION_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row) ||
		    (with_arg &&
		    (!gen_completions_takes(row) ||
		    gen_completions_is_host(row) ||
		    gen_completions_is_file(row) ||
		    actions[row->act].choices != NULL)))
			continue;
		if (row->letter != 0) {
			printf("%s%s", sep, option_text(row, true, buf));
			sep = gap;
		}
		if (row_has_name(row)) {
			printf("%s%s", sep, option_text(row, false, buf));
			sep = gap;
		}
	}
}

static void
gen_completions_bash_pattern(const struct option_row *row, const char *gap)
{
	char	buf[OPTION_TEXT_MAX];

	if (row->letter != 0)
		printf("%s%s", gap, option_text(row, true, buf));
	if (row->letter != 0 && row_has_name(row))
		gap = "|\\\n\t";
	if (row_has_name(row))
		printf("%s%s", gap, option_text(row, false, buf));
}

static void
gen_completions_bash_files(const struct option_table *t)
{
	const char	*gap = "\t";

	for (size_t i = 0; i < t->n; i++)
		if (gen_completions_offered(&t->rows[i]) &&
		    gen_completions_is_file(&t->rows[i])) {
			gen_completions_bash_pattern(&t->rows[i], gap);
			gap = "|\\\n\t";
		}
	puts(")\n\t\tcompopt -o filenames 2>/dev/null\n\t\tIFS=$'\\n'\n"
	    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n\t\treturn ;;");
}

/* Those that take a word of a few: a case for each. */
static void
gen_completions_bash_choices(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row) ||
		    !gen_completions_takes(row) ||
		    actions[row->act].choices == NULL)
			continue;
		gen_completions_bash_pattern(row, "\t");
		puts(")");
		gen_completions_put_choices(row,
		    "\t\tCOMPREPLY=($(compgen -W '",
		    "' -- \"$cur\"))\n\t\treturn ;;\n");
	}
}

/* A case for each option that excludes others. */
static void
gen_completions_bash_exclusions(const struct option_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!gen_completions_excludes_any(t, &t->rows[i]))
			continue;
		gen_completions_bash_pattern(&t->rows[i], "\t\t");
		fputs(")\n\t\t\tnot+=' ", stdout);
		gen_completions_put_excluded(t, &t->rows[i]);
		puts(" ' ;;");
	}
}

static void
gen_completions_bash(const struct option_table *t)
{
	puts("# bash completion for sockcat, made by gen_completions.\n"
	    "# shellcheck shell=bash disable=SC2207\n"
	    "_sockcat()\n{\n"
	    "\tlocal cur=${COMP_WORDS[COMP_CWORD]}\n"
	    "\tlocal prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	    "\tlocal line=\" ${COMP_WORDS[*]} \"\n"
	    "\tlocal IFS=$' \\n'\n\n"
	    "\tCOMPREPLY=()\n"
	    "\t# Bash cuts --option=word in three.\n"
	    "\tif [[ $cur == '=' ]]; then\n"
	    "\t\tcur=\n"
	    "\telif [[ $prev == '=' ]]; then\n"
	    "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	    "\tfi\n"
	    "\tcase $prev in");
	gen_completions_bash_choices(t);
	gen_completions_bash_files(t);
	puts("\t-s|--source)\n"
	    "\t\tCOMPREPLY=($(compgen -A hostname -- \"$cur\"))\n"
	    "\t\treturn ;;");
	fputs("\t", stdout);
	gen_completions_bash_words(t, true, "|\\\n\t");
	puts(")\n\t\treturn ;;\n\tesac\n"
	    "\tif [[ $cur == -* ]]; then\n"
	    "\t\tlocal word not=' '\n"
	    "\t\tfor word in \"${COMP_WORDS[@]}\"; do\n"
	    "\t\tcase $word in");
	gen_completions_bash_exclusions(t);
	puts("\t\tesac\n\t\tdone\n"
	    "\t\tfor word in $(compgen -W '");
	gen_completions_bash_words(t, false, "\n");
	puts("' -- \"$cur\"); do\n"
	    "\t\t\t[[ $not == *\" $word \"* ]] || COMPREPLY+=(\"$word\")\n"
	    "\t\tdone\n"
	    "\telif [[ $line == *' -U '* || $line == *' --unixsock '* ]]; "
	    "then\n"
	    "\t\tcompopt -o filenames\n"
	    "\t\tIFS=$'\\n'\n"
	    "\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	    "\telse\n"
	    "\t\tCOMPREPLY=($(compgen -A hostname -- \"$cur\"))\n"
	    "\tfi\n}\n"
	    "complete -F _sockcat sockcat");
}

/* ---- zsh --------------------------------------------------------------- */

static void
gen_completions_zsh_option(const struct option_table *t,
    const struct option_row *row, bool letter)
{
	char	buf[OPTION_TEXT_MAX];
	bool	any = gen_completions_excludes_any(t, row);

	fputs(any ? "\t'(" : "\t'", stdout);
	gen_completions_put_excluded(t, row);
	/* -v may stand many times. */
	printf("%s%s%s", any ? ")" : "", row->act == ACT_VERBOSE ? "*" : "",
	    option_text(row, letter, buf));
	if (row->arg != NULL)
		fputs(letter ? "+" : gen_completions_takes(row) ? "=" : "=-",
		    stdout);
	putchar('[');
	gen_completions_put_quoted(row->help, "[]:\\", "'\\''");
	putchar(']');
	if (row->arg != NULL) {
		fputs(gen_completions_takes(row) ? ":" : "::", stdout);
		gen_completions_put_quoted(row->arg, "[]:\\", "'\\''");
		putchar(':');
		if (!gen_completions_put_choices(row, "(", ")") &&
		    gen_completions_is_host(row))
			fputs("_hosts", stdout);
		else if (gen_completions_is_file(row))
			fputs("_files", stdout);
	}
	puts("' \\");
}

static void
gen_completions_zsh(const struct option_table *t)
{
	puts("#compdef sockcat\n"
	    "# zsh completion for sockcat, made by gen_completions.\n\n"
	    "local far=_hosts\n"
	    "(( ${words[(I)(-U|--unixsock)]} )) && far=_files\n\n"
	    "_arguments -s -S \\");
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row))
			continue;
		if (row->letter != 0)
			gen_completions_zsh_option(t, row, true);
		if (row_has_name(row))
			gen_completions_zsh_option(t, row, false);
	}
	puts("\t\"1:host:$far\" \\\n\t'*:port:_ports'");
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
gen_completions_fish(const struct option_table *t)
{
	puts("# fish completion for sockcat, made by gen_completions.\n"
	    "complete -c sockcat -f -n 'not __fish_contains_opt -s U unixsock'"
	    " -a '(__fish_print_hostnames)'\n"
	    "complete -c sockcat -F -n '__fish_contains_opt -s U unixsock'");
	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];

		if (!gen_completions_offered(row))
			continue;
		fputs("complete -c sockcat", stdout);
		if (row->letter != 0)
			printf(" -s %c", row->letter);
		if (row_has_name(row))
			printf(" -l %s", row->name);
		if (gen_completions_excludes_any(t, row)) {
			fputs(" -n 'not __fish_seen_argument", stdout);
			gen_completions_fish_excluded(t, row);
			putchar('\'');
		}
		fputs(" -d '", stdout);
		gen_completions_put_quoted(row->help, "\\", "\\'");
		putchar('\'');
		if (gen_completions_is_host(row))
			fputs(" -x -a '(__fish_print_hostnames)'", stdout);
		else if (gen_completions_is_file(row))
			fputs(" -r -F", stdout);
		else if (!gen_completions_put_choices(row,
		    gen_completions_takes(row) ? " -x -a '" : " -f -a '",
		    "'") && gen_completions_takes(row))
			fputs(" -x", stdout);
		putchar('\n');
	}
}

/* ---- The list ---------------------------------------------------------- */

/* "native -s", "native --source", "native --ssl later" */
static void
gen_completions_list(enum compat compat)
{
	const struct dialect	*who = dialect_of(compat);
	const struct option_table	*t = who->table;
	char				 buf[OPTION_TEXT_MAX];

	for (size_t i = 0; i < t->n; i++) {
		const struct option_row	*row = &t->rows[i];
		const char		*later;

		if (row->flags & OPT_HIDDEN)
			continue;
		later = row->act == ACT_LATER ? " later" : "";
		if (row->letter != 0)
			printf("%s %s%s\n", who->name,
			    option_text(row, true, buf), later);
		if (row_has_name(row))
			printf("%s %s%s\n", who->name,
			    option_text(row, false, buf), later);
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

int
main(int argc, char **argv)
{
	const char	*what = argc == 2 ? argv[1] : "";

	if (strcmp(what, "bash") == 0)
		gen_completions_bash(&table_native);
	else if (strcmp(what, "zsh") == 0)
		gen_completions_zsh(&table_native);
	else if (strcmp(what, "fish") == 0)
		gen_completions_fish(&table_native);
	else if (strcmp(what, "--list") == 0) {
		gen_completions_list(COMPAT_NATIVE);
		gen_completions_list(COMPAT_OPENBSD);
		gen_completions_list(COMPAT_TRADITIONAL);
		gen_completions_list(COMPAT_NCAT);
	} else if (strcmp(what, "--categories") == 0)
		gen_completions_categories(&table_native);
	else {
		fputs("usage: gen_completions bash|zsh|fish|--list|"
		    "--categories\n", stderr);
		return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
