#include <getopt.h>
#include <unistd.h>

#include "base/diag.h"
#include "plan/argv.h"
#include "plan/option.h"
#include "unit.h"

#define WORDS_MAX	4

static const struct option_row rows[] = {
	{ .letter = 'a' },
	{ .letter = 'b', .name = "be", .arg = "WHAT" },
	{ .name = "been" },
	{ .name = "beep" },
	{ .name = "bet", .arg = "WHAT" },
	{ .letter = 'c', .name = "cat" },
	{ .name = "bets", .flags = OPT_WHOLE },
};
static const struct option_table table = { rows,
	sizeof(rows) / sizeof(rows[0]) };
/* The same for the C library; those without a letter may be one to it. */
static const struct option longs[2][6] = {
	{
		{ "be", 1, NULL, 257 }, { "been", 0, NULL, 258 },
		{ "beep", 0, NULL, 259 }, { "bet", 1, NULL, 260 },
		{ "cat", 0, NULL, 261 }, { NULL, 0, NULL, 0 }
	}, {
		{ "be", 1, NULL, 257 }, { "been", 0, NULL, 256 },
		{ "beep", 0, NULL, 256 }, { "bet", 1, NULL, 256 },
		{ "cat", 0, NULL, 258 }, { NULL, 0, NULL, 0 }
	}
};

static char	said[1024], story[1024];

static void
hear(void *arg, const char *text)
{
	(void)arg;
	snprintf(said, sizeof(said), "%s", text);
}

static void
tell(const char *what, const char *value)
{
	size_t n = strlen(story);

	snprintf(story + n, sizeof(story) - n, "%s=%s ", what,
	    value != NULL ? value : "-");
}

static void
tell_operands(char **word)
{
	for (; *word != NULL; word++)
		tell("operand", *word);
}

/* What argv_next finds, as a story; what it says, in said. */
static const char *
ours(bool lumps, int argc, char **argv)
{
	struct argv_scan s;
	enum argv_found found;
	char name[2] = "";

	*said = *story = '\0';
	diag_redirect(hear, NULL);
	argv_begin(&s, &table, lumps, argc, argv);
	while ((found = argv_next(&s)) == ARGV_OPTION) {
		name[0] = s.row->letter;
		tell(s.by_letter ? name : s.row->name, s.value);
	}
	diag_redirect(NULL, NULL);
	if (found == ARGV_BAD)
		tell("bad", NULL);
	else {
		CHECK(argv[s.n] == NULL);
		tell_operands(argv + 1);
	}
	return story;
}

/* The same by the C library. */
static const char *
theirs(bool lumps, int argc, char **argv)
{
	char name[2] = "";
	int ch, i = 0;

	*story = '\0';
	optind = 0;
	opterr = 0;
	while ((ch = getopt_long(argc, argv, "ab:c", longs[lumps],
	    &i)) != -1) {
		if (ch == '?') {
			tell("bad", NULL);
			return story;
		}
		name[0] = (char)ch;
		tell(ch < 256 ? name : longs[lumps][i].name, optarg);
	}
	tell_operands(argv + optind);
	return story;
}

static const char *
scan(const char *one, const char *two, const char *three)
{
	static char words[3][64];
	static char *argv[WORDS_MAX + 1];
	const char *const given[] = { one, two, three };
	static char self[] = "tool";
	int n = 1, i;

	argv[0] = self;
	for (i = 0; i < 3 && given[i] != NULL; i++) {
		snprintf(words[i], sizeof(words[i]), "%s", given[i]);
		argv[n++] = words[i];
	}
	argv[n] = NULL;
	return ours(false, n, argv);
}

static void
options_and_operands_are_told_apart(void)
{
	CHECK_STR(scan("-acb5", "x", NULL), "a=- c=- b=5 operand=x ");
	CHECK_STR(scan("x", "-b", "-a"), "b=-a operand=x ");
	CHECK_STR(scan("-a", "--", "-c"), "a=- operand=-c ");
	CHECK_STR(scan("-", "--be=", "-a"), "be= a=- operand=- ");
	CHECK_STR(scan("--c", "--be", "--"), "cat=- be=-- ");
}

static void
posixly_correct_stops_at_the_first_operand(void)
{
	CHECK_INT(setenv("POSIXLY_CORRECT", "", 1), 0);
	CHECK_STR(scan("-a", "x", "-c"), "a=- operand=x operand=-c ");
	CHECK_STR(scan("--", "x", "--"), "operand=x operand=-- ");
	CHECK_INT(unsetenv("POSIXLY_CORRECT"), 0);
}

static void
what_is_wrong_is_said_in_the_usual_words(void)
{
	static const struct { const char *word, *line; } cases[] = {
		{ "-aQ", "tool: invalid option -- 'Q'" },
		{ "-a-", "tool: invalid option -- '-'" },
		{ "-b", "tool: option requires an argument -- 'b'" },
		{ "--bet", "tool: option '--bet' requires an argument" },
		{ "--cat=1", "tool: option '--cat' doesn't allow an argument" },
		{ "--ca=1", "tool: option '--cat' doesn't allow an argument" },
		{ "--no=1", "tool: unrecognized option '--no=1'" },
		{ "--b=1", "tool: option '--b=1' is ambiguous; possibilities: "
		    "'--be' '--been' '--beep' '--bet'" },
		{ "--been", "" },
		{ "--bets", "" },
		{ "-b\033", "" },
		{ "-\033", "tool: invalid option -- '\\033'" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)scan(cases[i].word, NULL, NULL);
		/* The listener of diag gets what is inert already. */
		CHECK_STR(said, cases[i].line);
	}
}

/* Every line of up to three of these words. */
static void
compare(bool lumps)
{
	static const char *const words[] = { "-", "--", "-a", "-ab", "-abc",
	    "-b", "-ac", "-Q", "--be", "--bee", "--bet", "--b", "--be=x",
	    "--been=x", "--cat", "--c", "--=", "x", "y", "" };
	enum { N = sizeof(words) / sizeof(words[0]) };
	char mine[WORDS_MAX][16], yours[WORDS_MAX][16];
	char want[1024], self[] = "t";
	char *a[WORDS_MAX + 1], *b[WORDS_MAX + 1];
	int i, k, n, at;

	for (i = 0; i < N * N * N; i++)
		for (n = 1; n <= WORDS_MAX; n++) {
			a[0] = b[0] = self;
			for (k = 1, at = i; k < n; k++, at /= N) {
				snprintf(mine[k], 16, "%s", words[at % N]);
				snprintf(yours[k], 16, "%s", words[at % N]);
				a[k] = mine[k];
				b[k] = yours[k];
			}
			a[n] = b[n] = NULL;
			snprintf(want, sizeof(want), "%s", theirs(lumps, n, b));
			CHECK_STR(ours(lumps, n, a), want);
		}
}

static void
every_line_is_read_as_the_c_library_reads_it(void)
{
#ifndef __GLIBC__
	SKIP("another C library reads some of them in its own way");
#endif
	compare(false);
	compare(true);
}

int
main(void)
{
	unit_run("options and operands are told apart",
	    options_and_operands_are_told_apart);
	unit_run("POSIXLY_CORRECT stops at the first operand",
	    posixly_correct_stops_at_the_first_operand);
	unit_run("what is wrong is said in the usual words",
	    what_is_wrong_is_said_in_the_usual_words);
	unit_run("every line is read as the C library reads it",
	    every_line_is_read_as_the_c_library_reads_it);
	return unit_end();
}
