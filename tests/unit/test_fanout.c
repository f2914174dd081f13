/*
 * One ring for many readers.
 */
#include <errno.h>

#include "hub/fanout.h"
#include "unit.h"

#define CAP	100

static struct fanout f;

static int
add(unsigned from, const char *text)
{
	struct iovec iov[2];
	size_t n = strlen(text), half = n / 2;
	struct fanout_reader *r, *self = NULL;

	iov[0].iov_base = (void *)(size_t)text;
	iov[0].iov_len = half;
	iov[1].iov_base = (void *)(size_t)(text + half);
	iov[1].iov_len = n - half;
	TAILQ_FOREACH(r, &f.readers, link)
		if (r->self == from)
			self = r;
	return fanout_add(&f, self, iov, 2, n);
}

/* Up to max bytes of what comes next, as text; NULL if it fell off. */
static const char *
get(struct fanout_reader *r, size_t max)
{
	static char text[CAP + 1];
	struct iovec iov[2];
	int i, cnt = fanout_data(r, iov);
	size_t n = 0, len;

	if (cnt == -1)
		return NULL;
	for (i = 0; i < cnt && n < max; i++) {
		len = iov[i].iov_len < max - n ? iov[i].iov_len : max - n;
		memcpy(text + n, iov[i].iov_base, len);
		n += len;
	}
	text[n] = '\0';
	fanout_take(r, n);
	return text;
}

TEST(everybody_gets_everything)
{
	struct fanout_reader a, b;

	fanout_init(&f, CAP);
	fanout_join(&f, &a, 0);
	fanout_join(&f, &b, 0);
	CHECK(add(0, "one") == 0);
	CHECK(add(0, "two") == 0);
	CHECK_STR(get(&a, CAP), "one");
	CHECK_STR(get(&a, CAP), "two");
	CHECK_STR(get(&a, CAP), "");
	CHECK(fanout_has_all(&a));
	CHECK(!fanout_has_all(&b));
	CHECK_STR(get(&b, 2), "on");
	CHECK_STR(get(&b, 2), "e");
	CHECK_STR(get(&b, CAP), "two");
	CHECK(f.mem == NULL);
	fanout_leave(&a);
	fanout_leave(&b);
	fanout_free(&f);
}

TEST(a_later_one_misses_what_was_before)
{
	struct fanout_reader a, b;

	fanout_init(&f, CAP);
	fanout_join(&f, &a, 0);
	CHECK(add(0, "early") == 0);
	fanout_join(&f, &b, 0);
	CHECK(add(0, "late") == 0);
	CHECK_STR(get(&b, CAP), "late");
	CHECK_STR(get(&a, CAP), "early");
	CHECK_INT(fanout_missing(&a), 4);
	CHECK_INT(fanout_missing(&b), 0);
	fanout_leave(&a);
	CHECK(f.mem == NULL);
	fanout_leave(&b);
	fanout_free(&f);
}

TEST(what_nobody_needs_costs_no_memory)
{
	struct fanout_reader a;

	fanout_init(&f, CAP);
	CHECK(add(0, "nobody") == 0);
	CHECK(f.mem == NULL);
	CHECK_INT(fanout_room(&f), 0);
	fanout_join(&f, &a, 0);
	CHECK_STR(get(&a, CAP), "");
	CHECK_INT(fanout_missing(&a), 0);
	fanout_leave(&a);
	fanout_leave(&a);
	fanout_free(&f);
}

TEST(ones_own_records_are_passed_over)
{
	struct fanout_reader a, b;

	fanout_init(&f, CAP);
	fanout_join(&f, &a, 1);
	fanout_join(&f, &b, 2);
	CHECK(add(1, "from a") == 0);
	CHECK(add(2, "from b") == 0);
	CHECK(add(1, "a again") == 0);
	CHECK_STR(get(&a, CAP), "from b");
	CHECK_STR(get(&a, CAP), "");
	CHECK(fanout_has_all(&a));
	CHECK_INT(fanout_missing(&a), 0);
	CHECK_STR(get(&b, CAP), "from a");
	CHECK_STR(get(&b, CAP), "a again");
	CHECK(f.mem == NULL);
	fanout_leave(&a);
	fanout_leave(&b);
	fanout_free(&f);
}

TEST(the_slow_one_falls_off_alone)
{
	struct fanout_reader slow, quick;
	int i;

	fanout_init(&f, CAP);
	fanout_join(&f, &slow, 0);
	fanout_join(&f, &quick, 0);
	for (i = 0; i < 100; i++) {
		CHECK(add(0, "0123456789") == 0);
		CHECK_STR(get(&quick, CAP), "0123456789");
	}
	CHECK(get(&slow, CAP) == NULL);
	CHECK_INT(fanout_missing(&slow), 1000);
	fanout_leave(&slow);
	CHECK(f.mem == NULL);
	fanout_leave(&quick);
	fanout_free(&f);
}

/* The record that it reads may go, but not before the one behind it. */
TEST(one_may_fall_off_within_a_record)
{
	struct fanout_reader a;

	fanout_init(&f, CAP);
	fanout_join(&f, &a, 0);
	CHECK(add(0, "0123456789") == 0);
	CHECK_STR(get(&a, 3), "012");
	CHECK(add(0, "the second record, of 65 bytes in all, which leaves the "
	    "first one") == 0);
	CHECK_STR(get(&a, 3), "345");
	CHECK(add(0, "and one more") == 0);
	CHECK(get(&a, 3) == NULL);
	CHECK_INT(fanout_missing(&a), 4 + 65 + 12);
	fanout_leave(&a);
	fanout_free(&f);
}

TEST(a_record_is_as_long_as_the_ring_at_most)
{
	static char big[CAP + 1];
	struct fanout_reader a;

	memset(big, 'x', CAP);
	fanout_init(&f, CAP);
	fanout_join(&f, &a, 0);
	errno = 0;
	CHECK(add(0, big) == -1);
	CHECK_INT(errno, EMSGSIZE);
	CHECK_INT(fanout_missing(&a), 0);
	big[fanout_most(&f)] = '\0';
	CHECK(add(0, big) == 0);
	CHECK_STR(get(&a, CAP), big);
	CHECK(add(0, "") == 0);
	CHECK_STR(get(&a, CAP), "");
	CHECK(fanout_has_all(&a));
	fanout_leave(&a);
	fanout_free(&f);
}

/* Whoever waits for room never runs over the foremost. */
TEST(room_follows_the_foremost_reader)
{
	struct fanout_reader slow, quick;
	size_t room;

	fanout_init(&f, CAP);
	fanout_join(&f, &quick, 0);
	fanout_join(&f, &slow, 0);
	room = fanout_room(&f);
	CHECK_INT(room, CAP / 2 - FANOUT_HEAD);
	CHECK(add(0, "0123456789") == 0);
	CHECK_INT(fanout_room(&f), room - 10 - FANOUT_HEAD);
	CHECK(add(0, "01234567890123456789") == 0);
	CHECK_INT(fanout_room(&f), 0);
	while (*get(&quick, CAP) != '\0')
		;
	CHECK_INT(fanout_room(&f), room);
	/* The next one is the foremost now. */
	fanout_leave(&quick);
	CHECK_INT(fanout_room(&f), 0);
	fanout_leave(&slow);
	fanout_free(&f);
}

static int
stage(const char *text)
{
	return fanout_stage(&f, text, strlen(text));
}

TEST(staged_bytes_are_one_record)
{
	struct fanout_reader a, b, c, d;

	fanout_init(&f, CAP);
	CHECK(stage("unheard") == 0);
	fanout_join(&f, &a, 0);
	CHECK(stage("a ") == 0);
	fanout_join(&f, &b, 2);
	CHECK(stage("b ") == 0);
	fanout_join(&f, &c, 0);
	CHECK_STR(get(&a, CAP), "");
	CHECK_INT(fanout_missing(&b), 0);
	CHECK_INT(fanout_staged(&a), 4);
	CHECK_INT(fanout_staged(&b), 2);
	CHECK_INT(fanout_staged(&c), 0);
	/* The next record ends that of the staged bytes. */
	CHECK(add(2, "record") == 0);
	fanout_join(&f, &d, 0);
	CHECK_INT(fanout_staged(&b), 0);
	CHECK_INT(fanout_missing(&a), 10);
	CHECK_INT(fanout_missing(&b), 2);
	CHECK_INT(fanout_missing(&c), 6);
	CHECK_STR(get(&a, 1), "a");
	CHECK_STR(get(&a, CAP), " b ");
	CHECK_STR(get(&a, CAP), "record");
	CHECK_STR(get(&b, CAP), "b ");
	CHECK_STR(get(&b, CAP), "");
	CHECK(f.mem != NULL);
	CHECK_STR(get(&c, CAP), "record");
	CHECK(f.mem == NULL);
	CHECK(stage("last") == 0);
	fanout_leave(&a);
	fanout_leave(&b);
	fanout_leave(&c);
	CHECK(f.mem != NULL);
	fanout_seal(&f);
	fanout_seal(&f);
	CHECK_STR(get(&d, CAP), "last");
	CHECK_STR(get(&d, CAP), "");
	CHECK(stage("for nobody") == 0);
	fanout_leave(&d);
	CHECK(f.mem == NULL);
	fanout_free(&f);
}

TEST(staged_bytes_have_limits)
{
	static char big[CAP + 1];
	struct fanout_reader a;

	memset(big, 'x', CAP);
	fanout_init(&f, CAP);
	fanout_join(&f, &a, 0);
	CHECK(stage(big) == -1);
	CHECK_INT(errno, EMSGSIZE);
	CHECK(stage("a") == 0);
	big[fanout_most(&f)] = '\0';
	CHECK(stage(big) == -1);
	CHECK(stage(big + 1) == 0);
	CHECK_INT(fanout_span(&f), CAP);
	CHECK_INT(fanout_lag(&a), CAP);
	fanout_seal(&f);
	CHECK_INT(fanout_missing(&a), CAP - FANOUT_HEAD);
	/* To stage is to push off what is too old. */
	CHECK(stage("b") == 0);
	CHECK(get(&a, CAP) == NULL);
	fanout_leave(&a);
	CHECK(f.mem == NULL);
	fanout_free(&f);
}

#define READERS	4

/* A reader, and what it must have got. */
struct witness {
	struct fanout_reader	 r;
	char			 want[1 << 16];
	size_t			 wanted, got;
	bool			 in, fell;
};

static struct witness	w[READERS];

static unsigned
dice(unsigned n)
{
	static unsigned seed = 12345;

	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void
random_add(void)
{
	char text[40];
	unsigned from = dice(READERS + 1), len = dice(38), i, c;

	for (i = 0; i < len; i++)
		text[i] = (char)('a' + dice(26));
	text[len] = '\0';
	CHECK(add(from, text) == 0);
	for (c = 0; c < READERS; c++)
		if (w[c].in && from != c + 1) {
			memcpy(w[c].want + w[c].wanted, text, len);
			w[c].wanted += len;
		}
}

static void
random_stage(void)
{
	char text[3] = { (char)('A' + dice(26)), (char)('A' + dice(26)) };

	if (dice(4) == 0 || f.staged > CAP / 4)
		fanout_seal(&f);
	CHECK(stage(text) == 0);
	for (unsigned c = 0; c < READERS; c++)
		if (w[c].in) {
			memcpy(w[c].want + w[c].wanted, text, 2);
			w[c].wanted += 2;
		}
}

static void
random_get(struct witness *t)
{
	const char *text = get(&t->r, 1 + dice(30));

	if (text == NULL) {
		t->fell = true;
		return;
	}
	CHECK(!t->fell);
	CHECK(memcmp(text, t->want + t->got, strlen(text)) == 0);
	t->got += strlen(text);
	CHECK(t->got <= t->wanted);
	if (fanout_has_all(&t->r))
		CHECK_INT(t->got + fanout_staged(&t->r), t->wanted);
	CHECK_INT(fanout_missing(&t->r),
	    t->wanted - t->got - fanout_staged(&t->r));
}

TEST(any_order_of_joining_adding_reading_and_leaving)
{
	unsigned c;
	int i;

	fanout_init(&f, CAP);
	for (i = 0; i < 200000 && !unit_bad; i++) {
		c = dice(READERS);
		if (!w[c].in && dice(3) == 0) {
			fanout_join(&f, &w[c].r, c + 1);
			w[c].in = true;
			w[c].fell = false;
			w[c].wanted = w[c].got = 0;
		} else if (w[c].in && (dice(40) == 0 || w[c].fell ||
		    w[c].wanted > sizeof(w[c].want) - 100)) {
			fanout_leave(&w[c].r);
			w[c].in = false;
		} else if (w[c].in && dice(3) > 0)
			random_get(&w[c]);
		else if (dice(3) == 0)
			random_stage();
		else
			random_add();
	}
	for (c = 0; c < READERS; c++)
		if (w[c].in)
			fanout_leave(&w[c].r);
	CHECK(f.mem == NULL);
	fanout_free(&f);
}
