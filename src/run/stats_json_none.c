/* A build without jansson. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "run/stats.h"

int
stats_json_open(struct error *err)
{
	error_set(err, ENOSYS, "use", "--stats=json");
	(void)strlcpy(err->why, "built without JSON (jansson)",
	    sizeof(err->why));
	return -1;
}

void
stats_json_prepare(void)
{
}

char *
stats_json(const struct stats *s)
{
	(void)s;
	return NULL;
}
