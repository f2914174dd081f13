/*
 * A datagram socket that sends back what it gets, if keep() says so: in
 * batches, each from the address that it was sent to.
 *
 * Laws: what waits to be sent is one batch, and nothing is read before it is
 * gone; an error that one datagram met concerns that one alone; a socket with
 * nothing to do holds no memory and takes no turns.
 */
#ifndef NET_REFLECT_H
#define NET_REFLECT_H

#include "base/addr.h"
#include "io/fd_batch.h"
#include "loop/loop.h"

struct reflector {
	struct loop	*loop;
	struct fd	 fd;
	struct addr	 bound;
	struct watch	 watch;
	struct timer	 retry;
	struct batch	*batch;		/* NULL: nothing waits */
	unsigned	 pauses;	/* for the one at the head */
	bool		 again;		/* it was tried again at once */
	bool		 halted;
	uint64_t	 sent, lost;	/* bytes */
	/* Is this to be sent back? May halt or close reflectors. */
	bool		(*keep)(void *arg, struct reflector *,
			    const struct dgram *);
	/* This concerned one datagram. */
	void		(*failed)(void *arg, int num, const char *op);
	void		*arg;
};

/*
 * keep, failed and arg are set by the caller; fd is taken. -1 with errno:
 * then reflect_close is all that may follow.
 */
int	reflect_open(struct reflector *, struct loop *, const struct fd *);
/* Read no more; what waits is lost when it is closed. */
void	reflect_halt(struct reflector *);
/* Once, or more often. The memory stays the caller's. */
void	reflect_close(struct reflector *);

#endif
