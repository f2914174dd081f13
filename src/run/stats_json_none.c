/* A build without jansson. */
#include <stddef.h>

#include "run/stats.h"

const bool stats_has_json = false;

char *
stats_json(const struct stats *s)
{
	(void)s;
	return NULL;
}
