#include <dlfcn.h>
#include <string.h>

#include "base/library.h"

static bool
library_find(void *object, const char *names, void *table)
{
	char *to = table;
	void *at;

	for (; *names != '\0'; names += strlen(names) + 1) {
		if ((at = dlsym(object, names)) == NULL)
			return false;
		/* ISO C converts no such pointer to a function's. */
		memcpy(to, &at, sizeof(at));
		to += sizeof(at);
	}
	return true;
}

bool
library_open(const char *soname, const char *names, void *table,
    const char **why)
{
	void *object = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (object != NULL && library_find(object, names, table))
		return true;
	if (why != NULL)
		*why = dlerror();
	return false;
}
