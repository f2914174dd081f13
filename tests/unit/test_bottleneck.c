#include "unit.h"

#include "base/num.h"
#include "run/bottleneck.h"

/* The figures are those of real transfers, rounded; times in ms and us. */
static struct fd_pace
sender(int busy, int for_window, int for_buffer)
{
	return (struct fd_pace){ .round_trip = 20 * NSEC_PER_MSEC,
	    .busy = busy * NSEC_PER_MSEC,
	    .for_window = for_window * NSEC_PER_MSEC,
	    .for_buffer = for_buffer * NSEC_PER_MSEC,
	    .acked = 104857602, .cwnd = 8451976, .sndbuf = 4194304,
	    .received = 1, .window = 64088 };
}

static enum bottleneck
kind_of(const struct fd_pace *p)
{
	return bottleneck_of(p, p->busy);
}

TEST(a_send_buffer_that_is_always_full_limits)
{
	struct fd_pace	p = sender(820, 20, 260);

	CHECK_INT(kind_of(&p), BOTTLENECK_SEND_BUFFER);
	/* The kernel has counted nothing, but nearly all is under way. */
	p = sender(1208, 0, 0);
	p.acked = 52428802;
	p.sndbuf = 1000000;
	p.cwnd = 2423952;
	CHECK_INT(kind_of(&p), BOTTLENECK_SEND_BUFFER);
}

TEST(a_program_that_sends_slowly_needs_no_larger_buffer)
{
	struct fd_pace	p = sender(820, 0, 0);

	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(what_congestion_control_allows_is_no_buffer)
{
	struct fd_pace	p = sender(820, 0, 260);

	p.cwnd = 3000000;
	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(a_queue_of_the_network_needs_no_larger_buffer)
{
	struct fd_pace	p = sender(32000, 0, 31000);

	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(on_a_short_way_no_buffer_is_too_small)
{
	struct fd_pace	p = sender(820, 700, 700);

	p.round_trip = NSEC_PER_MSEC / 2;
	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
	/* Not known: an old kernel, or no answer yet. */
	p.round_trip = 0;
	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(a_transfer_that_ends_at_once_tells_nothing)
{
	struct fd_pace	p = sender(150, 0, 100);

	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
	p = sender(0, 0, 0);
	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(a_small_window_of_the_peer_limits)
{
	struct fd_pace	p = sender(1140, 1000, 0);

	p.acked = 31457282;
	p.cwnd = 1100000;
	CHECK_INT(kind_of(&p), BOTTLENECK_PEER_WINDOW);
}

TEST(a_window_that_a_slow_reader_fills_is_not_too_small)
{
	struct fd_pace	p = sender(1352, 920, 10);

	p.acked = 62914562;
	CHECK_INT(kind_of(&p), BOTTLENECK_NONE);
}

TEST(a_receiver_knows_that_its_own_window_is_always_full)
{
	struct fd_pace	p = { .round_trip = 20 * NSEC_PER_MSEC,
		.sndbuf = 46080, .cwnd = 14480, .received = 31457281,
		.window = 644000 };

	CHECK_INT(bottleneck_of(&p, 1140 * NSEC_PER_MSEC),
	    BOTTLENECK_WINDOW);
	/* The kernel has offered more than twice what comes. */
	p.window = 18958533;
	CHECK_INT(bottleneck_of(&p, 1140 * NSEC_PER_MSEC),
	    BOTTLENECK_NONE);
	/* Less than a window has come. */
	p.window = (uint64_t)1 << 30;
	CHECK_INT(bottleneck_of(&p, 200 * NSEC_PER_MSEC),
	    BOTTLENECK_NONE);
}
