/*
 * The flow, between ends that follow scripts.
 */
#include "flow_rig.h"
#include "pump/mover.h"

/* ---- Single stories ----------------------------------------------------- */

static void
error_after_data(void)
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

static void
sink_takes_no_more(void)
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

static void
discard_goes_on(void)
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

static void
reads_are_limited(void)
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

static void
finish_delivers(void)
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

static void
cancel_loses(void)
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

static void
absent(void)
{
	flow_init_absent(&flow, "none");
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

static void
full_ring_stops_reading(void)
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
static void
ring_wraps(void)
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

static void
turn_is_bounded(void)
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

static void
block_limits_a_read(void)
{
	static const struct fake_step r[] = { FULL, AGAIN };
	struct flow_options opt = { .block = 100 };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.stays = true;
	flow_step(&flow);
	CHECK_INT(flow.ledger.read, 100);
	flow_free(&flow);
}

static void
tiny_block_with_filter(void)
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

static void
idle_costs_nothing(void)
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

static void
not_ready_is_not_tried(void)
{
	set_up(NULL, 0, NULL, 0, &plain, 0);
	src.half.ready = dst.half.ready = false;
	flow_step(&flow);
	CHECK_INT(src.calls + dst.calls, 0);
	CHECK(flow_wants_read(&flow));
	flow_free(&flow);
}

static void
halves_are_asked(void)
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

static void
names(void)
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

static void
pieces_without_end_are_not_waited_for(void)
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

static void
a_full_sink_ends_the_tries(void)
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

static void
the_end_is_found_by_a_try(void)
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
static void
other_flows_wait_for_each_piece(void)
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

int
main(void)
{
	unit_run("what was read before an error is delivered",
	    error_after_data);
	unit_run("a sink that takes no more is a broken pipe",
	    sink_takes_no_more);
	unit_run("a flow that keeps reading discards after its sink failed",
	    discard_goes_on);
	unit_run("reads are limited, and what they gave is delivered",
	    reads_are_limited);
	unit_run("a finished flow delivers what it holds", finish_delivers);
	unit_run("a cancelled flow counts what it held as lost",
	    cancel_loses);
	unit_run("an absent flow is done and bears every event", absent);
	unit_run("a full ring stops the reading",
	    full_ring_stops_reading);
	unit_run("bytes keep their order around the ring's end", ring_wraps);
	unit_run("a turn moves a bounded amount", turn_is_bounded);
	unit_run("a block limits one read", block_limits_a_read);
	unit_run("a block of one byte gets through a filter that doubles",
	    tiny_block_with_filter);
	unit_run("an idle flow has no buffer", idle_costs_nothing);
	unit_run("ends that are not ready are not tried",
	    not_ready_is_not_tried);
	unit_run("the halves tell what their flow waits for",
	    halves_are_asked);
	unit_run("states and causes have names", names);
	unit_run("pieces without end are not waited for",
	    pieces_without_end_are_not_waited_for);
	unit_run("a full sink ends the tries", a_full_sink_ends_the_tries);
	unit_run("the end is found by a try", the_end_is_found_by_a_try);
	unit_run("other flows wait for each piece",
	    other_flows_wait_for_each_piece);
	return unit_end();
}
