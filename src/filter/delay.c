/*
 * A pause between lines, or between messages.
 */
#include <stdlib.h>

#include "filter/filter.h"

struct delay {
	struct gate	gate;
	int64_t		interval;
	int64_t		next;		/* not before; 0: at once */
	bool		first;		/* ... but each line waits */
};

static size_t
delay_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	struct delay *d = (struct delay *)g;

	if (d->first && d->next == 0)
		d->next = now + d->interval;
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
		d->next = d->first ? 0 : now + d->interval;
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

struct gate *
gate_delay_first(int64_t interval)
{
	struct gate *g = gate_delay(interval);

	if (g != NULL)
		((struct delay *)g)->first = true;
	return g;
}

/* ---- Messages, as they stand on the wire -------------------------------- */

struct frame_delay {
	struct gate		gate;
	int64_t			interval;
	int64_t			next;
	struct frame_reader	reader;	/* of what has left */
};

/* Up to max bytes, to the end of the message; ended: it is in them. */
static size_t
message_length(struct frame_reader *r, const struct ring *ring, size_t max,
    bool *ended)
{
	struct iovec iov[2];
	const unsigned char *at;
	size_t used, left, sum = 0;
	int i, cnt = ring_data(ring, iov, max);
	enum frame_event event = FRAME_MORE;

	*ended = false;
	for (i = 0; i < cnt; i++) {
		at = iov[i].iov_base;
		left = iov[i].iov_len;
		do {
			event = frame_read(r, at, left, &used);
			at += used;
			left -= used;
			sum += used;
		} while (event == FRAME_HEAD || event == FRAME_DATA);
		if (event == FRAME_END) {
			*ended = true;
			return sum;
		}
	}
	/* Our own bytes are never broken; if they were, they would just go. */
	return event == FRAME_BROKEN ? max : sum;
}

static size_t
frames_allow(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	struct frame_delay *d = (struct frame_delay *)g;
	struct frame_reader ahead = d->reader;
	bool ended;

	if (now < d->next) {
		*when = d->next;
		return 0;
	}
	return message_length(&ahead, r, ring_used(r), &ended);
}

static void
frames_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	struct frame_delay *d = (struct frame_delay *)g;
	bool ended;

	(void)message_length(&d->reader, r, n, &ended);
	if (ended)
		d->next = now + d->interval;
}

static const struct gate_ops frames_ops = {
	.name = "delay-frames",
	.allow = frames_allow,
	.passed = frames_passed,
	.free = delay_free
};

struct gate *
gate_delay_frames(int64_t interval, const struct frame_rules *rules)
{
	struct frame_delay *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->gate.ops = &frames_ops;
	d->interval = interval;
	frame_reader_init(&d->reader, rules);
	return &d->gate;
}
