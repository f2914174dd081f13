/*
 * What the test tools share. A tool that fails prints one line on standard
 * error and exits with 2, so that its failure is not taken for a failure of the
 * program under test.
 */
#ifndef LIB_TOOL_H
#define LIB_TOOL_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

#define TOOL_FAILED	2

__attribute__((noreturn, format(printf, 1, 2)))
static inline void
tool_fail(const char *fmt, ...)
{
	va_list ap;

	fputs("test tool: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(TOOL_FAILED);
}

static inline long
tool_number(const char *text)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		tool_fail("not a number: %s", text);
	return n;
}

static inline bool
tool_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Returns what follows the prefix in word; NULL if word begins otherwise. */
static inline const char *
tool_after(const char *word, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

#endif
