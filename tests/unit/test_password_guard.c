/*
 * The pauses after wrong passwords.
 */
#include <arpa/inet.h>

#include "base/num.h"
#include "chat/group_chat.h"
#include "unit.h"

#define START	(1000 * NSEC_PER_SEC)
#define FAR	(START * 1000)

static struct password_guard	*guard;

static struct addr
host(const char *text)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (inet_pton(AF_INET, text, &a.u.in.sin_addr) == 1) {
		a.len = sizeof(a.u.in);
		a.u.in.sin_family = AF_INET;
	} else {
		CHECK(inet_pton(AF_INET6, text, &a.u.in6.sin6_addr) == 1);
		a.len = sizeof(a.u.in6);
		a.u.in6.sin6_family = AF_INET6;
	}
	return a;
}

/* Guesses as often as the guard lets an address; returns how often. */
static int
guesses(const struct addr *from, int64_t time)
{
	int64_t now = START, when;
	int n = 0;

	for (;;) {
		when = password_guard_turn(guard, from, now, FAR);
		if (when >= START + time)
			return n;
		now = when;
		password_guard_wrong(guard, from, now);
		n++;
	}
}

/*
 * One address in 1024 shares the other's place, by the guard's seed. Returns
 * how many of ten guards keep them apart.
 */
static int
kept_apart(const struct addr *wrong, const struct addr *other)
{
	int apart = 0;

	for (int i = 0; i < 10; i++) {
		struct password_guard *g = password_guard_new();

		password_guard_wrong(g, wrong, START);
		apart += password_guard_turn(g, other, START, FAR) == START;
		free(g);
	}
	return apart;
}

TEST(the_pauses_of_an_address_grow)
{
	struct addr a = host("192.0.2.1"), b = host("192.0.2.2");

	guard = password_guard_new();
	CHECK_INT(guesses(&a, 2 * NSEC_PER_SEC), 4);
	free(guard);
	CHECK(kept_apart(&a, &b) >= 7);
	guard = password_guard_new();
	CHECK(guesses(&a, 3600 * NSEC_PER_SEC) < 80);
	free(guard);
}

/* Connections that guess at the same moment take turns. */
TEST(guesses_of_an_address_take_turns)
{
	struct addr a = host("192.0.2.1");
	int64_t when, last = START;

	guard = password_guard_new();
	CHECK(password_guard_turn(guard, &a, START, FAR) == START);
	password_guard_wrong(guard, &a, START);
	for (int i = 0; i < 10; i++) {
		when = password_guard_turn(guard, &a, START, FAR);
		CHECK(when >= last + 200 * NSEC_PER_MSEC);
		last = when;
	}
	/* Who does not want to wait for so long takes no turn. */
	for (int i = 0; i < 10; i++) {
		when = password_guard_turn(guard, &a, START, START);
		CHECK(when == last + 200 * NSEC_PER_MSEC);
	}
	free(guard);
}

TEST(a_prefix_of_IPv6_is_one_address)
{
	struct addr a = host("2001:db8:1:2::1");
	struct addr same = host("2001:db8:1:2:ffff::9");
	struct addr other = host("2001:db8:1:3::1");
	struct addr mapped = host("::ffff:192.0.2.7"), four = host("192.0.2.7");

	CHECK_INT(kept_apart(&a, &same), 0);
	CHECK(kept_apart(&a, &other) >= 7);
	CHECK_INT(kept_apart(&mapped, &four), 0);
}

TEST(what_is_long_ago_is_forgotten)
{
	struct addr a = host("192.0.2.1");
	int64_t later;

	guard = password_guard_new();
	(void)guesses(&a, 600 * NSEC_PER_SEC);
	later = START + 3600 * NSEC_PER_SEC;
	CHECK(password_guard_turn(guard, &a, later, FAR) == later);
	CHECK(password_guard_turn(guard, &a, later, FAR) == later);
	free(guard);
}

/* Each address guesses once; together they soon wait like one. */
TEST(many_addresses_get_no_more_than_the_table_has_places)
{
	struct addr a;
	char text[40];
	int judged = 0;

	guard = password_guard_new();
	for (unsigned i = 0; i < 200000; i++) {
		(void)snprintf(text, sizeof(text), "2001:db8:%x:%x::1",
		    i >> 12, i & 0xfff);
		a = host(text);
		if (password_guard_turn(guard, &a, START, START) > START)
			continue;
		password_guard_wrong(guard, &a, START);
		judged++;
	}
	CHECK(judged <= 1024);
	free(guard);
}
