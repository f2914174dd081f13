/*
 * A pause between lines.
 */
#include <stdlib.h>
#include <string.h>

#include "filter/filter.h"

struct delay {
	struct gate	gate;
	int64_t		interval;
	int64_t		next;		/* not before; 0: at once */
};

/* Bytes up to and with the first LF; all of them if there is none. */
static size_t
line_length(const struct ring *r)
{
	struct iovec iov[2];
	const char *lf;
	size_t before = 0;
	int i, cnt = ring_data(r, iov, ring_used(r));

	for (i = 0; i < cnt; i++) {
		lf = memchr(iov[i].iov_base, '\n', iov[i].iov_len);
		if (lf != NULL)
			return before + (size_t)(lf -
			    (const char *)iov[i].iov_base) + 1;
		before += iov[i].iov_len;
	}
	return before;
}

static size_t
delay_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	struct delay *d = (struct delay *)g;

	if (now < d->next) {
		*when = d->next;
		return 0;
	}
	return line_length(r);
}

static void
delay_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct delay *d = (struct delay *)g;

	/* The rest of a line that left in part goes on at once. */
	if (n == line_length(r))
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
