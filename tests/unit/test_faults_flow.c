/*
 * A flow with the gate of faults: its states and its ledger.
 */
#include <errno.h>

#include "base/num.h"
#include "filter/faults.h"
#include "flow_rig.h"

#define MS	NSEC_PER_MSEC

static struct flow_options
with(const struct fault_rules *rules)
{
	return (struct flow_options){
	    .gate = gate_faults(rules, FAULT_UP, NULL) };
}

TEST(dropped_is_not_lost)
{
	static const struct fake_step r[] = { N(5), N(65507), N(1), AGAIN,
	    N(9000), END };
	static const struct fault_rules rules = { .drop = FAULT_CERTAIN };
	struct flow_options opt = with(&rules);

	set_up_records(r, LEN(r), NULL, 0, &opt);
	flow.now = 1;
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(dst.nrecords, 0);
	CHECK_INT(flow.ledger.dropped, 5 + 65507 + 1 + 9000);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

TEST(datagrams_wait_one_after_the_other)
{
	static const struct fake_step r[] = { N(5), N(65507), N(1), N(9000),
	    END };
	static const struct fault_rules rules = { .delay = 50 * MS,
	    .duplicate = FAULT_CERTAIN };
	static const size_t sizes[] = { 5, 5, 65507, 65507, 1, 1, 9000,
	    9000 };
	struct flow_options opt = with(&rules);

	set_up_records(r, LEN(r), NULL, 0, &opt);
	flow.now = MS;
	flow_step(&flow);
	/* All have come, and none has left. */
	CHECK_INT(flow.state, FLOW_DRAIN);
	CHECK_INT(dst.nrecords, 0);
	CHECK_INT(flow.gated_until, 51 * MS);
	run();
	CHECK_INT(dst.nrecords, 8);
	for (unsigned i = 0; i < 8 && i < dst.nrecords; i++)
		CHECK_INT(dst.records[i], sizes[i]);
	CHECK_INT(flow.ledger.made, 2 * flow.ledger.read);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

/* Each is read into a single piece, also where the ring would wrap. */
TEST(no_datagram_is_cut_where_the_ring_wraps)
{
	enum { COUNT = 60 };
	static const struct fault_rules rules = { .delay = 50 * MS,
	    .jitter = 50 * MS, .seed = 1 };
	struct flow_options opt = with(&rules);
	struct fake_step r[2 * COUNT + 1] = { [2 * COUNT] = END };

	for (unsigned i = 0; i < COUNT; i++) {
		r[2 * i] = (struct fake_step)N(200000);
		r[2 * i + 1] = (struct fake_step)AGAIN;
	}
	set_up_records(r, LEN(r), NULL, 0, &opt);
	flow.now = MS;
	run();
	CHECK_INT(dst.nrecords, COUNT);
	for (unsigned i = 0; i < COUNT && i < dst.nrecords; i++)
		CHECK_INT(dst.records[i], 200000);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

/* The ring has room for what the filter makes of the largest. */
TEST(no_datagram_is_cut_before_a_filter)
{
	static const struct fake_step r[] = { N(60000), N(65507), N(60000),
	    END };
	static const struct fault_rules rules = { .delay = 50 * MS };
	static const struct fault_rules orders = {
	    .duplicate = FAULT_CERTAIN };
	const struct fault_rules *all[] = { &rules, &orders };
	struct stamped to = { .in_line = false };

	for (unsigned i = 0; i < LEN(all); i++) {
		struct flow_options opt = with(all[i]);

		stamped_begin(&to);
		opt.filter = filter_timestamps(true, &to, NULL);
		set_up_records(r, LEN(r), NULL, 0, &opt);
		flow.now = MS;
		run();
		CHECK_INT(flow.ledger.lost, 0);
		CHECK_INT(flow.ledger.read, 60000 + 65507 + 60000);
		CHECK_INT(dst.nrecords, (i + 1) * 3);
		flow_free(&flow);
	}
}

/* ... also while many wait for the sink. */
TEST(no_datagram_is_cut_in_a_queue_before_a_filter)
{
	enum { COUNT = 30 };
	static const struct fake_step w[] = { AGAIN, AGAIN, AGAIN };
	static const struct fault_rules rules = {
	    .duplicate = FAULT_CERTAIN };
	struct fake_step r[COUNT + 1] = { [COUNT] = END };
	struct flow_options opt = with(&rules);
	struct stamped to = { .in_line = false };

	stamped_begin(&to);
	opt.filter = filter_timestamps(true, &to, NULL);
	for (unsigned i = 0; i < COUNT; i++)
		r[i] = (struct fake_step)N(60000);
	set_up_records(r, LEN(r), w, LEN(w), &opt);
	flow.now = MS;
	run();
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(dst.nrecords, 2 * COUNT);
	flow_free(&flow);
}

TEST(reset_drops_the_rest)
{
	static const struct fake_step r[] = { N(1000), N(1000), AGAIN,
	    N(1000), END };
	static const struct fault_rules rules = { .reset_after = {
	    .on = true, .bytes = 1500, .time = -1 } };
	struct flow_options opt = with(&rules);

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = 1;
	run();
	CHECK_INT(flow.state, FLOW_DONE);
	CHECK_INT(flow.cause, FLOW_RESET);
	CHECK_INT(dst.moved, 1500);
	CHECK(is_prefix());
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(flow.ledger.dropped, flow.ledger.read - 1500);
	CHECK_INT(flow_date(&flow), 0);
	flow_free(&flow);
}

TEST(reset_comes_by_time_alone)
{
	static const struct fake_step r[] = { AGAIN };
	static const struct fault_rules rules = { .reset_after = {
	    .on = true, .bytes = UINT64_MAX, .time = 20 * MS } };
	struct flow_options opt = with(&rules);

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = MS;
	flow_step(&flow);
	CHECK_INT(flow_date(&flow), 21 * MS);
	/* That is no pause, in which nothing would be written. */
	CHECK_INT(flow.gated_until, 0);
	flow.now = 21 * MS;
	flow_step(&flow);
	CHECK_INT(flow.cause, FLOW_RESET);
	flow_free(&flow);
}

TEST(stall_waits_for_nothing)
{
	static const struct fake_step r[] = { N(1000), END };
	static const struct fault_rules rules = { .stall_after = {
	    .on = true, .bytes = 10, .time = -1 } };
	struct flow_options opt = with(&rules);

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = 1;
	flow_step(&flow);
	CHECK(flow.stalled);
	CHECK_INT(dst.moved, 10);
	CHECK(!flow_wants_read(&flow) && !flow_wants_write(&flow));
	CHECK(!flow_has_more(&flow));
	CHECK_INT(flow_date(&flow), 0);
	flow_cancel(&flow);
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(flow.ledger.dropped, 990);
	flow_free(&flow);
}

TEST(a_stalled_flow_keeps_the_end)
{
	static const struct fake_step r[] = { N(10), END };
	static const struct fault_rules rules = { .stall_after = {
	    .on = true, .bytes = 10, .time = -1 } };
	struct flow_options opt = with(&rules);

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = 1;
	for (int i = 0; i < 5; i++) {
		flow_step(&flow);
		src.half.ready = dst.half.ready = true;
	}
	CHECK_INT(dst.moved, 10);
	CHECK(flow.state < FLOW_SHUT);
	flow_free(&flow);
}

TEST(the_end_is_passed_on_late)
{
	static const struct fake_step r[] = { N(10), END };
	static const struct fault_rules rules = { .slow_close = 30 * MS };
	struct flow_options opt = with(&rules);

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = MS;
	flow_step(&flow);
	src.half.ready = true;
	flow_step(&flow);
	CHECK_INT(dst.moved, 10);
	CHECK_INT(flow.state, FLOW_DRAIN);
	CHECK_INT(flow_date(&flow), 31 * MS);
	flow.now = 31 * MS;
	flow_step(&flow);
	CHECK_INT(flow.state, FLOW_DONE);
	flow_free(&flow);
}

/* What is not the peer's end need not wait. */
TEST(a_limit_is_not_late)
{
	static const struct fake_step r[] = { N(10), N(10), END };
	static const struct fault_rules rules = { .slow_close = 30 * MS };
	struct flow_options opt = with(&rules);

	opt.max_reads = 1;
	set_up(r, LEN(r), NULL, 0, &opt, 0);
	flow.now = MS;
	flow_step(&flow);
	CHECK_INT(flow.state, FLOW_DONE);
	CHECK_INT(flow.cause, FLOW_LIMIT);
	flow_free(&flow);
}
