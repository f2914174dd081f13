/*
 * A library that few runs need. A shared one is opened by dlopen(3) when it is
 * needed, since the loader would map and relocate a linked one at every start.
 * Needed before a sandbox is entered: later, only what is open already can be
 * opened. A build with --disable-modules has the libraries in the program.
 *
 * A file that uses a library has a list of names, LIST(X), and a struct that
 * begins with pointers of these names:
 *
 *	struct editline { EDITLINE(LIBRARY_POINTER) } e;
 *	if (LIBRARY_OPEN(&e, EDITLINE, EDITLINE_SONAME))
 *		e.el_reset(editor);
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>

#define LIBRARY_POINTER(name)	__typeof__(name) *name;

/*
 * LIBRARY_OPEN(TABLE, LIST, SONAME) fills the pointers; what follows them is
 * undefined then. False: the library is not here. The build chooses one of:
 */
#define LIBRARY_ADDRESS(name)	.name = &name,
#define LIBRARY_LINKED(table, LIST, soname) \
	(*(table) = (__typeof__(*(table))){ LIST(LIBRARY_ADDRESS) }, true)
#define LIBRARY_NAME(name)	#name "\0"
#define LIBRARY_SHARED(table, LIST, soname) \
	library_open(soname, LIST(LIBRARY_NAME), table)

/* Each name ends with NUL, and the last with two. The library stays open. */
bool	library_open(const char *soname, const char *names, void *table);

#endif
