#include <ctype.h>
#include <errno.h>

#include "frame/frame.h"
#include "layer/layer.h"
#include "layer/layer_telnet.h"
#include "run/run.h"

/* --delay pauses before blocks of this size, because scripts count them. */
#define BLOCK	((size_t)8192)
/* The longest line that leaves at once: the largest datagram. */
#define LINE	((size_t)65507)

/* ---- Filters and gates -------------------------------------------------- */

struct frame_rules
run_frame_rules(const struct plan *plan)
{
	return (struct frame_rules){
		.format = plan->frame.how,
		.max = plan->frame.max
	};
}

bool
run_add_faults(const struct plan *plan, struct flow_options *opt,
    enum fault_way way)
{
	if (!faults_any(&plan->faults))
		return true;
	opt->gate = gate_faults(&plan->faults, way, opt->gate);
	return opt->gate != NULL;
}

/* Returns whether each framed message is sent as a datagram. */
static bool
stages_sends_frames(const struct plan *plan)
{
	return plan->type == TYPE_DGRAM && plan->frame.how != FRAME_NONE;
}

static bool
stages_add_gate(const struct plan *plan, struct flow_options *opt)
{
	const struct frame_rules rules = run_frame_rules(plan);
	int64_t delay = plan->taps.delay, interval = plan->interval;
	bool frames = stages_sends_frames(plan);
	/* Each line of a command's output is sent as a datagram. */
	bool lines = plan->type == TYPE_DGRAM && plan->near == PLAN_EXEC &&
	    plan->dgram == DGRAM_LINE && plan->frame.how == FRAME_NONE;

	if (interval <= 0 && delay <= 0 && !lines &&
	    (!frames || faults_of_datagrams(&plan->faults)))
		return run_add_faults(plan, opt, FAULT_UP);
	if (delay > 0 && frames)
		opt->gate = gate_delay_frames(delay, &rules, true);
	else if (delay > 0)
		opt->gate = gate_pause(delay, plan->type == TYPE_DGRAM ?
		    SIZE_MAX : BLOCK);
	else if (plan->taps.gap_first)
		opt->gate = gate_pause(interval, 0);
	else if (rules.format == FRAME_NONE)
		opt->gate = gate_lines(interval > 0 ? interval : 0, LINE);
	else
		opt->gate = gate_delay_frames(interval, &rules, frames);
	return opt->gate != NULL && run_add_faults(plan, opt, FAULT_UP);
}

bool
run_stages(const struct plan *plan, struct flow_options *up)
{
	const struct frame_rules rules = run_frame_rules(plan);
	bool framed = rules.format != FRAME_NONE;

	if (framed)
		up->filter = filter_frame_encode(&rules, plan->frame.input_all);
	/* Faults are chosen for each message, as for any datagram. */
	if (up->filter != NULL && stages_sends_frames(plan) &&
	    faults_of_datagrams(&plan->faults))
		frame_encode_singly(up->filter);
	/* Line ends are converted before the lines become messages. */
	if (plan->crlf)
		up->filter = framed ? filter_chain(filter_crlf(), up->filter) :
		    filter_crlf();
	return ((!framed && !plan->crlf) || up->filter != NULL) &&
	    stages_add_gate(plan, up);
}

bool
run_stages_down(const struct plan *plan, struct flow_options *down,
    bool *broke_off)
{
	const struct frame_rules rules = run_frame_rules(plan);
	/* The session has many peers; each is decoded separately. */
	bool joins = plan->mode == PLAN_LISTEN && plan->keep_open &&
	    plan->near == PLAN_STDIO && !plan_has_connections(plan);

	if (plan->taps.delay > 0 && (down->gate = gate_pause(plan->taps.delay,
	    plan->type == TYPE_DGRAM ? SIZE_MAX : BLOCK)) == NULL)
		return false;
	if (!run_add_faults(plan, down, FAULT_DOWN))
		return false;
	if (rules.format == FRAME_NONE || joins)
		return true;
	down->filter = filter_frame_decode(&rules, !plan->frame.output_raw);
	if (down->filter == NULL)
		return false;
	frame_decode_joins(down->filter, broke_off);
	if (plan->type == TYPE_DGRAM)
		frame_decode_datagrams(down->filter);
	return true;
}

bool
run_stages_echo(const struct plan *plan, struct flow_options *opt)
{
	const struct frame_rules rules = run_frame_rules(plan);

	if (rules.format == FRAME_NONE)
		return run_stages(plan, opt);
	opt->filter = filter_frame_check(&rules);
	return opt->filter != NULL && stages_add_gate(plan, opt);
}

void
run_stages_free(struct flow_options *up, struct flow_options *down)
{
	filter_free(up->filter);
	gate_free(up->gate);
	filter_free(down->filter);
	gate_free(down->gate);
}

/* ---- Layers of a socket ------------------------------------------------- */

int
socket_layers_up(struct run *r, struct endpoint *ep, bool flat)
{
	const struct plan_taps *taps = &r->plan->taps;
	struct layer *l;

	if (!taps->above && taps_wrap(r, ep) == -1)
		return -1;
	if (taps->telnet) {
		l = layer_telnet(taps->telnet_clean, ep->out.record);
		if (l == NULL)
			return -1;
		endpoint_wrap(ep, l);
	}
	if (taps->above && taps_wrap(r, ep) == -1)
		return -1;
	if (!flat || !ep->in.record)
		return 0;
	if ((l = layer_flat()) == NULL)
		return -1;
	endpoint_wrap(ep, l);
	ep->in.record = ep->out.record = false;
	/* A short read does not mean that the socket is empty. */
	ep->in.packets = true;
	return 0;
}

static void
stages_on_urgent(void *arg, unsigned char byte)
{
	(void)arg;
	if (isprint(byte))
		diag_warnx("urgent data: 0x%02x '%c'", byte, byte);
	else
		diag_warnx("urgent data: 0x%02x", byte);
}

bool
run_open_far(struct run *r, bool tcp)
{
	const struct plan_urgent *u = &r->plan->urgent;
	const struct urgent_options opt = { .sends = u->sent,
	    .mark = u->mark, .came = u->shown ? stages_on_urgent : NULL };

	if ((!tcp || (!u->shown && !u->sent) ||
	    endpoint_urgent(&r->far, &opt) == 0) &&
	    socket_layers_up(r, &r->far, false) == 0)
		return true;
	run_fail_peer(r, "use", r->far.in.name);
	endpoint_close(&r->far);
	return false;
}
