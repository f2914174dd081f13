#include "run/retry.h"

void
retry_init(struct retry *t, struct run *r, void (*go)(void *), void *arg)
{
	*t = (struct retry){ .run = r, .timer = { .fire = go, .arg = arg } };
	retry_fresh(t, r->plan->retry.retries);
}

void
retry_fresh(struct retry *t, int tries)
{
	t->left = tries;
	t->pause = t->run->plan->retry.delay;
}

bool
retry_may(const struct retry *t)
{
	return t->left != 0 && t->run->signo == 0;
}

void
retry_later(struct retry *t, const struct error *err)
{
	struct run *r = t->run;
	int64_t most = r->plan->retry.delay_most;

	REPORT(r->plan, EVENT_TRYING_AGAIN, .pause = t->pause, .left = t->left);
	if (t->left > 0)
		t->left--;
	deadline_blame(r, err);
	timer_set(r->loop, &t->timer, loop_now(r->loop) + t->pause);
	t->pause = t->pause < most / 2 ? 2 * t->pause : most;
}

bool
retry_is_pausing(const struct retry *t)
{
	return timer_is_set(&t->timer);
}

void
retry_stop(struct retry *t)
{
	if (t->run != NULL)
		timer_clear(t->run->loop, &t->timer);
}
