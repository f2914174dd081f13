/* The whole table of error classes. */
#include <errno.h>

#include "base/errclass.h"
#include "unit.h"

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
