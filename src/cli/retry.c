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
retry_set_some_time(struct parse *p, const char *arg, int64_t *nsec)
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
	return retry_set_some_time(p, arg, &p->plan->deadline);
}

int
set_retry(struct parse *p, const struct action *a, const char *arg)
{
	const char	*why;
	long long	 n = -1;

	if (strcmp(arg, "forever") != 0 &&
	    (why = num_int(arg, a->min, a->max, &n)) != NULL)
		return p->who->bad_value(p, why, arg);
	p->plan->retry.retries = (int)n;
	return 0;
}

int
set_retry_delay(struct parse *p, const struct action *a, const char *arg)
{
	(void)a;
	return retry_set_some_time(p, arg, &p->plan->retry.delay);
}

int
set_reconnect(struct parse *p, const struct action *a, const char *arg)
{
	(void)a, (void)arg;
	p->plan->retry.reconnect = true;
	return 0;
}

/* The original's tries to get an address that is in use. */
static void
retry_seal_busy(struct plan_retry *retry)
{
	retry->retries = BUSY_TRIES;
	retry->delay = retry->delay_most = BUSY_PAUSE;
	retry->busy_only = true;
}

static void
retry_seal_delay(struct parse *p)
{
	struct plan_retry	*retry = &p->plan->retry;

	if (p->seen[ACT_RETRY_DELAY])
		retry->delay_most = retry->delay;
	else if (p->plan->mode == PLAN_WAIT) {
		retry->delay = WAIT_FIRST;
		retry->delay_most = WAIT_MOST;
	} else
		retry->delay = retry->delay_most = NSEC_PER_SEC;
}

/* Another connection gets what comes from then on. */
static void
retry_seal_reconnect(struct parse *p)
{
	struct plan	*plan = p->plan;

	plan->retry.returns = p->seen[ACT_RETRY] ? plan->retry.retries : -1;
	if (!plan->retry.reconnect || plan->near != PLAN_STDIO)
		return;
	plan->end.far_eof = FAR_KEEP_INPUT;
	plan->end.confirm = true;
}

static void
retry_seal_wait(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (!p->seen[ACT_RETRY])
		plan->retry.retries = -1;
	if (plan->connect_timeout < 0)
		plan->connect_timeout = WAIT_TRY;
	plan->retry.names = true;
}

int
seal_retry(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (p->seen[ACT_RETRY_DELAY] && !p->seen[ACT_RETRY] &&
	    !p->seen[ACT_RECONNECT] && plan->mode != PLAN_WAIT)
		return refuse(p, "must use --retry, --reconnect or --wait-for "
		    "with --retry-delay");
	if (!p->seen[ACT_DEADLINE])
		plan->deadline = -1;
	plan->retry.names = plan->compat == COMPAT_NATIVE;
	retry_seal_delay(p);
	retry_seal_reconnect(p);
	if (plan->mode == PLAN_WAIT)
		retry_seal_wait(p);
	if (plan->compat == COMPAT_TRADITIONAL && plan->mode != PLAN_SCAN)
		retry_seal_busy(&plan->retry);
	return 0;
}

/* How often, and how long the pauses are. */
static void
retry_print_tries(const struct plan_retry *retry, int n)
{
	char	buf[TIME_TEXT_MAX];

	if (n < 0)
		printf("as often as it takes");
	else
		printf("%d more time%s", n, n == 1 ? "" : "s");
	printf(", after %s", time_text(retry->delay, buf));
	if (retry->delay_most > retry->delay)
		printf(" and up to %s", time_text(retry->delay_most, buf));
	putchar('\n');
}

void
explain_retry(const struct plan *plan)
{
	const struct plan_retry	*retry = &plan->retry;

	if (retry->retries != 0 && !retry->busy_only) {
		printf("a failure: tried again ");
		retry_print_tries(retry, retry->retries);
	}
	if (retry->reconnect) {
		printf("an end: connected again, tried ");
		retry_print_tries(retry, retry->returns);
	}
}
