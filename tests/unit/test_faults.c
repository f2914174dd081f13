/*
 * The gate of faults, with a clock of the test's own; and its parts.
 */
#include "base/num.h"
#include "filter/faults.h"
#include "unit.h"

#define MS	NSEC_PER_MSEC
#define MANY	10000

static struct ring	 ring;
static struct gate	*gate;
static int64_t		 now;

static void
open_gate(const struct fault_rules *rules, bool whole, struct gate *inner)
{
	gate = gate_faults(rules, FAULT_UP, inner);
	gate->whole = whole;
	ring_init(&ring, gate->room != 0 ? gate->room : (size_t)64 << 10);
	now = 1000 * MS;
}

static void
close_gate(void)
{
	gate_free(gate);
	ring_free(&ring);
}

static enum gate_answer
turn(bool ended, int64_t *when)
{
	*when = 0;
	return gate->ops->turn(gate, &ring, ended, now, when);
}

static void
come(const void *bytes, size_t n)
{
	struct iovec iov[2];

	(void)ring_space(&ring, iov, 1);
	ring_append(&ring, bytes, n);
	gate->ops->arrived(gate, &ring, n, now);
}

/* Lets leave what may; returns how many bytes, and copies them. */
static size_t
leave(char *to, size_t most, int64_t *when)
{
	struct iovec iov[2];
	size_t n, at = 0;
	int cnt;

	*when = 0;
	if ((n = gate->ops->allow(gate, &ring, now, when)) > most)
		n = most;
	cnt = ring_data(&ring, iov, n);
	for (int i = 0; to != NULL && i < cnt; i++) {
		memcpy(to + at, iov[i].iov_base, iov[i].iov_len);
		at += iov[i].iov_len;
	}
	gate->ops->passed(gate, &ring, n, now);
	ring_take(&ring, n);
	return n;
}

/* ---- Parts -------------------------------------------------------------- */

TEST(dice_follow_from_the_seed)
{
	struct dice a, b, c, d;
	unsigned same = 0;

	dice_init(&a, 7, 0);
	dice_init(&b, 7, 0);
	dice_init(&c, 7, 1);
	dice_init(&d, 8, 0);
	for (int i = 0; i < MANY; i++) {
		uint64_t n = dice_next(&a);

		CHECK(n == dice_next(&b));
		same += n == dice_next(&c);
		same += n == dice_next(&d);
	}
	CHECK_INT(same, 0);
	/* The numbers are the same on every machine: of the reference code. */
	a.state = 0;
	CHECK(dice_next(&a) == UINT64_C(0xe220a8397b1dcdaf));
}

TEST(dice_stay_within)
{
	struct dice d;
	unsigned falls = 0;

	dice_init(&d, 1, 0);
	for (int i = 0; i < MANY; i++) {
		int64_t n = dice_about(&d, 5);

		CHECK(n >= -5 && n <= 5);
		CHECK(!dice_falls(&d, 0));
		CHECK(dice_falls(&d, FAULT_CERTAIN));
		CHECK_INT(dice_about(&d, 0), 0);
		falls += dice_falls(&d, FAULT_CERTAIN / 4);
	}
	/* Five times the standard deviation. */
	CHECK(falls > MANY / 4 - 217 && falls < MANY / 4 + 217);
}

TEST(queue_keeps_dates)
{
	struct fault_queue q = { .used = 0 };
	int64_t when = 0;

	for (int i = 0; i < 1000; i++)
		CHECK(fault_queue_put(&q, 2, i));
	CHECK_INT(fault_queue_due(&q, 9, &when), 20);
	CHECK_INT(when, 10);
	fault_queue_take(&q, 5);
	CHECK_INT(fault_queue_first(&q)->n, 1);
	CHECK_INT(fault_queue_due(&q, 9, &when), 15);
	fault_queue_take(&q, 1995);
	CHECK(fault_queue_first(&q) == NULL);
	for (size_t i = 0; i < FAULT_PIECES; i++)
		CHECK(fault_queue_put(&q, 1, 0));
	CHECK(!fault_queue_put(&q, 1, 0));
	/* Bytes of a stream always find a place, and are never early. */
	fault_queue_join(&q, 1, 50 * MS);
	CHECK_INT(fault_queue_due(&q, 49 * MS, &when), FAULT_PIECES - 1);
	CHECK(when >= 50 * MS);
	buf_free(&q.pieces);
}

TEST(ring_changes_its_tail)
{
	struct ring r;
	struct iovec iov[2];
	char got[16] = "";

	ring_init(&r, 8);
	(void)ring_space(&r, iov, 1);
	ring_append(&r, "xxxxx", 5);
	ring_take(&r, 4);
	/* Over the edge. */
	ring_append(&r, "abcde", 5);
	ring_cut(&r, 1);
	ring_swap(&r, 1, 3);
	CHECK(ring_repeat(&r, 3));
	CHECK(!ring_repeat(&r, 1));
	for (int i = 0, cnt = ring_data(&r, iov, 8); i < cnt; i++)
		strncat(got, iov[i].iov_base, iov[i].iov_len);
	CHECK_STR(got, "xbcdacda");
	ring_free(&r);
}

/* ---- Latency ------------------------------------------------------------ */

TEST(latency_is_no_pause)
{
	static const struct fault_rules rules = { .delay = 100 * MS };
	int64_t when;

	open_gate(&rules, false, NULL);
	(void)turn(false, &when);
	for (int i = 0; i < 10; i++) {
		come("0123456789", 10);
		CHECK_INT(leave(NULL, 100, &when), 0);
		CHECK(when >= 1100 * MS && when <= 1101 * MS);
		now += 10 * MS;
	}
	/* Each piece leaves 100 ms after it came, not after the last. */
	for (int i = 0; i < 10; i++) {
		now += MS;
		CHECK_INT(leave(NULL, 100, &when), 10);
		now += 9 * MS;
	}
	CHECK_INT(ring_used(&ring), 0);
	close_gate();
}

TEST(jitter_keeps_order_and_bounds)
{
	static const struct fault_rules rules = { .delay = 100 * MS,
	    .jitter = 40 * MS, .seed = 3 };
	int64_t when, least = INT64_MAX, most = 0;
	char byte;

	open_gate(&rules, true, NULL);
	for (int i = 0; i < 1000; i++) {
		int64_t came = now;

		byte = (char)i;
		come(&byte, 1);
		while (leave(&byte, 1, &when) == 0)
			now = when;
		CHECK_INT(byte, (char)i);
		if (now - came < least)
			least = now - came;
		if (now - came > most)
			most = now - came;
	}
	CHECK(least >= 60 * MS && least < 62 * MS);
	CHECK(most <= 140 * MS && most > 138 * MS);
	close_gate();
}

TEST(an_end_has_latency_and_waits)
{
	static const struct fault_rules rules = { .delay = 100 * MS,
	    .slow_close = 50 * MS };
	int64_t when;

	open_gate(&rules, false, NULL);
	come("x", 1);
	CHECK_INT(turn(true, &when), GATE_KEEPS_END);
	CHECK_INT(when, 1100 * MS);
	now = when + MS;
	CHECK_INT(leave(NULL, 1, &when), 1);
	CHECK_INT(turn(true, &when), GATE_KEEPS_END);
	CHECK_INT(when, 1151 * MS);
	now = when;
	CHECK_INT(turn(true, &when), GATE_GOES);
	close_gate();
}

/* ---- Rates -------------------------------------------------------------- */

/* 500 kB pass a gate, which stays open; each wake-up is late by so much. */
static void
pass_at_a_rate(int64_t late)
{
	static const struct fault_rules rules = { .rate = 100000,
	    .burst = 10000 };
	static const char bytes[20000];
	int64_t when, began;
	uint64_t left = 0;
	unsigned steps = 0;

	open_gate(&rules, false, NULL);
	(void)turn(false, &when);
	began = now;
	while (left < 500000) {
		if (ring_used(&ring) == 0)
			come(bytes, sizeof(bytes));
		left += leave(NULL, sizeof(bytes), &when);
		CHECK(left <= 1 + (uint64_t)(now - began) / 10000);
		if (when != 0) {
			CHECK(when > now);
			now = when + late;
			steps++;
		}
	}
	CHECK(now - began >= 4999 * MS && now - began < 5020 * MS + late);
	/* No busy waiting. */
	CHECK(steps <= 520);
}

/* A wake-up is late on any machine: the bytes of that time follow at once. */
TEST(late_wake_ups_take_nothing_from_a_rate)
{
	pass_at_a_rate(20 * MS);
	close_gate();
}

TEST(rate_holds_for_a_stream)
{
	static const char bytes[20000];
	int64_t when;

	pass_at_a_rate(0);
	/* After a pause there is one burst. */
	now += NSEC_PER_SEC;
	ring_take(&ring, ring_used(&ring));
	come(bytes, sizeof(bytes));
	CHECK_INT(leave(NULL, sizeof(bytes), &when), 10000);
	CHECK_INT(leave(NULL, sizeof(bytes), &when), 0);
	close_gate();
}

TEST(rate_keeps_datagrams_whole)
{
	static const struct fault_rules rules = { .rate = 10000,
	    .burst = 100 };
	static const char bytes[1000];
	int64_t when, began;

	open_gate(&rules, true, NULL);
	(void)turn(false, &when);
	began = now;
	for (int i = 0; i < 50; i++) {
		come(bytes, sizeof(bytes));
		while (leave(NULL, sizeof(bytes), &when) == 0)
			now = when;
		CHECK_INT(ring_used(&ring), 0);
	}
	/* The last 100 ms are owed. */
	CHECK(now - began >= 4900 * MS && now - began < 5000 * MS);
	close_gate();
}

TEST(an_inner_gate_says_what_belongs_together)
{
	static const struct fault_rules rules = { .delay = 10 * MS };
	int64_t when;

	open_gate(&rules, true, gate_lines(0, 100));
	come("one\ntwo\n", 8);
	CHECK_INT(leave(NULL, 100, &when), 0);
	now += 11 * MS;
	CHECK_INT(leave(NULL, 100, &when), 4);
	CHECK_INT(leave(NULL, 100, &when), 4);
	close_gate();
}

/* ---- Limits ------------------------------------------------------------- */

TEST(reset_comes_after_exactly_these_bytes)
{
	static const struct fault_rules rules = { .reset_after = {
	    .on = true, .bytes = 15, .time = -1 } };
	int64_t when;

	open_gate(&rules, false, NULL);
	come("0123456789", 10);
	CHECK_INT(leave(NULL, 100, &when), 10);
	CHECK_INT(turn(false, &when), GATE_GOES);
	come("0123456789", 10);
	CHECK_INT(leave(NULL, 100, &when), 5);
	CHECK_INT(leave(NULL, 100, &when), 0);
	CHECK_INT(turn(false, &when), GATE_RESETS);
	CHECK(gate->drops);
	close_gate();
}

TEST(stall_keeps_the_end_too)
{
	static const struct fault_rules rules = { .stall_after = {
	    .on = true, .bytes = UINT64_MAX, .time = 30 * MS } };
	int64_t when;

	open_gate(&rules, false, NULL);
	CHECK_INT(turn(false, &when), GATE_GOES);
	CHECK_INT(when, 1030 * MS);
	now = when;
	CHECK_INT(turn(true, &when), GATE_STALLS);
	CHECK_INT(when, 0);
	close_gate();
}

TEST(stall_cuts_no_datagram)
{
	static const struct fault_rules rules = { .stall_after = {
	    .on = true, .bytes = 15, .time = -1 } };
	int64_t when;

	open_gate(&rules, true, NULL);
	come("0123456789", 10);
	CHECK_INT(leave(NULL, 100, &when), 10);
	CHECK_INT(turn(false, &when), GATE_GOES);
	come("0123456789", 10);
	CHECK_INT(leave(NULL, 100, &when), 0);
	CHECK_INT(turn(false, &when), GATE_STALLS);
	close_gate();
}

/* ---- Datagrams ---------------------------------------------------------- */

/* Sends numbers; got has them as they leave. Returns how many do. */
static size_t
numbers(const struct fault_rules *rules, uint16_t got[2 * MANY])
{
	int64_t when;
	size_t n = 0;

	open_gate(rules, true, NULL);
	for (unsigned i = 0; i < MANY || ring_used(&ring) > 0; i++) {
		uint16_t number = (uint16_t)i;

		if (i < MANY)
			come(&number, sizeof(number));
		while (leave((char *)&got[n], sizeof(got[n]), &when) > 0)
			n++;
		now += MS;
	}
	close_gate();
	return n;
}

TEST(losses_follow_chance_and_seed)
{
	static uint16_t one[2 * MANY], two[2 * MANY];
	struct fault_rules rules = { .drop = FAULT_CERTAIN / 10, .seed = 1 };
	size_t n = numbers(&rules, one);

	/* Five times the standard deviation of 30. */
	CHECK(n >= 9 * MANY / 10 - 150 && n <= 9 * MANY / 10 + 150);
	CHECK_INT(numbers(&rules, two), n);
	CHECK(memcmp(one, two, n * sizeof(one[0])) == 0);
	rules.seed = 2;
	CHECK(numbers(&rules, two) != n ||
	    memcmp(one, two, n * sizeof(one[0])) != 0);
	rules.drop = FAULT_CERTAIN;
	CHECK_INT(numbers(&rules, two), 0);
}

TEST(doubles_follow_each_other)
{
	static uint16_t got[2 * MANY];
	const struct fault_rules rules = { .duplicate = FAULT_CERTAIN / 10,
	    .seed = 1 };
	size_t n = numbers(&rules, got), twice = 0;

	for (size_t i = 1; i < n; i++) {
		CHECK(got[i] == got[i - 1] || got[i] == got[i - 1] + 1);
		twice += got[i] == got[i - 1];
	}
	CHECK_INT(n, MANY + twice);
	CHECK(twice >= MANY / 10 - 150 && twice <= MANY / 10 + 150);
}

TEST(a_datagram_is_overtaken_by_the_next)
{
	static uint16_t got[2 * MANY];
	const struct fault_rules rules = { .reorder = FAULT_CERTAIN / 10,
	    .delay = 3 * MS, .seed = 1 };
	size_t n = numbers(&rules, got), overtaken = 0;

	CHECK_INT(n, MANY);
	for (size_t i = 0; i + 1 < n; i++) {
		if (got[i] == i)
			continue;
		CHECK_INT(got[i], i + 1);
		CHECK_INT(got[i + 1], i);
		overtaken++;
		i++;
	}
	/* A datagram that overtakes is not overtaken itself. */
	CHECK(overtaken >= 909 - 150 && overtaken <= 909 + 150);
}

TEST(nothing_waits_for_ever_to_be_overtaken)
{
	static const struct fault_rules rules = {
	    .reorder = FAULT_CERTAIN };
	int64_t when;

	open_gate(&rules, true, NULL);
	come("a", 1);
	CHECK_INT(leave(NULL, 1, &when), 0);
	CHECK_INT(when, 1100 * MS);
	now = when;
	CHECK_INT(leave(NULL, 1, &when), 1);
	close_gate();
}
