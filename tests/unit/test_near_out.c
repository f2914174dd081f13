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

static void
peer_ends_in_time(void)
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

static void
peer_says_more(void)
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
static void
peer_says_more_at_once(void)
{
	start_with_reader(NEAR_PIPE);
	say(rig.peer, "more");
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_down(&rig.s), 4);
	finish();
}

static void
peer_stays(void)
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

static void
file_is_sent_first(void)
{
	start_with_reader(NEAR_FILE);
	(void)await_end();
	CHECK_INT(rig.s.up.ledger.written, 1000000);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

static void
no_wait_is_a_failure_at_once(void)
{
	prepare();
	start();
	shut_fd(&rig.tap);
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	finish();
}

static void
shared_output_does_not_wait(void)
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

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);	/* what never ends must fail */
	unit_run("a peer that ends after the reader has left loses nothing",
	    peer_ends_in_time);
	unit_run("what a peer says after the reader has left is lost",
	    peer_says_more);
	unit_run("what a peer says as the reader leaves is lost",
	    peer_says_more_at_once);
	unit_run("a peer that stays when the reader has left is left in time",
	    peer_stays);
	unit_run("a file is sent to its end when the reader has left",
	    file_is_sent_first);
	unit_run("without a wait a reader that leaves is a failure",
	    no_wait_is_a_failure_at_once);
	unit_run("an output that outlives the session fails at once",
	    shared_output_does_not_wait);
	return unit_end();
}
