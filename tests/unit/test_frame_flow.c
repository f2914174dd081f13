/*
 * Messages through a flow: filters that hold back, have more to give than
 * there is room for, and find that what came makes no sense.
 */
#include "base/num.h"
#include "flow_rig.h"
#include "frame/frame.h"

#define STEPS	128

static const struct frame_rules	len6 = { FRAME_LEN6, 64 };

/* Reads and writes of these sizes, with pauses between them. */
static void
set_up_sizes(struct filter *f, const char *text, size_t size, size_t ring)
{
	static struct fake_step r[STEPS], w[STEPS];
	struct flow_options opt = { .filter = f };
	unsigned i;

	for (i = 0; i < STEPS; i++) {
		r[i] = (struct fake_step){ i % 3 == 1 ? FAKE_AGAIN :
		    FAKE_SOME, size, 0 };
		w[i] = (struct fake_step){ i % 2 ? FAKE_AGAIN : FAKE_SOME,
		    size + i % 3, 0 };
	}
	set_up(r, STEPS, w, STEPS, &opt, ring);
	src.text = text;
	src.text_len = strlen(text);
}

static bool
sink_got(const char *want)
{
	return dst.moved == strlen(want) &&
	    memcmp(dst.got, want, dst.moved) == 0;
}

TEST(messages_go_through_any_ring_by_any_reads_and_writes)
{
	static const char in[] = "one\n\nand two\n0123456789012345678\nlast";
	static const char out[] = "000003:one000000:000007:and two"
	    "000019:0123456789012345678000004:last";
	static const char all[] =
	    "000037:one\n\nand two\n0123456789012345678\nlast";
	static const char plain_out[] =
	    "one\n\nand two\n0123456789012345678\nlast\n";
	size_t size, ring;

	for (ring = 2; ring < 20; ring++)
		for (size = 1; size < 9; size++) {
			set_up_sizes(filter_frame_encode(&len6, false), in,
			    size, ring);
			run();
			CHECK(sink_got(out));
			CHECK(dst.shut);
			CHECK_INT(flow.ledger.made, sizeof(out) - 1);
			CHECK_INT(flow.ledger.lost, 0);
			flow_free(&flow);
			set_up_sizes(filter_frame_encode(&len6, true), in,
			    size, ring);
			run();
			CHECK(sink_got(all));
			CHECK(dst.shut);
			flow_free(&flow);
			set_up_sizes(filter_frame_decode(&len6, true), out,
			    size, ring);
			run();
			CHECK(sink_got(plain_out));
			CHECK_INT(flow.ledger.made, sizeof(plain_out) - 1);
			CHECK(dst.shut);
			flow_free(&flow);
		}
}

/* One read brings much more than the ring takes. */
TEST(much_comes_out_of_one_read)
{
	static const struct fake_step r[] = { FULL };
	static const struct fake_step w[] = { AGAIN, N(1), AGAIN };
	static char text[5000];
	struct flow_options opt = { .filter =
	    filter_frame_encode(&len6, false) };

	memset(text, '\n', sizeof(text) - 1);
	set_up(r, LEN(r), w, LEN(w), &opt, 5000);
	src.text = text;
	src.text_len = sizeof(text) - 1;
	run();
	CHECK_INT(dst.moved, 7 * (sizeof(text) - 1));
	CHECK(dst.shut);
	flow_free(&flow);
}

/* A turn ends with an empty ring, while the filter has more to give. */
TEST(a_message_may_take_many_turns)
{
	static const struct frame_rules large = { FRAME_U16BE, 5000 };
	static const struct fake_step r[] = { FULL, FULL, AGAIN };
	static char text[2000];
	struct flow_options opt = { .filter =
	    filter_frame_encode(&large, true) };
	unsigned turns = 0;

	memset(text, 'x', sizeof(text) - 1);
	set_up(r, LEN(r), NULL, 0, &opt, sizeof(text));
	src.text = text;
	src.text_len = sizeof(text) - 1;
	flow_step(&flow);
	CHECK_INT(filter_held(flow.filter), src.text_len);
	/* It need not be so small, but a turn would then move all of it. */
	ring_init(&flow.ring, 2);
	while (flow.state != FLOW_DONE && turns < 100) {
		fake_poll(&flow);
		flow_step(&flow);
		CHECK(fake_law(&flow, &src, &dst) == NULL);
		turns++;
	}
	CHECK_INT(dst.moved, sizeof(text) - 1 + 2);
	CHECK(turns > 10 && turns < 100);
	flow_free(&flow);
}

/* Neither more nor less than what was within is lost. */
TEST(what_the_filter_holds_is_lost_with_a_cancel_and_counted)
{
	static const struct fake_step r[] = { N(15), AGAIN };
	static const struct fake_step w[] = { N(1), AGAIN };
	struct flow_options opt = { .filter =
	    filter_frame_encode(&len6, false) };

	set_up(r, LEN(r), w, LEN(w), &opt, 15);
	src.text = "0123456789\n0123";
	src.text_len = 15;
	flow_step(&flow);
	CHECK_INT(flow.ledger.written, 1);
	CHECK_INT(flow_held(&flow), 15);
	/* The last byte of 17; its LF; the line that has no end yet. */
	CHECK_INT(filter_held(flow.filter), 1 + 1 + 4);
	flow_cancel(&flow);
	CHECK_INT(flow.ledger.lost, 15 + 6);
	CHECK(fake_law(&flow, &src, &dst) == NULL);
	flow_free(&flow);
}

TEST(a_file_that_cannot_be_read_to_its_end_is_not_sent)
{
	static const struct fake_step r[] = { N(5), AGAIN, ERR(EIO) };
	struct flow_options opt = { .filter =
	    filter_frame_encode(&len6, true) };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	run();
	CHECK_INT(dst.moved, 0);
	CHECK_INT(flow.ledger.lost, 5);
	CHECK_INT(flow.read_errno, EIO);
	CHECK(flow.fault == NULL);
	CHECK(dst.shut);
	flow_free(&flow);
}

TEST(a_line_is_sent_when_reading_fails_behind_it)
{
	static const struct fake_step r[] = { N(3), ERR(EIO) };
	struct flow_options opt = { .filter =
	    filter_frame_encode(&len6, false) };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.text = "abc";
	src.text_len = 3;
	run();
	CHECK(sink_got("000003:abc"));
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(flow.read_errno, EIO);
	flow_free(&flow);
}

/* Whatever comes behind it is not read. */
TEST(a_broken_frame_ends_the_flow_and_what_came_before_is_there)
{
	static const char in[] = "000003:one00000x:two000003:two";
	size_t size, ring;

	for (ring = 2; ring < 20; ring++)
		for (size = 1; size < 40; size++) {
			set_up_sizes(filter_frame_decode(&len6, true), in,
			    size, ring);
			run();
			CHECK(sink_got("one\n"));
			CHECK_INT(flow.cause, FLOW_READ_FAILED);
			CHECK_INT(flow.read_errno, EBADMSG);
			CHECK_STR(flow.fault, "broken frame: its length is "
			    "not six digits and a colon");
			CHECK_INT(flow.ledger.lost, 0);
			CHECK(dst.shut);
			flow_free(&flow);
		}
}

TEST(an_end_within_a_frame_is_a_failure)
{
	static const struct fake_step r[] = { N(12), AGAIN, END };
	static const struct fake_step reset[] = { N(12), ERR(ECONNRESET) };
	int i;

	for (i = 0; i < 2; i++) {
		struct flow_options opt = { .filter =
		    filter_frame_decode(&len6, true) };

		set_up(i ? reset : r, i ? LEN(reset) : LEN(r), NULL, 0, &opt,
		    0);
		src.text = "000003:one000003:two";
		src.text_len = 20;
		run();
		CHECK(sink_got("one\n"));
		CHECK_INT(flow.cause, FLOW_READ_FAILED);
		CHECK_INT(flow.read_errno, EBADMSG);
		CHECK_STR(flow.fault,
		    "broken frame: the end came within its length");
		flow_free(&flow);
	}
}

/* We stopped: the peer may go on. */
TEST(a_limit_within_a_frame_is_none)
{
	static const struct fake_step r[] = { N(9), AGAIN, N(3) };
	struct flow_options opt = { .max_reads = 1, .filter =
	    filter_frame_decode(&len6, true) };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.text = "000003:one000003:two";
	src.text_len = 20;
	run();
	CHECK(sink_got("on"));
	CHECK_INT(flow.cause, FLOW_LIMIT);
	CHECK_INT(flow.read_errno, 0);
	CHECK(flow.fault == NULL);
	flow_free(&flow);
}

TEST(a_line_above_the_limit_ends_the_input)
{
	static const struct frame_rules small = { FRAME_NETSTRING, 4 };
	size_t size, ring;

	for (ring = 2; ring < 12; ring++)
		for (size = 1; size < 20; size++) {
			set_up_sizes(filter_frame_encode(&small, false),
			    "a\nbcde\nfghij\nk\n", size, ring);
			run();
			CHECK(sink_got("1:a,4:bcde,"));
			CHECK_INT(flow.cause, FLOW_READ_FAILED);
			CHECK_STR(flow.fault,
			    "line 3 has more than 4 bytes (--max-frame)");
			CHECK(dst.shut);
			flow_free(&flow);
		}
}

/* Only the sink has gone: all that comes is lost, and counted. */
TEST(a_flow_that_discards_comes_to_its_end)
{
	static const char in[] = "000003:one000000:000003:two";
	static const struct fake_step r[] = { N(5), AGAIN, N(5), N(5), N(5),
	    N(5), N(5), N(5) };
	static const struct fake_step w[] = { N(1), ERR(EPIPE) };
	struct flow_options opt;
	int i;

	for (i = 0; i < 2; i++) {
		opt = (struct flow_options){ .filter = i ?
		    filter_frame_encode(&len6, false) :
		    filter_frame_decode(&len6, true) };
		set_up(r, LEN(r), w, LEN(w), &opt, 5);
		flow.keep_reading = true;
		src.text = i ? "one\ntwo\nthree" : in;
		src.text_len = strlen(src.text);
		run();
		CHECK(src.ended);
		CHECK_INT(flow.write_errno, EPIPE);
		CHECK_INT(flow.ledger.written, 1);
		/* A last line without an end is lost as it is. */
		CHECK_INT(flow.ledger.lost, i ? 10 + 10 - 1 + 5 : 9 - 1);
		flow_free(&flow);
	}
}

TEST(a_sink_that_fails_loses_all_that_was_held)
{
	static const struct fake_step r[] = { N(4), AGAIN };
	static const struct fake_step w[] = { N(2), ERR(EPIPE) };
	struct flow_options opt = { .filter =
	    filter_frame_encode(&len6, false) };

	set_up(r, LEN(r), w, LEN(w), &opt, 4);
	src.text = "one\ntwo\nthr";
	src.text_len = 11;
	run();
	CHECK_INT(flow.ledger.written, 2);
	/* The rest of "000003:one", half of it in the ring; and the LF. */
	CHECK_INT(flow.ledger.lost, 8 + 1);
	flow_free(&flow);
}

TEST(messages_wait_for_each_other)
{
	static const struct fake_step r[] = { FULL, FULL };
	static const size_t after[] = { 8, 17, 24 };
	struct flow_options opt = {
		.filter = filter_frame_encode(&len6, false),
		.gate = gate_delay_frames(NSEC_PER_SEC, &len6, false)
	};
	size_t i;

	set_up(r, LEN(r), NULL, 0, &opt, 5);
	src.text = "a\nbc\n\n";
	src.text_len = 6;
	flow.now = 1;
	for (i = 0; i < 3; i++) {
		flow_step(&flow);
		CHECK_INT(dst.moved, after[i]);
		if (i < 2)
			CHECK_INT(flow.gated_until, flow.now + NSEC_PER_SEC);
		flow.now += NSEC_PER_SEC;
	}
	fake_poll(&flow);
	flow_step(&flow);
	CHECK_INT(flow.state, FLOW_DONE);
	flow_free(&flow);
}

/* ---- One message at a time ----------------------------------------------- */

static char	sizes[64];	/* of what arrives in the ring, in order */

static size_t
lets_all_pass(struct gate *g, const struct ring *r, int64_t now, int64_t *when)
{
	(void)g, (void)now, (void)when;
	return ring_used(r);
}

static void
has_passed(struct gate *g, const struct ring *r, size_t n, int64_t now)
{
	(void)g, (void)r, (void)n, (void)now;
}

static void
notes_size(struct gate *g, struct ring *r, size_t n, int64_t now)
{
	size_t len = strlen(sizes);

	(void)g, (void)r, (void)now;
	snprintf(sizes + len, sizeof(sizes) - len, "%zu ", n);
}

/* Sends the text through the filter, in reads of this size. */
static void
run_singly(struct filter *f, const char *text, size_t size)
{
	static const struct gate_ops ops = { .allow = lets_all_pass,
	    .passed = has_passed, .arrived = notes_size };
	static struct fake_step r[STEPS];
	struct flow_options opt = { .filter = f,
	    .gate = gate_new(sizeof(struct gate), &ops) };

	for (unsigned i = 0; i < STEPS; i++)
		r[i] = (struct fake_step){ i % 3 == 1 ? FAKE_AGAIN :
		    FAKE_SOME, size, 0 };
	sizes[0] = '\0';
	set_up(r, STEPS, NULL, 0, &opt, 64);
	src.text = text;
	src.text_len = strlen(text);
	run();
}

TEST(each_message_arrives_on_its_own)
{
	static const char in[] = "000003:one000000:000005:three";
	size_t size;

	for (size = 1; size <= sizeof(in); size++) {
		run_singly(filter_frame_each(&len6), in, size);
		CHECK(sink_got(in));
		CHECK_STR(sizes, "10 7 12 ");
		CHECK_INT(flow.ledger.lost, 0);
		CHECK_INT(flow.read_errno, 0);
		flow_free(&flow);
	}
}

TEST(each_message_is_made_on_its_own)
{
	size_t size;

	for (size = 1; size < 12; size++) {
		struct filter *f = filter_frame_encode(&len6, false);

		frame_encode_singly(f);
		run_singly(f, "one\n\nthree", size);
		CHECK(sink_got("000003:one000000:000005:three"));
		CHECK_STR(sizes, "10 7 12 ");
		flow_free(&flow);
	}
}

TEST(only_whole_messages_arrive)
{
	size_t size;

	for (size = 1; size < 30; size++) {
		run_singly(filter_frame_each(&len6), "000003:one000003:tw",
		    size);
		CHECK(sink_got("000003:one"));
		CHECK_STR(flow.fault,
		    "broken frame: the end came after 2 of 3 bytes");
		flow_free(&flow);
		run_singly(filter_frame_each(&len6), "000003:one00000x:two",
		    size);
		CHECK(sink_got("000003:one"));
		CHECK_STR(flow.fault, "broken frame: its length is "
		    "not six digits and a colon");
		flow_free(&flow);
	}
}

/* We stopped: the message that has begun is lost, and no fault. */
TEST(a_limit_leaves_whole_messages)
{
	static const struct fake_step r[] = { N(27), AGAIN, N(3) };
	struct flow_options opt = { .max_reads = 1,
	    .filter = filter_frame_each(&len6) };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.text = "000003:one000003:two000003:three";
	src.text_len = 32;
	run();
	CHECK(sink_got("000003:one000003:two"));
	CHECK_INT(flow.cause, FLOW_LIMIT);
	CHECK_INT(flow.ledger.lost, 7);
	CHECK(flow.fault == NULL);
	flow_free(&flow);
}
