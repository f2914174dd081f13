/*
 * A pause between messages, as they stand on the wire.
 */
#include <stdlib.h>

#include "frame/frame_filters.h"

struct frame_delay {
	struct gate		gate;
	int64_t			interval;
	int64_t			next;
	bool			whole;
	struct frame_reader	reader;	/* of what has left */
};

/* Up to max bytes, to the end of the message; ended: it is in them. */
static size_t
frame_delay_message_length(struct frame_reader *r, const struct ring *ring,
    size_t max, bool *ended)
{
	struct iovec iov[2];
	int cnt = ring_data(ring, iov, max);

	return frame_length(r, iov, cnt, ended);
}

static size_t
frame_delay_frames_allow(struct gate *g, const struct ring *r, int64_t now,
    int64_t *when)
{
	struct frame_delay *d = (struct frame_delay *)g;
	struct frame_reader ahead = d->reader;
	bool ended;
	size_t n;

	if (now < d->next) {
		*when = d->next;
		return 0;
	}
	n = frame_delay_message_length(&ahead, r, ring_used(r), &ended);
	return d->whole && !ended ? 0 : n;
}

static void
frame_delay_frames_passed(struct gate *g, const struct ring *r, size_t n,
    int64_t now)
{
	struct frame_delay *d = (struct frame_delay *)g;
	bool ended;

	(void)frame_delay_message_length(&d->reader, r, n, &ended);
	if (ended)
		d->next = now + d->interval;
}

static void
frame_delay_frames_free(struct gate *g)
{
	free(g);
}

static const struct gate_ops frames_ops = {
	.name = "delay-frames",
	.allow = frame_delay_frames_allow,
	.passed = frame_delay_frames_passed,
	.free = frame_delay_frames_free
};

struct gate *
gate_delay_frames(int64_t interval, const struct frame_rules *rules,
    bool whole)
{
	struct frame_delay *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->gate.ops = &frames_ops;
	d->interval = interval;
	d->whole = whole;
	frame_reader_init(&d->reader, rules);
	return &d->gate;
}
