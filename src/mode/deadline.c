/*
 * The one clock over everything.
 */
#include "mode/run.h"

static void
on_ring(void *arg)
{
	struct run *r = arg;
	struct deadline *d = &r->deadline;

	loop_background(r->loop, -1);
	loop_stop(r->loop);
	/* Whoever sent a signal sees that we die of it. */
	if (r->signo != 0)
		return;
	d->passed = true;
	d->status = 1;
	if (r->voice->deadline != NULL)
		d->status = r->voice->deadline(r->plan, &d->last);
}

void
deadline_start(struct run *r)
{
	struct timer *t = &r->deadline.timer;

	if (r->plan->deadline < 0)
		return;
	diag_never_wait();
	*t = (struct timer){ .fire = on_ring, .arg = r };
	timer_set(r->loop, t, loop_now(r->loop) + r->plan->deadline);
	loop_background(r->loop, 1);
}

void
deadline_stop(struct run *r)
{
	timer_clear(r->loop, &r->deadline.timer);
}

void
deadline_blame(struct run *r, const struct error *err)
{
	static const struct error none;

	r->deadline.last = err != NULL ? *err : none;
}
