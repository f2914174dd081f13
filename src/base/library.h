/*
 * A shared library that few runs need: opened by dlopen(3) when it is needed,
 * since the loader would map and relocate a linked one at every start. Needed
 * before a sandbox is entered: later, only what is open already can be opened.
 *
 * A file that uses a library has a list of names, LIST(X), and a table of
 * pointers of these names:
 *
 *	struct libedit { LIBEDIT(LIBRARY_POINTER) } l;
 *	if (library_open(LIBEDIT_SONAME, LIBEDIT(LIBRARY_NAME), &l, &why))
 *		l.el_reset(el);
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>

#define LIBRARY_POINTER(name)	__typeof__(name) *name;
#define LIBRARY_NAME(name)	#name "\0"

/*
 * Fills the table, which has as many pointers as there are names; each name
 * ends with NUL, and the last with two. The library stays open. On false, why
 * has the reason for the user, until the next call; why may be NULL.
 */
bool	library_open(const char *soname, const char *names, void *table,
	    const char **why);

#endif
