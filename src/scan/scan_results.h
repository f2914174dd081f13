/*
 * Results of a scan, reported in the order in which its ports were entered:
 * at once about the oldest port that is not finished, later about the others.
 *
 * Laws: a port takes memory from its entry until its report; results about the
 * oldest port take none; there are at most SCAN_RESULTS_MAX ports.
 */
#ifndef SCAN_SCAN_RESULTS_H
#define SCAN_SCAN_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/diag.h"

#define SCAN_RESULTS_MAX	65536u

enum finding_kind {
	FOUND_FAILED,		/* an address failed; others follow */
	FOUND_CLOSED,		/* the last address failed */
	FOUND_REFUSED,		/* datagrams: a refusal came */
	FOUND_SILENT,		/* datagrams: no answer came */
	FOUND_OPEN
};

struct finding {
	enum finding_kind	 kind;
	const char		*op;	/* static: the operation that failed */
	int			 num;	/* its errno */
	const struct addr	*addr;
	const struct error	*err;	/* the whole error; NULL: only op and
					   num are known */
};

struct scan_results;

/* scan_results_add calls report(). Returns NULL with errno on failure. */
struct scan_results	*scan_results_new(void (*report)(void *arg,
		    unsigned port, const struct finding *), void *arg);
void		 scan_results_free(struct scan_results *);
/* True if a port can be entered; false: when others are finished. */
bool		 scan_results_room(struct scan_results *);
/* Enters a port; returns its ticket. There must be room. */
size_t		 scan_results_enter(struct scan_results *, unsigned port);
/* Adds a finding; each but FOUND_FAILED is the last of its port. */
void		 scan_results_add(struct scan_results *, size_t ticket,
		    const struct finding *);

#endif
