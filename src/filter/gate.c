#include <stdlib.h>

#include "filter/filter.h"

void *
gate_new(size_t size, const struct gate_ops *ops)
{
	struct gate *g = calloc(1, size);

	if (g != NULL)
		g->ops = ops;
	return g;
}

/* ---- Lines, with a pause after each ------------------------------------- */

struct line_gate {
	struct gate	gate;
	int64_t		interval;
	size_t		max;
	int64_t		next;		/* monotonic, ns; 0: at once */
};

static size_t
gate_lines_allow(struct gate *g, const struct ring *r, int64_t now,
    int64_t *when)
{
	struct line_gate *l = (struct line_gate *)g;

	if (now < l->next) {
		*when = l->next;
		return 0;
	}
	return ring_line(r, l->max);
}

/* The rest of a line that has left in part follows at once. */
static void
gate_lines_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct line_gate *l = (struct line_gate *)g;

	if (n == ring_line(r, l->max))
		l->next = now + l->interval;
}

struct gate *
gate_lines(int64_t interval, size_t max)
{
	static const struct gate_ops ops = { .allow = gate_lines_allow,
	    .passed = gate_lines_passed };
	struct line_gate *g = gate_new(sizeof(*g), &ops);

	if (g == NULL)
		return NULL;
	g->interval = interval;
	g->max = max;
	return &g->gate;
}

/* ---- Blocks, with a pause before each ----------------------------------- */

struct pause {
	struct gate	gate;
	int64_t		interval;
	size_t		max;		/* bytes of a block; 0: lines */
	int64_t		until;		/* end of the pause; 0: none */
	size_t		block;		/* bytes left of the block */
};

static size_t
gate_pause_allow(struct gate *g, const struct ring *r, int64_t now,
    int64_t *when)
{
	struct pause *p = (struct pause *)g;

	if (p->until == 0) {
		p->until = now + p->interval;
		p->block = ring_used(r) < p->max ? ring_used(r) : p->max;
	}
	if (now < p->until) {
		*when = p->until;
		return 0;
	}
	/* Of a line, all that has come by now. */
	if (p->max == 0)
		p->block = ring_line(r, SIZE_MAX);
	return p->block;
}

static void
gate_pause_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct pause *p = (struct pause *)g;

	(void)r, (void)now;
	p->block -= n < p->block ? n : p->block;
	if (p->block == 0)
		p->until = 0;
}

struct gate *
gate_pause(int64_t interval, size_t max)
{
	static const struct gate_ops ops = { .allow = gate_pause_allow,
	    .passed = gate_pause_passed };
	struct pause *p = gate_new(sizeof(*p), &ops);

	if (p == NULL)
		return NULL;
	p->interval = interval;
	p->max = max;
	return &p->gate;
}
