/*
 * What a scan came to: counted while it goes on, for the voice at its end.
 */
#ifndef SCAN_SCAN_SUM_H
#define SCAN_SCAN_SUM_H

#include "message/voice.h"
#include "scan/findings.h"

struct scan_sum {
	struct scan_outcome	outcome;
	struct addr		addr;	/* of outcome.broken_at */
};

/* This was found of the port at that target. */
void	scan_count(struct scan_sum *, const struct target *,
	    const struct finding *);

#endif
