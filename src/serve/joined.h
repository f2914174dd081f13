/*
 * Messages of many at once: those of each peer come out whole, never one
 * within another's, and what is sent to them is told apart where they come
 * and go.
 *
 * Law: what one of them sends that makes no sense is its own affair.
 */
#ifndef SERVE_JOINED_H
#define SERVE_JOINED_H

#include "frame/frame.h"
#include "run/run.h"

/*
 * A datagram was not made of messages: once for each sender in a row (told),
 * for it may go on like that.
 */
void	joined_say_broken(const struct run *, const struct addr *from,
	    struct addr *told, const char *why);

/* Those who send datagrams to one socket. */
struct joined_senders {
	struct run		*run;
	const struct layer	*udp;	/* knows who it was */
	struct addr		 told;	/* of whom it was told last */
};

/* ep is that socket's, and all that it is to know is set; -1: no memory. */
int	joined_unpack(struct joined_senders *, struct run *,
	    struct endpoint *ep);

#endif
