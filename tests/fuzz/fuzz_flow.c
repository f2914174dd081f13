/*
 * The flow under arbitrary ends: the input chooses what every read, write
 * and shut comes to, and when somebody finishes or cancels. The oracle is
 * fake_law, the order of the bytes, and that it comes to an end.
 */
#include "../unit/fake.h"
#include "frame/frame.h"
#include "fuzz.h"
#include "filter/faults.h"
#include "pump/mover.h"

#define MAX_STEPS	64

enum {
	WITH_CRLF = 1, KEEP_READING = 2, NO_SHUT = 4, SRC_RECORD = 8,
	DST_RECORD = 16, WITH_GATE = 32, LIMITED = 64, SMALL_RING = 128
};

static struct fake	src, dst;
static struct flow	flow;
static bool		disorders;	/* the gate, by request */

/* What one byte stands for. */
static struct fake_step
decode(unsigned byte)
{
	static const int errors[] = { ECONNRESET, EPIPE, ENOSPC, EMSGSIZE,
	    ECONNREFUSED, ENOBUFS, EIO, EHOSTUNREACH };
	struct fake_step s = { FAKE_SOME, byte % 32, 0 };

	switch (byte / 32) {
	case 0:
	case 1:
	case 2:
		s.n = byte % 32 + 1;
		break;
	case 3:
		s.n = byte % 32 == 31 ? 65507 : 1 + (byte % 32) * 32;
		break;
	case 4:
		s.n = FAKE_FULL;
		break;
	case 5:
		s.what = FAKE_AGAIN;
		break;
	case 6:
		s.what = byte % 32 == 31 ? FAKE_EOF : FAKE_AGAIN;
		break;
	default:
		s.what = FAKE_ERR;
		s.num = errors[byte % 8];
		break;
	}
	return s;
}

static unsigned
script(struct tape *b, struct fake_step *steps, bool record)
{
	unsigned i, n = tape_byte(b) % MAX_STEPS;

	for (i = 0; i < n; i++) {
		steps[i] = decode(tape_byte(b));
		if (!record)
			continue;
		/* Datagrams have a size, perhaps none; they do not end. */
		if (steps[i].n > 65507)
			steps[i].n = 65507;
		if (steps[i].n == 1)
			steps[i].n = 0;
	}
	return n;
}

static void
fail(const char *law)
{
	(void)fprintf(stderr, "broken: %s\n", law);
	abort();
}

/* One of those that stand between a source and the ring. */
static struct filter *
some_filter(unsigned choice)
{
	const struct frame_rules rules = { FRAME_NETSTRING, choice };

	if (choice < 192)
		return filter_crlf();
	switch (choice % 4) {
	case 0:
		return filter_chain(filter_crlf(),
		    filter_frame_encode(&rules, false));
	case 1:
		return filter_frame_encode(&rules, true);
	case 2:
		return filter_frame_encode(&rules, false);
	default:
		return filter_frame_decode(&rules, true);
	}
}

/* Lines, or faults but those that keep a flow from its end. */
static struct gate *
some_gate(struct tape *b, bool records)
{
	unsigned choice = tape_byte(b);
	struct fault_rules rules = { .delay = choice & 1 ? 3000000 : 0,
	    .jitter = choice & 2 ? 1 + (choice & 1) * 1000000 : 0,
	    .rate = choice & 4 ? 100000 + (uint64_t)choice * 1000 : 0,
	    .burst = 1 + choice, .slow_close = choice & 8 ? 1000 : 0,
	    .seed = choice };

	if (choice % 16 == 0)
		return gate_lines(1000, SIZE_MAX);
	if (records) {
		rules.drop = choice & 16 ? FAULT_CERTAIN / 4 : 0;
		rules.duplicate = choice & 32 ? FAULT_CERTAIN / 3 : 0;
		rules.reorder = choice & 64 ? FAULT_CERTAIN / 2 : 0;
	} else if (choice & 128)
		rules.reset_after = (struct fault_limit){ .on = true,
		    .bytes = tape_byte(b) * 100, .time = -1 };
	disorders = faults_of_datagrams(&rules);
	return gate_faults(&rules, FAULT_UP,
	    choice % 16 == 15 ? gate_lines(1000, SIZE_MAX) : NULL);
}

static void
set_up(struct tape *b, unsigned kind)
{
	static struct fake_step r[MAX_STEPS], w[MAX_STEPS], s[MAX_STEPS];
	struct flow_options opt = { .block = tape_byte(b), .tries = true };
	unsigned nr, nw;

	nr = script(b, r, (kind & SRC_RECORD) != 0);
	nw = script(b, w, (kind & DST_RECORD) != 0);
	fake_init(&src, "source", r, nr);
	fake_init(&dst, "sink", w, nw);
	dst.shuts.steps = s;
	dst.shuts.n = script(b, s, false) % 4;
	if (opt.block % 2 == 1)
		fake_is_pipe(&src);
	src.half.record = (kind & SRC_RECORD) != 0;
	dst.half.record = (kind & DST_RECORD) != 0;
	if (kind & WITH_CRLF)
		opt.filter = some_filter((unsigned)opt.block);
	disorders = false;
	if (kind & WITH_GATE)
		opt.gate = some_gate(b, (kind & (SRC_RECORD | DST_RECORD)) !=
		    0);
	if (kind & LIMITED)
		opt.max_reads = tape_byte(b) % 8;
	flow_init(&flow, "fuzz", &src.half, &dst.half, &opt);
	/* Small ones wrap sooner, and are quicker to fuzz. */
	if (!src.half.record && !dst.half.record)
		ring_init(&flow.ring, kind & SMALL_RING ?
		    2 + tape_byte(b) % 16 : 1000);
	flow.keep_reading = (kind & KEEP_READING) != 0;
	flow.half_close = (kind & NO_SHUT) == 0;
	src.flow = dst.flow = &flow;
	flow.now = 1;
}

/* Something from outside, perhaps. */
static void
interfere(unsigned what)
{
	switch (what) {
	case 1:
		flow_finish(&flow, FLOW_CANCEL);
		break;
	case 2:
		flow_cancel(&flow);
		break;
	case 3:
		/* HUP of the sink, told by the poller. */
		dst.failed = true;
		flow_sink_failed(&flow, EPIPE);
		break;
	case 4:
		flow_downgrade(&flow);
		break;
	default:
		break;
	}
}

static void
check_bytes(void)
{
	size_t i;

	if (flow.filter != NULL || flow.ledger.lost > 0 || disorders)
		return;
	for (i = 0; i < dst.moved && i < FAKE_KEEP; i++)
		if (dst.got[i] != fake_byte(&src, i))
			fail("the bytes keep their order");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape b = tape_of(data, size);
	unsigned kind = tape_byte(&b), steps = 0;
	const char *law;

	set_up(&b, kind);
	while (flow.state != FLOW_DONE) {
		flow_step(&flow);
		if ((law = fake_law(&flow, &src, &dst)) != NULL)
			fail(law);
		/* A gate may well let through one byte at a time. */
		if (++steps > (flow.gate != NULL ? 10000000 : 10000))
			fail("a flow comes to its end");
		interfere(tape_byte(&b) % 64);
		fake_poll(&flow);
	}
	check_bytes();
	flow_free(&flow);
	return 0;
}
