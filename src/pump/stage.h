/*
 * A filter under a read half instead of in a flow: for an endpoint that a
 * gather reads among others.
 *
 * Law: input that a filter finds invalid is an error of the read half
 * (EBADMSG), after all bytes before it.
 */
#ifndef PUMP_STAGE_H
#define PUMP_STAGE_H

#include "endpoint/endpoint.h"
#include "filter/filter.h"
#include "frame/frame.h"

/*
 * Passes the bytes read from ep through the filter, which is taken. ep has a
 * read half alone, and has not been used yet. -1 with ENOMEM.
 */
int	stage_input(struct endpoint *ep, struct filter *);
/* Describes the invalid input; NULL: all was valid. */
const char *stage_fault(const struct endpoint *ep);

struct unpack_options {
	struct frame_rules	rules;
	bool			lf;		/* after each message */
	/* Called within a read; why is gone afterwards. */
	void			(*broken)(void *arg, const char *why);
	void			*arg;
};

/*
 * Unpacks the messages of each datagram under an endpoint that hears many
 * senders. A datagram that is not made of whole messages is reported by broken
 * and dropped. ep has not been used yet. -1: no memory.
 */
int	unpack_endpoint(struct endpoint *ep, const struct unpack_options *);

#endif
