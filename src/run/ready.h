/*
 * Reports that the program listens: --port-file, --ready-fd, and systemd's
 * sd_notify(3).
 *
 * Laws: nothing is reported before every socket is open. A file appears whole
 * or not at all, and replaces nothing but a file. A report that was asked for
 * and fails is a failure.
 */
#ifndef RUN_READY_H
#define RUN_READY_H

#include <sys/stat.h>

#include "run/run.h"

struct ready {
	const char	*written;	/* the port file; NULL: none */
	struct stat	 as;		/* of the file when it was written */
};

/* Checks --ready-fd before anything is opened; -1 with the error. */
int	ready_check(const struct plan *, struct error *);
/* Reports that these sockets are open; -1 with the error. */
int	ready_report(struct ready *, const struct run *, const struct fd *,
	    size_t n, struct error *);
/* Removes the file, unless another program has replaced it. */
void	ready_end(struct ready *);

#endif
