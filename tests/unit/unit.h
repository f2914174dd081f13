/*
 * A unit test program: each test is a function whose name is a sentence.
 * The last line that a program prints is "N passed, N failed, N skipped",
 * which tests/run sums. Exit status 1 if anything failed.
 */
#ifndef UNIT_H
#define UNIT_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static int	unit_passed, unit_failed, unit_skipped;
static bool	unit_skip;

struct unit_test {
	const char		*name;
	void			(*run)(void);
	struct unit_test	*next;
};

static struct unit_test	*unit_first, **unit_next = &unit_first;

/* Leave the test as skipped, with the reason. */
#define SKIP(why) do {							\
	printf("skipped: %s\n", why);					\
	unit_skip = true;						\
	return;								\
} while (0)

/* A test, which is named by a sentence; main() runs all in their order. */
#define TEST(name)							\
static void name(void);							\
static struct unit_test unit_##name = { #name, name, NULL };		\
static void __attribute__((constructor))				\
unit_add_##name(void)							\
{									\
	*unit_next = &unit_##name;					\
	unit_next = &unit_##name.next;					\
}									\
static void								\
name(void)

/* Run before the first test, and after the last one. */
#define BEFORE	static void __attribute__((constructor)) unit_before(void)
#define AFTER	static void __attribute__((destructor)) unit_after(void)

static void
unit_run(const struct unit_test *test)
{
	const char *c;

	test->run();
	unit_passed += !unit_bad && !unit_skip;
	unit_failed += unit_bad;
	unit_skipped += !unit_bad && unit_skip;
	printf("%s: ", unit_bad ? "FAILED" : unit_skip ? "skipped" : "ok");
	unit_bad = unit_skip = false;
	for (c = test->name; *c != '\0'; c++)
		putchar(*c == '_' ? ' ' : *c);
	putchar('\n');
	fflush(stdout);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)unsetenv("SOCKCAT_COMPAT");
	(void)unsetenv("POSIXLY_CORRECT");
	for (; unit_first != NULL; unit_first = unit_first->next)
		unit_run(unit_first);
	printf("%d passed, %d failed, %d skipped\n", unit_passed,
	    unit_failed, unit_skipped);
	return unit_failed != 0;
}

#endif
