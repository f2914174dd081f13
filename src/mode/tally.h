/*
 * What a scan has found, in numbers, for its last words and exit status.
 */
#ifndef MODE_TALLY_H
#define MODE_TALLY_H

#include "mode/findings.h"
#include "plan/voice.h"

struct tally {
	struct scan_outcome	 sum;
	struct addr		 broken_addr;	/* of sum.broken_at */
};

void	tally_count(struct tally *, const struct target *,
	    const struct finding *);

#endif
