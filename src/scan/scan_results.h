/*
 * Results of a scan, reported in the order in which the ports were entered:
 * at once about the oldest port that is not finished, later about the others.
 *
 * Laws: results about the oldest port take no memory; there are at most
 * SCAN_RESULTS_MAX ports.
 */
#ifndef SCAN_SCAN_RESULTS_H
#define SCAN_SCAN_RESULTS_H

#include <sys/queue.h>
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
	int			 num;	/* errno of the operation */
	const struct addr	*addr;
	const struct error	*err;	/* whole error; NULL: op and num */
};

/* A port that is entered: the first member of what the caller knows of it. */
struct scan_port {
	TAILQ_ENTRY(scan_port)	 link;
	TAILQ_HEAD(, note)	 notes;	/* results that wait, in order */
	unsigned		 port;	/* set by the caller */
	bool			 done;
};

struct scan_results {
	/* Called by scan_results_add. */
	void	(*report)(void *arg, unsigned port, const struct finding *);
	void	*arg;
	TAILQ_HEAD(, scan_port) ports;	/* the oldest first */
	size_t	 n;
};

void		 scan_results_init(struct scan_results *,
		    void (*report)(void *arg, unsigned port,
		    const struct finding *), void *arg);
/* Frees the ports that are not reported yet. */
void		 scan_results_clear(struct scan_results *);
/*
 * Enters a port, which has so many bytes, 0 after the struct scan_port. NULL:
 * no room, until others are finished.
 */
void		*scan_results_enter(struct scan_results *, size_t size);
/*
 * Adds a finding; each but FOUND_FAILED is the last of the port, which is freed
 * once that is reported.
 */
void		 scan_results_add(struct scan_results *, struct scan_port *,
		    const struct finding *);

#endif
