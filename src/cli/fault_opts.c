#include <ctype.h>
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
/* Longer values than this are no value. */
#define PART_MAX	64

static void *
fault_opts_field(struct parse *p)
{
	return (char *)p->plan + actions[p->row->act].field;
}

/*
 * Copies the part before the first comma into buf; returns what follows the
 * comma, or NULL. A part that is too long becomes empty, which is invalid.
 */
static const char *
fault_opts_part(const char *arg, char buf[PART_MAX])
{
	size_t	len = strcspn(arg, ",");

	buf[0] = '\0';
	if (len < PART_MAX) {
		memcpy(buf, arg, len);
		buf[len] = '\0';
	}
	return arg[len] == ',' ? arg + len + 1 : NULL;
}

/* --delay T[,JITTER] */
int
set_latency(struct parse *p, const char *arg)
{
	struct fault_rules	*r = &p->plan->faults;
	char			 part[PART_MAX];
	const char		*jitter = fault_opts_part(arg, part);
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
	const char		*burst = fault_opts_part(arg, part);
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
	return why == NULL ? 0 : p->dialect->bad_value(p, why, arg);
}

/* A percentage from 0 to 100, with up to four decimals, to millionths. */
static const char *
fault_opts_chance(const char *s, uint32_t *chance)
{
	uint32_t	n = 0, place = FAULT_CERTAIN / 100;
	const char	*start = s;

	for (; isdigit((unsigned char)*s); s++)
		if ((n = 10 * n + (uint32_t)(*s - '0')) > 1000)
			return "too large";
	if (s == start)
		return "invalid";
	n *= place;
	if (*s == '.')
		for (s++; isdigit((unsigned char)*s); s++)
			n += (uint32_t)(*s - '0') * (place /= 10);
	if (*s == '%')
		s++;
	if (*s != '\0')
		return "invalid";
	*chance = n;
	return n > FAULT_CERTAIN ? "too large" : NULL;
}

int
set_chance(struct parse *p, const char *arg)
{
	const char	*why = fault_opts_chance(arg, fault_opts_field(p));

	return why == NULL ? 0 : p->dialect->bad_value(p, why, arg);
}

/* Bytes (4096, 64k, 5M), or a time, which has a unit (500ms, 5s, 5m). */
int
set_fault_limit(struct parse *p, const char *arg)
{
	struct fault_limit	*l = fault_opts_field(p);
	size_t			 len = strlen(arg);
	const char		*why = num_size(arg, &l->bytes);

	l->on = true;
	l->time = -1;
	if (why == NULL && l->bytes == UINT64_MAX)
		why = "too large";
	if (why == NULL || len == 0 || isdigit((unsigned char)arg[len - 1]) ||
	    arg[len - 1] == '.')
		return why == NULL ? 0 : p->dialect->bad_value(p, why, arg);
	l->bytes = UINT64_MAX;
	why = num_time(arg, &l->time);
	return why == NULL ? 0 : p->dialect->bad_value(p, why, arg);
}

int
set_fault_seed(struct parse *p, const char *arg)
{
	char	*end;

	if (!isdigit((unsigned char)*arg) || strlen(arg) > 19)
		return p->dialect->bad_value(p, "invalid", arg);
	p->plan->faults.seed = strtoull(arg, &end, 10);
	p->plan->faults_seeded = true;
	return *end == '\0' ? 0 : p->dialect->bad_value(p, "invalid", arg);
}

/* ---- All of them together ----------------------------------------------- */

static bool
fault_opts_has_datagrams(const struct plan *plan)
{
	const struct plan_forward	*f = &plan->forward;

	for (size_t i = 0; i < f->n; i++)
		if (plan->near == PLAN_FORWARD && f->targets[i].dgram)
			return true;
	return plan->type == TYPE_DGRAM;
}

int
seal_faults(struct parse *p)
{
	const struct plan	*plan = p->plan;
	struct fault_rules	*r = &p->plan->faults;

	if (faults_of_datagrams(r) && !fault_opts_has_datagrams(plan))
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

static void
fault_opts_explain_time(const char *before, int64_t nsec, const char *after)
{
	printf("%s%gs%s", before, (double)nsec / (double)NSEC_PER_SEC, after);
}

static void
fault_opts_explain_limit(const char *what, const struct fault_limit *l)
{
	if (!l->on)
		return;
	if (l->time >= 0)
		fault_opts_explain_time(what, l->time, "\n");
	else
		printf("%s%" PRIu64 " bytes in one direction\n", what,
		    l->bytes);
}

static void
fault_opts_explain_chance(const char *what, uint32_t chance)
{
	if (chance != 0)
		printf("fault: %g%% of the datagrams %s\n",
		    (double)chance * 100 / FAULT_CERTAIN, what);
}

void
explain_faults(const struct plan *plan)
{
	const struct fault_rules	*r = &plan->faults;

	if (r->delay > 0 && r->jitter > 0) {
		fault_opts_explain_time("fault: all data comes ", r->delay,
		    " later, ");
		fault_opts_explain_time("give or take ", r->jitter, "\n");
	} else if (r->delay > 0)
		fault_opts_explain_time("fault: all data comes ", r->delay,
		    " later\n");
	if (r->rate > 0)
		printf("fault: at most %" PRIu64 " bytes per second in each "
		    "direction, %" PRIu64 " at once\n", r->rate, r->burst);
	fault_opts_explain_chance("are dropped", r->drop);
	fault_opts_explain_chance("are sent twice", r->duplicate);
	fault_opts_explain_chance("are overtaken by the next", r->reorder);
	fault_opts_explain_limit("fault: the connection is reset after ",
	    &r->reset_after);
	fault_opts_explain_limit("fault: the data stops after ",
	    &r->stall_after);
	if (r->slow_close > 0)
		fault_opts_explain_time("fault: the end of the data is passed "
		    "on ", r->slow_close, " later\n");
	if (faults_by_chance(r) && plan->faults_seeded)
		printf("fault: random choices of the seed %" PRIu64 "\n",
		    r->seed);
	else if (faults_by_chance(r))
		printf("fault: random choices of a new seed in each run\n");
}
