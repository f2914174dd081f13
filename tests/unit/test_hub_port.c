/*
 * What is written to a hub's port, and the members that get it.
 */
#include <errno.h>

#include "multi_client_rig.h"

static struct hub_port		port;
static struct hub_source	mem[MANY];
static bool			holds[MANY];

static void
on_over(struct hub_member *m, int num)
{
	int *o = &outcome[(struct hub_source *)m - mem];

	CHECK(m->hearing == HUB_DEAF);
	CHECK_INT(*o, -1);
	*o = num;
}

static bool
may_end(struct hub_member *m)
{
	return !holds[(struct hub_source *)m - mem];
}

static void
open_port(enum hub_to who)
{
	rig_open();
	hub_port_init(&port, &ep, HUB_BY_LINE, "the members");
	hub_port_init_out(&port, who, "the members");
	port.hub.may_end = may_end;
	memset(mem, 0, sizeof(mem));
	memset(holds, 0, sizeof(holds));
}

static void
add(unsigned i, const struct fake_step *steps, unsigned n)
{
	fake_init(&ends[i], "member", steps, n);
	mem[i] = (struct hub_source){ .m = { .out = &ends[i].half,
	    .output_ended = on_over } };
	hub_port_add(&port, &mem[i]);
	loop_turn(loop, 0);
}

/* What the poller would do for it. */
static void
wake(unsigned i)
{
	if (ends[i].half.wants == NULL || !ends[i].half.wants(&mem[i].m))
		return;
	ends[i].half.ready = true;
	hub_wake(&mem[i].m);
}

/* One write of this text in two pieces; how much was taken. */
static size_t
say_n(const char *text, size_t len)
{
	struct iovec iov[2];
	size_t n;
	enum io io;

	iov[0].iov_base = (void *)(size_t)text;
	iov[0].iov_len = len / 3;
	iov[1].iov_base = (void *)(size_t)(text + len / 3);
	iov[1].iov_len = len - len / 3;
	io = half_write(&ep.out, iov, 2, &n);
	CHECK(io == IO_OK || (io == IO_AGAIN && n == 0));
	loop_turn(loop, 0);
	return n;
}

static size_t
say(const char *text)
{
	return say_n(text, strlen(text));
}

static const char *
got(unsigned i)
{
	ends[i].got[ends[i].moved] = '\0';
	return (const char *)ends[i].got;
}

static void
close_port(void)
{
	unsigned i;

	rig_close();
	for (i = 0; i < MANY; i++)
		CHECK(mem[i].m.hub == NULL);
	CHECK(port.hub.ring.mem == NULL);
}

TEST(to_the_first_and_then_to_the_next)
{
	open_port(HUB_TO_FIRST);
	CHECK_INT(say("nobody"), 0);
	CHECK(!ep.out.ready);
	add(0, NULL, 0);
	CHECK(ep.out.ready);
	CHECK(notified > 0);
	add(1, NULL, 0);
	CHECK_INT(say("one"), 3);
	hub_port_remove(&mem[0]);
	CHECK_INT(say("two"), 3);
	CHECK_STR(got(0), "one");
	CHECK_STR(got(1), "two");
	CHECK_INT(mem[0].m.lost, 0);
	close_port();
}

TEST(to_the_last_and_back_to_the_one_before)
{
	open_port(HUB_TO_LAST);
	add(0, NULL, 0);
	CHECK_INT(say("one"), 3);
	add(1, NULL, 0);
	CHECK_INT(say("two"), 3);
	hub_port_finish(&mem[1]);
	CHECK_INT(outcome[1], 0);
	CHECK(ends[1].shut);
	CHECK_INT(say("three"), 5);
	CHECK_STR(got(0), "onethree");
	CHECK_STR(got(1), "two");
	close_port();
}

TEST(a_single_receiver_sets_the_pace)
{
	static const struct fake_step slow[] = { N(2), AGAIN };

	open_port(HUB_TO_FIRST);
	add(0, slow, LEN(slow));
	add(1, NULL, 0);
	CHECK_INT(say("abcd"), 2);
	CHECK(!ep.out.ready);
	CHECK(ends[0].half.wants(&mem[0].m));
	CHECK(!ends[1].half.wants(&mem[1].m));
	CHECK_INT(say("cd"), 0);
	wake(0);
	CHECK(ep.out.ready);
	CHECK_INT(say("cd"), 0);
	wake(0);
	CHECK_INT(say("cd"), 2);
	CHECK_STR(got(0), "abcd");
	CHECK_STR(got(1), "");
	close_port();
}

TEST(what_one_that_failed_did_not_take_goes_to_the_next)
{
	static const struct fake_step bad[] = { N(2), ERR(ECONNRESET) };

	open_port(HUB_TO_FIRST);
	add(0, bad, LEN(bad));
	add(1, NULL, 0);
	CHECK_INT(say("abcd"), 2);
	wake(0);
	CHECK_INT(say("cd"), 2);
	CHECK_INT(outcome[0], ECONNRESET);
	CHECK_INT(outcome[1], -1);
	CHECK_STR(got(1), "cd");
	close_port();
}

TEST(each_gets_a_copy_from_when_it_came)
{
	static const struct fake_step odd[] = { N(1), N(2), AGAIN, N(1) };

	open_port(HUB_TO_ALL);
	CHECK_INT(say("nobody"), 0);
	add(0, NULL, 0);
	CHECK_INT(say("one "), 4);
	add(1, odd, LEN(odd));
	add(2, NULL, 0);
	CHECK_INT(say("two "), 4);
	CHECK_INT(say("three"), 5);
	CHECK_STR(got(0), "one two three");
	CHECK_STR(got(2), "two three");
	while (ends[1].moved < 9 && ends[1].calls < 50)
		wake(1);
	CHECK_STR(got(1), "two three");
	CHECK(port.hub.ring.mem == NULL);
	CHECK(!ends[1].half.wants(&mem[1].m));
	close_port();
	CHECK_INT(port.lost_out, 0);
}

static char	block[64 << 10];

TEST(the_slow_one_is_dropped_and_counted)
{
	static const struct fake_step stuck[] = { N(10), AGAIN, AGAIN, AGAIN };
	size_t said = 0;
	unsigned i;

	memset(block, 'x', sizeof(block));
	open_port(HUB_TO_ALL);
	add(0, NULL, 0);
	add(1, stuck, LEN(stuck));
	for (i = 0; i < 100 && outcome[1] == -1; i++)
		said += say_n(block, sizeof(block));
	CHECK_INT(outcome[1], ENOBUFS);
	CHECK(said > HUB_RING / 2 && said <= HUB_RING + sizeof(block));
	CHECK_INT(mem[1].m.written, 10);
	CHECK_INT(mem[1].m.lost, said - 10);
	CHECK_INT(ends[0].moved, said);
	CHECK_INT(outcome[0], -1);
	CHECK(port.hub.ring.mem == NULL);
	close_port();
}

/* The foremost is never run over. */
TEST(the_foremost_sets_the_pace)
{
	static const struct fake_step stuck[] = { N(10), AGAIN };
	size_t n, said = 0;

	memset(block, 'x', sizeof(block));
	open_port(HUB_TO_ALL);
	add(0, stuck, LEN(stuck));
	while ((n = say_n(block, sizeof(block))) > 0)
		said += n;
	CHECK(said > HUB_RING / 4 && said <= HUB_RING / 2);
	CHECK_INT(outcome[0], -1);
	CHECK(!ep.out.ready);
	CHECK(ends[0].half.wants(&mem[0].m));
	wake(0);
	wake(0);
	CHECK(ep.out.ready);
	CHECK_INT(ends[0].moved, said);
	CHECK_INT(say_n(block, sizeof(block)), sizeof(block));
	close_port();
}

/*
 * The foremost is ready again, and has not been woken yet: room grows while
 * what was said in two pieces is being taken.
 */
TEST(room_may_grow_within_a_write)
{
	static const struct fake_step stuck[] = { N(10) };
	size_t i, said = 0;

	memset(block, 'x', sizeof(block));
	open_port(HUB_TO_ALL);
	add(0, stuck, LEN(stuck));
	for (i = 0; i < 7; i++)
		said += say_n(block, sizeof(block));
	/* Less room than the first piece of the next one takes. */
	said += say_n(block, sizeof(block) - sizeof(block) / 4);
	CHECK_INT(ends[0].moved, 10);
	ends[0].half.ready = true;
	CHECK_INT(say_n(block, sizeof(block)), sizeof(block));
	CHECK_INT(ends[0].moved, said + sizeof(block));
	/* What its records say is what they have. */
	CHECK(port.hub.ring.mem == NULL);
	CHECK_INT(outcome[0], -1);
	close_port();
}

TEST(finish_delivers_what_was_due_and_no_more)
{
	static const struct fake_step slow[] = {
		AGAIN, N(2), AGAIN, N(1), AGAIN, FULL };

	open_port(HUB_TO_ALL);
	add(0, slow, LEN(slow));
	add(1, NULL, 0);
	CHECK_INT(say("due"), 3);
	hub_port_finish(&mem[0]);
	CHECK_INT(outcome[0], -1);
	CHECK_INT(say("new"), 3);
	while (outcome[0] == -1 && ends[0].calls < 50)
		wake(0);
	CHECK_INT(outcome[0], 0);
	CHECK_STR(got(0), "due");
	CHECK(ends[0].shut);
	CHECK_STR(got(1), "duenew");
	CHECK_INT(mem[0].m.lost, 0);
	close_port();
}

TEST(nothing_is_written_to_those_that_leave_alone)
{
	static const struct fake_step slow[] = {
		AGAIN, N(2), AGAIN, FULL };

	open_port(HUB_TO_ALL);
	add(0, slow, LEN(slow));
	CHECK_INT(say("due"), 3);
	hub_port_finish(&mem[0]);
	CHECK_INT(outcome[0], -1);
	CHECK_INT(say("new"), 0);
	add(1, NULL, 0);
	CHECK(ep.out.ready);
	CHECK_INT(say("new"), 3);
	CHECK_STR(got(1), "new");
	while (outcome[0] == -1 && ends[0].calls < 50)
		wake(0);
	CHECK_STR(got(0), "due");
	close_port();
}

TEST(the_end_is_for_all_also_for_later_ones)
{
	static const struct fake_step slow[] = { AGAIN, FULL };

	open_port(HUB_TO_ALL);
	add(0, slow, LEN(slow));
	add(1, NULL, 0);
	CHECK_INT(say("text"), 4);
	CHECK(half_shut(&ep.out) == IO_AGAIN);
	CHECK(ends[1].shut && !ends[0].shut);
	wake(0);
	CHECK(half_shut(&ep.out) == IO_OK);
	CHECK(ends[0].shut);
	CHECK_INT(outcome[0], 0);
	/* A member that comes now is shut at once; the owner may delay that. */
	add(2, NULL, 0);
	CHECK(ends[2].shut);
	CHECK_INT(outcome[2], 0);
	holds[3] = true;
	add(3, NULL, 0);
	CHECK(!ends[3].shut);
	holds[3] = false;
	ends[3].half.ready = true;
	hub_wake(&mem[3].m);
	CHECK(ends[3].shut);
	CHECK_INT(outcome[3], 0);
	close_port();
}

TEST(a_shut_may_take_turns)
{
	static const struct fake_step turns[] = { AGAIN, AGAIN };

	open_port(HUB_TO_FIRST);
	add(0, NULL, 0);
	add(1, NULL, 0);
	ends[0].shuts.steps = turns;
	ends[0].shuts.n = LEN(turns);
	hub_port_finish(&mem[0]);
	CHECK_INT(outcome[0], -1);
	CHECK_INT(say("next"), 4);
	CHECK_STR(got(1), "next");
	wake(0);
	wake(0);
	CHECK_INT(outcome[0], 0);
	close_port();
}

TEST(what_a_close_cuts_off_is_counted)
{
	static const struct fake_step stuck[] = { N(1), AGAIN };

	open_port(HUB_TO_ALL);
	add(0, stuck, LEN(stuck));
	add(1, NULL, 0);
	CHECK_INT(say("0123456789"), 10);
	close_port();
	CHECK_INT(port.lost_out, 9);
	CHECK_INT(outcome[0], -1);
}

TEST(what_a_removed_one_did_not_get_is_counted)
{
	static const struct fake_step stuck[] = { N(1), AGAIN };

	open_port(HUB_TO_ALL);
	add(0, stuck, LEN(stuck));
	CHECK_INT(say("0123456789"), 10);
	hub_port_remove(&mem[0]);
	hub_port_remove(&mem[0]);
	CHECK_INT(mem[0].m.lost, 9);
	CHECK(ends[0].half.wants == NULL);
	close_port();
}

/* An error at any byte ends one, and the others get all. */
TEST(an_error_at_any_byte_ends_one_alone)
{
	struct fake_step steps[2] = { N(0), ERR(EPIPE) };
	size_t i;

	for (i = 1; i < 12; i++) {
		steps[0].n = i;
		open_port(HUB_TO_ALL);
		add(0, NULL, 0);
		add(1, steps, 2);
		add(2, NULL, 0);
		CHECK_INT(say("hello "), 6);
		CHECK_INT(say("there "), 6);
		wake(1);
		CHECK_INT(outcome[1], EPIPE);
		/* Each record is a write of its own. */
		CHECK_INT(mem[1].m.written, i < 6 ? i : 6);
		CHECK_INT(mem[1].m.lost, 12 - mem[1].m.written);
		CHECK_STR(got(0), "hello there ");
		CHECK_STR(got(2), "hello there ");
		close_port();
	}
}
