/*
 * The addresses of a host that many clients are to be connected with: looked
 * up once for all that ask at a time, and used for a short time. A number, or
 * the path of a socket, is never looked up.
 */
#ifndef SERVE_ADDRESSES_H
#define SERVE_ADDRESSES_H

#include <sys/queue.h>

#include "run/run.h"

TAILQ_HEAD(addresses_asks, addresses_ask);

struct addresses {
	struct run		*run;
	const char		*host;
	char			 port[32];	/* a number or service */
	struct addr_list	 list;
	bool			 fixed;		/* no name */
	int			 family;	/* of a name; AF_UNSPEC: any */
	bool			 numeric;	/* no name is looked up */
	int64_t			 until;		/* the list is used; 0: not */
	struct resolve		*resolve;	/* NULL: no lookup runs */
	struct timer		 limit;		/* of a lookup */
	struct addresses_asks	 asks;
};

/* A client that waits for a lookup. */
struct addresses_ask {
	TAILQ_ENTRY(addresses_ask) link;
	bool		 waits;
	/* NULL: the list is there; otherwise why there is none. */
	void		(*answered)(void *arg, const struct error *);
	void		*arg;
};

/* The host outlives the addresses. */
void	addresses_init(struct addresses *, struct run *, const char *host,
	    const char *port);
/* The same for an address that is known. -1 with errno: no memory. */
int	addresses_init_fixed(struct addresses *, struct run *,
	    const struct addr *);
/*
 * True: the list is there. False: answered() is called from a turn of the
 * loop, or was called just now with an error.
 */
bool	addresses_get(struct addresses *, struct addresses_ask *);
/* Does not wait any more. */
void	addresses_leave(struct addresses *, struct addresses_ask *);
/* None of the addresses could be reached: the next one who asks looks up. */
void	addresses_renew(struct addresses *);
void	addresses_free(struct addresses *);

#endif
