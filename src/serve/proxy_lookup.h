/*
 * The lookups of names for the clients of a proxy server.
 *
 * Law: never more than PROXY_LOOKUPS_MAX threads look names up, and one whose
 * client has left counts until its thread ends; further clients wait. A number
 * is no name, and never waits.
 */
#ifndef SERVE_PROXY_LOOKUP_H
#define SERVE_PROXY_LOOKUP_H

#include <sys/queue.h>

#include "net/resolve.h"
#include "run/run.h"

#define PROXY_LOOKUPS_MAX	100

struct proxy_lookup;
TAILQ_HEAD(proxy_lookup_list, proxy_lookup);

struct proxy_lookups {
	const struct run	*run;		/* NULL: not begun */
	struct proxy_lookup_list going, waiting;
	unsigned		 ngoing;
};

void	proxy_lookups_init(struct proxy_lookups *, const struct run *);
/* After the last client is gone. Zeroed memory: does nothing. */
void	proxy_lookups_free(struct proxy_lookups *);

/* As resolve_start, for streams of both families. The host is copied. */
struct proxy_lookup	*proxy_lookup_start(struct proxy_lookups *,
			    const char *host, void (*done)(void *arg,
			    struct addr_list *, const struct error *),
			    void *arg);
/* done() is not called any more. NULL: does nothing. */
void			 proxy_lookup_cancel(struct proxy_lookup *);

#endif
