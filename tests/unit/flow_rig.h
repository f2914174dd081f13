/*
 * A flow between two ends that follow scripts, for the tests of the flow.
 */
#ifndef FLOW_RIG_H
#define FLOW_RIG_H

#include "fake.h"
#include "pump/flow.h"
#include "unit.h"

static struct fake	src, dst;
static struct flow	flow;

#define N(n)		{ FAKE_SOME, (n), 0 }
#define FULL		{ FAKE_SOME, FAKE_FULL, 0 }
#define AGAIN		{ FAKE_AGAIN, 0, 0 }
#define END		{ FAKE_EOF, 0, 0 }
#define ERR(num)	{ FAKE_ERR, 0, (num) }
#define LEN(a)		((unsigned)(sizeof(a) / sizeof((a)[0])))

static const struct flow_options plain;

/* Both ends, and a flow between them with a ring of this size. */
static inline void
set_up(const struct fake_step *r, unsigned nr, const struct fake_step *w,
    unsigned nw, const struct flow_options *opt, size_t ring)
{
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	flow_init(&flow, "test", &src.half, &dst.half, opt);
	if (ring != 0)
		ring_init(&flow.ring, ring);
}

static inline void
set_up_records(const struct fake_step *r, unsigned nr,
    const struct fake_step *w, unsigned nw, const struct flow_options *opt)
{
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	src.half.record = dst.half.record = true;
	flow_init(&flow, "test", &src.half, &dst.half, opt);
}

static inline void
run(void)
{
	const char *law = fake_run(&flow, &src, &dst);

	if (law == NULL)
		return;
	printf("broken: %s\n", law);
	unit_bad = true;
}

/* What the sink got is what the source gave, from its first byte on. */
static inline bool
is_prefix(void)
{
	size_t i;

	for (i = 0; i < dst.moved && i < FAKE_KEEP; i++)
		if (dst.got[i] != fake_byte(&src, i))
			return false;
	return dst.moved <= src.moved;
}

#endif
