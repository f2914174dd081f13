/*
 * Clients counted by host, an IPv4 address or a /64 of IPv6; the places of a
 * server, and which client gives its place to a newcomer when all are taken.
 *
 * The rule: if a host has more than a quarter of the places, at least two, and
 * at least two more than the newcomer's host, its client that was idle longest
 * gives way, if it was idle for PLACES_IDLE, or if the newcomer has waited for
 * PLACES_PATIENCE. Otherwise, of PLACES_FEW places or more, the client of all
 * that was idle longest gives way, if it was idle for PLACES_IDLE_ANY.
 *
 * Laws: a host is forgotten with its last client; a client without a host (of a
 * Unix socket, or when memory is short) has NULL, and is not counted. The rule
 * knows neither sockets nor the clock; a client is asked when it was active at
 * most once in PLACES_IDLE and once for each choice; the cost of a choice does
 * not grow with the number of clients.
 */
#ifndef DOOR_PLACES_H
#define DOOR_PLACES_H

#include "base/addr.h"
#include "base/heap.h"
#include "base/num.h"
#include "base/socket.h"

#define PLACES_IDLE	NSEC_PER_SEC
#define PLACES_IDLE_ANY	(10 * NSEC_PER_SEC)
#define PLACES_PATIENCE	NSEC_PER_SEC

struct client_host {
	struct heap_node order;		/* among the hosts, by idle.top; the
					   first member */
	uint64_t	 hash;
	unsigned	 n;		/* clients, as the owner counts them */
	unsigned	 waiting;	/* further clients, in a waiting room */
	struct heap	 idle;		/* those of n that may give way */
};

/* Hosts by a seeded hash, in a balanced tree: tsearch(3). */
struct client_hosts {
	void		*root;
	uint64_t	 seed;
};

void	client_hosts_init(struct client_hosts *);
/* Forgets all hosts. */
void	client_hosts_free(struct client_hosts *);
/* Finds the host of this address, or makes it, without clients. */
struct client_host *client_hosts_find(struct client_hosts *,
	    const struct addr *);
/* Forgets the host (which may be NULL) if it has no clients. */
void	client_hosts_settle(struct client_hosts *, struct client_host *);

/* A client that has a place; in memory of the caller. */
struct client_place {
	/* In host->idle, by the time of an activity, if not the last. */
	struct heap_node order;		/* the first member */
	struct client_host *host;	/* NULL: none, or gave way */
};

struct places {
	unsigned	 most;
	struct client_hosts hosts;
	struct heap	 idle;		/* of hosts, by their idle.top */
	/* The hosts with more than a quarter; NULL: a free entry. */
	struct client_host *crowds[4];
	/*
	 * Sets when the client last sent or took a byte. False: the client
	 * cannot give way now.
	 */
	bool		(*active)(struct client_place *, int64_t *when);
};

void	places_init(struct places *, unsigned most,
	    bool (*active)(struct client_place *, int64_t *when));
void	places_free(struct places *);
/* Counts a client of the host (NULL: does nothing) that is to get a place. */
void	places_add(struct places *, struct client_host *);
/* The opposite. */
void	places_remove(struct places *, struct client_host *);
/*
 * Gives a place to a client that places_add has counted. may_give_way: it is
 * known when the client was active.
 */
void	places_take(struct places *, struct client_place *,
	    struct client_host *, int64_t now, bool may_give_way);
/* Takes the place from a client, which may have none. */
void	places_leave(struct places *, struct client_place *);
/* The client never gives way from now on. */
void	places_keep(struct places *, struct client_place *);

/*
 * Returns the client that gives way to a newcomer of this host (NULL: none)
 * that has waited for so long. NULL: none now; *again, if earlier or 0, is then
 * set to the date at which another choice may find one.
 */
struct client_place *places_choose(struct places *,
	    const struct client_host *newcomer, int64_t now, int64_t waited,
	    int64_t *again);
/* Returns a client of this host alone that was idle for PLACES_IDLE_ANY. */
struct client_place *places_choose_of(struct places *,
	    const struct client_host *, int64_t now);

#endif
