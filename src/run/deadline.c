/*
 * The one clock over everything.
 */
#include <sys/time.h>
#include <signal.h>

#include "run/run.h"

/* Between two alarms, should the first one have come before the question. */
#define ALARM_AGAIN	100000		/* microseconds */

static void
deadline_ring(void *arg)
{
	struct run *r = arg;
	struct deadline *d = &r->deadline;

	timer_clear(r->loop, &d->timer);
	loop_background(r->loop, -1);
	loop_stop(r->loop);
	/* Whoever sent a signal sees that we die of it. */
	if (r->signo != 0)
		return;
	d->passed = true;
	d->status = messages_deadline(r->plan, &d->last);
}

static void
deadline_on_alarm(void *arg, int signo)
{
	struct run *r = arg;

	(void)signo;
	if (timer_is_set(&r->deadline.timer))
		deadline_ring(r);
}

/* readpassphrase(3) waits outside of the loop; a signal alone ends that. */
static bool
deadline_meets_question(const struct plan *plan)
{
	return plan->deadline >= 0 && (plan->sock.md5 || plan->proxy.asks);
}

static void
deadline_set_alarm(struct run *r)
{
	/* Rounded up: not before the deadline, and never nothing. */
	int64_t usec = r->plan->deadline / 1000 + 1;
	const struct itimerval when = {
		.it_interval.tv_usec = ALARM_AGAIN,
		.it_value.tv_sec = (time_t)(usec / 1000000),
		.it_value.tv_usec = (suseconds_t)(usec % 1000000)
	};

	if (loop_signal(r->loop, SIGALRM, deadline_on_alarm, r) == 0)
		(void)setitimer(ITIMER_REAL, &when, NULL);
}

void
deadline_start(struct run *r)
{
	struct timer *t = &r->deadline.timer;

	if (r->plan->deadline < 0)
		return;
	diag_never_wait();
	*t = (struct timer){ .fire = deadline_ring, .arg = r };
	timer_set(r->loop, t, loop_now(r->loop) + r->plan->deadline);
	loop_background(r->loop, 1);
	if (deadline_meets_question(r->plan))
		deadline_set_alarm(r);
}

void
deadline_stop(struct run *r)
{
	const struct itimerval never = { .it_value.tv_sec = 0 };

	if (deadline_meets_question(r->plan))
		(void)setitimer(ITIMER_REAL, &never, NULL);
	timer_clear(r->loop, &r->deadline.timer);
}

void
deadline_blame(struct run *r, const struct error *err)
{
	static const struct error none;

	r->deadline.last = err != NULL ? *err : none;
}
