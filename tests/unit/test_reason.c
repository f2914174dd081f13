/* Error numbers: their texts, and the whole table of their classes. */
#include <errno.h>
#include <netdb.h>

#include "base/diag.h"
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

/* R: report, P: reset by the peer, G: gone, A: of accept(2), S: short. */
static const struct {
	int		 num;
	const char	*classes;
} rows[] = {
	{ ECONNREFUSED, "R" }, { EHOSTUNREACH, "RA" }, { ENETUNREACH, "RA" },
	{ EHOSTDOWN, "RA" }, { ENETDOWN, "RA" }, { ECONNRESET, "PA" },
	{ ENOENT, "G" }, { ECONNABORTED, "A" }, { EPROTO, "A" },
	{ EPERM, "A" }, { ENONET, "A" }, { ENOPROTOOPT, "A" },
	{ EOPNOTSUPP, "A" }, { ETIMEDOUT, "A" }, { EMFILE, "S" },
	{ ENFILE, "S" }, { ENOBUFS, "S" }, { ENOMEM, "S" }
};

static const char *
classes_of(int num)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].num == num)
			return rows[i].classes;
	return "";
}

TEST(each_number_has_its_classes_and_no_other)
{
	static const struct {
		unsigned	class;
		char		letter;
	} classes[] = {
		{ ERRCLASS_REPORT, 'R' }, { ERRCLASS_RESET, 'P' },
		{ ERRCLASS_GONE, 'G' }, { ERRCLASS_ACCEPT, 'A' },
		{ ERRCLASS_SHORT, 'S' }
	};
	int num;
	size_t i;

	for (num = 0; num < 200; num++)
		for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
			CHECK_INT(errclass_is(num, classes[i].class),
			    strchr(classes_of(num), classes[i].letter) != NULL);
}

TEST(one_class_of_several_is_enough)
{
	CHECK(errclass_is(ECONNREFUSED, ERRCLASS_REPORT | ERRCLASS_SHORT));
	CHECK(errclass_is(ENOMEM, ERRCLASS_REPORT | ERRCLASS_SHORT));
	CHECK(!errclass_is(EMFILE, ERRCLASS_REPORT | ERRCLASS_GONE));
	CHECK(!errclass_is(ENOMEM, 0));
}
