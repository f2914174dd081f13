/*
 * A unit test program: each test is a function registered under a sentence.
 * The last line that a program prints is "N passed, N failed, N skipped",
 * which tests/run sums. Exit status 1 if anything failed.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int	unit_passed, unit_failed, unit_skipped;
static bool	unit_bad, unit_skip;

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
		unit_bad = true;					\
	}								\
} while (0)

#define CHECK_INT(got, want) do {					\
	long long unit_g = (long long)(got), unit_w = (long long)(want); \
	if (unit_g != unit_w) {						\
		printf("%s:%d: %s is %lld, not %lld\n", __FILE__,	\
		    __LINE__, #got, unit_g, unit_w);			\
		unit_bad = true;					\
	}								\
} while (0)

#define CHECK_STR(got, want) do {					\
	const char *unit_g = (got), *unit_w = (want);			\
	if (unit_g == NULL || unit_w == NULL ?				\
	    unit_g != unit_w : strcmp(unit_g, unit_w) != 0) {		\
		printf("%s:%d: %s is \"%s\", not \"%s\"\n", __FILE__,	\
		    __LINE__, #got, unit_g != NULL ? unit_g : "(null)",	\
		    unit_w != NULL ? unit_w : "(null)");		\
		unit_bad = true;					\
	}								\
} while (0)

/* Leave the test as skipped, with the reason. */
#define SKIP(why) do {							\
	printf("skipped: %s\n", why);					\
	unit_skip = true;						\
	return;								\
} while (0)

static inline void
unit_run(const char *sentence, void (*fn)(void))
{
	unit_bad = unit_skip = false;
	fn();
	if (unit_bad) {
		unit_failed++;
		printf("FAILED: %s\n", sentence);
	} else if (unit_skip)
		unit_skipped++;
	else {
		unit_passed++;
		printf("ok: %s\n", sentence);
	}
	fflush(stdout);
}

static inline int
unit_end(void)
{
	printf("%d passed, %d failed, %d skipped\n", unit_passed,
	    unit_failed, unit_skipped);
	return unit_failed != 0;
}

#endif
