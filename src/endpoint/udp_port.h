/*
 * The inside of udp_share: its sockets, and one peer of them. For
 * udp_share.c and udp_port.c alone.
 */
#ifndef ENDPOINT_UDP_PORT_H
#define ENDPOINT_UDP_PORT_H

#include <sys/queue.h>

#include "endpoint/udp_share.h"
#include "io/fd_batch.h"

#define UDP_TABLE	1024		/* a power of two */

/* A datagram that waits to be read. */
struct record {
	STAILQ_ENTRY(record)	 link;
	size_t			 len, whole;
	unsigned char		 data[];
};

STAILQ_HEAD(records, record);

/* One of the sockets. */
struct udp_sock {
	struct udp_share	*of;
	struct fd		 fd;
	struct watch		 watch;
	struct addr		 bound;
	bool			 wildcard;
	struct batch		*batch;
	TAILQ_HEAD(, port)	 blocked;	/* would like to write */
};

/* One peer: the layer of its endpoint. */
struct port {
	struct layer		 layer;
	LIST_ENTRY(port)	 link;		/* in the table */
	TAILQ_ENTRY(port)	 shy_link, news_link, blocked_link;
	struct udp_share	*of;
	struct udp_sock		*ear;
	struct endpoint		*ep;		/* NULL: it was closed */
	void			*tag;
	struct addr		 peer;
	struct addr		 local;		/* to answer by; len 0: any */
	struct records		 queue;
	size_t			 held;		/* of the room */
	bool			 shy;		/* has spoken once only */
	bool			 news;		/* is to be told */
	bool			 blocked;
	bool			 taken;		/* something was read */
	bool			 overrun;	/* and that was told */
	int64_t			 active;
	struct timer		 retry;
	char			 name[128];
};

TAILQ_HEAD(ports, port);

struct udp_share {
	struct loop			*loop;
	struct udp_share_options	 opt;
	uint64_t			 seed;
	size_t				 held;
	bool				 stopped;
	bool				 met;	/* strangers, lately */
	LIST_HEAD(, port)		 table[UDP_TABLE];
	struct ports			 shy;	/* the idlest first */
	struct ports			 news;
	struct ports			 left;	/* closed, and not read out */
	struct task			 again;	/* about these */
	struct udp_share_drops		 drops;
	/* The stranger that is being told of. */
	struct udp_sock			*at;
	const struct addr		*from, *to;
	size_t				 n;
	struct udp_sock			 ears[];
};

/* For the stranger that is being told of; in no table yet. NULL: ENOMEM. */
struct port	*udp_port_new(struct udp_share *, const char *name);
/* It spoke; its queue takes it, or it is dropped and counted. */
void		 udp_port_heard(struct port *);
void		 udp_port_keep(struct port *, const struct dgram *);
/* Move all that one has to another, which takes it after its own. */
void		 udp_port_inherit(struct port *to, struct port *from);
/* Free one that is closed; how many datagrams were in it? */
unsigned	 udp_port_free(struct port *);
/* Its endpoint is to be told. */
void		 udp_port_news(struct port *);
/* Tell them all. Whoever is told may close any of them. */
void		 udp_share_tell(struct udp_share *);
/* It may write again. */
void		 udp_port_unblock(struct port *);

#endif
