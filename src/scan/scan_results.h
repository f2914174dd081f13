/*
 * What is found out about ports, told in the order in which the ports were
 * entered, whenever it comes: at once about the oldest that is still open to
 * question, later about the others.
 *
 * Laws: a port takes room from when it is entered until it is told; what is
 * found of the oldest takes none; there is never room for more than
 * FINDINGS_MAX ports.
 */
#ifndef SCAN_SCAN_RESULTS_H
#define SCAN_SCAN_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/diag.h"

#define SCAN_RESULTS_MAX	65536u

enum finding_kind {
	FOUND_FAILED,		/* an address; there are others */
	FOUND_CLOSED,		/* the last address failed */
	FOUND_REFUSED,		/* of datagrams: an answer, and it was no */
	FOUND_SILENT,		/* of datagrams: no answer */
	FOUND_OPEN
};

struct finding {
	enum finding_kind	 kind;
	const char		*op;	/* static: what failed */
	int			 num;	/* and why */
	const struct addr	*addr;
	const struct error	*err;	/* all of it, of the oldest; or NULL */
};

struct scan_results;

/* tell is called from findings_add. NULL with errno. */
struct scan_results	*scan_results_new(void (*tell)(void *arg, unsigned port,
		    const struct finding *), void *arg);
void		 scan_results_free(struct scan_results *);
/* Is there room for one more port? If not, there will be. */
bool		 scan_results_room(struct scan_results *);
/* Enter a port, having made sure of that; a ticket for findings_add. */
size_t		 scan_results_enter(struct scan_results *, unsigned port);
/* Of all kinds but the first there is one for each port, and the last. */
void		 scan_results_add(struct scan_results *, size_t ticket,
		    const struct finding *);

#endif
