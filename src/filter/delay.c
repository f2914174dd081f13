/*
 * A pause between lines, or before what goes.
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

/* ---- A pause before what goes ------------------------------------------- */

struct pause {
	struct gate	gate;
	int64_t		interval;
	size_t		most;		/* in a block; 0: a line is one */
	int64_t		until;		/* 0: nothing waits */
	size_t		block;		/* what waits, or has begun to go */
};

static size_t
delay_pause_allow(struct gate *g, const struct ring *r, int64_t now,
    int64_t *when)
{
	struct pause *p = (struct pause *)g;

	if (p->until == 0) {
		p->until = now + p->interval;
		p->block = ring_used(r) < p->most ? ring_used(r) : p->most;
	}
	if (now < p->until) {
		*when = p->until;
		return 0;
	}
	/* All of it that has come by now. */
	if (p->most == 0)
		p->block = ring_line(r);
	return p->block;
}

static void
delay_pause_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct pause *p = (struct pause *)g;

	(void)r, (void)now;
	p->block -= n < p->block ? n : p->block;
	if (p->block == 0)
		p->until = 0;
}

static const struct gate_ops pause_ops = {
	.name = "pause",
	.allow = delay_pause_allow,
	.passed = delay_pause_passed,
	.free = delay_free
};

static struct gate *
delay_new_pause(int64_t interval, size_t most)
{
	struct pause *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->gate.ops = &pause_ops;
	p->interval = interval;
	p->most = most;
	return &p->gate;
}

struct gate *
gate_pause_lines(int64_t interval)
{
	return delay_new_pause(interval, 0);
}

struct gate *
gate_pause(int64_t interval, size_t most)
{
	return delay_new_pause(interval, most);
}
