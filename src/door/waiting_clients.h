/*
 * The waiting room of a server that is full: accepted clients that have no
 * place yet. Nothing is read of them.
 *
 * Laws: the room has a fixed size; when there is one client more, the oldest of
 * the host with most clients in the room has to leave. A client that was
 * promised a place stays.
 */
#ifndef DOOR_WAITING_CLIENTS_H
#define DOOR_WAITING_CLIENTS_H

#include <sys/queue.h>

#include "base/addr.h"
#include "door/client_hosts.h"
#include "io/fd.h"
#include "layer/layer.h"

#define WAITING_CLIENTS_MAX	64

struct waiting_client {
	TAILQ_ENTRY(waiting_client) link;
	struct fd	 fd;
	struct layer	*tls;		/* NULL: none */
	struct addr	 peer, local;
	struct client_host *host;	/* counts the client while not promised;
					   NULL: none */
	int64_t		 since;
	bool		 promised;	/* a place is about to be free */
};

struct waiting_clients {
	TAILQ_HEAD(, waiting_client) all;	/* the oldest first */
	unsigned	 n, most;	/* most 0: there is no room */
	unsigned	 promised;
};

void	waiting_clients_init(struct waiting_clients *, unsigned most);
/*
 * Takes a copy of the client, with its socket and layer. -1: no memory, and
 * nothing is taken.
 */
int	waiting_clients_add(struct waiting_clients *,
	    const struct waiting_client *);
/* The client that has to leave a room with too many; NULL: none has to. */
struct waiting_client *waiting_clients_surplus(const struct waiting_clients *);
/* The next to get a place that is free: as promised, or the oldest. */
struct waiting_client *waiting_clients_next(const struct waiting_clients *);
/* The client does not count for its host here any more. */
void	waiting_clients_promise(struct waiting_clients *,
	    struct waiting_client *);
/* Takes the client out; the caller frees it. */
void	waiting_clients_remove(struct waiting_clients *,
	    struct waiting_client *);

#endif
