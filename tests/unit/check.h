/* What a test, or a fake that serves a fuzz target, too, finds to be not so. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool	unit_bad;

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

#endif
