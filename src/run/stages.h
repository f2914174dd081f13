/*
 * The plan's changes to the bytes: filters and gates in flows, and layers
 * between a socket and the rest of the program.
 *
 * Law: the plan alone decides their order, which is the same in all modes.
 */
#ifndef RUN_STAGES_H
#define RUN_STAGES_H

#include <stdbool.h>

#include "endpoint/endpoint.h"
#include "plan/plan.h"
#include "pump/flow.h"

struct run;

/*
 * Adds the filter and the gate of what is sent, and of what is received. Each
 * returns false if memory is short; the caller frees what was made. broke_off
 * is kept from one session to the next: the last message of the previous
 * session was not complete; NULL: there is one session.
 */
bool	run_stages(const struct plan *, struct flow_options *up);
bool	run_stages_down(const struct plan *, struct flow_options *down,
	    bool *broke_off);
/* Adds those of an echo, which returns complete messages only. */
bool	run_stages_echo(const struct plan *, struct flow_options *);
void	run_stages_free(struct flow_options *up, struct flow_options *down);

struct frame_rules run_frame_rules(const struct plan *);

/*
 * Adds the layers for -t, -o and --output to a peer's open, unused endpoint.
 * Returns -1 with errno; the endpoint is then still usable.
 */
int	socket_layers_up(struct run *, struct endpoint *);
/* Adds them, and makes a stream of the records of a SOCK_SEQPACKET socket. */
int	socket_layers_up_flat(struct run *, struct endpoint *);
/*
 * Adds them to the far endpoint of the run; tcp: with --oob, too. On failure
 * reports the error, closes the endpoint and returns false.
 */
bool	run_open_far(struct run *, bool tcp);

#endif
