/*
 * What a scan came to: counted while it goes on, for the messages at its end.
 */
#ifndef SCAN_SCAN_TOTALS_H
#define SCAN_SCAN_TOTALS_H

#include "message/messages.h"
#include "scan/scan_results.h"

struct scan_totals {
	struct scan_outcome	outcome;
	struct addr		addr;	/* of outcome.broken_at */
};

/* This was found of the port at that target. */
void	scan_count(struct scan_totals *, const struct target *,
	    const struct finding *);

#endif
