/*
 * A write half that passes bytes to many others, which come and go meanwhile:
 * to the oldest member, to the newest, or to all of them, to each from the
 * time when the member was added.
 *
 * Laws: bytes wait while there is no member. The oldest or newest member gets
 * them at its own speed. All members get them at the speed of the fastest,
 * through a bounded ring: a member that lags by more than the ring is dropped
 * (ENOBUFS) and holds up no other. Bytes due to a member that leaves are
 * counted as lost for that member.
 */
#ifndef ENDPOINT_SCATTER_H
#define ENDPOINT_SCATTER_H

#include <sys/queue.h>
#include <stdint.h>

#include "base/fanout.h"
#include "endpoint/endpoint.h"

enum scatter_to { SCATTER_FIRST, SCATTER_LAST, SCATTER_ALL };

/* Bytes that the slowest member may lag. */
#define SCATTER_RING	((size_t)1 << 20)

struct scatter;

struct scatter_member {
	TAILQ_ENTRY(scatter_member) link;
	struct scatter	*of;		/* NULL: the member has left */
	struct half	*to;
	struct fanout_reader reader;
	bool		 finishing;	/* gets nothing new */
	bool		 no_end;	/* is not shut when finished */
	bool		 shut;
	uint64_t	 due;		/* bytes, if finishing: still to go */
	int64_t		 active;	/* date of the last byte, ns */
	uint64_t	 written, lost;
	/* Whether to shut now; false: call scatter_wake later. NULL: now. */
	bool		(*may_shut)(void *arg, struct scatter_member *);
	/*
	 * The member has left: failed, lagged too far, or (num 0) was
	 * finished. Called from a write or a wake of the scatter.
	 */
	void		(*over)(void *arg, struct scatter_member *, int num);
	void		*arg;
};

struct scatter {
	struct layer	 layer;
	struct endpoint	*ep;		/* the scatter is its write half */
	enum scatter_to	 who;
	bool		 ended;		/* no write follows */
	TAILQ_HEAD(scatter_members, scatter_member) members;
	struct fanout	 ring;
	uint64_t	 lost;		/* due to members at the close */
	struct task	 again;
};

/* Becomes the write half of ep, which has none. */
void	scatter_init(struct scatter *, struct endpoint *ep, enum scatter_to,
	    const char *name);
/*
 * Adds a member: to, may_shut, over and arg are set by the caller, the rest is
 * 0. The notify of the member's endpoint calls scatter_wake if to is ready.
 */
void	scatter_add(struct scatter *, struct scatter_member *);
void	scatter_wake(struct scatter_member *);
/* Gives a member no new bytes; shuts the member after the bytes due. */
void	scatter_finish(struct scatter_member *);
/* Removes a member at once. */
void	scatter_remove(struct scatter_member *);

#endif
