#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/parse.h"

/* The version and the features of the build. No other file reads config.h. */

const char *
plan_version_text(void)
{
	return PACKAGE_VERSION;
}

/* The static programs are built without these libraries. */
#ifdef WITHOUT_LIBRARIES
#undef LIBBSD_IS
#define LIBBSD_IS	"own functions"
#endif

/* A static program opens no module and no library. */
#if defined(WITHOUT_LIBRARIES) || defined(STATIC_LIBRARIES)
#undef LIBEDIT_IS
#define LIBEDIT_IS	"none"
#undef LIBUNISTRING_IS
#define LIBUNISTRING_IS	"none"
#undef TLS_IS
#define TLS_IS		"not built in"
#endif

static const char *
version_linked(const char *is)
{
#ifdef STATIC_LIBRARIES
	return strcmp(is, "shared") == 0 ? "static" : is;
#else
	return is;
#endif
}

int
plan_version(const struct plan *plan)
{
	if (dialects[plan->compat]->version != NULL)
		return dialects[plan->compat]->version();
	printf("sockcat %s\n"
	    "features: epoll poll splice sendfile\n"
	    "libbsd: %s\nlibedit: %s\nlibunistring: %s\n"
	    "TLS: %s\nsandbox: %s\n", plan_version_text(),
	    version_linked(LIBBSD_IS), version_linked(LIBEDIT_IS),
	    version_linked(LIBUNISTRING_IS), TLS_IS, SANDBOX_IS);
	return fflush(stdout) == 0 ? 0 : 1;
}
