/*
 * Telling around us that we listen: --port-file, --ready-fd, and systemd's
 * sd_notify(3).
 *
 * Laws: nothing is told before every socket is open; a file appears whole or
 * not at all, and replaces nothing but a file; who was asked for and cannot
 * be told is a failure.
 */
#ifndef RUN_READY_H
#define RUN_READY_H

#include <sys/stat.h>

#include "run/run.h"

struct ready {
	const char	*written;	/* the port file; NULL: not ours */
	struct stat	 as;		/* as we wrote it */
};

/* Before anything is opened: can it be told at all? -1 with err. */
int	ready_check(const struct plan *, struct error *);
/* These sockets are open. -1 with err. */
int	ready_tell(struct ready *, const struct run *, const struct fd *,
	    size_t n, struct error *);
/* The port is nobody's any more: the file goes, if it still is ours. */
void	ready_end(struct ready *);

#endif
