/*
 * Sessions: what the end of either input means under every policy.
 */
#include <sys/ioctl.h>

#include "session_rig.h"

/* ---- The near input ends first ------------------------------------------ */

static void
near_ends(enum near_eof near_eof, enum far_eof far_eof)
{
	prepare();
	rig.opt.policy.near_eof = near_eof;
	rig.opt.policy.far_eof = far_eof;
	start();
	say(rig.feed, "hello");
	shut_fd(&rig.feed);
	settle();
	CHECK_STR(rig.heard, "hello");
	CHECK_INT(rig.heard_end, near_eof != NEAR_KEEP);
	CHECK_INT(rig.done, near_eof == NEAR_CLOSE);
	if (!rig.done) {
		say(rig.peer, "world");
		settle();
		CHECK_STR(rig.told, "world");
		CHECK(!rig.done);
		say(rig.peer, "!");
		CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
		(void)await_end();
		CHECK_STR(rig.told, "world!");
	}
	CHECK_INT(rig.s.end, SESSION_EOF);
	CHECK_INT(session_lost_up(&rig.s), 0);
	CHECK_INT(session_lost_down(&rig.s), 0);
	finish();
}

TEST(the_end_of_the_near_input_is_obeyed_as_every_policy_says)
{
	enum near_eof n;
	enum far_eof f;

	for (n = NEAR_HALF_CLOSE; n <= NEAR_CLOSE; n++)
		for (f = FAR_WAIT; f <= FAR_IDLE; f++)
			near_ends(n, f);
}

TEST(a_null_input_half_closes_or_not_as_it_is_told)
{
	int keeps;

	for (keeps = 0; keeps < 2; keeps++) {
		prepare();
		rig.in = NEAR_NULL;
		rig.opt.policy.null_keeps = keeps != 0;
		start();
		settle();
		CHECK_INT(rig.heard_end, !keeps);
		CHECK(!rig.done);
		say(rig.peer, "x");
		CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
		(void)await_end();
		CHECK_STR(rig.told, "x");
		finish();
	}
}

/* ---- The far input ends first ------------------------------------------- */

TEST(a_far_ends_end_is_waited_out)
{
	prepare();
	rig.opt.policy.far_eof = FAR_WAIT;
	start();
	far_says_and_ends();
	CHECK(!rig.done);
	CHECK(rig.told_end);	/* who reads our output learns of it */
	say(rig.feed, "late");
	settle();
	CHECK_STR(rig.heard, "late");
	shut_fd(&rig.feed);
	(void)await_end();
	CHECK(rig.heard_end);
	finish();
}

TEST(a_far_ends_end_is_the_end_for_an_idle_input)
{
	prepare();
	rig.opt.policy.far_eof = FAR_IDLE;
	start();
	far_says_and_ends();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.end, SESSION_EOF);
	finish();
}

/* Turns that come by themselves within so long. */
static unsigned
turns_within(int64_t time)
{
	int64_t until = clock_now() + time, left;
	unsigned turns = 0;

	for (; (left = until - clock_now()) > 0 && !rig.done; turns++)
		loop_turn(rig.loop, left);
	return turns;
}

/* What the input has more stands in its pipe: that is no pause. */
TEST(an_input_whose_far_end_takes_nothing_is_waited_for_in_peace)
{
	static const char much_text[] = "first";
	static char much[4096];
	int tries;

	prepare();
	rig.opt.policy.far_eof = FAR_BY_INPUT;
	rig.opt.policy.far_limit[RULE_EXCHANGED] = 50 * NSEC_PER_MSEC;
	connect_ends();
	say(rig.feed, much_text);
	/* Now, so that a slow machine makes no pause. */
	while (write(rig.feed, much, sizeof(much)) > 0)
		;
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	far_says_and_ends();
	for (tries = 0; tries < 100; tries++) {
		while (write(rig.feed, much, sizeof(much)) > 0)
			tries = 0;
		loop_turn(rig.loop, 0);
	}
	CHECK(turns_within(300 * NSEC_PER_MSEC) < 20);
	CHECK(!rig.done);
	shut_fd(&rig.feed);
	for (tries = 0; tries < 100 && !rig.done; tries++)
		settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

static enum io
sulk_shut(struct layer *l)
{
	(void)l;
	return IO_AGAIN;
}

static unsigned
sulk_want(const struct layer *l, unsigned wish)
{
	(void)l;
	return wish & LOOP_IN;
}

static enum io
sulk_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->write(l->below, iov, cnt, n);
}

static enum io
sulk_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->read(l->below, iov, cnt, n);
}

static void
sulk_close(struct layer *l)
{
	(void)l;
}

/* As a layer is that still has something to write, to a full socket. */
TEST(an_end_that_cannot_be_told_yet_is_waited_for_in_peace)
{
	static const struct layer_ops ops = {
	    .read = sulk_read, .write = sulk_write, .shut = sulk_shut,
	    .want = sulk_want, .close = sulk_close };
	struct layer sulk = { .ops = &ops };

	prepare();
	rig.opt.policy.delay_half_close = true;
	connect_ends();
	endpoint_wrap(&rig.far, &sulk);
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	say(rig.feed, "request");
	shut_fd(&rig.feed);
	CHECK(turns_within(300 * NSEC_PER_MSEC) < 20);
	CHECK_INT(rig.s.up.state, FLOW_SHUT);
	finish();
}

TEST(a_far_ends_end_leaves_the_input_for_the_next_one)
{
	int left = 0;

	prepare();
	rig.opt.policy.far_eof = FAR_KEEP_INPUT;
	start();
	say(rig.feed, "mine");
	settle();
	CHECK_STR(rig.heard, "mine");
	far_says_and_ends();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.end, SESSION_EOF);
	CHECK(rig.near.in.state != HALF_ENDED);
	/* What comes now is not for this peer. */
	say(rig.feed, "next");
	settle();
	CHECK_STR(rig.heard, "mine");
	CHECK_INT(ioctl(rig.near.in_bottom.fd.num, FIONREAD, &left), 0);
	CHECK_INT(left, 4);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

TEST(what_stands_in_a_pipe_is_sent_after_the_far_ends_end)
{
	enum far_eof f;

	/* What stands in the pipe already is sent in any case. */
	for (f = FAR_WAIT; f <= FAR_IDLE; f++) {
		prepare();
		rig.opt.policy.far_eof = f;
		connect_ends();
		say(rig.feed, "request");
		CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
		session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
		settle();
		CHECK_STR(rig.heard, "request");
		CHECK_INT(rig.done, f == FAR_IDLE);
		if (!rig.done) {
			say(rig.feed, ", more");
			shut_fd(&rig.feed);
			(void)await_end();
			CHECK_STR(rig.heard, "request, more");
		}
		CHECK_INT(session_lost_up(&rig.s), 0);
		finish();
	}
}

TEST(a_file_is_sent_to_its_end_after_the_far_ends_end)
{
	enum far_eof f;

	for (f = FAR_WAIT; f <= FAR_BY_INPUT; f++) {
		prepare();
		rig.opt.policy.far_eof = f;
		rig.in = NEAR_FILE;
		connect_ends();
		CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
		session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
		settle();
		CHECK_INT(rig.done, 1);
		CHECK_INT(rig.s.up.ledger.written, 1000000);
		CHECK_INT(session_lost_up(&rig.s), 0);
		finish();
	}
}

TEST(a_terminal_is_not_waited_for_after_the_far_ends_end)
{
	prepare();
	rig.in = NEAR_TTY;
	start();
	far_says_and_ends();
	CHECK_INT(rig.done, 1);
	finish();
	prepare();
	rig.in = NEAR_TTY;
	rig.opt.policy.far_eof = FAR_WAIT;
	start();
	far_says_and_ends();
	CHECK(!rig.done);
	finish();
}

/* ---- How long a half-close is held back ---------------------------------- */

TEST(whoever_has_said_nothing_waits_longer_for_a_pause)
{
	const int64_t ms = NSEC_PER_MSEC;

	/* Connected at 1 s, spoke at 2 s. */
	CHECK_INT(policy_half_close_delay(1000 * ms, 0, 0, 1) / ms, 1050);
	CHECK_INT(policy_half_close_delay(1000 * ms, 2000 * ms, 1, 1) / ms,
	    2020);
	CHECK_INT(policy_half_close_delay(1000 * ms, 2000 * ms, 65535, 1) / ms,
	    2020);
	CHECK_INT(policy_half_close_delay(1000 * ms, 2000 * ms, 65536, 1) / ms,
	    2500);
	CHECK_INT(policy_half_close_delay(1000 * ms, 0, 0, 0) / ms, 1500);
	CHECK_INT(policy_half_close_delay(1000 * ms, 2000 * ms, 1, 0) / ms,
	    2500);
}
