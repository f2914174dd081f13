/*
 * Trying again.
 */
#include "run/again.h"

static void
again_on_pause_end(void *arg)
{
	struct again *a = arg;

	a->go(a->arg);
}

void
again_init(struct again *a, struct run *r, void (*go)(void *), void *arg)
{
	*a = (struct again){ .run = r, .go = go, .arg = arg,
	    .timer = { .fire = again_on_pause_end, .arg = a } };
	again_fresh(a, r->plan->again.retries);
}

void
again_fresh(struct again *a, int tries)
{
	a->left = tries;
	a->pause = a->run->plan->again.delay;
}

bool
again_may(const struct again *a)
{
	return a->left != 0 && a->run->signo == 0;
}

void
again_later(struct again *a, const struct error *err)
{
	struct run *r = a->run;
	int64_t most = r->plan->again.delay_most;

	if (r->voice->trying_again != NULL)
		r->voice->trying_again(r->plan, a->pause, a->left);
	if (a->left > 0)
		a->left--;
	deadline_blame(r, err);
	timer_set(r->loop, &a->timer, loop_now(r->loop) + a->pause);
	a->pause = a->pause < most / 2 ? 2 * a->pause : most;
}

bool
again_is_pausing(const struct again *a)
{
	return timer_is_set(&a->timer);
}

void
again_stop(struct again *a)
{
	if (a->run != NULL)
		timer_clear(a->run->loop, &a->timer);
}
