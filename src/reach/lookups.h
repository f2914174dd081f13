/*
 * The addresses of the names that a connection needs: of its target, and of a
 * proxy, of hops or of the local end before.
 *
 * Laws: no lookup stands still in the loop. The clients that ask for the same
 * addresses at a time share one lookup. A lookup that takes too long goes on,
 * and its late answer serves the next who asks: so there is at most one thread.
 */
#ifndef REACH_LOOKUPS_H
#define REACH_LOOKUPS_H

#include <sys/queue.h>

#include "base/diag.h"
#include "reach/resolve.h"

struct lookups;
TAILQ_HEAD(lookups_waiting, lookups);

/* What is looked up; host and port outlive it. As for resolve_start. */
struct addresses_options {
	struct resolve_options	 resolve;
	const char		*host, *port;
	bool			 passive;
	int64_t			 limit;	/* ns of a lookup; -1: none */
	int64_t			 fresh;	/* ns an answer is used; 0: once */
};

struct addresses {
	struct loop		*loop;		/* NULL: not begun */
	struct addresses_options opt;
	struct addr_list	 list;
	int64_t			 until;		/* the list is used; 0: not */
	struct resolve		*resolve;	/* NULL: no lookup runs */
	struct timer		 timer;		/* the limit */
	struct lookups_waiting	 waiting;
};

void	addresses_init(struct addresses *, struct loop *,
	    const struct addresses_options *);
/* None of the addresses could be reached: the next who asks looks up. */
void	addresses_renew(struct addresses *);
/* Zeroed memory: does nothing. */
void	addresses_free(struct addresses *);

/* Some addresses are needed, or only wanted: then a failure does not matter. */
struct lookups_step {
	struct addresses	*of;
	bool			 optional;
};

/* Lookups in sequence, for one connection. */
struct lookups {
	const struct lookups_step *steps;
	size_t			 n, at;
	TAILQ_ENTRY(lookups)	 link;
	bool			 waits;
	/* All addresses are there. */
	void			(*found)(void *arg);
	/* Why these are not: op "look up", object: the host. */
	void			(*failed)(void *arg, const struct addresses *,
				    const struct error *);
	void			*arg;
};

/*
 * Looks up by these steps, which outlive the lookups. Calls found() or failed()
 * once: from a turn of the loop, or at once if nothing is to be waited for.
 */
void	lookups_start(struct lookups *, const struct lookups_step *, size_t n);
/* Waits no longer. */
void	lookups_stop(struct lookups *);

#endif
