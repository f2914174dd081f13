/*
 * Bound datagram sockets that many peers share: each peer is an endpoint of
 * its own. What a peer says waits in a queue of its own until it is read, and
 * what is written to it leaves by the address of ours that it spoke to.
 *
 * Laws: one slow peer delays nobody: a full queue drops what comes to it (the
 * newest), counted, and never the datagrams of others; the queues are bounded
 * one by one and all together; what comes from our own address is not heard;
 * nothing here prints, forks, or decides who may come in.
 */
#ifndef ENDPOINT_UDP_SHARE_H
#define ENDPOINT_UDP_SHARE_H

#include "base/addr.h"
#include "endpoint/endpoint.h"

struct udp_share;

struct udp_share_ops {
	/*
	 * A datagram of somebody who has no endpoint, to this address of
	 * ours. It is dropped if none is joined for that peer within the call.
	 */
	void	(*stranger)(void *arg, const struct addr *peer,
		    const struct addr *local);
	/* May this be heard at all? NULL: everything may. */
	bool	(*passes)(void *arg, const struct addr *from, const void *,
		    size_t);
	/* This has left. NULL: nobody wants to know. */
	void	(*answered)(void *arg, const struct addr *to, const void *,
		    size_t);
	/* The first datagram of a peer that found no room. */
	void	(*overrun)(void *arg, const struct addr *peer);
	/* The sockets cannot be read any more. */
	void	(*failed)(void *arg, int num);
};

/* What was not passed on, by reason. */
struct udp_share_drops {
	uint64_t	kernel;		/* before we could read it */
	uint64_t	full;		/* the peer's queue was */
	uint64_t	refused;	/* a stranger for whom there was no
					   endpoint */
	uint64_t	left;		/* its endpoint closed, unread, and
					   no other has come for it so far */
	uint64_t	own;		/* from our own address */
	uint64_t	stopped;	/* by passes() */
};

struct udp_share_options {
	const struct udp_share_ops	*ops;
	void				*arg;
	size_t				 peer_room;	/* bytes; 0: usual */
	size_t				 total_room;
};

/* The descriptors are taken, also on failure: NULL with errno. */
struct udp_share	*udp_share_new(struct loop *, const struct fd *,
			    size_t n, const struct udp_share_options *);
/* Its endpoints must be closed by then. */
void			 udp_share_free(struct udp_share *);

/*
 * Make the endpoint of the stranger that stranger() is being told of; ends
 * with endpoint_close. What is unread then comes as from a stranger again.
 * -1 with errno; ep has no half then.
 */
int	udp_share_join(struct udp_share *, struct endpoint *ep,
	    const char *name, void *tag);
/*
 * The tag of the peer whose place is most easily given away: of those that
 * have said just one thing in their life, the one that has been silent, and
 * not spoken to, for the longest, and for so long at least. NULL: none.
 */
void	*udp_share_idlest(const struct udp_share *, int64_t silent);
/* Take no strangers any more. */
void	udp_share_stop(struct udp_share *);

void	udp_share_dropped(const struct udp_share *, struct udp_share_drops *);

#endif
