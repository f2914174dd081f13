#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cli/option.h"

/*
 * The options of deadlines and of trying again, and what follows from all of
 * them together.
 */

/* What waits for a port looks soon, and then less often. */
#define WAIT_FIRST	(100 * NSEC_PER_MSEC)
#define WAIT_MOST	NSEC_PER_SEC
/* As the traditional netcat tries for an address that is in use. */
#define BUSY_TRIES	4
#define BUSY_PAUSE	(2 * NSEC_PER_SEC)
/* A try that gets no answer at all is given up, and begun again. */
#define WAIT_TRY	(5 * NSEC_PER_SEC)

/* More than nothing: no pause at all would be a busy turn. */
static int
again_set_some_time(struct parse *p, const char *arg, int64_t *nsec)
{
	const char	*why = p->who->time(p, arg, nsec);

	if (why == NULL && *nsec == 0)
		why = "too small";
	return why == NULL ? 0 : p->who->bad_value(p, why, arg);
}

int
set_deadline(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	return again_set_some_time(p, arg, &p->plan->deadline);
}

int
set_retry(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;
	long long	 n = -1;

	if (strcmp(arg, "forever") != 0 &&
	    (why = num_int(arg, a->min, a->max, &n)) != NULL)
		return p->who->bad_value(p, why, arg);
	p->plan->again.retries = (int)n;
	return 0;
}

int
set_retry_delay(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	return again_set_some_time(p, arg, &p->plan->again.delay);
}

int
set_reconnect(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	p->plan->again.reconnect = true;
	return 0;
}

/* The original's tries to get an address that is in use. */
static void
again_seal_busy(struct plan_again *again)
{
	again->retries = BUSY_TRIES;
	again->delay = again->delay_most = BUSY_PAUSE;
	again->busy_only = true;
}

static void
again_seal_delay(struct parse *p)
{
	struct plan_again	*again = &p->plan->again;

	if (p->seen[ACT_RETRY_DELAY])
		again->delay_most = again->delay;
	else if (p->plan->mode == PLAN_WAIT) {
		again->delay = WAIT_FIRST;
		again->delay_most = WAIT_MOST;
	} else
		again->delay = again->delay_most = NSEC_PER_SEC;
}

/* Another connection gets what comes from then on. */
static void
again_seal_reconnect(struct parse *p)
{
	struct plan	*plan = p->plan;

	plan->again.returns = p->seen[ACT_RETRY] ? plan->again.retries : -1;
	if (!plan->again.reconnect || plan->near != PLAN_STDIO)
		return;
	plan->end.far_eof = FAR_KEEP_INPUT;
	plan->end.confirm = true;
}

static void
again_seal_wait(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (!p->seen[ACT_RETRY])
		plan->again.retries = -1;
	if (plan->connect_timeout < 0)
		plan->connect_timeout = WAIT_TRY;
	plan->again.names = true;
}

int
seal_again(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (p->seen[ACT_RETRY_DELAY] && !p->seen[ACT_RETRY] &&
	    !p->seen[ACT_RECONNECT] && plan->mode != PLAN_WAIT)
		return refuse(p, "must use --retry, --reconnect or --wait-for "
		    "with --retry-delay");
	if (!p->seen[ACT_DEADLINE])
		plan->deadline = -1;
	plan->again.names = plan->compat == COMPAT_NATIVE;
	again_seal_delay(p);
	again_seal_reconnect(p);
	if (plan->mode == PLAN_WAIT)
		again_seal_wait(p);
	if (plan->compat == COMPAT_TRADITIONAL && plan->mode != PLAN_SCAN)
		again_seal_busy(&plan->again);
	return 0;
}

/* How often, and how long the pauses are. */
static void
again_print_tries(const struct plan_again *again, int n)
{
	char	buf[TIME_TEXT_MAX];

	if (n < 0)
		printf("as often as it takes");
	else
		printf("%d more time%s", n, n == 1 ? "" : "s");
	printf(", after %s", time_text(again->delay, buf));
	if (again->delay_most > again->delay)
		printf(" and up to %s", time_text(again->delay_most, buf));
	putchar('\n');
}

void
explain_again(const struct plan *plan)
{
	const struct plan_again	*again = &plan->again;

	if (again->retries != 0 && !again->busy_only) {
		printf("a failure: tried again ");
		again_print_tries(again, again->retries);
	}
	if (again->reconnect) {
		printf("an end: connected again, tried ");
		again_print_tries(again, again->returns);
	}
}
