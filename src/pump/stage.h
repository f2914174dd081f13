/*
 * Filters under an endpoint instead of in a flow: for one whose bytes are
 * read and written by something else than a flow, such as a room.
 *
 * Laws: what was taken has been passed on, or is held by a filter until a
 * whole is there; what a filter finds to make no sense is an error of the
 * read half (EBADMSG), after everything that came before.
 */
#ifndef PUMP_STAGE_H
#define PUMP_STAGE_H

#include "endpoint/endpoint.h"
#include "filter/filter.h"

/*
 * What is read from ep passes in, what is written to it passes out; both are
 * taken, also when it fails (-1: out of memory). NULL: all passes as it is.
 * ep is a socket's (or has a read half alone), and has not been used yet.
 * Nothing goes past the filters any more.
 */
int	stage_endpoint(struct endpoint *ep, struct filter *in,
	    struct filter *out);
/* The same for a write half that has nothing in common with the other. */
int	stage_output(struct endpoint *ep, struct filter *out);
/* What of the input made no sense; or NULL. */
const char *stage_fault(const struct endpoint *ep);

#endif
