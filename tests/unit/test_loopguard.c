/*
 * The guard against servers that answer each other for ever.
 */
#include <arpa/inet.h>

#include "base/num.h"
#include "peers/loopguard.h"
#include "unit.h"

#define START	(1000 * NSEC_PER_SEC)
#define STEP	NSEC_PER_MSEC

static struct loopguard	*guard;
static int64_t		now;

static struct addr
v4(const char *host, unsigned port)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.len = sizeof(a.u.in);
	a.u.in.sin_family = AF_INET;
	CHECK(inet_pton(AF_INET, host, &a.u.in.sin_addr) == 1);
	addr_set_port(&a, port);
	return a;
}

static void
begin(void)
{
	guard = loopguard_new();
	now = START;
}

/* A question comes and is answered by itself; false: it was dropped. */
static bool
echo(const struct addr *who, const char *text)
{
	bool passed = loopguard_passes(guard, who, text, strlen(text), now,
	    true);

	now += STEP;
	return passed;
}

TEST(two_echoes_stop_answering_each_other_within_64_packets)
{
	struct addr a = v4("127.0.0.1", 7), b = v4("127.0.0.1", 8);
	struct loopguard *guards[2];
	int packets = 0;
	bool alive = true;

	guards[0] = loopguard_new();
	guards[1] = loopguard_new();
	now = START;
	/* What one sends is what the other gets. */
	while (alive && packets < 1000) {
		guard = guards[packets % 2];
		alive = echo(packets % 2 == 0 ? &b : &a, "x");
		packets++;
	}
	CHECK_INT(packets, 2 * LOOPGUARD_FIRST + 1);
	CHECK(packets <= 64);
	free(guards[0]);
	free(guards[1]);
}

/* Each server puts its words there, before what it gets or behind it. */
static int
growing_loop(const char *before, const char *behind)
{
	struct addr a = v4("127.0.0.1", 7), b = v4("127.0.0.1", 8);
	const struct addr *from;
	struct loopguard *guards[2];
	char text[4000] = "x\n", next[4000];
	int packets = 0;
	bool alive = true;

	guards[0] = loopguard_new();
	guards[1] = loopguard_new();
	now = START;
	while (alive && packets < 300) {
		guard = guards[packets % 2];
		from = packets++ % 2 == 0 ? &b : &a;
		alive = loopguard_passes(guard, from, text, strlen(text), now,
		    false);
		text[strlen(text) - 1] = '\0';
		(void)snprintf(next, sizeof(next), "%s%.3900s%s\n", before,
		    text, behind);
		strcpy(text, next);
		loopguard_answered(guard, from, text, strlen(text), now);
		now += STEP;
	}
	free(guards[0]);
	free(guards[1]);
	return packets;
}

TEST(a_loop_in_which_what_is_said_grows_ends_as_well)
{
	CHECK(growing_loop("Servidor UDP:", "") <= 64);
	CHECK(growing_loop("", " says he") <= 64);
}

/* A client that begins all it says in the same way is none. */
TEST(a_client_may_begin_all_it_says_in_the_same_way)
{
	struct addr a = v4("127.0.0.1", 7);
	char text[100];
	int i;

	begin();
	for (i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "GET /page/%d HTTP/1.1", i);
		CHECK(echo(&a, text));
	}
	free(guard);
}

/* "1129" ends like "129", which has been answered only now. */
TEST(a_client_that_counts_is_none_however_late_the_answers)
{
	struct addr a = v4("127.0.0.1", 7);
	char text[100];
	int i, len;

	begin();
	for (i = 1; i <= 20000; i++, now += STEP / 10) {
		len = snprintf(text, sizeof(text), "%d\n", i);
		CHECK(loopguard_passes(guard, &a, text, (size_t)len, now,
		    false));
		len = snprintf(text, sizeof(text), "%d\n", i - 3000);
		if (i > 3000)
			loopguard_answered(guard, &a, text, (size_t)len, now);
	}
	free(guard);
}

TEST(a_loop_with_many_packets_in_flight_ends_too)
{
	struct addr b = v4("127.0.0.1", 8);
	int flying = 50, packets = 0;

	begin();
	for (; flying > 0 && packets < 1000000; packets++)
		if (!echo(&b, "x"))
			flying--;
	CHECK_INT(flying, 0);
	CHECK_INT(packets, 50 + LOOPGUARD_FIRST);
	free(guard);
}

/*
 * Datagrams on their way between two servers, in order; each stands for its
 * text. Returns how many the servers have got until none is left.
 */
static int
loop_of(int flying, int64_t step, const char *added)
{
	struct addr a = v4("127.0.0.1", 7), b = v4("127.0.0.1", 8);
	struct loopguard *guards[2] = { loopguard_new(), loopguard_new() };
	static char texts[1000][400];
	static int at[1000];
	int left = flying, packets = 0, i;

	now = START;
	for (i = 0; i < flying; i++) {
		(void)snprintf(texts[i], sizeof(texts[i]), "forged %04d", i);
		at[i] = 0;
	}
	for (i = 0; left > 0 && packets < 100000; i = (i + 1) % flying) {
		bool second = at[i] % 2 != 0;
		struct loopguard *g = guards[second];
		const struct addr *who = second ? &a : &b;

		if (at[i] == -1)
			continue;
		packets++;
		now += step;
		if (!loopguard_passes(g, who, texts[i], strlen(texts[i]),
		    now, false)) {
			at[i] = -1;
			left--;
			continue;
		}
		if (strlen(texts[i]) < sizeof(texts[i]) - 20)
			strcat(texts[i], added);
		loopguard_answered(g, who, texts[i], strlen(texts[i]), now);
		at[i]++;
	}
	CHECK_INT(left, 0);
	free(guards[0]);
	free(guards[1]);
	return packets;
}

TEST(loops_of_1_to_1000_different_datagrams_end_soon)
{
	static const int flying[] = { 1, 2, 20, 100, 1000 };

	for (size_t i = 0; i < sizeof(flying) / sizeof(flying[0]); i++) {
		CHECK(loop_of(flying[i], 5000, "") <=
		    3 * flying[i] + 4 * LOOPGUARD_FIRST);
		CHECK(loop_of(flying[i], 5000, "+") <=
		    3 * flying[i] + 4 * LOOPGUARD_FIRST);
	}
	/* A long way: 100 ms for 20 of them. */
	CHECK(loop_of(20, 5 * NSEC_PER_MSEC, "") <= 60 + 4 * LOOPGUARD_FIRST);
}

/* A forger gets little more than twice the datagrams that it sends. */
TEST(a_forger_who_goes_on_makes_no_loop_that_lasts)
{
	struct addr b = v4("127.0.0.1", 8);
	char text[20];
	int i, passed = 0;

	begin();
	for (i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "%04d new", i);
		CHECK(echo(&b, text));
		now -= STEP;
		while (passed < 100000 && echo(&b, "x")) {
			now -= STEP;
			passed++;
		}
		now += STEP;
	}
	CHECK(passed < 4 * 1000);
	free(guard);
}

static int
repeats(int n, int64_t step)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i, dropped = 0;

	begin();
	for (i = 0; i < n; i++, now += step - STEP)
		if (!echo(&a, "ping"))
			dropped++;
	free(guard);
	return dropped;
}

/* The pauses end, and each is followed by 300 times as much. */
TEST(a_client_that_repeats_itself_loses_few_a_slow_one_none)
{
	int dropped = repeats(100000, NSEC_PER_MSEC);

	CHECK(dropped > 1);
	CHECK(dropped < 450);
	CHECK(repeats(1000000, NSEC_PER_MSEC / 100) < 20000);
	CHECK(repeats(100000, 100 * NSEC_PER_MSEC) < 450);
	CHECK_INT(repeats(100000, 500 * NSEC_PER_MSEC), 0);
}

/* Each waits for the answer, and asks again after a while without one. */
TEST(a_client_that_waits_for_each_answer_loses_few)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i, dropped = 0;

	begin();
	for (i = 0; i < 100000; i++)
		if (!echo(&a, "ping")) {
			now += 200 * NSEC_PER_MSEC;
			dropped++;
		}
	CHECK(dropped < 120);
	free(guard);
}

TEST(a_client_that_asks_once_a_second_loses_nothing)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i;

	begin();
	for (i = 0; i < 1000; i++) {
		CHECK(echo(&a, "ping"));
		now += NSEC_PER_SEC;
	}
	free(guard);
}

TEST(a_client_that_says_new_things_loses_nothing)
{
	struct addr a = v4("127.0.0.1", 5000);
	char text[20];
	int i;

	begin();
	for (i = 0; i < 100000; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		CHECK(echo(&a, text));
	}
	free(guard);
}

/* Only what equals our own last word counts. */
TEST(a_question_that_is_not_our_last_answer_never_counts)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i;

	begin();
	for (i = 0; i < 1000; i++, now += STEP) {
		CHECK(loopguard_passes(guard, &a, "question", 8, now, false));
		loopguard_answered(guard, &a, "answer", 6, now);
	}
	free(guard);
}

TEST(a_loop_of_empty_datagrams_is_broken_as_well)
{
	struct addr b = v4("127.0.0.1", 8);
	int packets = 0;

	begin();
	while (echo(&b, "") && packets < 1000)
		packets++;
	CHECK_INT(packets, LOOPGUARD_FIRST);
	free(guard);
}

/* Neither port nor address alone makes a sender. */
TEST(senders_are_told_apart_by_address_and_port)
{
	struct addr a;
	char host[32];
	unsigned i;

	begin();
	for (i = 0; i < 100000; i++) {
		(void)snprintf(host, sizeof(host), "127.0.%u.%u", i % 7,
		    i % 251);
		a = v4(host, 1 + i % 65521);
		CHECK(echo(&a, "same"));
	}
	free(guard);
}

TEST(zeros_of_another_length_are_something_else)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i;

	begin();
	for (i = 0; i < 1000; i++, now += STEP) {
		CHECK(loopguard_passes(guard, &a, "\0\0\0\0", 3, now, false));
		loopguard_answered(guard, &a, "\0\0\0\0", 4, now);
	}
	free(guard);
}

TEST(Unix_senders_are_told_apart_by_their_path)
{
	struct addr a, b;
	int packets = 0;

	CHECK(addr_unix(&a, "/tmp/one") == 0);
	CHECK(addr_unix(&b, "/tmp/two") == 0);
	begin();
	while (echo(&a, "x") && packets < 1000) {
		CHECK(loopguard_passes(guard, &b, "x", 1, now, false));
		packets++;
	}
	CHECK_INT(packets, LOOPGUARD_FIRST);
	free(guard);
}
