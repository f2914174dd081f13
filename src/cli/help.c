#include <sys/ioctl.h>
#include <sys/param.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/subjects.h"

/*
 * The help, from the tables. That of the copied tools has the shape that
 * scripts look for: where the tool prints it, and with every letter on a
 * separate line. That of sockcat is one screen of common options, a category
 * of options, all categories, or a single option, in lines as wide as the
 * terminal.
 */

/* ---- The copied tools --------------------------------------------------- */

void
help_classic_rows(FILE *f, const struct option_table *t, const char *gap,
    int column)
{
	const struct option_row	*row = NULL;
	int			 n;

	while ((row = next_letter(t, row)) != NULL) {
		if (row->flags & OPT_HIDDEN)
			continue;
		fputs(gap, f);
		n = fprintf(f, "-%c", row->letter);
		if (*row->arg != '\0')
			n += fprintf(f, row->flags & OPT_MAYBE ? "[=%s]" :
			    " %s", row->arg);
		do
			fputc('\t', f);
		while ((n = n / 8 * 8 + 8) < column);
		fputs(row->help, f);
		/* Scripts look for the letter at the beginning. */
		if (row_has_name(row))
			fprintf(f, " (--%s)", row->name);
		fputc('\n', f);
	}
}

/* "-x, --name <arg>" */
#define HELP_LEFT_MAX	64

static const char *
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

/* ---- Lines of the native help ------------------------------------------- */

/* The width of output to a file or a pipe, and the largest width used. */
#define HELP_WIDTH	80
/* With fewer columns, the text of an option stands below the option. */
#define HELP_NARROW	60

const struct category_row	categories[CATEGORY_COUNT] = {
	[CATEGORY_CONNECT] = { "connect", "Connecting" },
	[CATEGORY_LISTEN] = { "listen", "Listening" },
	[CATEGORY_CHAT] = { "chat", "Chatting" },
	[CATEGORY_TRANSFER] = { "transfer", "Transferring data" },
	[CATEGORY_EXEC] = { "exec", "Running commands" },
	[CATEGORY_PROXY] = { "proxy", "Proxies" },
	[CATEGORY_TLS] = { "tls", "Encryption" },
	[CATEGORY_DATAGRAM] = { "datagram", "Datagrams and multicast" },
	[CATEGORY_SCAN] = { "scan", "Scanning" },
	[CATEGORY_TIMING] = { "timing", "Time limits and pauses" },
	[CATEGORY_SERVICE] = { "service", "Scripts and services" },
	[CATEGORY_DEBUG] = { "debug", "Diagnosis and help" },
	[CATEGORY_PERSONALITY] = { "personality", "Personalities" }
};

static const char *const	help_synopsis[] = {
	"sockcat [options] host port [port ...]",
	"sockcat -l [options] [address] port",
	"sockcat -U [-l] [options] path",
	"sockcat [--chat host [port]]", NULL
};

static size_t
help_width(void)
{
	struct winsize	ws;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 ?
	    MIN(ws.ws_col, HELP_WIDTH) : HELP_WIDTH;
}

/*
 * Prints words from this column on, in lines that end before the last column;
 * further lines begin with the indentation.
 */
static void
help_fold(FILE *f, size_t col, size_t indent, const char *text)
{
	size_t		 len, width = help_width();
	const char	*gap = "";

	for (; *(text += strspn(text, " ")) != '\0'; text += len, gap = " ") {
		/* Words in parentheses stay together if they fit in a line. */
		len = *text == '(' ? strcspn(text, ")") : 0;
		len += strcspn(text + len, " ");
		if (len + indent + 1 > width)
			len = strcspn(text, " ");
		if (col > indent && col + strlen(gap) + len >= width) {
			fprintf(f, "\n%*s", (int)indent, "");
			col = indent;
			gap = "";
		}
		fprintf(f, "%s%.*s", gap, (int)len, text);
		col += strlen(gap) + len;
	}
	fputc('\n', f);
}

/* The term stands in a column of its own if there is room. */
static void
help_entry(const char *term, size_t indent, const char *text)
{
	size_t	col = strlen(term) + 2;
	size_t	pad = col + 1 < indent ? indent - col : 1;

	printf("  %s", term);
	if (help_width() < HELP_NARROW) {
		col = indent = 6;
		printf("\n%*s", (int)indent, "");
	} else {
		col += pad;
		printf("%*s", (int)pad, "");
	}
	help_fold(stdout, col, indent, text);
}

#define HELP_LIST_MAX	1024

/* "  -x, --name <arg>          text (with -l)" */
static void
help_native_row(const struct option_row *row)
{
	char		 buf[HELP_LEFT_MAX], needs[64], text[160];
	const char	*left = help_left(row, buf);

	snprintf(text, sizeof(text), "%s", row->help);
	if (rules_needs_text(&table_native, actions[row->act].needs,
	    row->letter == 0, needs, sizeof(needs)) &&
	    strstr(row->help, needs) == NULL)
		snprintf(text, sizeof(text), "%s (with %s)", row->help, needs);
	if (help_width() < HELP_NARROW)
		left += strspn(left, " ");
	help_entry(left, 31, text);
}

static bool
help_is_shown(const struct option_row *row)
{
	return !(row->flags & OPT_HIDDEN);
}

static bool
help_is_in(const struct option_row *row, enum category category)
{
	const struct action	*a = &actions[row->act];

	return help_is_shown(row) && (a->category == category ||
	    (a->also & 1u << category));
}

/* The options of this category (own), or of others that belong to it, too. */
static void
help_rows(enum category category, bool own)
{
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*row = &table_native.rows[i];

		if (help_is_in(row, category) &&
		    (actions[row->act].category == category) == own)
			help_native_row(row);
	}
}

static void
help_put_title(enum category c)
{
	printf("%s (%s):\n", categories[c].title, categories[c].name);
}

/* ---- Texts -------------------------------------------------------------- */

static void
help_put_synopsis(FILE *f)
{
	for (const char *const *line = help_synopsis; *line != NULL; line++) {
		fputs(line == help_synopsis ? "usage: " : "       ", f);
		help_fold(f, 7, 7, *line);
	}
}

/* Other names of a common option are left out. */
static void
help_screen(void)
{
	char		text[HELP_LIST_MAX] = "More: --help all, --help "
			    "--option, --help CATEGORY. Categories:";
	enum act	last = ACT_NONE;

	help_put_synopsis(stdout);
	putchar('\n');
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*row = &table_native.rows[i];

		if (help_is_in(row, CATEGORY_COMMON) && row->act != last) {
			help_native_row(row);
			last = row->act;
		}
	}
	putchar('\n');
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		words_add(text, sizeof(text), " ", categories[c].name);
	help_fold(stdout, 0, 0, text);
}

static void
help_all(void)
{
	help_put_synopsis(stdout);
	putchar('\n');
	help_fold(stdout, 0, 0, "A time is in seconds unless it has a unit: "
	    "500ms 5s 2m 1h.");
	help_fold(stdout, 0, 0, "A port is a number, a service or a range: 80 "
	    "http 20-25.");
	for (enum category c = 1; c < CATEGORY_COUNT; c++) {
		putchar('\n');
		help_put_title(c);
		help_rows(c, true);
	}
}

static void
help_list(const char *term, char list[HELP_LIST_MAX])
{
	if (*list != '\0')
		help_entry(term, 15, list);
	*list = '\0';
}

static void
help_option(const struct option_row *row)
{
	const struct action	*a = &actions[row->act];
	const char *const	*w = a->choices;
	bool			 seen[ACT_COUNT] = { false };
	char			 list[HELP_LIST_MAX] = "", needs[128];
	char			 buf[OPTION_TEXT_MAX];

	help_native_row(row);
	for (; w != NULL && *w != NULL; w++)
		words_add(list, sizeof(list), " ", *w);
	if (row->act == ACT_SOCKOPT)
		strlcat(list, "--sockopt=help lists them", sizeof(list));
	else if (row_takes_time(row))
		strlcat(list, "a number of seconds, or with a unit: 500ms 5s "
		    "2m 1h", sizeof(list));
	help_list("Values:", list);
	if (rules_needs_text(&table_native, a->needs, row->letter == 0, needs,
	    sizeof(needs)))
		words_add(list, sizeof(list), "", needs);
	if (rules_needs_text(&table_native, a->part_of, row->letter == 0,
	    needs, sizeof(needs)))
		words_add(list, sizeof(list), ", and ", needs);
	help_list("Needs:", list);
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*other = &table_native.rows[i];

		if (!help_is_shown(other) || seen[other->act] ||
		    !rules_exclude(row->act, other->act))
			continue;
		seen[other->act] = true;
		words_add(list, sizeof(list), " ", act_text(&table_native,
		    other->act, false, buf));
	}
	help_list("Not with:", list);
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		if (help_is_in(row, c))
			words_add(list, sizeof(list), " ", categories[c].name);
	help_list("Categories:", list);
}

/* ---- Topics ------------------------------------------------------------- */

static enum category
help_category_named(const char *name)
{
	enum category	c = CATEGORY_COUNT;

	while (--c > CATEGORY_NONE && strcmp(categories[c].name, name) != 0)
		;
	return c;
}

/* "-x", or "--name" or "name"; names may be abbreviated, or have "=value". */
static const struct option_row *
help_row_of(const char *word)
{
	const struct option_row	*row = NULL;
	const char		*name = *word == '-' ? word + 2 : word;
	size_t			 len = strcspn(name, "=");
	unsigned		 begins = 0;

	if (*word == '-' && word[1] != '-')
		return word[2] == '\0' ? row_of_letter(&table_native,
		    word[1]) : NULL;
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*other = &table_native.rows[i];

		if (!row_has_name(other) ||
		    strncmp(other->name, name, len) != 0)
			continue;
		if (other->name[len] == '\0')
			return other;
		if (help_is_shown(other) && begins++ == 0)
			row = other;
	}
	return begins == 1 ? row : NULL;
}

int
help_set_topic(struct parse *p, const char *word)
{
	char	list[HELP_LIST_MAX] = "";

	p->plan->help_topic = word;
	if (*word == '-' && word[1] == '-' && word[2] != '\0' &&
	    help_row_of(word) == NULL)
		return refuse_name(p, word + 2);
	if (*word == '-' && word[1] != '-' && help_row_of(word) == NULL)
		return refuse(p, "no such option: %s (see --help)", word);
	if (*word == '-' || strcmp(word, "all") == 0 ||
	    help_category_named(word) != CATEGORY_NONE ||
	    (*word != '\0' && help_row_of(word) != NULL))
		return 0;
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		words_add(list, sizeof(list), ", ", categories[c].name);
	return refuse(p, "no such category or option: %s (the categories are "
	    "all, %s)", word, list);
}

int
plan_help(const struct plan *plan)
{
	const struct dialect	*d = dialects[plan->compat];
	const char		*topic = plan->help_topic;
	enum category		 category = topic == NULL ? CATEGORY_NONE :
				    help_category_named(topic);
	FILE			*f = stdout;

	if (plan->list_sockopts)
		sockopt_list();
	else if (d->help != NULL)
		f = d->help(d->table);
	else if (topic == NULL || strcmp(topic, "--") == 0)
		help_screen();
	else if (strcmp(topic, "all") == 0)
		help_all();
	else if (category == CATEGORY_NONE)
		help_option(help_row_of(topic));
	else {
		help_put_title(category);
		help_rows(category, true);
		help_rows(category, false);
	}
	return fflush(f) == 0 ? 0 : 1;
}

int
plan_usage(const struct plan *plan)
{
	help_put_synopsis(stderr);
	return dialects[plan->compat]->usage_status;
}
