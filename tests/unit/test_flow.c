/*
 * The flow, between ends that follow scripts.
 */
#include "base/num.h"
#include "pump/flow.h"
#include "pump/mover.h"
#include "fake.h"
#include "unit.h"

static struct fake	src, dst;
static struct flow	flow;

#define N(n)		{ FAKE_SOME, (n), 0 }
#define FULL		{ FAKE_SOME, FAKE_FULL, 0 }
#define AGAIN		{ FAKE_AGAIN, 0, 0 }
#define END		{ FAKE_EOF, 0, 0 }
#define ERR(num)	{ FAKE_ERR, 0, (num) }
#define LEN(a)		((unsigned)(sizeof(a) / sizeof((a)[0])))

static const struct flow_options plain;

/* Both ends, and a flow between them with a ring of this size. */
static void
set_up(const struct fake_step *r, unsigned nr, const struct fake_step *w,
    unsigned nw, const struct flow_options *opt, size_t ring)
{
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	flow_init(&flow, "test", &src.half, &dst.half, opt);
	if (ring != 0)
		ring_init(&flow.ring, ring);
}

static void
set_up_records(const struct fake_step *r, unsigned nr,
    const struct fake_step *w, unsigned nw, const struct flow_options *opt)
{
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	src.half.record = dst.half.record = true;
	flow_init(&flow, "test", &src.half, &dst.half, opt);
}

static void
run(void)
{
	const char *law = fake_run(&flow, &src, &dst);

	if (law == NULL)
		return;
	printf("broken: %s\n", law);
	unit_bad = true;
}

/* What the sink got is what the source gave, from its first byte on. */
static bool
is_prefix(void)
{
	size_t i;

	for (i = 0; i < dst.moved && i < FAKE_KEEP; i++)
		if (dst.got[i] != fake_byte(&src, i))
			return false;
	return dst.moved <= src.moved;
}

/* ---- Every order -------------------------------------------------------- */

static const struct fake_step read_words[] = { N(1), N(3), FULL, AGAIN };
static const struct fake_step read_ends[] = { END, ERR(ECONNRESET) };
static const struct fake_step write_words[] = { N(1), FULL, AGAIN };
static const struct fake_step write_ends[] = { FULL, ERR(EPIPE), END };
static const struct fake_step shut_again[] = { AGAIN, FULL };
static const struct fake_step shut_fails[] = { ERR(EIO) };

/* One script of an enumeration: so many words, and an end. */
struct sentence {
	struct fake_step	s[8];
	unsigned		n;
};

static unsigned
power(unsigned base, unsigned exp)
{
	unsigned p = 1;

	while (exp-- > 0)
		p *= base;
	return p;
}

/* How many sentences there are with at most max words. */
static unsigned
sentences(unsigned words, unsigned ends, unsigned max)
{
	unsigned n = 0, i;

	for (i = 0; i <= max; i++)
		n += power(words, i);
	return n * ends;
}

static void
say(struct sentence *out, unsigned which, const struct fake_step *words,
    unsigned nwords, const struct fake_step *ends, unsigned nends)
{
	unsigned len = 0;

	out->n = 0;
	out->s[7] = ends[which % nends];
	for (which /= nends; which >= power(nwords, len); len++)
		which -= power(nwords, len);
	for (; len > 0; len--, which /= nwords)
		out->s[out->n++] = words[which % nwords];
	out->s[out->n] = out->s[7];
	out->n++;
}

static void
print_script(const char *name, const struct fake_script *s)
{
	unsigned i;

	printf("%s:", name);
	for (i = 0; i < s->n; i++)
		switch (s->steps[i].what) {
		case FAKE_SOME:
			printf(" %zu", s->steps[i].n);
			break;
		case FAKE_AGAIN:
			printf(" AGAIN");
			break;
		case FAKE_EOF:
			printf(" EOF");
			break;
		case FAKE_ERR:
			printf(" ERR(%d)", s->steps[i].num);
			break;
		}
	printf("\n");
}

/* What must be true once it is over. */
static const char *
verdict(void)
{
	const struct ledger *l = &flow.ledger;
	bool sink_failed = dst.failed;

	if (flow.filter == NULL && !is_prefix())
		return "the sink gets the source's bytes in their order";
	if (l->written + l->lost != l->made)
		return "in the end written + lost = made";
	if (!sink_failed && l->lost != 0)
		return "nothing is lost unless the sink fails";
	if (!sink_failed && !src.ended && !src.failed)
		return "the source is read to its end";
	if (src.failed && flow.read_errno != ECONNRESET)
		return "a source's error is remembered";
	if (sink_failed && flow.write_errno != EPIPE)
		return "a sink's error is remembered";
	if (!sink_failed && dst.shut != flow.half_close)
		return "the sink is shut in the end, if it may be";
	if (sink_failed ? flow.cause == FLOW_GOING :
	    flow.cause != (src.failed ? FLOW_READ_FAILED : FLOW_EOF))
		return "the cause tells what happened";
	return NULL;
}

/* The ways in which a flow can differ, one bit each. */
enum { WITH_CRLF = 1, KEEP_READING = 2, NO_SHUT = 4, VARIANTS = 8 };

static bool
one_order(unsigned r, unsigned w, unsigned shut, unsigned variant)
{
	struct flow_options opt = plain;
	struct sentence rs, ws;
	const char *law;

	say(&rs, r, read_words, LEN(read_words), read_ends, LEN(read_ends));
	say(&ws, w, write_words, LEN(write_words), write_ends,
	    LEN(write_ends));
	if (variant & WITH_CRLF)
		opt.filter = filter_crlf();
	set_up(rs.s, rs.n, ws.s, ws.n, &opt, 8);
	dst.shuts.steps = shut == 1 ? shut_again : shut_fails;
	dst.shuts.n = shut == 0 ? 0 : 3 - shut;
	flow.keep_reading = (variant & KEEP_READING) != 0;
	flow.half_close = (variant & NO_SHUT) == 0;
	law = fake_run(&flow, &src, &dst);
	if (law == NULL)
		law = verdict();
	flow_free(&flow);
	if (law == NULL)
		return true;
	unit_bad = true;
	printf("broken (shut %u, variant %u): %s\n", shut, variant, law);
	print_script("source", &src.script);
	print_script("sink", &dst.script);
	return false;
}

static void
orders(unsigned len, unsigned variant)
{
	unsigned nr = sentences(LEN(read_words), LEN(read_ends), len);
	unsigned nw = sentences(LEN(write_words), LEN(write_ends), len);
	unsigned r, w;

	for (r = 0; r < nr; r++)
		for (w = 0; w < nw; w++)
			if (!one_order(r, w, (r + w) % 3, variant))
				return;
}

static void
every_order(void)
{
	orders(5, 0);
}

static void
every_short_order_of_every_kind(void)
{
	unsigned variant;

	for (variant = 1; variant < VARIANTS && !unit_bad; variant++)
		orders(3, variant);
}

static void
every_shut(void)
{
	unsigned r, w, shut;

	for (shut = 0; shut < 3; shut++)
		for (r = 0; r < sentences(4, 2, 2); r++)
			for (w = 0; w < sentences(3, 3, 2); w++)
				if (!one_order(r, w, shut, 0))
					return;
}

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

/* ---- Records ------------------------------------------------------------ */

static void
records_stay_whole(void)
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

static void
empty_record_is_no_end(void)
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

static void
empty_record_after_failure(void)
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

static void
empty_record_to_stream(void)
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

static void
big_record_to_slow_stream(void)
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

static void
filtered_record_is_whole(void)
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

static void
too_big_a_record(void)
{
	static const struct fake_step r[] = { N(5), N(9000), N(7), END };
	static const struct fake_step w[] = { FULL, ERR(EMSGSIZE) };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.write_errno, 0);
	CHECK_INT(flow.soft_errno, EMSGSIZE);
	CHECK_INT(flow.ledger.lost, 9000);
	CHECK_INT(flow.ledger.written, 12);
	flow_free(&flow);
}

static void
refused_record_is_sent_again(void)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { ERR(ECONNREFUSED), FULL };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.soft_errno, ECONNREFUSED);
	CHECK_INT(flow.ledger.lost, 0);
	CHECK_INT(flow.ledger.written, 11);
	flow_free(&flow);
}

static void
refused_twice_goes_on(void)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { ERR(ECONNREFUSED),
	    ERR(ECONNREFUSED), FULL };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.write_errno, 0);
	CHECK_INT(flow.soft_errno, ECONNREFUSED);
	CHECK_INT(flow.ledger.written + flow.ledger.lost, 11);
	CHECK(flow.ledger.written >= 6);
	flow_free(&flow);
}

static void
refused_read_goes_on(void)
{
	static const struct fake_step r[] = { N(5), ERR(ECONNREFUSED), N(6),
	    END };

	set_up_records(r, LEN(r), NULL, 0, &plain);
	run();
	CHECK_INT(flow.cause, FLOW_EOF);
	CHECK_INT(flow.read_errno, 0);
	CHECK_INT(flow.soft_errno, ECONNREFUSED);
	CHECK_INT(flow.ledger.written, 11);
	flow_free(&flow);
}

static void
record_sink_ends(void)
{
	static const struct fake_step r[] = { N(5), N(6), END };
	static const struct fake_step w[] = { FULL, END };

	set_up_records(r, LEN(r), w, LEN(w), &plain);
	run();
	CHECK_INT(flow.write_errno, EPIPE);
	CHECK_INT(flow.ledger.lost, 6);
	flow_free(&flow);
}

static void
no_buffers_waits(void)
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

static void
crlf_every_split(void)
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

static void
crlf_through_a_flow(void)
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

static void
a_line_an_interval(void)
{
	static const struct fake_step r[] = { FULL };
	static const struct fake_step w[] = { FULL, AGAIN, FULL, N(1), AGAIN };
	static const size_t after[] = { 4, 8, 9, 12 };
	struct flow_options opt = { .gate = gate_delay(NSEC_PER_SEC) };
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

static void
cancelled_is_not_gated(void)
{
	static const struct fake_step r[] = { FULL };
	struct flow_options opt = { .gate = gate_delay(NSEC_PER_SEC) };

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

static void
test_orders(void)
{
	unit_run("every order of short counts, waits, ends and errors keeps "
	    "the laws", every_order);
	unit_run("so it is with filters, discarding, and sinks left open",
	    every_short_order_of_every_kind);
	unit_run("a shut may take turns or fail", every_shut);
}

static void
test_stories(void)
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
}

static void
test_records(void)
{
	unit_run("records keep their bounds", records_stay_whole);
	unit_run("an empty record is passed on and is not the end",
	    empty_record_is_no_end);
	unit_run("an empty record is not passed on to a sink that failed",
	    empty_record_after_failure);
	unit_run("an empty record is nothing to a stream",
	    empty_record_to_stream);
	unit_run("a big record goes to a slow stream in pieces",
	    big_record_to_slow_stream);
	unit_run("a filter gets a record whole", filtered_record_is_whole);
	unit_run("a record that is too big is lost alone", too_big_a_record);
	unit_run("a record that met an earlier one's refusal is sent again",
	    refused_record_is_sent_again);
	unit_run("two refusals in a row do not end the flow",
	    refused_twice_goes_on);
	unit_run("a refusal at a read is not the end", refused_read_goes_on);
	unit_run("a sink of records that takes no more is a broken pipe",
	    record_sink_ends);
	unit_run("a lack of buffers is waited out", no_buffers_waits);
}

static void
test_filters(void)
{
	unit_run("line ends come out the same wherever reads split them",
	    crlf_every_split);
	unit_run("line ends come out the same through small rings",
	    crlf_through_a_flow);
	unit_run("a delay lets one line through an interval",
	    a_line_an_interval);
	unit_run("a cancelled flow waits for no interval",
	    cancelled_is_not_gated);
}

int
main(void)
{
	test_orders();
	test_stories();
	test_records();
	test_filters();
	return unit_end();
}
