/*
 * A pause between lines.
 */
#include <stdlib.h>

#include "filter/filter.h"

struct delay {
	struct gate	gate;
	int64_t		interval;
	int64_t		next;		/* not before; 0: at once */
};

static size_t
delay_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	struct delay *d = (struct delay *)g;

	if (now < d->next) {
		*when = d->next;
		return 0;
	}
	return ring_line(r);
}

static void
delay_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct delay *d = (struct delay *)g;

	/* The rest of a line that left in part goes on at once. */
	if (n == ring_line(r))
		d->next = now + d->interval;
}

static void
delay_free(struct gate *g)
{
	free(g);
}

static const struct gate_ops delay_ops = {
	.name = "delay",
	.allow = delay_allow,
	.passed = delay_passed,
	.free = delay_free
};

struct gate *
gate_delay(int64_t interval)
{
	struct delay *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->gate.ops = &delay_ops;
	d->interval = interval;
	return &d->gate;
}
