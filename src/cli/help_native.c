#include <sys/ioctl.h>
#include <sys/param.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/subjects.h"

/*
 * The help of sockcat: one screen of common options, a category of options,
 * all categories, or a single option. Lines are as wide as the terminal.
 */

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

/* ---- Lines -------------------------------------------------------------- */

static size_t
help_width(void)
{
	struct winsize	ws;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 ?
	    MIN(ws.ws_col, HELP_WIDTH) : HELP_WIDTH;
}

/* A word, or words in parentheses that fit in a line. */
static size_t
help_word_len(const char *text, size_t room)
{
	size_t	len = *text == '(' ? strcspn(text, ")") : 0;

	len += strcspn(text + len, " ");
	return len > room ? strcspn(text, " ") : len;
}

/*
 * Prints words from this column on, in lines that end before the last column;
 * further lines begin with the indentation.
 */
static void
help_fold(size_t col, size_t indent, const char *text)
{
	size_t		 len, width = help_width();
	const char	*gap = "";

	for (; *(text += strspn(text, " ")) != '\0'; text += len, gap = " ") {
		len = help_word_len(text, width - MIN(width, indent + 1));
		if (col > indent && col + strlen(gap) + len >= width) {
			printf("\n%*s", (int)indent, "");
			col = indent;
			gap = "";
		}
		printf("%s%.*s", gap, (int)len, text);
		col += strlen(gap) + len;
	}
	putchar('\n');
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
	help_fold(col, indent, text);
}

#define HELP_LIST_MAX	1024

static void
help_list_add(char list[HELP_LIST_MAX], const char *word, const char *gap)
{
	if (*list != '\0')
		strlcat(list, gap, HELP_LIST_MAX);
	strlcat(list, word, HELP_LIST_MAX);
}

/* ---- Rows --------------------------------------------------------------- */

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

/* Other names of a common option are left out. */
static void
help_common_rows(void)
{
	enum act	last = ACT_NONE;

	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*row = &table_native.rows[i];

		if (!help_is_in(row, CATEGORY_COMMON) || row->act == last)
			continue;
		help_native_row(row);
		last = row->act;
	}
}

/* ---- Texts -------------------------------------------------------------- */

static void
help_put_synopsis(void)
{
	for (const char *const *line = help_synopsis; *line != NULL; line++) {
		fputs(line == help_synopsis ? "usage: " : "       ", stdout);
		help_fold(7, 7, *line);
	}
}

static void
help_screen(void)
{
	char	text[HELP_LIST_MAX] = "More: --help all, --help --option, "
		    "--help CATEGORY. Categories:";

	help_put_synopsis();
	putchar('\n');
	help_common_rows();
	putchar('\n');
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		help_list_add(text, categories[c].name, " ");
	help_fold(0, 0, text);
}

/* The options of this category (own), or of others that belong to it, too. */
static void
help_category_rows(enum category category, bool own)
{
	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*row = &table_native.rows[i];

		if (help_is_in(row, category) &&
		    (actions[row->act].category == category) == own)
			help_native_row(row);
	}
}

static void
help_category(enum category category)
{
	printf("%s (%s):\n", categories[category].title,
	    categories[category].name);
	help_category_rows(category, true);
}

static void
help_all(void)
{
	help_put_synopsis();
	putchar('\n');
	help_fold(0, 0, "A time is in seconds unless it has a unit: 500ms "
	    "5s 2m 1h.");
	help_fold(0, 0, "A port is a number, a service or a range: 80 http "
	    "20-25.");
	for (enum category c = 1; c < CATEGORY_COUNT; c++) {
		putchar('\n');
		help_category(c);
	}
}

/* ---- An option ---------------------------------------------------------- */

static void
help_option_needs(const struct option_row *row)
{
	const struct action	*a = &actions[row->act];
	char			 needs[128], list[HELP_LIST_MAX] = "";

	if (rules_needs_text(&table_native, a->needs, row->letter == 0, needs,
	    sizeof(needs)))
		help_list_add(list, needs, "");
	if (rules_needs_text(&table_native, a->part_of, row->letter == 0,
	    needs, sizeof(needs)))
		help_list_add(list, needs, ", and ");
	if (*list != '\0')
		help_entry("Needs:", 15, list);
}

static void
help_option_excludes(const struct option_row *row)
{
	char	list[HELP_LIST_MAX] = "", buf[OPTION_TEXT_MAX];
	bool	seen[ACT_COUNT] = { false };

	for (size_t i = 0; i < table_native.n; i++) {
		const struct option_row	*other = &table_native.rows[i];

		if (!help_is_shown(other) || seen[other->act] ||
		    !rules_exclude(row->act, other->act))
			continue;
		seen[other->act] = true;
		help_list_add(list, act_text(&table_native, other->act, false,
		    buf), " ");
	}
	if (*list != '\0')
		help_entry("Not with:", 15, list);
}

static void
help_option_values(const struct option_row *row)
{
	const char *const	*w = actions[row->act].choices;
	char			 list[HELP_LIST_MAX] = "";

	for (; w != NULL && *w != NULL; w++)
		help_list_add(list, *w, " ");
	if (row->act == ACT_SOCKOPT)
		strlcat(list, "--sockopt=help lists them", sizeof(list));
	else if (row_takes_time(row))
		strlcat(list, "a number of seconds, or with a unit: 500ms 5s "
		    "2m 1h", sizeof(list));
	if (*list != '\0')
		help_entry("Values:", 15, list);
}

static void
help_option(const struct option_row *row)
{
	char	list[HELP_LIST_MAX] = "";

	help_native_row(row);
	help_option_values(row);
	help_option_needs(row);
	help_option_excludes(row);
	for (enum category c = 1; c < CATEGORY_COUNT; c++)
		if (help_is_in(row, c))
			help_list_add(list, categories[c].name, " ");
	help_entry("Categories:", 15, list);
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
		help_list_add(list, categories[c].name, ", ");
	return refuse(p, "no such category or option: %s (the categories are "
	    "all, %s)", word, list);
}

int
plan_help(const struct plan *plan)
{
	const struct dialect	*d = dialect_of(plan->compat);
	const char		*topic = plan->help_topic;
	FILE			*f = stdout;

	if (plan->list_sockopts)
		sockopt_list();
	else if (d->help != NULL)
		f = d->help(d->table);
	else if (topic == NULL || strcmp(topic, "--") == 0)
		help_screen();
	else if (strcmp(topic, "all") == 0)
		help_all();
	else if (help_category_named(topic) == CATEGORY_NONE)
		help_option(help_row_of(topic));
	else {
		help_category(help_category_named(topic));
		help_category_rows(help_category_named(topic), false);
	}
	return fflush(f) == 0 ? 0 : 1;
}

int
plan_usage(const struct plan *plan)
{
	for (const char *const *line = help_synopsis; *line != NULL; line++)
		fprintf(stderr, "%s%s\n", line == help_synopsis ? "usage: " :
		    "       ", *line);
	return dialect_of(plan->compat)->usage_status;
}
