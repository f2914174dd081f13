/*
 * The filters and gates of a plan.
 */
#include "mode/stages.h"
#include "pump/stage.h"

static struct frame_rules
frame_rules(const struct plan *plan)
{
	return (struct frame_rules){
		.format = (enum frame_format)plan->frame.how,
		.max = plan->frame.max
	};
}

/* Line ends are changed in what is read, before it is made messages. */
static struct filter *
outgoing(const struct plan *plan)
{
	const struct frame_rules rules = frame_rules(plan);
	struct filter *frame;

	if (rules.format == FRAME_NONE)
		return filter_crlf();
	frame = filter_frame_encode(&rules, plan->frame.input_all);
	return plan->crlf ? filter_chain(filter_crlf(), frame) : frame;
}

/* So much is read at once where --delay comes from: scripts pace by it. */
#define BLOCK	((size_t)8192)

static struct gate *
pause_of(const struct plan *plan)
{
	return gate_pause(plan->taps.delay, plan->type == TYPE_DGRAM ?
	    SIZE_MAX : BLOCK);
}

static struct gate *
gap(const struct plan *plan)
{
	const struct frame_rules rules = frame_rules(plan);

	if (plan->taps.delay > 0)
		return pause_of(plan);
	if (plan->taps.gap_first)
		return gate_pause_lines(plan->interval);
	return rules.format == FRAME_NONE ? gate_delay(plan->interval) :
	    gate_delay_frames(plan->interval, &rules);
}

bool
run_stages(const struct plan *plan, struct flow_options *up)
{
	if ((plan->crlf || plan->frame.how != FRAMING_NONE) &&
	    (up->filter = outgoing(plan)) == NULL)
		return false;
	if ((plan->interval > 0 || plan->taps.delay > 0) &&
	    (up->gate = gap(plan)) == NULL)
		return false;
	return true;
}

bool
run_stages_down(const struct plan *plan, struct flow_options *down)
{
	const struct frame_rules rules = frame_rules(plan);

	if (rules.format != FRAME_NONE)
		down->filter = filter_frame_decode(&rules,
		    !plan->frame.output_raw);
	if (plan->taps.delay > 0 && (down->gate = pause_of(plan)) == NULL)
		return false;
	return rules.format == FRAME_NONE || down->filter != NULL;
}

int
run_frame(const struct plan *plan, struct endpoint *ep)
{
	const struct frame_rules rules = frame_rules(plan);

	if (rules.format == FRAME_NONE)
		return 0;
	return stage_endpoint(ep, filter_frame_decode(&rules, true),
	    filter_frame_encode(&rules, false));
}

void
run_stages_free(struct flow_options *up, struct flow_options *down)
{
	filter_free(up->filter);
	gate_free(up->gate);
	filter_free(down->filter);
	gate_free(down->gate);
}
