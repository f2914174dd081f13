#include <errno.h>
#include <stddef.h>

#include "base/errclass.h"

static const struct {
	int		num;
	unsigned	classes;
} errclass_rows[] = {
	{ ECONNREFUSED, ERRCLASS_REPORT },
	{ EHOSTUNREACH, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ENETUNREACH, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ EHOSTDOWN, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ENETDOWN, ERRCLASS_REPORT | ERRCLASS_ACCEPT },
	{ ECONNRESET, ERRCLASS_RESET | ERRCLASS_ACCEPT },
	{ ENOENT, ERRCLASS_GONE },
	{ ECONNABORTED, ERRCLASS_ACCEPT },
	{ EPROTO, ERRCLASS_ACCEPT },
	{ EPERM, ERRCLASS_ACCEPT },	/* a firewall's answer */
	{ ENONET, ERRCLASS_ACCEPT },
	{ ENOPROTOOPT, ERRCLASS_ACCEPT },
	{ EOPNOTSUPP, ERRCLASS_ACCEPT },
	{ ETIMEDOUT, ERRCLASS_ACCEPT },
	{ EMFILE, ERRCLASS_SHORT },
	{ ENFILE, ERRCLASS_SHORT },
	{ ENOBUFS, ERRCLASS_SHORT },
	{ ENOMEM, ERRCLASS_SHORT },
};

bool
errclass_is(int num, unsigned classes)
{
	size_t i;

	for (i = 0; i < sizeof(errclass_rows) / sizeof(errclass_rows[0]); i++)
		if (errclass_rows[i].num == num)
			return (errclass_rows[i].classes & classes) != 0;
	return false;
}
