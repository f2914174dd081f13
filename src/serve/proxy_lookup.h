/*
 * The lookups of names for the clients of a proxy server.
 *
 * A lookup is a thread that nothing can stop, so it has a place until it ends.
 * There are PROXY_LOOKUPS_MAX places for clients that are there, and as many
 * for clients that have left: a lookup moves to one of these when its client
 * has left or has ended its sending, so that its first place is free for
 * another client. A client that has ended its sending alone still gets the
 * answer.
 *
 * Laws: in both sets of places a host (of IPv6 the /64) gets another place
 * only while it has fewer than are free, so that another host finds some. A
 * client without a place waits, and clients of other hosts may pass it. A
 * number is no name, and never waits.
 */
#ifndef SERVE_PROXY_LOOKUP_H
#define SERVE_PROXY_LOOKUP_H

#include <sys/queue.h>

#include "reach/resolve.h"
#include "run/run.h"

#define PROXY_LOOKUPS_MAX	100
/* Hosts are counted by a hash; those with the same hash share. */
#define PROXY_LOOKUP_HOSTS	256

struct proxy_lookup;

struct proxy_places {
	unsigned	 n;			/* that are taken */
	unsigned	 of[PROXY_LOOKUP_HOSTS];
};

struct proxy_lookups {
	const struct run	*run;
	TAILQ_HEAD(, proxy_lookup) going, waiting;
	struct proxy_places	 present, left;	/* of those that are going */
	struct timer		 review;	/* while some wait */
	uint64_t		 seed;		/* of the hashes of hosts */
};

void	proxy_lookups_init(struct proxy_lookups *, const struct run *);
/* After the last client is gone. */
void	proxy_lookups_free(struct proxy_lookups *);

/*
 * As resolve_start, for streams of both families. The host is copied. peer,
 * sock: the client's, which is open until done() or the cancel; -1: the caller
 * notices the client's end.
 */
struct proxy_lookup	*proxy_lookup_start(struct proxy_lookups *,
			    const char *host, const struct addr *peer,
			    int sock, void (*done)(void *arg,
			    struct addr_list *, const struct error *),
			    void *arg);
/* done() is not called any more. NULL: does nothing. */
void			 proxy_lookup_cancel(struct proxy_lookup *);

#endif
