/*
 * What the small test tools share: a clock, a deadline, a way to fail.
 * A tool that fails says one line on standard error and exits 2, so that
 * its failure is never taken for that of the program under test.
 */
#ifndef TOOL_H
#define TOOL_H

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOOL_FAILED	2

static inline int64_t
tool_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static inline void
tool_nap(int ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	while (nanosleep(&ts, &ts) == -1 && errno == EINTR)
		;
}

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

/* A service has its name on the port: it is told as [tcp/NAME]. */
static inline bool
tool_port_named(long port)
{
	return getservbyport(htons((uint16_t)port), NULL) != NULL;
}

/* What follows the prefix in word; NULL when word does not begin with it. */
static inline const char *
tool_after(const char *word, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

#endif
