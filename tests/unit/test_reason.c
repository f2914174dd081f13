#include <errno.h>
#include <netdb.h>

#include "base/reason.h"
#include "unit.h"

static void
words_are_those_that_scripts_know(void)
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

static void
no_word_is_another_than_glibcs(void)
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

int
main(void)
{
	unit_run("words are those that scripts know",
	    words_are_those_that_scripts_know);
	unit_run("no word is another than glibc's",
	    no_word_is_another_than_glibcs);
	return unit_end();
}
