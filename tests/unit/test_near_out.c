/*
 * The reader of our output has left, or the output has failed.
 */
#include "session_rig.h"

static void
start_with_reader(enum near_kind in)
{
	prepare();
	rig.in = in;
	rig.opt.policy.reader_wait = RIG_LIMIT;
	start();
	say(rig.peer, "x");
	settle();
	CHECK_STR(rig.told, "x");
	shut_fd(&rig.tap);
}

TEST(a_peer_that_ends_after_the_reader_has_left_loses_nothing)
{
	start_with_reader(NEAR_PIPE);
	settle();
	CHECK(!rig.done);
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.down.write_errno, 0);
	CHECK_INT(session_lost_down(&rig.s), 0);
	finish();
}

TEST(what_a_peer_says_after_the_reader_has_left_is_lost)
{
	start_with_reader(NEAR_PIPE);
	settle();
	say(rig.peer, "more");
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_down(&rig.s), 4);
	finish();
}

/* It is noticed by the write, too. */
TEST(what_a_peer_says_as_the_reader_leaves_is_lost)
{
	start_with_reader(NEAR_PIPE);
	say(rig.peer, "more");
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_down(&rig.s), 4);
	finish();
}

TEST(a_peer_that_stays_when_the_reader_has_left_is_left_in_time)
{
	int64_t began = clock_now();

	start_with_reader(NEAR_PIPE);
	CHECK(await_end() < 20);
	CHECK(clock_now() - began >= RIG_LIMIT);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_down(&rig.s), 0);
	CHECK(rig.heard_end);
	finish();
}

TEST(a_file_is_sent_to_its_end_when_the_reader_has_left)
{
	start_with_reader(NEAR_FILE);
	(void)await_end();
	CHECK_INT(rig.s.up.ledger.written, 1000000);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

TEST(without_a_wait_a_reader_that_leaves_is_a_failure)
{
	prepare();
	start();
	shut_fd(&rig.tap);
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	finish();
}

TEST(an_output_that_outlives_the_session_fails_at_once)
{
	prepare();
	rig.opt.policy.reader_wait = NSEC_PER_SEC;
	rig.opt.near_stays = true;
	start();
	shut_fd(&rig.tap);
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	finish();
}
