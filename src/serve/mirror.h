/*
 * --forward-all: what is written to an endpoint goes to further targets, too:
 * the members of a hub.
 *
 * Laws: such a target delays neither the endpoint nor the other targets: a
 * stream that takes less than comes is dropped when so many bytes wait for it
 * (MIRROR_ROOM), with a line, and so is a target that fails. What such targets
 * send is discarded. The end of the data is passed on to them after the data.
 */
#ifndef SERVE_MIRROR_H
#define SERVE_MIRROR_H

#include "reach/dial.h"
#include "reach/lookups.h"
#include "run/run.h"

/* Bytes that wait for a target, with their overhead. */
#define MIRROR_ROOM	((size_t)1 << 20)

/* Where the copies go; the functions get arg and the number of a target. */
struct mirror_targets {
	struct run		*run;
	void			*arg;
	size_t			 first, n;	/* numbers, from first on */
	const char		*(*name)(const void *arg, size_t i);
	bool			 (*dgram)(const void *arg, size_t i);
	const struct lookups_step *(*steps)(const void *arg, size_t i,
		    size_t *n);
	/* Once the addresses are there. */
	struct dial_options	 (*dial)(const void *arg, size_t i);
};

/*
 * Puts a layer on an endpoint of a socket that copies what is written to the
 * targets. Without memory, nothing is copied, after a message.
 */
void	mirror_wrap(const struct mirror_targets *, struct endpoint *);

#endif
