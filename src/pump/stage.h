/*
 * A filter under a read half instead of in a flow: for an endpoint that is
 * one of several that a gather reads.
 *
 * Law: what a filter finds to make no sense is an error of the read half
 * (EBADMSG), after everything that came before.
 */
#ifndef PUMP_STAGE_H
#define PUMP_STAGE_H

#include "endpoint/endpoint.h"
#include "filter/filter.h"
#include "frame/frame.h"

/*
 * Passes what is read from ep through the filter, which is taken. ep has a
 * read half alone, and has not been used yet. -1 with ENOMEM.
 */
int	stage_input(struct endpoint *ep, struct filter *);
/* What of the input made no sense; NULL: all did. */
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
