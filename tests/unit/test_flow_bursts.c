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

static void
datagrams_that_wait_are_written_together(void)
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

static void
the_largest_has_room_behind_others(void)
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
static void
the_largest_of_a_unix_socket_has_room_as_well(void)
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

static void
counted_reads_are_not_joined(void)
{
	static const struct flow_options two = { .max_reads = 2 };
	static const struct fake_step r[] = { N(5), N(6), N(7), END };

	set_up_joined(r, LEN(r), NULL, 0, &two, true);
	CHECK(!flow.joins);
	run();
	CHECK_INT(dst.moved, 11);
	flow_free(&flow);
}

static void
blocks_of_one_size_are_sent_by_one_call(void)
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

static void
a_longer_block_is_a_datagram_of_its_own(void)
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

static void
no_call_sends_more_than_a_datagram_could_hold(void)
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
static void
refused_to_cut_they_go_one_by_one(void)
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

static void
an_old_refusal_costs_no_datagram(void)
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
static void
too_large_a_one_is_lost_alone(void)
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

static void
a_sink_that_failed_loses_all_that_was_held(void)
{
	static const struct fake_step r[] = { N(64), N(64), N(65), END };
	static const struct fake_step w[] = { ERR(EPIPE) };

	set_up_joined(r, LEN(r), w, LEN(w), &in_blocks, false);
	run();
	CHECK_INT(flow.ledger.lost, 193);
	CHECK_INT(flow.write_errno, EPIPE);
	flow_free(&flow);
}

int
main(void)
{
	unit_run("datagrams that wait are written together",
	    datagrams_that_wait_are_written_together);
	unit_run("the largest has room behind others",
	    the_largest_has_room_behind_others);
	unit_run("the largest of a Unix socket has room as well",
	    the_largest_of_a_unix_socket_has_room_as_well);
	unit_run("counted reads are not joined",
	    counted_reads_are_not_joined);
	unit_run("blocks of one size are sent by one call",
	    blocks_of_one_size_are_sent_by_one_call);
	unit_run("a longer block is a datagram of its own",
	    a_longer_block_is_a_datagram_of_its_own);
	unit_run("no call sends more than a datagram could hold",
	    no_call_sends_more_than_a_datagram_could_hold);
	unit_run("refused to cut they go one by one",
	    refused_to_cut_they_go_one_by_one);
	unit_run("an old refusal costs no datagram",
	    an_old_refusal_costs_no_datagram);
	unit_run("too large a one is lost alone",
	    too_large_a_one_is_lost_alone);
	unit_run("a sink that failed loses all that was held",
	    a_sink_that_failed_loses_all_that_was_held);
	return unit_end();
}
