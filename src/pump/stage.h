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

/*
 * Passes what is read from ep through the filter, which is taken. ep has a
 * read half alone, and has not been used yet. -1 with ENOMEM.
 */
int	stage_input(struct endpoint *ep, struct filter *);
/* What of the input made no sense; NULL: all did. */
const char *stage_fault(const struct endpoint *ep);

#endif
