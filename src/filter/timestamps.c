/* The time before each line. */
#include <string.h>

#include "base/stamp.h"
#include "filter/filter.h"

struct timestamps {
	struct filter	filter;
	void		(*clock)(struct timespec *);
	struct stamp	stamp;
	bool		records;	/* each push is a datagram */
	bool		begun;		/* something was pushed */
	bool		*in_line;	/* the last byte was not a LF */
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
	const unsigned char *lf;
	struct timespec now;
	size_t len;

	(void)last;
	if (n == 0)
		return;
	t->clock(&now);
	stamp_set(&t->stamp, &now);
	if ((t->records || !t->begun) && *t->in_line) {
		ring_append(out, "\n", 1);
		*t->in_line = false;
	}
	t->begun = true;
	for (; n > 0; in += len, n -= len) {
		if (!*t->in_line)
			ring_append(out, t->stamp.text, STAMP_LEN);
		lf = memchr(in, '\n', n);
		len = lf != NULL ? (size_t)(lf - in) + 1 : n;
		ring_append(out, in, len);
		*t->in_line = lf == NULL;
	}
}

struct filter *
filter_timestamps(bool records, bool *in_line,
    void (*clock)(struct timespec *))
{
	static const struct filter_ops ops = { .growth = STAMP_LEN + 1,
	    .tail = 1, .push = timestamps_push };
	struct timestamps *t = filter_new(sizeof(*t), &ops);

	if (t == NULL)
		return NULL;
	t->clock = clock != NULL ? clock : timestamps_clock;
	t->records = records;
	t->in_line = in_line;
	return &t->filter;
}
