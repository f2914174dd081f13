/*
 * The filters and gates of a plan.
 */
#include "frame/frame_filters.h"
#include "run/stages.h"

struct frame_rules
run_frame_rules(const struct plan *plan)
{
	return (struct frame_rules){
		.format = (enum frame_format)plan->frame.how,
		.max = plan->frame.max
	};
}

/* Line ends are changed in what is read, before it is made messages. */
static struct filter *
stages_outgoing(const struct plan *plan)
{
	const struct frame_rules rules = run_frame_rules(plan);
	struct filter *frame;

	if (rules.format == FRAME_NONE)
		return filter_crlf();
	frame = filter_frame_encode(&rules, plan->frame.input_all);
	return plan->crlf ? filter_chain(filter_crlf(), frame) : frame;
}

/* So much is read at once where --delay comes from: scripts pace by it. */
#define BLOCK	((size_t)8192)

static struct gate *
stages_pause_of(const struct plan *plan)
{
	return gate_pause(plan->taps.delay, plan->type == TYPE_DGRAM ?
	    SIZE_MAX : BLOCK);
}

/* A message is a datagram. */
static bool
stages_sends_frames(const struct plan *plan)
{
	return plan->type == TYPE_DGRAM && plan->frame.how != FRAMING_NONE;
}

static struct gate *
stages_gap(const struct plan *plan)
{
	const struct frame_rules rules = run_frame_rules(plan);

	if (plan->taps.delay > 0 && stages_sends_frames(plan))
		return gate_delay_frames(plan->taps.delay, &rules, true);
	if (plan->taps.delay > 0)
		return stages_pause_of(plan);
	if (plan->taps.gap_first)
		return gate_pause(plan->interval, 0);
	return rules.format == FRAME_NONE ?
	    gate_lines(plan->interval, SIZE_MAX) :
	    gate_delay_frames(plan->interval, &rules,
	    stages_sends_frames(plan));
}

static bool
stages_has_gap(const struct plan *plan)
{
	return plan->interval > 0 || plan->taps.delay > 0 ||
	    stages_sends_frames(plan);
}

bool
run_joins(const struct plan *plan)
{
	return plan->mode == PLAN_LISTEN && plan->keep_open &&
	    plan->near == PLAN_STDIO && plan->type == TYPE_DGRAM;
}

bool
run_stages(const struct plan *plan, struct flow_options *up)
{
	if ((plan->crlf || plan->frame.how != FRAMING_NONE) &&
	    (up->filter = stages_outgoing(plan)) == NULL)
		return false;
	if (stages_has_gap(plan) && (up->gate = stages_gap(plan)) == NULL)
		return false;
	return true;
}

bool
run_stages_down(const struct plan *plan, struct flow_options *down)
{
	return run_stages_down_next(plan, down, NULL);
}

bool
run_stages_down_next(const struct plan *plan, struct flow_options *down,
    bool *broke_off)
{
	const struct frame_rules rules = run_frame_rules(plan);

	if (plan->taps.delay > 0 &&
	    (down->gate = stages_pause_of(plan)) == NULL)
		return false;
	if (rules.format == FRAME_NONE || run_joins(plan))
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
	return opt->filter != NULL &&
	    (!stages_has_gap(plan) || (opt->gate = stages_gap(plan)) != NULL);
}

void
run_stages_free(struct flow_options *up, struct flow_options *down)
{
	filter_free(up->filter);
	gate_free(up->gate);
	filter_free(down->filter);
	gate_free(down->gate);
}
