/*
 * Datagrams that cross together: what the sink sees is the same as if each
 * had crossed by itself.
 */
#include "base/num.h"
#include "flow_rig.h"

static const struct flow_options in_blocks = { .block = 1000 };

static void
set_up_joined(const struct fake_step *r, unsigned nr,
    const struct fake_step *w, unsigned nw, const struct flow_options *opt,
    bool in)
{
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	src.half.record = in;
	dst.half.record = !in;
	src.joins = dst.joins = true;
	flow_init(&flow, "test", &src.half, &dst.half, opt);
}

TEST(datagrams_that_wait_are_written_together)
{
	static const struct fake_step r[] = { N(5), N(1400), N(1400), N(3),
	    AGAIN, N(7), AGAIN, END };
	static const struct fake_step w[] = { FULL, FULL };

	set_up_joined(r, LEN(r), w, LEN(w), &plain, true);
	run();
	CHECK_INT(dst.moved, 5 + 1400 + 1400 + 3 + 7);
	CHECK_INT(dst.script.next, 2);
	CHECK_INT(dst.calls, 3);		/* and a shut */
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(the_largest_has_room_behind_others)
{
	static const struct fake_step r[] = { N(65535), N(65535), N(65535),
	    N(65535), N(65535), N(0), N(65535), END };
	static const struct fake_step w[] = { N(100), AGAIN, N(70000), AGAIN,
	    FULL };

	set_up_joined(r, LEN(r), w, LEN(w), &plain, true);
	run();
	CHECK_INT(dst.moved, 6 * 65535);
	CHECK_INT(flow.ledger.lost, 0);
	CHECK(is_prefix());
	flow_free(&flow);
}

/* A Unix socket sends what its buffer holds: 212992 bytes, if not told more. */
TEST(the_largest_of_a_Unix_socket_has_room_as_well)
{
	static const struct fake_step r[] = { N(1), N(212900), N(212900),
	    N(212900), N(200), N(212900), END };
	static const struct fake_step w[] = { AGAIN, N(70000), AGAIN, FULL };

	set_up_joined(r, LEN(r), w, LEN(w), &plain, true);
	run();
	CHECK_INT(dst.moved, 4 * 212900 + 201);
	CHECK_INT(flow.ledger.lost, 0);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(counted_reads_are_not_joined)
{
	static const struct flow_options two = { .max_reads = 2 };
	static const struct fake_step r[] = { N(5), N(6), N(7), END };

	set_up_joined(r, LEN(r), NULL, 0, &two, true);
	CHECK(!flow.joins);
	run();
	CHECK_INT(dst.moved, 11);
	flow_free(&flow);
}

TEST(blocks_of_one_size_are_sent_by_one_call)
{
	static const struct fake_step r[] = { N(64), N(64), N(64), N(10),
	    N(64), AGAIN, N(64), END };

	set_up_joined(r, LEN(r), NULL, 0, &in_blocks, false);
	run();
	CHECK_INT(dst.nrecords, 6);
	CHECK_INT(dst.records[0], 64);
	CHECK_INT(dst.records[2], 64);
	CHECK_INT(dst.records[3], 10);
	CHECK_INT(dst.records[4], 64);
	CHECK_INT(dst.records[5], 64);
	CHECK_INT(dst.bursts, 1);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(a_longer_block_is_a_datagram_of_its_own)
{
	static const struct fake_step r[] = { N(64), N(64), N(65), N(64),
	    N(64), END };
	static const struct fake_step w[] = { AGAIN, FULL, AGAIN, FULL };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(dst.nrecords, 5);
	CHECK_INT(dst.records[0], 64);
	CHECK_INT(dst.records[1], 64);
	CHECK_INT(dst.records[2], 65);
	CHECK_INT(dst.records[3], 64);
	CHECK_INT(dst.bursts, 2);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(no_call_sends_more_than_a_datagram_could_hold)
{
	struct fake_step r[201];
	size_t i;

	for (i = 0; i < 200; i++)
		r[i] = (struct fake_step){ FAKE_SOME, 1000, 0 };
	r[200] = (struct fake_step){ FAKE_EOF, 0, 0 };
	set_up_joined(r, LEN(r), NULL, 0, &in_blocks, false);
	run();
	CHECK_INT(dst.moved, 200000);
	CHECK(dst.bursts >= 200000 / 65487);
	CHECK(is_prefix());
	flow_free(&flow);
}

/* Some networks have packets that are smaller than the blocks. */
TEST(refused_to_cut_they_go_one_by_one)
{
	static const struct fake_step r[] = { N(64), N(64), N(64), AGAIN,
	    N(64), N(64), END };
	static const struct fake_step w[] = { ERR(EINVAL) };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(dst.nrecords, 5);
	CHECK_INT(dst.bursts, 0);
	CHECK_INT(dst.moved, 5 * 64);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(an_old_refusal_costs_no_datagram)
{
	static const struct fake_step r[] = { N(64), N(64), N(64), END };
	static const struct fake_step w[] = { ERR(ECONNREFUSED) };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(dst.nrecords, 3);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

/* One of them is too large; then one by one, only that is lost. */
TEST(too_large_a_one_is_lost_alone)
{
	static const struct fake_step r[] = { N(64), N(64), END };
	static const struct fake_step w[] = { ERR(EMSGSIZE), ERR(EMSGSIZE),
	    FULL };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(dst.nrecords, 1);
	CHECK_INT(flow.ledger.lost, 64);
	CHECK_INT(flow.ledger.written, 64);
	flow_free(&flow);
}

TEST(a_sink_that_failed_loses_all_that_was_held)
{
	static const struct fake_step r[] = { N(64), N(64), N(65), END };
	static const struct fake_step w[] = { ERR(EPIPE) };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(flow.ledger.lost, 193);
	CHECK_INT(flow.write_errno, EPIPE);
	flow_free(&flow);
}
