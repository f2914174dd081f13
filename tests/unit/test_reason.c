#include <errno.h>
#include <netdb.h>

#include "base/reason.h"
#include "unit.h"

TEST(words_are_those_that_scripts_know)
{
	CHECK_STR(reason_text(EADDRINUSE), "Address already in use");
	CHECK_STR(reason_text(ETIMEDOUT), "Connection timed out");
	CHECK_STR(reason_text(ECONNREFUSED), "Connection refused");
	CHECK_STR(reason_text(EHOSTUNREACH), "No route to host");
	CHECK_STR(reason_text(EINPROGRESS), "Operation now in progress");
	CHECK_STR(reason_text(EAI_NONAME), "Name or service not known");
	CHECK_STR(reason_text(EAI_AGAIN),
	    "Temporary failure in name resolution");
}

TEST(no_word_is_another_than_glibcs)
{
#ifdef __GLIBC__
	char theirs[128];
	int i;

	/* A text that is made up lasts until the next call. */
	for (i = 0; i < 140; i++) {
		(void)snprintf(theirs, sizeof(theirs), "%s", strerror(i));
		CHECK_STR(reason_text(i), theirs);
	}
	for (i = -110; i < 0; i++)
		CHECK_STR(reason_text(i), gai_strerror(i));
#else
	SKIP("another C library");
#endif
}
