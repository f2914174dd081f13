/* The time before each line. */
#include <string.h>

#include "base/stamp.h"
#include "filter/filter.h"

struct timestamps {
	struct filter	filter;
	void		(*clock)(struct timespec *);
	struct stamp	stamp;
	bool		begun;		/* something was pushed */
	struct stamped	*to;
};

static void
timestamps_clock(struct timespec *now)
{
	(void)clock_gettime(CLOCK_REALTIME, now);
}

static void
timestamps_push(struct filter *f, const unsigned char *in, size_t n, bool last,
    struct ring *out)
{
	struct timestamps *t = (struct timestamps *)f;
	struct stamped *to = t->to;
	const unsigned char *lf;
	struct timespec now;
	size_t len;

	(void)last;
	if (n == 0)
		return;
	t->clock(&now);
	stamp_set(&t->stamp, &now);
	if ((f->ops->records || !t->begun) && to->in_line) {
		ring_append(out, "\n", 1);
		to->in_line = false;
		to->lf_at = to->given++;
		to->added++;
	}
	t->begun = true;
	for (; n > 0; in += len, n -= len) {
		if (!to->in_line) {
			ring_append(out, t->stamp.text, STAMP_LEN);
			to->given += STAMP_LEN;
			to->added += STAMP_LEN;
		}
		lf = memchr(in, '\n', n);
		len = lf != NULL ? (size_t)(lf - in) + 1 : n;
		ring_append(out, in, len);
		to->given += len;
		to->in_line = lf == NULL;
	}
}

struct filter *
filter_timestamps(bool records, struct stamped *to,
    void (*clock)(struct timespec *))
{
	static const struct filter_ops ops[] = {
		{ .growth = STAMP_LEN + 1, .tail = 1,
		    .push = timestamps_push },
		{ .growth = STAMP_LEN + 1, .tail = 1,
		    .push = timestamps_push, .records = true }
	};
	struct timestamps *t = filter_new(sizeof(*t), &ops[records]);

	if (t == NULL)
		return NULL;
	t->clock = clock != NULL ? clock : timestamps_clock;
	t->to = to;
	return &t->filter;
}
