/* A build without jansson. */
#include <stddef.h>

#include "run/stats.h"

const bool stats_has_json = false;

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
