#include <inttypes.h>
#include <stdio.h>

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

enum bottleneck
bottleneck_of(const struct fd_pace *p, int64_t elapsed)
{
	double under_way;

	if (p->round_trip < ROUND_TRIP_MIN)
		return BOTTLENECK_NONE;
	if (p->busy >= TIME_MIN) {
		under_way = bottleneck_under_way(p->acked, p->round_trip,
		    p->busy);
		/*
		 * The send buffer grows to several times what congestion
		 * control lets be under way, up to a limit: a transfer that
		 * needs most of the buffer has met the limit, and congestion
		 * control would have let more be under way. The kernel counts
		 * the time for which the buffer was full, but misses most of
		 * that where one call fills the buffer. The shortest round
		 * trip counts: bytes that wait in a queue of the network need
		 * no larger buffer.
		 */
		if (under_way * (p->for_buffer * 100 >= p->busy ? 2 : 1.5) >=
		    (double)p->sndbuf && under_way * 1.5 <= (double)p->cwnd)
			return BOTTLENECK_SEND_BUFFER;
		/*
		 * A slow reader fills its window, too, but then few bytes are
		 * under way. The congestion window grows to at most twice as
		 * many as ever were.
		 */
		if (p->for_window * 3 >= p->busy &&
		    under_way * 4 >= (double)p->cwnd)
			return BOTTLENECK_PEER_WINDOW;
	}
	/*
	 * The kernel widens the window to twice what comes in a round trip,
	 * unless the buffer is as large as it may be.
	 */
	return elapsed >= TIME_MIN && p->received > p->window &&
	    bottleneck_under_way(p->received, p->round_trip, elapsed) * 5 >=
	    (double)p->window * 3 ? BOTTLENECK_WINDOW : BOTTLENECK_NONE;
}

void
bottleneck_report(struct run *r, const struct fd *fd, int64_t elapsed)
{
	const struct sockopt_set *sock = &r->plan->sock;
	struct fd_pace pace;
	enum bottleneck kind;
	char what[64] = "peer's receive window";
	const char *remedy = "a higher net.ipv4.tcp_rmem at the peer";

	if (r->plan->verbose == 0 || !r->messages->warns || r->hinted_limit ||
	    !fd_pace(fd, &pace) ||
	    (kind = bottleneck_of(&pace, elapsed)) == BOTTLENECK_NONE)
		return;
	r->hinted_limit = true;
	if (kind == BOTTLENECK_SEND_BUFFER) {
		(void)snprintf(what, sizeof(what), "send buffer of %" PRIu64
		    " KiB", pace.sndbuf / 1024);
		remedy = sock->sndbuf != 0 ? "a larger -O" :
		    "a higher net.ipv4.tcp_wmem";
	} else if (kind == BOTTLENECK_WINDOW) {
		(void)snprintf(what, sizeof(what), "receive window of %" PRIu64
		    " KiB", pace.window / 1024);
		remedy = sock->rcvbuf != 0 ? "a larger -I" :
		    "a higher net.ipv4.tcp_rmem";
	}
	diag_warnx("the %s limited this transfer over a round trip of %.1f ms "
	    "(%s may help)", what, (double)pace.round_trip /
	    (double)NSEC_PER_MSEC, remedy);
}
