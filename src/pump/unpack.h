/*
 * Datagrams of messages under an endpoint that hears many senders: what is
 * read from it are the messages of one datagram. One that is not made of
 * whole messages is told of, and dropped.
 *
 * Law: a datagram stands for itself; nothing is kept from one to the next.
 */
#ifndef PUMP_UNPACK_H
#define PUMP_UNPACK_H

#include "endpoint/endpoint.h"
#include "frame/frame.h"

struct unpack_options {
	struct frame_rules	rules;
	bool			lf;		/* behind each message */
	/* From within a read; why is gone afterwards. */
	void			(*broken)(void *arg, const char *why);
	void			*arg;
};

/* ep is a datagram socket's, and has not been used yet; -1: no memory. */
int	unpack_endpoint(struct endpoint *ep, const struct unpack_options *);

#endif
