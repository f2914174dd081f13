#include <dlfcn.h>
#include <string.h>

#include "base/library.h"

bool
library_open(const char *soname, const char *names, void *table)
{
	void *object = dlopen(soname, RTLD_NOW | RTLD_LOCAL), *at;
	char *to = table;

	if (object == NULL)
		return false;
	for (; *names != '\0'; names += strlen(names) + 1) {
		if ((at = dlsym(object, names)) == NULL)
			return false;
		/* ISO C converts no such pointer to a function's. */
		memcpy(to, &at, sizeof(at));
		to += sizeof(at);
	}
	return true;
}
