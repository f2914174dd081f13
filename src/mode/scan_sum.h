/*
 * What a scan came to: counted while it goes on, for the voice at its end.
 */
#ifndef MODE_SCAN_SUM_H
#define MODE_SCAN_SUM_H

#include "mode/findings.h"
#include "plan/voice.h"

struct scan_sum {
	struct scan_outcome	outcome;
	struct addr		addr;	/* of outcome.broken_at */
};

/* This was found of the port at that target. */
void	scan_count(struct scan_sum *, const struct target *,
	    const struct finding *);

#endif
