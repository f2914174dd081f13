/*
 * Clients counted by host: by IPv4 address, or by /64 of IPv6.
 *
 * Laws: hosts are found by a seeded hash, in a table that grows with their
 * number, so that a client costs the same however many there are; a host is
 * forgotten with its last client. A client without a host (of a Unix socket, or
 * when memory is short) has NULL, and is not counted.
 */
#ifndef DOOR_CLIENT_HOSTS_H
#define DOOR_CLIENT_HOSTS_H

#include "base/addr.h"
#include "base/heap.h"

struct client_host {
	struct heap_node order;		/* among the hosts, by idle.top; the
					   first member */
	struct client_host *next;	/* in the bucket */
	uint64_t	 hash;
	unsigned	 n;		/* clients, as the owner counts them */
	unsigned	 waiting;	/* further clients, in a waiting room */
	/* Those of n that may be displaced, see door/places.h. */
	struct heap	 idle;
};

struct client_hosts {
	struct client_host **buckets;	/* NULL: none yet */
	size_t		 n, nbuckets;	/* nbuckets: 0 or a power of two */
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

#endif
