#include "base/num.h"
#include "cli/option.h"

/*
 * What -z does, beyond its options' own values: how datagram ports are
 * asked, and whether there are pauses.
 */

/* For the answer to a datagram, if no -w tells. */
#define WAIT	(2 * NSEC_PER_SEC)

int
seal_scanning(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct plan_scan	*scan = &plan->scan;

	if (plan->mode != PLAN_SCAN)
		return 0;
	/* Ncat's limit of connecting has nothing to do with datagrams. */
	scan->wait = plan->connect_timeout >= 0 &&
	    plan->compat != COMPAT_NCAT ? plan->connect_timeout : WAIT;
	/*
	 * One byte, since an empty datagram ends many a netcat that listens.
	 * These two tools send as many as this, whatever is lost on the way.
	 */
	scan->byte = plan->compat == COMPAT_OPENBSD ? 'X' : '\0';
	scan->probes = plan->compat == COMPAT_NCAT ? 1 :
	    plan->compat == COMPAT_TRADITIONAL ? 2 : 0;
	/* Without -v the original sends nothing, and calls every port open. */
	scan->unasked = plan->compat == COMPAT_OPENBSD && plan->verbose == 0;
	/* The original's -i is not for -z, whatever its manual says. */
	scan->paced = plan->interval > 0 && plan->compat != COMPAT_OPENBSD;
	return 0;
}
