/*
 * A write half that passes its bytes to many others, which come and go while
 * it lives: to the oldest member, to the newest, or to all of them, to each
 * from when it was added.
 *
 * Laws: bytes wait while there is no member. To one member, they go as fast
 * as it takes them. To all, as fast as the fastest takes them, through one
 * bounded ring: a member that falls behind by more than the ring is dropped
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

/* Bytes that the slowest may be behind. */
#define SCATTER_RING	((size_t)1 << 20)

struct scatter;

struct scatter_member {
	TAILQ_ENTRY(scatter_member) link;
	struct scatter	*of;		/* NULL: the member has left */
	struct half	*to;
	struct fanout_reader reader;
	bool		 finishing;	/* gets nothing new */
	bool		 shut;
	uint64_t	 due;		/* bytes, if finishing: still to go */
	int64_t		 active;	/* date of the last byte, ns */
	uint64_t	 written, lost;
	/* Whether to shut it now; false: wake it then. NULL: always. */
	bool		(*may_shut)(void *arg, struct scatter_member *);
	/*
	 * The member has left: it failed, fell behind, or (num 0) was
	 * finished. Called from a write or a wake of the scatter.
	 */
	void		(*over)(void *arg, struct scatter_member *, int num);
	void		*arg;
};

struct scatter {
	struct layer	 layer;
	struct endpoint	*ep;		/* whose write half it is */
	enum scatter_to	 who;
	bool		 ended;		/* no write follows */
	TAILQ_HEAD(scatter_members, scatter_member) members;
	struct fanout	 ring;
	uint64_t	 lost;		/* due to members as it was closed */
	struct task	 again;
};

/* Becomes the write half of ep, which has none. */
void	scatter_init(struct scatter *, struct endpoint *ep, enum scatter_to,
	    const char *name);
/*
 * Adds a member: to, may_shut, over and arg are set by the caller, the rest is
 * 0. The notify of its endpoint calls scatter_wake when to is ready.
 */
void	scatter_add(struct scatter *, struct scatter_member *);
void	scatter_wake(struct scatter_member *);
/* Gives it no new bytes, and shuts it after those that are due. */
void	scatter_finish(struct scatter_member *);
/* Removes it at once. */
void	scatter_remove(struct scatter_member *);

#endif
