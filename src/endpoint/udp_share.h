/*
 * Bound datagram sockets that many peers share: each peer is an endpoint of
 * its own. The peer's datagrams wait in a separate queue until they are read,
 * and answers leave from the local address that the peer has sent to.
 *
 * Laws: a slow peer delays no other: a full queue drops the newest datagram,
 * counted, and never those of other peers; each queue is bounded, and all
 * together; datagrams from our own address are ignored; nothing here prints,
 * forks, or decides which peers are admitted.
 */
#ifndef ENDPOINT_UDP_SHARE_H
#define ENDPOINT_UDP_SHARE_H

#include <sys/queue.h>

#include "base/addr.h"
#include "endpoint/endpoint.h"
#include "endpoint/udp_credit.h"
#include "io/fd_batch.h"

struct udp_share;

struct udp_share_ops {
	/*
	 * A datagram of a peer without an endpoint has come to this local
	 * address. Dropped unless the call makes an endpoint, udp_share_join.
	 */
	void	(*stranger)(void *arg, const struct addr *peer,
		    const struct addr *local);
	/* Whether a datagram may be heard at all. NULL: all may. */
	bool	(*passes)(void *arg, const struct addr *from, const void *,
		    size_t);
	/* A datagram was sent, the last of several at once. May be NULL. */
	void	(*answered)(void *arg, const struct addr *to, const void *,
		    size_t);
	/* The first datagram of a peer that found no room. May be NULL. */
	void	(*overrun)(void *arg, const struct addr *peer);
	/* An answer waits, by the limit of amplification. May be NULL. */
	void	(*withheld)(void *arg, const struct addr *peer);
	/* The sockets cannot be read any more. */
	void	(*failed)(void *arg, int num);
};

/* Datagrams that no endpoint has read, by reason. */
struct udp_share_drops {
	uint64_t	full;		/* the queue of the peer was full */
	uint64_t	refused;	/* no endpoint was made for the peer */
	uint64_t	left;		/* the endpoint closed, and no other has
					   come for them so far */
	uint64_t	own;		/* from our own address */
	uint64_t	stopped;	/* by passes() */
};

struct udp_share_options {
	const struct udp_share_ops	*ops;
	void				*arg;
	size_t				 peer_room;	/* bytes; 0: 4 MiB */
	size_t				 total_room;	/* bytes; 0: 64 MiB */
	/*
	 * A peer gets at most so many times the bytes that it has sent, as both
	 * are on the network, until it has answered: has sent a datagram after
	 * something was sent to it, or is withheld. 0: no limit.
	 */
	unsigned			 amplify;
};

/* The descriptors are taken, also on failure: NULL with errno. */
struct udp_share	*udp_share_new(struct loop *, const struct fd *,
			    size_t n, const struct udp_share_options *);
/* The endpoints of all peers must be closed before. */
void			 udp_share_free(struct udp_share *);

/*
 * Makes the endpoint of the peer for which stranger() is called;
 * endpoint_close ends the endpoint, and stranger() is called for datagrams
 * that are still unread. -1 with errno: ep has no half.
 */
int	udp_share_join(struct udp_share *, struct endpoint *ep,
	    const char *name, void *tag);
/*
 * The tag of the peer that loses least by removal: of the peers that have
 * sent a single datagram, the peer without traffic for the longest time, and
 * for this time (ns) at least. NULL: none.
 */
void	*udp_share_idlest(const struct udp_share *, int64_t silent);
/* Whether the peer has answered in the last ten minutes, in any session. */
bool	udp_share_knows(const struct udp_share *, const struct addr *peer);
/* No stranger is called for any more. */
void	udp_share_stop(struct udp_share *);

void	udp_share_dropped(const struct udp_share *, struct udp_share_drops *);
/* The socket of this index; NULL: there is none. */
const struct fd	*udp_share_socket(const struct udp_share *, size_t);

/* ---- For udp_share.c and its tests -------------------------------------- */

#define UDP_TABLE	1024		/* a power of two */

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
	struct udp_share	*of;
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
	struct udp_share	*of;
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
	struct udp_credit	 credit;
	int64_t			 active;	/* 0: not heard yet */
	struct timer		 retry;
	char			 name[ENDPOINT_NAME_MAX];
};

TAILQ_HEAD(udp_peers, udp_peer);

struct udp_share {
	struct loop			*loop;
	struct udp_share_options	 opt;
	uint64_t			 seed;
	size_t				 held;
	bool				 stopped;
	bool				 met;	/* strangers, in this batch */
	TAILQ_HEAD(, udp_peer)		 table[UDP_TABLE];
	struct udp_peers		 once;	/* the idlest first */
	struct udp_peers		 news;
	struct udp_peers		 left;	/* closed, with records */
	struct task			 again;	/* finds endpoints for these */
	struct udp_share_drops		 drops;
	struct udp_known		 known[UDP_KNOWN];
	/* The stranger of the call of stranger(). */
	struct udp_sock			*at;
	const struct addr		*from, *to;
	size_t				 n;
	struct udp_sock			 socks[];
};

#endif
