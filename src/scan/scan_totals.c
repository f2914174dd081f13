/*
 * What a scan came to, port by port.
 */
#include <errno.h>

#include "scan/scan_totals.h"

/* No answer of anybody: the first such is remembered. */
static void
scan_totals_count_failure(struct scan_totals *s, const struct target *t,
    int num)
{
	struct scan_outcome *sum = &s->outcome;

	if (num == ECONNREFUSED || num == ECONNRESET) {
		sum->refused++;
		return;
	}
	if (num == ETIMEDOUT) {
		sum->silent++;
		return;
	}
	if (sum->broken++ > 0)
		return;
	s->addr = *t->addr;
	sum->broken_at = *t;
	sum->broken_at.addr = &s->addr;
	sum->broken_num = num;
}

void
scan_count(struct scan_totals *s, const struct target *t,
    const struct finding *found)
{
	struct scan_outcome *sum = &s->outcome;

	if (found->kind == FOUND_FAILED)
		return;
	sum->last_open = found->kind == FOUND_OPEN ||
	    found->kind == FOUND_SILENT;
	if (found->kind == FOUND_OPEN)
		sum->open++;
	else if (found->kind == FOUND_SILENT)
		sum->silent++;
	else if (found->err != NULL && found->num == 0)
		sum->refused++;		/* by a proxy, in its words */
	else
		scan_totals_count_failure(s, t, found->num);
}
