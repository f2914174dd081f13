/*
 * A write half that passes its bytes to many others, which come and go while
 * it lives: to the oldest member, to the newest, or to all of them, to each
 * from when it was added.
 *
 * Laws: what is written waits while nobody is in. To one, it goes no faster
 * than that one takes it. To all, no faster than the foremost takes it, and
 * through one bounded ring: whoever falls behind by more than that is dropped
 * (ENOBUFS) and never holds up the others. What a member was to get and did
 * not is counted as lost for that member.
 */
#ifndef ENDPOINT_SCATTER_H
#define ENDPOINT_SCATTER_H

#include <sys/queue.h>
#include <stdint.h>

#include "base/fanout.h"
#include "endpoint/endpoint.h"

enum scatter_to { SCATTER_FIRST, SCATTER_LAST, SCATTER_ALL };

/* How far the slowest may be behind. */
#define SCATTER_RING	((size_t)1 << 20)

struct scatter;

struct scatter_member {
	TAILQ_ENTRY(scatter_member) link;
	struct scatter	*of;		/* NULL: it has left */
	struct half	*to;
	struct fanout_reader reader;
	bool		 finishing;	/* gets nothing new */
	bool		 shut;
	uint64_t	 due;		/* of a finishing one: still to go */
	int64_t		 active;	/* when it took something last */
	uint64_t	 written, lost;
	/* May it be told of the end now? Else wake it then. NULL: it may. */
	bool		(*may_shut)(void *arg, struct scatter_member *);
	/*
	 * It has left: it failed, fell behind, or (num 0) was finished. Called
	 * from within a write or a wake of the scatter.
	 */
	void		(*over)(void *arg, struct scatter_member *, int num);
	void		*arg;
};

struct scatter {
	struct layer	 layer;
	struct endpoint	*ep;		/* whose write half it is */
	enum scatter_to	 who;
	bool		 ended;		/* nothing will be written any more */
	TAILQ_HEAD(scatter_members, scatter_member) members;
	struct fanout	 ring;
	uint64_t	 lost;		/* due to members as it was closed */
	struct task	 again;
};

/* It becomes the write half of ep, which has none. It never fails. */
void	scatter_init(struct scatter *, struct endpoint *ep, enum scatter_to,
	    const char *name);
/*
 * A member: to, may_shut, over and arg are set by the caller, the rest is 0.
 * When to is ready, its owner's notify is to call scatter_wake.
 */
void	scatter_add(struct scatter *, struct scatter_member *);
void	scatter_wake(struct scatter_member *);
/* Nothing new for it; when it has got what it was to get, it is shut. */
void	scatter_finish(struct scatter_member *);
/* It leaves at once. */
void	scatter_remove(struct scatter_member *);

#endif
