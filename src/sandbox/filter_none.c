#include <errno.h>

#include "sandbox/filter.h"

/* A build without libseccomp, or one that the filters would break. */

bool
filter_is_built(void)
{
	return false;
}

int
filter_enter(enum filter_kind kind, unsigned needs,
    const struct filter_sockets *sockets, bool kills)
{
	(void)kind, (void)needs, (void)sockets, (void)kills;
	errno = ENOSYS;
	return -1;
}
