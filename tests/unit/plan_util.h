/*
 * Parse a command line that is written as one string, words between single
 * blanks, and keep what was said on standard error or output.
 */
#ifndef PLAN_UTIL_H
#define PLAN_UTIL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan/plan.h"

static char	plan_said[8192];

/* Send a descriptor to a file of its own; keeps the old one for the end. */
static inline int
plan_capture(int fd, FILE **f)
{
	int	old = dup(fd);

	fflush(NULL);
	*f = tmpfile();
	if (old == -1 || *f == NULL || dup2(fileno(*f), fd) == -1)
		abort();
	return old;
}

static inline void
plan_release(int fd, int old, FILE *f)
{
	size_t	n;

	fflush(NULL);
	if (dup2(old, fd) == -1)
		abort();
	close(old);
	rewind(f);
	n = fread(plan_said, 1, sizeof(plan_said) - 1, f);
	plan_said[n] = '\0';
	fclose(f);
}

/* The plan points into the words: they last until the next call. */
static inline int
plan_of(struct plan *into, const char *line)
{
	static char	 text[1024];
	static char	*argv[64];
	FILE		*f;
	int		 argc = 0, old, rc;
	char		*at;

	snprintf(text, sizeof(text), "%s", line);
	for (at = text; at != NULL && argc < 63;) {
		argv[argc++] = at;
		if ((at = strchr(at, ' ')) != NULL)
			*at++ = '\0';
	}
	argv[argc] = NULL;
	old = plan_capture(STDERR_FILENO, &f);
	rc = plan_parse(into, argc, argv);
	plan_release(STDERR_FILENO, old, f);
	return rc;
}

/* What --explain prints; "" when it does not come to that. */
static inline const char *
plan_explained(const char *line)
{
	struct plan	 p;
	FILE		*f;
	int		 old;

	if (plan_of(&p, line) != 0)
		return "";
	if (p.mode == PLAN_EXPLAIN) {
		old = plan_capture(STDOUT_FILENO, &f);
		plan_explain(&p);
		plan_release(STDOUT_FILENO, old, f);
	}
	plan_free(&p);
	return plan_said;
}

#endif
