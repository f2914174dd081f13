#include "base/num.h"
#include "run/bottleneck.h"

/* On a shorter way no buffer is too small. */
#define ROUND_TRIP_MIN	(1 * NSEC_PER_MSEC)
/* A shorter transfer ends before the buffers have grown. */
#define TIME_MIN	(200 * NSEC_PER_MSEC)

/* The bytes under way at once, on average. */
static double
bottleneck_under_way(uint64_t bytes, int64_t round_trip, int64_t time)
{
	return (double)bytes * (double)round_trip / (double)time;
}

/*
 * The send buffer grows to several times what congestion control lets be under
 * way, up to a limit: a transfer that needs most of the buffer has met the
 * limit, and congestion control would have let more be under way. The kernel
 * counts the time for which the buffer was full, but misses most of that where
 * one call fills the buffer. The shortest round trip counts: bytes that wait in
 * a queue of the network need no larger buffer.
 */
static bool
bottleneck_in_buffer(const struct fd_pace *p, double under_way)
{
	bool was_full = p->for_buffer * 100 >= p->busy;

	return under_way * (was_full ? 2 : 1.5) >= (double)p->sndbuf &&
	    under_way * 1.5 <= (double)p->cwnd;
}

/*
 * A slow reader fills its window, too, but then few bytes are under way. The
 * congestion window grows to at most twice as many as ever were.
 */
static bool
bottleneck_in_peer(const struct fd_pace *p, double under_way)
{
	return p->for_window * 3 >= p->busy &&
	    under_way * 4 >= (double)p->cwnd;
}

/*
 * The kernel widens the window to twice what comes in a round trip, unless the
 * buffer is as large as it may be.
 */
static bool
bottleneck_receiving(const struct fd_pace *p, int64_t elapsed)
{
	return elapsed >= TIME_MIN && p->received > p->window &&
	    bottleneck_under_way(p->received, p->round_trip, elapsed) * 5 >=
	    (double)p->window * 3;
}

static enum bottleneck_kind
bottleneck_sending(const struct fd_pace *p)
{
	double under_way;

	if (p->busy < TIME_MIN)
		return BOTTLENECK_NONE;
	under_way = bottleneck_under_way(p->acked, p->round_trip, p->busy);
	if (bottleneck_in_buffer(p, under_way))
		return BOTTLENECK_SEND_BUFFER;
	return bottleneck_in_peer(p, under_way) ? BOTTLENECK_PEER_WINDOW :
	    BOTTLENECK_NONE;
}

struct bottleneck
bottleneck_of(const struct fd_pace *p, int64_t elapsed)
{
	struct bottleneck b = { .kind = BOTTLENECK_NONE,
	    .round_trip = p->round_trip };

	if (p->round_trip < ROUND_TRIP_MIN)
		return b;
	b.kind = bottleneck_sending(p);
	if (b.kind == BOTTLENECK_SEND_BUFFER)
		b.size = p->sndbuf;
	if (b.kind == BOTTLENECK_NONE && bottleneck_receiving(p, elapsed)) {
		b.kind = BOTTLENECK_WINDOW;
		b.size = p->window;
	}
	return b;
}

void
bottleneck_report(struct run *r, const struct fd *fd, int64_t elapsed)
{
	struct fd_pace pace;
	struct bottleneck b;

	if (r->plan->verbose == 0 || r->messages->limited == NULL ||
	    r->hinted_limit || !fd_pace(fd, &pace))
		return;
	b = bottleneck_of(&pace, elapsed);
	if (b.kind == BOTTLENECK_NONE)
		return;
	r->hinted_limit = true;
	r->messages->limited(r->plan, &b);
}
