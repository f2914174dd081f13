/*
 * Clients that have come and are not served yet: those that shake hands, those
 * that have done so while the listener pauses, and those that wait for a place
 * of a full server.
 *
 * Laws: a queue has a fixed size; when there is one client more, the oldest of
 * the host with most clients in the queue has to leave, so that the clients of
 * one host keep no other client out. A client that was promised a place stays.
 */
#ifndef DOOR_CLIENT_QUEUE_H
#define DOOR_CLIENT_QUEUE_H

#include <sys/queue.h>

#include "base/addr.h"
#include "door/places.h"
#include "io/fd.h"
#include "layer/layer.h"

struct queued_client {
	TAILQ_ENTRY(queued_client) link;
	struct fd	 fd;
	struct layer	*tls;		/* NULL: none */
	struct addr_pair ends;
	struct client_host *host;	/* counts the client while not promised;
					   NULL: none */
	int64_t		 since;
	bool		 promised;	/* a place is about to be free */
};

struct client_queue {
	TAILQ_HEAD(, queued_client) all;	/* the oldest first */
	unsigned	 n, most;	/* most 0: there is no room */
	unsigned	 promised;
};

void	client_queue_init(struct client_queue *, unsigned most);
/* Takes the client, whose memory the caller has allocated. */
void	client_queue_add(struct client_queue *, struct queued_client *);
/* The client that has to leave a queue with too many; NULL: none has to. */
struct queued_client *client_queue_surplus(const struct client_queue *);
/* The next to get a place that is free: as promised, or the oldest. */
struct queued_client *client_queue_next(const struct client_queue *);
/* The client does not count for its host any more. */
void	client_queue_promise(struct client_queue *, struct queued_client *);
/* Takes the client out; the caller frees it. */
void	client_queue_remove(struct client_queue *, struct queued_client *);

#endif
