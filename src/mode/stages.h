/*
 * What a plan has done to the bytes, as filters and gates of flows, or as a
 * stage under an endpoint that no flow reads.
 *
 * Law: the order is the plan's alone, the same in all modes.
 */
#ifndef MODE_STAGES_H
#define MODE_STAGES_H

#include <stdbool.h>

#include "endpoint/endpoint.h"
#include "plan/plan.h"
#include "pump/flow.h"

/*
 * The filter and the gate that the plan asks for, of what is sent and of
 * what is received; false: out of memory, and what was made is the caller's.
 */
bool	run_stages(const struct plan *, struct flow_options *up);
bool	run_stages_down(const struct plan *, struct flow_options *down);
void	run_stages_free(struct flow_options *up, struct flow_options *down);

/* Messages of a peer that no flow reads come as lines; -1 with errno. */
int	run_frame(const struct plan *, struct endpoint *);

#endif
