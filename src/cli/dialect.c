#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/program.h"
#include "cli/parse.h"

/* Chooses the dialect of netcat: by its name, or the names of this program. */

const struct dialect	*const dialects[] = {
	[COMPAT_NATIVE] = &dialect_native,
	[COMPAT_OPENBSD] = &dialect_openbsd,
	[COMPAT_TRADITIONAL] = &dialect_traditional,
	[COMPAT_NCAT] = &dialect_ncat
};

#define DIALECTS	(sizeof(dialects) / sizeof(dialects[0]))
/* Symbolic links in a row, as many as Linux follows. */
#define LINKS_MAX	40

static const struct dialect *
dialect_called(const char *base)
{
	for (size_t i = 0; i < DIALECTS; i++)
		if (word_value(dialects[i]->called, base) != -1)
			return dialects[i];
	return NULL;
}

/* The dialect of the last part of a path, or NULL. */
static const struct dialect *
dialect_of_path(const char *path, bool *particular)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash != NULL ? slash + 1 : path;

	*particular = strcmp(base, "nc") != 0 && strcmp(base, "netcat") != 0;
	return dialect_called(base);
}

/*
 * Follows the links that lead from the name to the program. Not part of the
 * caller's frame, whose pages most starts need not touch.
 */
__attribute__((noinline)) static const struct dialect *
dialect_along_links(const char *called, const struct dialect *found)
{
	char path[PATH_MAX];
	bool particular;
	const struct dialect *who;

	/* PATH may have changed, or argv[0] be made up. */
	if (program_find(called, path) == -1 || !program_is_ours(path))
		return found != NULL ? found : &dialect_native;
	for (int links = 0; links < LINKS_MAX; links++) {
		if (program_follow(path) == -1)
			break;
		who = dialect_of_path(path, &particular);
		if (who == &dialect_native)
			break;
		if (who != NULL && particular)
			return who;
		if (found == NULL)
			found = who;
	}
	return found != NULL ? found : &dialect_native;
}

static const struct dialect *
dialect_along(const char *called)
{
	bool particular;
	const struct dialect *who = dialect_of_path(called, &particular);

	/* The usual names need no look at the file system. */
	return who != NULL && particular ? who :
	    dialect_along_links(called, who);
}

/*
 * By --compat anywhere in argv, $SOCKCAT_COMPAT, or the names that the
 * program was called by. An empty variable counts as unset.
 */
const struct dialect *
dialect_choose(int argc, char **argv)
{
	const struct dialect	*dialect;
	const char		*name = getenv("SOCKCAT_COMPAT");

	if (name != NULL && *name == '\0')
		name = NULL;
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strncmp(argv[i], "--compat=", 9) == 0)
			name = argv[i] + 9;
		else if (strcmp(argv[i], "--compat") == 0 && i + 1 < argc)
			name = argv[++i];
	}
	if (name == NULL)
		return argc > 0 ? dialect_along(argv[0]) : &dialect_native;
	dialect = dialect_called(name);
	for (size_t i = 0; i < DIALECTS; i++)
		if (strcmp(name, dialects[i]->name) == 0)
			dialect = dialects[i];
	if (dialect == NULL)
		diag_warnx("no such personality: %s (native, openbsd, "
		    "traditional or ncat)", name);
	return dialect;
}
