/*
 * The guard against servers that answer each other for ever.
 */
#include <arpa/inet.h>

#include "base/num.h"
#include "net/loopguard.h"
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
	bool passed = loopguard_passes(guard, who, text, strlen(text), now);

	if (passed)
		loopguard_answered(guard, who, text, strlen(text), now);
	now += STEP;
	return passed;
}

static void
loop_of_two(void)
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
		alive = loopguard_passes(guard, from, text, strlen(text), now);
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

static void
loops_that_grow(void)
{
	CHECK(growing_loop("Servidor UDP:", "") <= 64);
	CHECK(growing_loop("", " says he") <= 64);
}

/* A client that begins all it says in the same way is none. */
static void
same_beginnings(void)
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

static void
loop_of_many_packets(void)
{
	struct addr b = v4("127.0.0.1", 8);
	int flying = 50, packets = 0;

	begin();
	for (; flying > 0 && packets < 1000000; packets++)
		if (!echo(&b, "x"))
			flying--;
	CHECK_INT(flying, 0);
	CHECK(packets < 50 * LOOPGUARD_MOST + 1);
	free(guard);
}

static void
repeating_client(void)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i, dropped = 0;

	begin();
	for (i = 0; i < LOOPGUARD_FIRST; i++)
		CHECK(echo(&a, "ping"));
	for (; i < 100000; i++)
		if (!echo(&a, "ping"))
			dropped++;
	CHECK(dropped > 1);
	CHECK(dropped < 120);
	free(guard);
}

static void
slow_client(void)
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

static void
talking_client(void)
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

static void
row_is_broken(void)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i, n;

	begin();
	CHECK(echo(&a, "ping"));
	for (n = 0; n < 20; n++) {
		for (i = 0; i < LOOPGUARD_FIRST - 1; i++)
			CHECK(echo(&a, "ping"));
		CHECK(echo(&a, "pong"));
		CHECK(echo(&a, "ping"));
	}
	free(guard);
}

/* Only what equals our own last word counts. */
static void
other_answers(void)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i;

	begin();
	for (i = 0; i < 1000; i++, now += STEP) {
		CHECK(loopguard_passes(guard, &a, "question", 8, now));
		loopguard_answered(guard, &a, "answer", 6, now);
	}
	free(guard);
}

static void
empty_loop(void)
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
static void
many_senders(void)
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

static void
lengths_differ(void)
{
	struct addr a = v4("127.0.0.1", 5000);
	int i;

	begin();
	for (i = 0; i < 1000; i++, now += STEP) {
		CHECK(loopguard_passes(guard, &a, "\0\0\0\0", 3, now));
		loopguard_answered(guard, &a, "\0\0\0\0", 4, now);
	}
	free(guard);
}

static void
unix_senders(void)
{
	struct addr a, b;
	int packets = 0;

	CHECK(addr_unix(&a, "/tmp/one") == 0);
	CHECK(addr_unix(&b, "/tmp/two") == 0);
	begin();
	while (echo(&a, "x") && packets < 1000) {
		CHECK(loopguard_passes(guard, &b, "x", 1, now));
		packets++;
	}
	CHECK_INT(packets, LOOPGUARD_FIRST);
	free(guard);
}

int
main(void)
{
	unit_run("a loop in which what is said grows ends as well",
	    loops_that_grow);
	unit_run("a client may begin all it says in the same way",
	    same_beginnings);
	unit_run("two echoes stop answering each other within 64 packets",
	    loop_of_two);
	unit_run("a loop with many packets in flight ends, too",
	    loop_of_many_packets);
	unit_run("a client that repeats itself loses few, and ever fewer",
	    repeating_client);
	unit_run("a client that asks once a second loses nothing",
	    slow_client);
	unit_run("a client that says new things loses nothing",
	    talking_client);
	unit_run("a different word starts the count again", row_is_broken);
	unit_run("a question that is not our last answer never counts",
	    other_answers);
	unit_run("a loop of empty datagrams is broken as well", empty_loop);
	unit_run("senders are told apart by address and port", many_senders);
	unit_run("zeros of another length are something else",
	    lengths_differ);
	unit_run("Unix senders are told apart by their path", unix_senders);
	return unit_end();
}
