#include "config.h"

#include <stdio.h>

#include "plan/option.h"

/*
 * What was built. This is the one file that reads config.h here.
 */

const char *
plan_version_text(void)
{
	return PACKAGE_VERSION;
}

/* The static program of musl has neither library, whatever was found. */
#if defined(HAVE_LIBEDIT) && !defined(WITHOUT_LIBEDIT)
#define LIBEDIT	" libedit"
#else
#define LIBEDIT	""
#endif

#if defined(HAVE_LIBUNISTRING) && !defined(WITHOUT_LIBUNISTRING)
#define LIBUNISTRING	" libunistring"
#else
#define LIBUNISTRING	""
#endif

const char *
plan_features(void)
{
	return "epoll poll splice sendfile" LIBEDIT LIBUNISTRING;
}

int
plan_version(const struct plan *plan)
{
	/* It goes where the original's does. */
	if (plan->compat == COMPAT_NCAT) {
		diag_plain("Ncat: Version 7.93 (as spoken by sockcat %s)",
		    plan_version_text());
		return 0;
	}
	printf("sockcat %s\nfeatures: %s\n", plan_version_text(),
	    plan_features());
	return fflush(stdout) == 0 ? 0 : 1;
}
