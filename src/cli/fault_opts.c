#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/subjects.h"

/*
 * The options of faults that a user asks for, to test other programs.
 */

/* The default burst: what the rate gives in this time, or more. */
#define BURST_PART	10
#define BURST_LEAST	((uint64_t)16 << 10)

/* --delay T[,JITTER] */
int
set_latency(struct parse *p, const char *arg)
{
	struct fault_rules	*r = &p->plan->faults;
	char			 part[PART_MAX];
	const char		*jitter = value_part(arg, part);
	const char		*why = num_time(part, &r->delay);

	r->jitter = 0;
	if (why == NULL && jitter != NULL)
		why = num_time(jitter, &r->jitter);
	if (why != NULL)
		return p->dialect->bad_value(p, why, arg);
	return r->jitter <= r->delay ? 0 :
	    refuse(p, "--delay: the jitter is larger than the delay: %s", arg);
}

/* --rate-limit RATE[,BURST] */
int
set_rate_limit(struct parse *p, const char *arg)
{
	struct fault_rules	*r = &p->plan->faults;
	char			 part[PART_MAX];
	const char		*burst = value_part(arg, part);
	const char		*why = num_size(part, &r->rate);

	r->burst = r->rate / BURST_PART;
	if (r->burst < BURST_LEAST)
		r->burst = BURST_LEAST;
	if (why == NULL && burst != NULL)
		why = num_size(burst, &r->burst);
	if (why == NULL && (r->rate == 0 || r->burst == 0))
		why = "too small";
	/* A double counts the bytes of the bucket exactly. */
	if (why == NULL && (r->rate > (UINT64_C(1) << 50) ||
	    r->burst > (UINT64_C(1) << 50)))
		why = "too large";
	return refuse_value(p, why, arg);
}

int
set_fault_seed(struct parse *p, const char *arg)
{
	bool	fits = *arg != '\0' && is_digits(arg) && strlen(arg) <= 19;

	p->plan->faults.seed = strtoull(arg, NULL, 10);
	p->plan->faults_seeded = true;
	return refuse_value(p, fits ? NULL : "invalid", arg);
}

/* ---- All of them together ----------------------------------------------- */

int
seal_faults(struct parse *p)
{
	const struct plan	*plan = p->plan;
	struct fault_rules	*r = &p->plan->faults;
	bool			 dgrams = plan->type == TYPE_DGRAM;

	for (size_t i = 0; i < plan->forward.n; i++)
		dgrams |= plan->near == PLAN_FORWARD &&
		    plan->forward.targets[i].dgram;
	if (faults_of_datagrams(r) && !dgrams)
		return refuse(p, "--drop, --duplicate and --reorder are for "
		    "datagrams: -u, or --forward udp:host:port");
	/* Of so many digits as a person may type again. */
	if (faults_by_chance(r) && !plan->faults_seeded)
		r->seed = arc4random_uniform(UINT32_MAX);
	if (r->reset_after.on && plan->near == PLAN_STDIO &&
	    plan->serve.concurrent)
		return refuse(p, "--reset-after is for connections that do not "
		    "share standard input and output");
	return 0;
}

void
explain_faults(const struct plan *plan)
{
	const struct fault_rules	*r = &plan->faults;
	char				 delay[TIME_TEXT_MAX];
	char				 jitter[TIME_TEXT_MAX];

	if (r->delay > 0)
		printf("fault: all data comes %s later%s%s\n",
		    time_text(r->delay, delay),
		    r->jitter > 0 ? ", give or take " : "",
		    r->jitter > 0 ? time_text(r->jitter, jitter) : "");
	if (r->rate > 0)
		printf("fault: at most %" PRIu64 " bytes per second in each "
		    "direction, %" PRIu64 " at once\n", r->rate, r->burst);
	explain_told(plan, TOLD_FAULT, "", "\n");
	if (faults_by_chance(r) && plan->faults_seeded)
		printf("fault: random choices of the seed %" PRIu64 "\n",
		    r->seed);
	else if (faults_by_chance(r))
		printf("fault: random choices of a new seed in each run\n");
}
