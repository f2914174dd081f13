/*
 * Error numbers by their names, for tools that make calls fail.
 */
#ifndef LIB_ERRNAME_H
#define LIB_ERRNAME_H

#include <string.h>

/* Returns the number of "EINVAL" and the like; 0 if there is no such name. */
static inline int
errname_number(const char *name)
{
	const char *known;
	int n;

	for (n = 1; n < 134; n++) {
		known = strerrorname_np(n);
		if (known != NULL && strcmp(known, name) == 0)
			return n;
	}
	/* The C library has one name for each number. */
	return strcmp(name, "EOPNOTSUPP") == 0 ? 95 : 0;
}

#endif
