#include <dlfcn.h>
#include <string.h>

#include "base/library.h"

bool
library_open(const char *soname, const char *names, void *table,
    const char **why)
{
	void *object = dlopen(soname, RTLD_NOW | RTLD_LOCAL), *at = object;
	char *to = table;

	for (; at != NULL && *names != '\0'; names += strlen(names) + 1) {
		if ((at = dlsym(object, names)) == NULL)
			break;
		/* ISO C converts no such pointer to a function's. */
		memcpy(to, &at, sizeof(at));
		to += sizeof(at);
	}
	if (at == NULL && why != NULL)
		*why = dlerror();
	return at != NULL;
}
