/*
 * Urgent data of TCP on a connected socket (RFC 6093), which stays in the
 * stream (SO_OOBINLINE): reported when read, and sent.
 *
 * Law: no byte changes its place or is left out.
 */
#ifndef ENDPOINT_URGENT_H
#define ENDPOINT_URGENT_H

#include "endpoint/endpoint.h"

struct urgent_options {
	bool		 sends;
	unsigned char	 mark;		/* such a byte goes out as urgent */
	/* An urgent byte was read. May be NULL. */
	void		(*came)(void *arg, unsigned char byte);
	void		*arg;
};

/* Puts the layer above the socket of the endpoint; -1 with errno. */
int	endpoint_urgent(struct endpoint *, const struct urgent_options *);

#endif
