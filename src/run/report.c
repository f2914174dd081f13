/*
 * How things stand, for whoever wonders why we are still here (USR1).
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "run/report.h"

#define TEXT_MAX	128

static double
report_seconds(int64_t nsec)
{
	return (double)nsec / (double)NSEC_PER_SEC;
}

static const char *
report_ended_text(const struct flow *f)
{
	switch (f->cause) {
	case FLOW_EOF:
		return f->half_close ? "has ended, which was passed on" :
		    "has ended";
	case FLOW_READ_FAILED:
	case FLOW_WRITE_FAILED:
		return "has failed";
	default:
		return "is not in use";
	}
}

static const char *
report_flow_text(const struct flow *f, char buf[TEXT_MAX])
{
	const char *end = f->state == FLOW_OPEN ? "" : "has ended; ";
	size_t held = flow_held(f);

	if (f->state == FLOW_DONE)
		return report_ended_text(f);
	if (f->gated_until != 0)
		(void)snprintf(buf, TEXT_MAX, "%spauses between what is sent",
		    end);
	else if (held > 0)
		(void)snprintf(buf, TEXT_MAX, "%s%zu bytes wait to be taken",
		    end, held);
	else if (f->state != FLOW_OPEN)
		(void)snprintf(buf, TEXT_MAX, "%s%s", end, f->hold_shut ?
		    "the peer is told when it pauses" :
		    "the peer is being told");
	else
		return "waits for something to read";
	return buf;
}

static void
report_flow(const char *what, const char *name, const struct flow *f)
{
	char buf[TEXT_MAX];

	diag_warnx("%s %" PRIu64 " bytes; %s %s", what, f->ledger.written,
	    name, report_flow_text(f, buf));
}

static void
report_date(const struct run *r, const char *what, int64_t when)
{
	if (when != 0)
		diag_warnx("%s in %.1f seconds", what,
		    report_seconds(when - loop_now(r->loop)));
}

static void
report_session(const struct run *r)
{
	const struct session *s = &r->session;
	char text[FAR_RULE_TEXT_MAX];

	diag_warnx("%s: %.1f seconds so far", s->far->in.name,
	    report_seconds(loop_now(r->loop) - s->started));
	report_flow("sent", s->near->in.top != NULL ? s->near->in.name :
	    "the input", &s->up);
	report_flow("received", "the peer", &s->down);
	if (s->confirm_next != 0)
		diag_warnx("%" PRIu64 " bytes are not acknowledged yet",
		    (uint64_t)s->unacked);
	if (s->idleness)
		report_date(r, "ends for silence",
		    s->active + s->opt.policy.idle);
	report_date(r, "quits after the end of the input", s->linger_until);
	if (s->far_end.rule != RULE_NONE && s->up.state == FLOW_OPEN)
		diag_warnx("the peer has ended; %s",
		    policy_far_text(&s->opt.policy, s->far_end.rule, text));
	report_date(r, "ends unless the input gives something",
	    s->far_end.until);
	report_date(r, "ends unless the peer ends", s->reader_until);
	if (s->quiet != 0)
		report_date(r, "ends unless the peer says something",
		    s->active + s->quiet);
	report_date(r, "ends for its time limit", s->total_until);
}

void
report(const struct run *r)
{
	if (r->in_session)
		report_session(r);
	if (r->others > 0)
		diag_warnx("%u connection%s at work", r->others,
		    r->others == 1 ? "" : "s");
	else if (!r->in_session && r->interrupt != NULL)
		diag_warnx("one connection at work, or none yet");
	else if (!r->in_session)
		diag_warnx("no connection yet");
}
