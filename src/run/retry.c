/*
 * Trying again.
 */
#include "run/retry.h"

static void
retry_on_pause_end(void *arg)
{
	struct retry *a = arg;

	a->go(a->arg);
}

void
retry_init(struct retry *a, struct run *r, void (*go)(void *), void *arg)
{
	*a = (struct retry){ .run = r, .go = go, .arg = arg,
	    .timer = { .fire = retry_on_pause_end, .arg = a } };
	retry_fresh(a, r->plan->retry.retries);
}

void
retry_fresh(struct retry *a, int tries)
{
	a->left = tries;
	a->pause = a->run->plan->retry.delay;
}

bool
retry_may(const struct retry *a)
{
	return a->left != 0 && a->run->signo == 0;
}

void
retry_later(struct retry *a, const struct error *err)
{
	struct run *r = a->run;
	int64_t most = r->plan->retry.delay_most;

	if (r->messages->trying_again != NULL)
		r->messages->trying_again(r->plan, a->pause, a->left);
	if (a->left > 0)
		a->left--;
	deadline_blame(r, err);
	timer_set(r->loop, &a->timer, loop_now(r->loop) + a->pause);
	a->pause = a->pause < most / 2 ? 2 * a->pause : most;
}

bool
retry_is_pausing(const struct retry *a)
{
	return timer_is_set(&a->timer);
}

void
retry_stop(struct retry *a)
{
	if (a->run != NULL)
		timer_clear(a->run->loop, &a->timer);
}
