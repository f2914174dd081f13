/*
 * What a plan has done to the bytes, as filters and gates of flows.
 *
 * Law: the order is the plan's alone, the same in all modes.
 */
#ifndef RUN_STAGES_H
#define RUN_STAGES_H

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
/* The same behind another session, whose last message may have broken off. */
bool	run_stages_down_next(const struct plan *, struct flow_options *down,
	    bool *broke_off);
void	run_stages_free(struct flow_options *up, struct flow_options *down);

/* The same of an echo: it sends back the messages that make sense. */
bool	run_stages_echo(const struct plan *, struct flow_options *);

struct frame_rules run_frame_rules(const struct plan *);
/*
 * Are there many peers beneath the one session of the standard streams? What
 * they send is then decoded for each on its own.
 */
bool	run_joins(const struct plan *);

#endif
