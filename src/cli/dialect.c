#include <string.h>

#include "base/program.h"
#include "cli/option.h"

/*
 * Chooses the dialect of netcat: by number, by name, or by the names that
 * lead to this program.
 */

static const struct dialect	*const dialects[] = {
	[COMPAT_NATIVE] = &dialect_native,
	[COMPAT_OPENBSD] = &dialect_openbsd,
	[COMPAT_TRADITIONAL] = &dialect_traditional,
	[COMPAT_NCAT] = &dialect_ncat
};

#define COUNT	(sizeof(dialects) / sizeof(dialects[0]))
/* Symbolic links in a row, as many as Linux follows. */
#define LINKS_MAX	40

const struct dialect *
dialect_of(enum compat compat)
{
	return dialects[compat];
}

static const struct dialect *
dialect_called(const char *base)
{
	for (size_t i = 0; i < COUNT; i++)
		if (word_value(dialects[i]->called, base) != -1)
			return dialects[i];
	return NULL;
}

const struct dialect *
dialect_named(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(name, dialects[i]->name) == 0)
			return dialects[i];
	return dialect_called(name);
}

const struct dialect *
dialect_along(const char *called)
{
	char				 path[PATH_MAX];
	const struct dialect	*found = NULL, *who;
	const char			*base;
	/* PATH may have changed, or argv[0] be made up. */
	bool				 leads = program_find(called, path) ==
					    0 && program_is_ours(path);

	if (!leads)
		strlcpy(path, called, sizeof(path));
	for (int links = 0; links < LINKS_MAX; links++) {
		base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 :
		    path;
		who = dialect_called(base);
		if (who == &dialect_native)
			break;
		if (who != NULL && strcmp(base, "nc") != 0 &&
		    strcmp(base, "netcat") != 0)
			return who;
		if (found == NULL)
			found = who;
		if (!leads || program_follow(path) == -1)
			break;
	}
	return found != NULL ? found : &dialect_native;
}
