/*
 * The flow with datagrams, filters and gates.
 */
#include "base/num.h"
#include "flow_rig.h"

/* ---- Records ------------------------------------------------------------ */

TEST(records_keep_their_bounds)
{
	static const struct fake_step r[] = { N(5), N(65507), AGAIN, N(1),
	    N(9000), END };
	static const struct fake_step w[] = { AGAIN, FULL, AGAIN, AGAIN };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(dst.nrecords, 4);
	CHECK_INT(dst.records[0], 5);
	CHECK_INT(dst.records[1], 65507);
	CHECK_INT(dst.records[2], 1);
	CHECK_INT(dst.records[3], 9000);
	CHECK(is_prefix());
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

TEST(an_empty_record_is_passed_on_and_is_not_the_end)
{
	static const struct fake_step r[] = { N(0), N(2), N(0), AGAIN, N(3),
	    END };

	set_up_records(r, LEN(r), NULL, 0, &plain);
	run();
	CHECK_INT(flow.ledger.written, 5);
	CHECK_INT(dst.nrecords, 4);
	CHECK_INT(dst.records[0], 0);
	CHECK_INT(dst.records[1], 2);
	CHECK_INT(dst.records[2], 0);
	CHECK_INT(dst.records[3], 3);
	flow_free(&flow);
}

TEST(an_empty_record_is_not_passed_on_to_a_sink_that_failed)
{
	static const struct fake_step r[] = { N(1), N(0), N(2), END };

	set_up_records(r, LEN(r), NULL, 0, &plain);
	flow.keep_reading = true;
	flow_sink_failed(&flow, EPIPE);
	dst.failed = true;
	run();
	CHECK_INT(flow.ledger.lost, 3);
	flow_free(&flow);
}

TEST(a_sink_that_fails_at_an_empty_record_has_failed)
{
	static const struct fake_step r[] = { N(0), N(0), N(2), END };
	static const struct fake_step w[] = { ERR(EPIPE) };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.write_errno, EPIPE);
	CHECK_INT(dst.calls, 1);
	flow_free(&flow);
}

TEST(an_empty_record_is_nothing_to_a_stream)
{
	static const struct fake_step r[] = { N(0), N(2), N(0), END };

	fake_init(&src, "source", r, LEN(r));
	fake_init(&dst, "sink", NULL, 0);
	src.half.record = true;
	flow_init(&flow, "test", &src.half, &dst.half, &plain);
	run();
	CHECK_INT(dst.moved, 2);
	flow_free(&flow);
}

TEST(a_big_record_goes_to_a_slow_stream_in_pieces)
{
	static const struct fake_step r[] = { N(65507), N(65507), END };
	static const struct fake_step w[] = { N(1), AGAIN, N(60000), AGAIN,
	    N(5506), AGAIN };

	fake_init(&src, "source", r, LEN(r));
	fake_init(&dst, "sink", w, LEN(w));
	src.half.record = true;
	flow_init(&flow, "test", &src.half, &dst.half, &plain);
	run();
	CHECK_INT(dst.moved, 2 * 65507);
	CHECK(is_prefix());
	flow_free(&flow);
}

TEST(a_filter_gets_a_record_whole)
{
	static const struct fake_step r[] = { N(60000), END };
	struct flow_options opt = { .filter = filter_crlf() };

	fake_init(&src, "source", r, LEN(r));
	fake_init(&dst, "sink", NULL, 0);
	src.half.record = true;
	flow_init(&flow, "test", &src.half, &dst.half, &opt);
	run();
	CHECK_INT(flow.ledger.read, 60000);
	flow_free(&flow);
}

TEST(a_record_that_is_too_big_is_lost_alone)
{
	static const struct fake_step r[] = { N(5), N(9000), N(7), END };
	static const struct fake_step w[] = { FULL, ERR(EMSGSIZE) };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.write_errno, 0);
	CHECK_INT(flow.soft.num, EMSGSIZE);
	CHECK_INT(flow.ledger.lost, 9000);
	CHECK_INT(flow.ledger.written, 12);
	flow_free(&flow);
}

TEST(a_record_that_met_an_earlier_ones_refusal_is_sent_again)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { ERR(ECONNREFUSED), FULL };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.soft.num, ECONNREFUSED);
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(flow.ledger.written, 11);
	flow_free(&flow);
}

TEST(two_refusals_in_a_row_do_not_end_the_flow)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { ERR(ECONNREFUSED),
	    ERR(ECONNREFUSED), FULL };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.write_errno, 0);
	CHECK_INT(flow.soft.num, ECONNREFUSED);
	CHECK_INT(flow.ledger.written + flow.ledger.lost, 11);
	CHECK(flow.ledger.written >= 6);
	flow_free(&flow);
}

TEST(a_refusal_at_a_read_is_not_the_end)
{
	static const struct fake_step r[] = { N(5), ERR(ECONNREFUSED), N(6),
	    END };

	set_up_records(r, LEN(r), NULL, 0, &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.read_errno, 0);
	CHECK_INT(flow.soft.num, ECONNREFUSED);
	CHECK_INT(flow.ledger.written, 11);
	flow_free(&flow);
}

TEST(a_sink_of_records_that_takes_no_more_is_a_broken_pipe)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { FULL, END };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.write_errno, EPIPE);
	CHECK_INT(flow.ledger.lost, 6);
	flow_free(&flow);
}

TEST(a_lack_of_buffers_is_waited_out)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { ERR(ENOBUFS), FULL };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.ledger.written, 11);
	flow_free(&flow);
}

/* ---- Filters and gates -------------------------------------------------- */

/* LF to CR LF in the plainest way. */
static size_t
reference_crlf(const char *in, size_t n, char *out)
{
	size_t i, o = 0;

	for (i = 0; i < n; i++) {
		if (in[i] == '\n' && (i == 0 || in[i - 1] != '\r'))
			out[o++] = '\r';
		out[o++] = in[i];
	}
	return o;
}

TEST(line_ends_come_out_the_same_wherever_reads_split_them)
{
	static const char *const texts[] = {
		"a\nb", "\n\n\n", "a\r\nb\r\n", "\r\r\n\n\r", "x\r", "\n",
		"\r\n\n\r\n", "no end", "\r\nx\ny\r\n\r"
	};
	char want[64], in[64];
	size_t i, a, b, k, len, n, o;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		len = strlen(texts[i]);
		n = reference_crlf(texts[i], len, want);
		for (a = 0; a <= len; a++)
			for (b = 0; a + b <= len; b++) {
				size_t cut[4] = { 0, a, a + b, len };
				struct filter *f = filter_crlf();
				struct iovec iov[2];
				struct ring out;

				ring_init(&out, 64);
				for (k = 0; k < 3; k++)
					f->ops->push(f, (const unsigned char *)
					    texts[i] + cut[k],
					    cut[k + 1] - cut[k], k == 2, &out);
				o = ring_used(&out);
				CHECK_INT(o, n);
				CHECK_INT(ring_data(&out, iov, 64), 1);
				memcpy(in, iov[0].iov_base, o);
				CHECK(memcmp(in, want, n) == 0);
				ring_free(&out);
				filter_free(f);
			}
	}
}

TEST(line_ends_come_out_the_same_through_small_rings)
{
	static const char text[] = "one\ntwo\r\n\n\rthree\n\nfour\r";
	static struct fake_step r[64], w[128];
	struct flow_options opt = plain;
	char want[64];
	size_t n = reference_crlf(text, sizeof(text) - 1, want), size, ring;
	unsigned i;

	for (ring = 2; ring < 12; ring++)
		for (size = 1; size < 6; size++) {
			for (i = 0; i < 64; i++)
				r[i] = (struct fake_step){ i % 3 == 1 ?
				    FAKE_AGAIN : FAKE_SOME, size, 0 };
			for (i = 0; i < 128; i++)
				w[i] = (struct fake_step){ i % 2 ?
				    FAKE_AGAIN : FAKE_SOME, size, 0 };
			opt.filter = filter_crlf();
			set_up(r, 64, w, 128, &opt, ring);
			src.text = text;
			src.text_len = sizeof(text) - 1;
			run();
			CHECK_INT(flow.ledger.read, sizeof(text) - 1);
			CHECK_INT(flow.ledger.made, n);
			CHECK_INT(dst.moved, n);
			CHECK(memcmp(dst.got, want, n) == 0);
			flow_free(&flow);
		}
}

TEST(a_delay_lets_one_line_through_an_interval)
{
	static const struct fake_step r[] = { FULL };
	static const struct fake_step w[] = { FULL, AGAIN, FULL, N(1), AGAIN };
	static const size_t after[] = { 4, 8, 9, 12 };
	struct flow_options opt = { .gate = gate_lines(NSEC_PER_SEC, 1000) };
	size_t i = 0;

	set_up(r, LEN(r), w, LEN(w), &opt, 0);
	src.text = "one\ntwo\n\nend";
	src.text_len = 12;
	src.flow = dst.flow = &flow;
	for (flow.now = 1; flow.state != FLOW_DONE; ) {
		int64_t before = flow.now;

		flow_step(&flow);
		CHECK_STR(fake_law(&flow, &src, &dst), NULL);
		if (flow.gated_until == 0) {
			fake_poll(&flow);
			continue;
		}
		CHECK(!flow_wants_write(&flow));
		CHECK(i < 4);
		CHECK_INT(dst.moved, after[i++]);
		CHECK_INT(flow.gated_until, before + NSEC_PER_SEC);
		/* Too early is too early. */
		flow.now = flow.gated_until - 1;
		flow_step(&flow);
		CHECK_INT(dst.moved, after[i - 1]);
		flow.now = flow.gated_until;
	}
	CHECK_INT(dst.moved, 12);
	CHECK_INT(i, 3);
	CHECK_INT(flow.ledger.lost, 0);
	flow_free(&flow);
}

TEST(a_record_that_is_lost_had_its_pause_and_the_next_has_one)
{
	static const struct fake_step r[] = { N(9000), N(5), END };
	static const struct fake_step w[] = { ERR(EMSGSIZE) };
	struct flow_options opt = { .gate = gate_pause(NSEC_PER_SEC,
	    SIZE_MAX) };

	set_up_records(r, LEN(r), w, LEN(w), &opt);
	flow.now = 1;
	flow_step(&flow);
	CHECK_INT(flow.gated_until, 1 + NSEC_PER_SEC);
	flow.now = flow.gated_until;
	flow_step(&flow);
	CHECK_INT(flow.ledger.lost, 9000);
	CHECK_INT(dst.nrecords, 0);
	CHECK_INT(flow.gated_until, flow.now + NSEC_PER_SEC);
	flow.now = flow.gated_until;
	flow_step(&flow);
	CHECK_INT(dst.records[0], 5);
	flow_free(&flow);
}

TEST(a_line_that_is_too_long_for_its_sink_is_lost_alone)
{
	static const struct fake_step r[] = { FULL, END };
	static const struct fake_step w[] = { FULL, ERR(EMSGSIZE) };
	struct flow_options opt = { .gate = gate_lines(0, 100) };

	fake_init(&src, "source", r, LEN(r));
	fake_init(&dst, "sink", w, LEN(w));
	dst.half.record = true;
	src.text = "one\nthree\nseven\n";
	src.text_len = 16;
	flow_init(&flow, "test", &src.half, &dst.half, &opt);
	run();
	CHECK_INT(flow.ledger.lost, 6);
	CHECK_INT(dst.nrecords, 2);
	CHECK_INT(dst.records[0], 4);
	CHECK_INT(dst.records[1], 6);
	CHECK_INT(flow.soft.num, EMSGSIZE);
	flow_free(&flow);
}

TEST(a_cancelled_flow_waits_for_no_interval)
{
	static const struct fake_step r[] = { FULL };
	struct flow_options opt = { .gate = gate_lines(NSEC_PER_SEC, 1000) };

	set_up(r, LEN(r), NULL, 0, &opt, 0);
	src.text = "one\ntwo\n";
	src.text_len = 8;
	flow.now = 1;
	flow_step(&flow);
	CHECK(flow.gated_until != 0);
	flow_cancel(&flow);
	CHECK_INT(flow.gated_until, 0);
	CHECK_INT(flow.ledger.lost, 4);
	flow_free(&flow);
}
