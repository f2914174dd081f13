/*
 * The senders behind bound datagram sockets: each peer that peers_admit lets in
 * is an endpoint of its own. The peer's datagrams wait in a separate queue
 * until they are read, and answers leave from the local address that the peer
 * has sent to.
 *
 * Laws: a slow peer delays no other: a full queue drops the newest datagram,
 * counted, and never those of other peers; each queue is bounded, and all
 * together; datagrams from our own address are ignored.
 */
#ifndef PEERS_PEERS_H
#define PEERS_PEERS_H

#include <sys/queue.h>

#include "io/fd_batch.h"
#include "peers/admit.h"

struct peers;

struct peers_ops {
	/* Whether there is a place for a new peer. */
	bool	(*has_place)(void *arg);
	/* Serves a new peer. Without peers_join the datagram is dropped. */
	void	(*serve)(void *arg, const struct addr *peer,
		    const struct addr *local);
};

/* The descriptors are taken, also on failure: NULL with errno. */
struct peers	*peers_new(struct run *, const struct fd *, size_t n,
		    const struct peers_ops *, void *arg);
/* The endpoints of all peers must be closed before. */
void		 peers_free(struct peers *);
/*
 * Within serve(): makes the endpoint of the peer; endpoint_close ends it, and
 * serve() is called for datagrams that are still unread. -1 with errno: ep has
 * no half.
 */
int		 peers_join(struct peers *, struct endpoint *ep,
		    const char *name, void *tag);
/*
 * The tag of the peer that loses least by removal: of the peers that have sent
 * a single datagram, the peer without traffic for the longest time, and for
 * this time (ns) at least. NULL: none.
 */
void		*peers_idlest(const struct peers *, int64_t silent);
/* A peer could not be served: for a second, no other is admitted. */
void		 peers_rest(struct peers *);
/* No further peer is admitted. */
void		 peers_stop(struct peers *);
/* Reports with -v the dropped datagrams, and counts those of the kernel. */
void		 peers_report(struct peers *);

/* ---- For peers.c and its tests ------------------------------------------ */

#define PEERS_TABLE	1024		/* a power of two */

/* A datagram that waits to be read. */
struct record {
	TAILQ_ENTRY(record)	 link;
	size_t			 len;
	size_t			 whole;		/* more than len: was cut */
	unsigned char		 data[];
};

TAILQ_HEAD(records, record);

/* A bound socket. */
struct udp_sock {
	struct peers		*of;
	struct fd		 fd;
	struct watch		 watch;
	struct addr		 bound;
	bool			 wildcard;
	struct batch		*batch;
	TAILQ_HEAD(, udp_peer)	 blocked;	/* wait to write */
};

/* A peer: the layer of its endpoint. */
struct udp_peer {
	struct layer		 layer;
	TAILQ_ENTRY(udp_peer)	 link;		/* in the table */
	TAILQ_ENTRY(udp_peer)	 once_link, news_link, blocked_link;
	struct peers		*of;
	struct udp_sock		*sock;
	struct endpoint		*ep;		/* NULL: closed */
	void			*tag;
	struct addr		 peer;
	struct addr		 local;		/* to answer from; len 0: any */
	struct records		 queue;
	size_t			 held;		/* of the room, in bytes */
	bool			 once;		/* has sent once only */
	bool			 news;		/* notify() is due */
	bool			 blocked;
	bool			 taken;		/* a record was read */
	bool			 overrun;	/* and that was reported */
	struct peer_credit	 credit;
	int64_t			 active;	/* 0: not heard yet */
	struct timer		 retry;
	char			 name[ENDPOINT_NAME_MAX];
};

TAILQ_HEAD(udp_peers, udp_peer);

struct peers {
	struct admission	 admission;
	struct loop		*loop;
	const struct peers_ops	*ops;
	void			*arg;
	size_t			 held;		/* bytes that wait */
	size_t			 peer_room, total_room;	/* most of these */
	bool			 stopped;
	bool			 met;		/* new peers, in this batch */
	struct udp_peers	 table[PEERS_TABLE];
	struct udp_peers	 once;		/* the idlest first */
	struct udp_peers	 news;
	struct udp_peers	 left;		/* closed, with records */
	struct task		 again;		/* finds endpoints for these */
	/* The peer of the call of serve(). */
	struct udp_sock		*at;
	const struct addr	*from, *to;
	size_t			 n;
	struct udp_sock		 socks[];
};

#endif
