/*
 * The far end has ended and the near input is open: each rule of enum
 * far_rule, as a session keeps it.
 */
#include "session_rig.h"

static enum far_rule	ruled[8];
static unsigned		nruled;

static void
on_ruled(void *user, enum far_rule rule)
{
	(void)user;
	if (nruled < sizeof(ruled) / sizeof(ruled[0]))
		ruled[nruled++] = rule;
}

/* The end of the peer, which may have said something; so may the input. */
static void
far_ends(enum near_kind in, enum near_kind out, const char *heard,
    const char *given)
{
	prepare();
	nruled = 0;
	rig.in = in;
	rig.out = out;
	rig.opt.ruled = on_ruled;
	rig.opt.policy.silence_fails = true;
	connect_ends();
	if (given != NULL)
		say(rig.feed, given);
	if (heard != NULL)
		say(rig.peer, heard);
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	settle();
	if (heard != NULL)
		CHECK_STR(rig.told, heard);
	if (given != NULL)
		CHECK_STR(rig.heard, given);
}

/* It is over after so long, by this rule alone, and nothing was lost. */
static void
over_after(enum far_rule rule, int64_t limit)
{
	int64_t began = clock_now();

	CHECK_INT(rig.done, limit == 0);
	CHECK(await_end() < 20);
	if (limit > 0)
		CHECK(clock_now() - began > limit / 2);
	CHECK_INT(nruled, 1);
	CHECK_INT(ruled[0], rule);
	CHECK_INT(rig.s.end, SESSION_EOF);
	CHECK_INT(rig.s.far_end.failed, rule == RULE_SILENT);
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

/* It goes on for longer than any limit, until the input ends. */
static void
goes_on_until_the_end(enum far_rule rule)
{
	int64_t until = clock_now() + 3 * RIG_LIMIT, left;
	unsigned turns = 0;

	for (; (left = until - clock_now()) > 0; turns++)
		loop_turn(rig.loop, left);
	CHECK(turns < 10);
	CHECK(!rig.done);
	rig.heard[0] = '\0';
	say(rig.feed, "late");
	shut_fd(&rig.feed);
	(void)await_end();
	CHECK_STR(rig.heard, "late");
	CHECK(rig.heard_end);
	CHECK_INT(ruled[nruled - 1], rule);
	CHECK(!rig.s.far_end.failed);
	finish();
}

TEST(all_of_a_file_is_sent)
{
	far_ends(NEAR_FILE, NEAR_PIPE, NULL, NULL);
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.up.ledger.written, 1000000);
	finish();
}

TEST(an_input_without_an_end_is_left_at_once)
{
	far_ends(NEAR_TTY, NEAR_PIPE, "x", NULL);
	CHECK_INT(rig.done, 1);
	finish();
	far_ends(NEAR_OPEN_FIFO, NEAR_PIPE, "x", "y");
	over_after(RULE_ENDLESS, 0);
}

TEST(a_silent_input_is_left_at_once_when_the_peer_gave_data)
{
	far_ends(NEAR_PIPE, NEAR_PIPE, "x", NULL);
	over_after(RULE_RECEIVED, 0);
	far_ends(NEAR_SOCKET, NEAR_SOCKET, "x", NULL);
	CHECK_INT(rig.done, 1);
	finish();
}

TEST(an_input_that_gave_data_may_pause_when_the_peer_gave_some_too)
{
	far_ends(NEAR_PIPE, NEAR_PIPE, "x", "y");
	over_after(RULE_EXCHANGED, RIG_LIMIT);
	/* A named FIFO, and no filter that could feed it. */
	far_ends(NEAR_FIFO, NEAR_NULL, NULL, "y");
	goes_on_until_the_end(RULE_SENDING);
}

/* What the input gives begins its time anew. */
TEST(a_pause_begins_anew_with_each_byte)
{
	int64_t began = clock_now();

	far_ends(NEAR_PIPE, NEAR_PIPE, "x", "y");
	loop_turn(rig.loop, RIG_LIMIT / 2);
	say(rig.feed, "z");
	over_after(RULE_EXCHANGED, RIG_LIMIT);
	CHECK(clock_now() - began > RIG_LIMIT);
}

TEST(an_input_that_alone_gave_data_is_sent_to_its_end)
{
	far_ends(NEAR_PIPE, NEAR_PIPE, NULL, "y");
	goes_on_until_the_end(RULE_SENDING);
}

/* A reset while the input is silent is not left to be found by a write. */
TEST(a_reset_ends_an_input_that_alone_gave_data_at_once)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	prepare();
	rig.tcp = true;
	start();
	say(rig.feed, "y");
	settle();
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	settle();
	CHECK_INT(rig.s.far_end.rule, RULE_SENDING);
	CHECK_INT(setsockopt(rig.peer, SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now)), 0);
	shut_fd(&rig.peer);
	CHECK(await_end() < 20);
	/* What Linux says after a FIN. */
	CHECK_INT(rig.s.up.write_errno, EPIPE);
	finish();
}

TEST(an_input_that_gave_nothing_to_a_peer_that_gave_nothing_fails)
{
	far_ends(NEAR_PIPE, NEAR_PIPE, NULL, NULL);
	over_after(RULE_SILENT, RIG_LIMIT);
}

TEST(an_input_that_begins_in_time_is_sent_to_its_end)
{
	far_ends(NEAR_PIPE, NEAR_PIPE, NULL, NULL);
	CHECK_INT(rig.s.far_end.rule, RULE_SILENT);
	say(rig.feed, "y");
	settle();
	goes_on_until_the_end(RULE_SENDING);
}

TEST(a_filter_that_sees_our_end_is_waited_for)
{
	far_ends(NEAR_FIFO, NEAR_PIPE, "x", NULL);
	CHECK(rig.told_end);
	goes_on_until_the_end(RULE_FILTER);
	/* A socket's reader sees the end whoever else has the socket. */
	far_ends(NEAR_FIFO, NEAR_SOCKET, NULL, NULL);
	CHECK(rig.told_end);
	goes_on_until_the_end(RULE_FILTER);
}

/* A second holder of the output's pipe; it may let go in time. */
TEST(a_filter_that_cannot_see_our_end_has_a_limit)
{
	int lets_go, copy;

	for (lets_go = 0; lets_go < 2; lets_go++) {
		prepare();
		nruled = 0;
		rig.in = NEAR_FIFO;
		rig.opt.ruled = on_ruled;
		connect_ends();
		copy = dup(rig.near.out.fd->num);
		session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
		far_says_and_ends();
		CHECK(!rig.told_end);
		if (lets_go) {
			(void)close(copy);
			loop_turn(rig.loop, 2 * RIG_LIMIT);
			goes_on_until_the_end(RULE_FILTER);
		} else {
			over_after(RULE_SHARED, RIG_LIMIT);
			(void)close(copy);
		}
	}
}

/* -w and its like do not end what a rule still waits for. */
TEST(an_idle_limit_does_not_end_what_a_rule_waits_for)
{
	prepare();
	rig.opt.policy.idle = RIG_LIMIT / 4;
	start();
	say(rig.feed, "y");
	far_says_and_ends();
	(void)await_end();
	CHECK_INT(rig.s.end, SESSION_EOF);
	finish();
}

static uint64_t
three(const void *user)
{
	(void)user;
	return 3;
}

/* Several inputs, and one of them is in the midst of a line. */
TEST(half_a_line_of_several_inputs_counts_as_given)
{
	prepare();
	rig.opt.near_held = three;
	start();
	far_says_and_ends();
	CHECK_INT(rig.s.far_end.rule, RULE_EXCHANGED);
	(void)await_end();
	finish();
}

/* Every rule has words, with each kind of limit. */
TEST(every_rule_has_its_words)
{
	struct end_policy p = { .silence_fails = true };
	char text[FAR_RULE_TEXT_MAX];
	enum far_rule rule;

	for (rule = RULE_FILE; rule < FAR_RULES; rule++) {
		p.far_limit[rule] = 0;
		CHECK(strstr(policy_far_text(&p, rule, text),
		    ": leave at once") != NULL);
		p.far_limit[rule] = NSEC_PER_SEC / 2;
		CHECK(strstr(policy_far_text(&p, rule, text),
		    "leave after 0.5 s") != NULL);
		p.far_limit[rule] = -1;
		CHECK(strstr(policy_far_text(&p, rule, text), "leave") ==
		    NULL);
	}
	p.far_limit[RULE_SILENT] = NSEC_PER_SEC;
	CHECK_STR(policy_far_text(&p, RULE_SILENT, text), "neither side sent "
	    "data: leave after 1 s without input, with status 1");
}
