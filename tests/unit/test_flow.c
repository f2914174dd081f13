/*
 * The flow, between ends that follow scripts.
 */
#include "flow_rig.h"
#include "pump/mover.h"

/* ---- Single stories ----------------------------------------------------- */

TEST(what_was_read_before_an_error_is_delivered)
{
	static const struct fake_step r[] = { N(3), ERR(ECONNRESET) };
	static const struct fake_step w[] = { AGAIN, N(1), AGAIN };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	run();
	CHECK_INT(flow.ledger.written, 3);
	CHECK_INT(flow.read_errno, ECONNRESET);
	CHECK_INT(flow.cause, FLOW_READ_FAILED);
	CHECK_INT(flow.write_errno, 0);
	flow_free(&flow);
}

TEST(a_sink_that_takes_no_more_is_a_broken_pipe)
{
	static const struct fake_step r[] = { N(5) };
	static const struct fake_step w[] = { N(2), END };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	run();
	CHECK_INT(flow.write_errno, EPIPE);
	CHECK_INT(flow.ledger.written, 2);
	CHECK_INT(flow.ledger.lost, 3);
	flow_free(&flow);
}

TEST(a_flow_that_keeps_reading_discards_after_its_sink_failed)
{
	static const struct fake_step r[] = { N(4), AGAIN, N(3), AGAIN, N(2) };
	static const struct fake_step w[] = { N(1), ERR(EPIPE) };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	flow.keep_reading = true;
	run();
	CHECK(src.ended);
	CHECK(!dst.shut);
	CHECK_INT(flow.ledger.read, 9);
	CHECK_INT(flow.ledger.written, 1);
	CHECK_INT(flow.ledger.lost, 8);
	CHECK_INT(flow.write_errno, EPIPE);
	flow_free(&flow);
}

TEST(reads_are_limited_and_what_they_gave_is_delivered)
{
	static const struct fake_step r[] = { N(4), AGAIN, N(3), N(2), N(1) };
	static const struct fake_step w[] = { AGAIN, N(2) };
	struct flow_options opt = { .max_reads = 2 };

	set_up(r, LEN(r), w, LEN(w), &opt, 0);
	run();
	CHECK_INT(flow.cause, FLOW_LIMIT);
	CHECK_INT(flow.ledger.read, 7);
	CHECK_INT(flow.ledger.written, 7);
	CHECK(dst.shut);
	flow_free(&flow);
}

TEST(a_finished_flow_delivers_what_it_holds)
{
	static const struct fake_step r[] = { N(4), AGAIN, N(3) };
	static const struct fake_step w[] = { AGAIN, N(1), AGAIN };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	src.flow = dst.flow = &flow;
	flow_step(&flow);
	CHECK_INT(flow_held(&flow), 4);
	flow_finish(&flow, FLOW_CANCEL);
	CHECK_INT(flow.state, FLOW_DRAIN);
	CHECK(!flow_wants_read(&flow));
	flow_finish(&flow, FLOW_LIMIT);		/* the first cause stays */
	run();
	CHECK_INT(flow.cause, FLOW_CANCEL);
	CHECK_INT(flow.ledger.read, 4);
	CHECK_INT(flow.ledger.written, 4);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

TEST(a_cancelled_flow_counts_what_it_held_as_lost)
{
	static const struct fake_step r[] = { N(4) };
	static const struct fake_step w[] = { N(1), AGAIN };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	src.stays = true;
	flow_step(&flow);
	CHECK_INT(flow_held(&flow), 3);
	flow_cancel(&flow);
	CHECK_INT(flow.state, FLOW_DONE);
	CHECK_INT(flow.cause, FLOW_CANCEL);
	CHECK_INT(flow.ledger.lost, 3);
	CHECK(!dst.shut);
	CHECK(flow.ring.mem == NULL);
	flow_cancel(&flow);
	flow_step(&flow);
	CHECK_STR(fake_law(&flow, &src, &dst), NULL);
	flow_free(&flow);
}

TEST(an_absent_flow_is_done_and_bears_every_event)
{
	flow_init_absent(&flow, "none", NULL);
	CHECK_INT(flow.state, FLOW_DONE);
	flow_step(&flow);
	CHECK(!flow_wants_read(&flow) && !flow_wants_write(&flow));
	flow_cancel(&flow);
	flow_finish(&flow, FLOW_LIMIT);
	flow_source_ended(&flow, 0);
	flow_sink_failed(&flow, EPIPE);
	CHECK_INT(flow.state, FLOW_DONE);
	CHECK_INT(flow_held(&flow), 0);
	flow_free(&flow);
}

TEST(a_full_ring_stops_the_reading)
{
	static const struct fake_step r[] = { FULL, FULL, FULL };
	static const struct fake_step w[] = { AGAIN };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	flow_step(&flow);
	CHECK_INT(flow_held(&flow), flow.ring.cap);
	CHECK(!flow_wants_read(&flow));
	CHECK(flow_wants_write(&flow));
	run();
	CHECK(is_prefix());
	flow_free(&flow);
}

/* The head of the ring comes to stand everywhere. */
TEST(bytes_keep_their_order_around_the_rings_end)
{
	static struct fake_step r[64], w[64];
	unsigned i;

	for (i = 0; i < 64; i++) {
		r[i] = (struct fake_step){ i % 5 == 4 ? FAKE_AGAIN : FAKE_SOME,
		    i % 7 + 1, 0 };
		w[i] = (struct fake_step){ i % 3 == 2 ? FAKE_AGAIN : FAKE_SOME,
		    i % 4 + 1, 0 };
	}
	set_up(r, 64, w, 64, &plain, 11);
	run();
	CHECK(src.moved > 100);
	CHECK_INT(dst.moved, src.moved);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(a_turn_moves_a_bounded_amount)
{
	static struct fake_step r[2000];
	unsigned i;

	for (i = 0; i < LEN(r); i++)
		r[i] = (struct fake_step)FULL;
	set_up(r, LEN(r), NULL, 0, &plain, 0);
	flow_step(&flow);
	CHECK(flow.ledger.read <= 4 << 20);
	CHECK(src.calls < LEN(r));
	CHECK(flow_wants_read(&flow) || flow_wants_write(&flow));
	flow_free(&flow);
}

TEST(a_block_limits_one_read)
{
	static const struct fake_step r[] = { FULL, AGAIN };
	struct flow_options opt = { .block = 100 };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.stays = true;
	flow_step(&flow);
	CHECK_INT(flow.ledger.read, 100);
	flow_free(&flow);
}

TEST(a_block_of_one_byte_gets_through_a_filter_that_doubles)
{
	static const struct fake_step r[] = { FULL, FULL, FULL };
	struct flow_options opt = { .block = 1, .filter = filter_crlf() };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.text = "a\nb";
	src.text_len = 3;
	run();
	CHECK_INT(dst.moved, 4);
	flow_free(&flow);
}

/* ---- What a flow waits for, and what it costs --------------------------- */

TEST(an_idle_flow_has_no_buffer)
{
	static const struct fake_step r[] = { AGAIN, N(3), AGAIN };

	set_up(r, LEN(r), NULL, 0, &plain, 0);
	src.stays = true;
	flow_step(&flow);
	CHECK(flow.ring.mem == NULL);
	CHECK(flow_wants_read(&flow));
	CHECK(!flow_wants_write(&flow));
	src.half.ready = true;
	flow_step(&flow);
	CHECK_INT(flow.ledger.written, 3);
	CHECK(flow.ring.mem == NULL);
	flow_free(&flow);
}

TEST(ends_that_are_not_ready_are_not_tried)
{
	set_up(NULL, 0, NULL, 0, &plain, 0);
	src.half.ready = dst.half.ready = false;
	flow_step(&flow);
	CHECK_INT(src.calls + dst.calls, 0);
	CHECK(flow_wants_read(&flow));
	flow_free(&flow);
}

TEST(the_halves_tell_what_their_flow_waits_for)
{
	static const struct fake_step r[] = { N(3) };
	static const struct fake_step w[] = { AGAIN };

	set_up(r, LEN(r), w, LEN(w), &plain, 0);
	src.stays = true;
	CHECK(src.half.wants(src.half.user));
	CHECK(!dst.half.wants(dst.half.user));
	flow_step(&flow);
	CHECK(dst.half.wants(dst.half.user));
	flow_free(&flow);
	CHECK(src.half.wants == NULL && dst.half.wants == NULL);
}

TEST(states_and_causes_have_names)
{
	int i;

	for (i = FLOW_OPEN; i <= FLOW_DONE; i++)
		CHECK(flow_state_name((enum flow_state)i) != NULL);
	for (i = FLOW_GOING; i <= FLOW_CANCEL; i++)
		CHECK(flow_cause_name((enum flow_cause)i) != NULL);
}

/* ---- Many small pieces -------------------------------------------------- */

/* From a pipe whose reader may try again without a wait. */
static void
set_up_pipe(const struct fake_step *r, unsigned nr, const struct fake_step *w,
    unsigned nw)
{
	static const struct flow_options tries = { .tries = true };

	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	fake_is_pipe(&src);
	src.stays = true;
	flow_init(&flow, "test", &src.half, &dst.half, &tries);
}

/* Pieces for each of which the flow has waited. */
static void
awaits(unsigned pieces)
{
	for (; pieces > 0; pieces--) {
		CHECK(flow_wants_read(&flow) && !flow_tries(&flow));
		src.half.ready = true;
		flow_step(&flow);
	}
}

TEST(pieces_without_end_are_not_waited_for)
{
	static const struct fake_step r[] = { N(9), N(9), N(9), N(9), N(9),
	    N(9), N(9), N(9), N(500), N(500), AGAIN, N(9) };

	set_up_pipe(r, LEN(r), NULL, 0);
	awaits(PACE_RUN);
	/* A try, and still an event would be heard. */
	CHECK(flow_tries(&flow) && flow_wants_read(&flow));
	flow_step(&flow);
	CHECK(flow_tries(&flow) && !flow_wants_read(&flow));
	flow_step(&flow);
	CHECK_INT(dst.moved, 8 * 9 + 2 * 500);
	CHECK(flow_tries(&flow) && !flow_wants_read(&flow));
	/* Nothing was there: the next is waited for. */
	flow_step(&flow);
	awaits(1);
	CHECK_INT(dst.moved, 9 * 9 + 2 * 500);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(a_full_sink_ends_the_tries)
{
	static const struct fake_step r[] = { N(9), N(9), N(9), N(9), N(9),
	    N(9), N(9), N(9), N(9), N(9) };
	static const struct fake_step w[] = { FULL, FULL, FULL, FULL, FULL,
	    FULL, FULL, FULL, FULL, AGAIN, FULL };

	set_up_pipe(r, LEN(r), w, LEN(w));
	awaits(PACE_RUN);
	CHECK(flow_tries(&flow));
	flow_step(&flow);
	CHECK(flow_tries(&flow));
	flow_step(&flow);
	CHECK_INT(flow_held(&flow), 9);
	CHECK(!flow_tries(&flow) && flow_wants_write(&flow));
	run();
	CHECK_INT(dst.moved, LEN(r) * 9);
	flow_free(&flow);
}

TEST(the_end_is_found_by_a_try)
{
	static const struct fake_step r[] = { N(9), N(9), N(9), N(9), N(9),
	    N(9), N(9), N(9), N(9), END };

	set_up_pipe(r, LEN(r), NULL, 0);
	awaits(PACE_RUN);
	CHECK(flow_tries(&flow));
	flow_step(&flow);
	CHECK(flow_tries(&flow));
	flow_step(&flow);
	CHECK(!flow_tries(&flow));
	CHECK_INT(flow.state, FLOW_DONE);
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(dst.moved, LEN(r) * 9 - 9);
	flow_free(&flow);
}

/* Whoever does not ask flow_tries() would wait for ever. */
TEST(other_flows_wait_for_each_piece)
{
	static const struct fake_step r[] = { N(9), N(9), N(9), N(9), N(9),
	    N(9), N(9), N(9), N(9), N(9), N(9), N(9) };
	unsigned i;

	for (i = 0; i < 3; i++) {
		struct flow_options opt = { .tries = i > 0,
		    .max_reads = i == 1 ? 100 : 0 };

		set_up(r, LEN(r), NULL, 0, &plain, 0);
		flow_free(&flow);
		if (i < 2)
			fake_is_pipe(&src);
		flow_init(&flow, "test", &src.half, &dst.half, &opt);
		awaits(LEN(r));
		flow_cancel(&flow);
		flow_free(&flow);
	}
}
