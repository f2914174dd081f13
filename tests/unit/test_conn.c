/*
 * The life of one client: its dates, its states, and what ends it.
 */
#include "echo_rig.h"

/* A kind that does what a test tells it. */
struct fake {
	struct conn	 conn;
	int64_t		 since, taken, own;	/* dates; 0: none */
	bool		 busy;
};

static struct fake	*fake;			/* NULL: freed */
static int		leaves, given_up, reviews, settled;
static enum session_end cause;
static char		trace[1000];

static struct fake *
fake_of(const struct conn *c)
{
	return (struct fake *)(uintptr_t)c;
}

static int64_t
on_silent_since(const struct conn *c)
{
	return fake_of(c)->since;
}

static int64_t
on_taken_at(const struct conn *c)
{
	return fake_of(c)->taken;
}

static int64_t
on_date(const struct conn *c)
{
	return fake_of(c)->own;
}

static void
on_review(struct conn *c)
{
	reviews++;
	if (fake_of(c)->own != 0 && loop_now(loop) >= fake_of(c)->own)
		fake_of(c)->own = 0;
}

static void
on_leave(struct conn *c)
{
	leaves++;
	cause = c->cause;
}

static void
on_give_up(struct conn *c)
{
	given_up++;
	conn_close(c);
}

static bool
on_busy(struct conn *c)
{
	return fake_of(c)->busy;
}

static void
on_settle(struct conn *c, struct outcome *o)
{
	(void)c;
	settled++;
	o->received = 12;
}

static void
on_dispose(struct conn *c)
{
	CHECK(c == &fake->conn);
	fake = NULL;
}

static const struct conn_ops fake_ops = {
	.silent_since = on_silent_since,
	.taken_at = on_taken_at,
	.date = on_date,
	.review = on_review,
	.leave = on_leave,
	.give_up = on_give_up,
	.busy = on_busy,
	.settle = on_settle,
	.dispose = on_dispose
};

static void
on_line(void *arg, const char *text)
{
	(void)arg;
	(void)strlcat(trace, text, sizeof(trace));
	(void)strlcat(trace, "\n", sizeof(trace));
}

/* The peer's end of a TCP connection, whose other end becomes fd. */
static int
tcp_peer(struct fd *fd)
{
	struct addr a = addr_of("127.0.0.1", 0);
	int l = serve(&a, SOCK_STREAM, 1), peer = call(&a, SOCK_STREAM);

	fd_own(fd, accept4(l, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC),
	    FD_STREAM);
	close(l);
	return peer;
}

/* A conn on a connection, whose other end is returned. */
static int
open_fake(void)
{
	static struct addr at;
	struct fd fd;
	struct conn_start start = { .run = &run, .fd = &fd, .peer = &at,
	    .number = 3, .over = on_over };
	int peer;

	at = addr_of("127.0.0.1", 7);
	leaves = given_up = reviews = settled = 0;
	trace[0] = '\0';
	peer = tcp_peer(&fd);
	fake = conn_new(sizeof(*fake), &fake_ops, &start);
	CHECK(fake != NULL);
	CHECK_INT(conn_open(&fake->conn, &start, true, false), 0);
	fake->since = fake->taken = loop_now(loop);
	conn_begin(&fake->conn, &start);
	return peer;
}

static void
end_all(int peer)
{
	if (fake != NULL)
		conn_stop(&fake->conn, true);
	close(peer);
	finish();
}

TEST(silence_ends_it)
{
	int64_t began = clock_now();
	int peer;

	echo_begin();
	plan.end.idle = 100 * NSEC_PER_MSEC;
	peer = open_fake();
	CHECK(turn_until(&leaves, 1));
	CHECK_INT(cause, SESSION_IDLE);
	CHECK(clock_now() - began >= 99 * NSEC_PER_MSEC);
	CHECK_INT(overs, 0);
	/* There is no drain time, so the kind decides. */
	(void)turns_within(50 * NSEC_PER_MSEC);
	CHECK_INT(given_up, 0);
	conn_close(&fake->conn);
	CHECK(turn_until(&overs, 1));
	CHECK(fake == NULL);
	CHECK_INT(settled, 1);
	end_all(peer);
}

/* The timer stays where it was, and finds no reason when it fires. */
TEST(what_moves_puts_that_off_and_no_timer)
{
	int i, peer, turns = 0;

	echo_begin();
	plan.end.idle = 300 * NSEC_PER_MSEC;
	peer = open_fake();
	for (i = 0; i < 10; i++) {
		fake->since = loop_now(loop);
		conn_arm(&fake->conn);
		turns += turns_within(50 * NSEC_PER_MSEC);
	}
	CHECK_INT(leaves, 0);
	CHECK(turns < 25);
	end_all(peer);
}

TEST(the_sessions_time_ends_it_too)
{
	int peer;

	echo_begin();
	plan.end.idle = 10 * NSEC_PER_SEC;
	plan.end.total = 50 * NSEC_PER_MSEC;
	peer = open_fake();
	CHECK(turn_until(&leaves, 1));
	CHECK_INT(cause, SESSION_TOTAL);
	end_all(peer);
}

TEST(no_limit_counts_before_the_kind_says_so)
{
	int peer;

	echo_begin();
	plan.end.idle = plan.end.total = 20 * NSEC_PER_MSEC;
	peer = open_fake();
	fake->since = 0;
	(void)turns_within(80 * NSEC_PER_MSEC);
	CHECK_INT(leaves, 0);
	end_all(peer);
}

TEST(a_date_of_the_kinds_own_is_kept)
{
	int peer;

	echo_begin();
	peer = open_fake();
	fake->own = loop_now(loop) + 30 * NSEC_PER_MSEC;
	conn_arm(&fake->conn);
	CHECK(turn_until(&reviews, 1));
	CHECK_INT(fake->own, 0);
	CHECK(turns_within(50 * NSEC_PER_MSEC) < 3);
	CHECK_INT(reviews, 1);
	end_all(peer);
}

TEST(a_stop_gives_it_the_drain_time)
{
	int64_t began;
	int peer;

	echo_begin();
	peer = open_fake();
	began = clock_now();
	conn_stop(&fake->conn, false);
	CHECK_INT(leaves, 1);
	CHECK_INT(cause, SESSION_INTERRUPTED);
	CHECK_INT(fake->conn.state, CONN_LEAVING);
	CHECK(turn_until(&given_up, 1));
	CHECK(clock_now() - began >= DRAIN_TIME - NSEC_PER_MSEC);
	CHECK(turn_until(&overs, 1));
	end_all(peer);
}

TEST(a_stop_at_once_is_told_at_the_deadline_alone)
{
	int peer;

	echo_begin();
	peer = open_fake();
	conn_stop(&fake->conn, true);
	CHECK(fake == NULL);
	CHECK_INT(overs, 0);
	CHECK_INT(settled, 0);
	close(peer);
	/* ... but at the deadline it is, for what was held is lost. */
	run.deadline.passed = true;
	plan.verbose = 1;
	peer = open_fake();
	conn_stop(&fake->conn, true);
	CHECK_INT(overs, 0);
	CHECK_INT(settled, 1);
	CHECK_INT(words, 1);
	CHECK_INT(said.received, 12);
	end_all(peer);
}

/* The limit is too long for a test to wait for: its date must do. */
TEST(one_that_leaves_and_takes_nothing_is_given_up)
{
	int peer;

	echo_begin();
	peer = open_fake();
	conn_leave(&fake->conn, SESSION_EOF);
	turn(0);
	CHECK_INT(fake->conn.timer.node.key, fake->taken + STALL_LIMIT);
	fake->taken -= STALL_LIMIT;
	conn_review_later(&fake->conn);
	CHECK(turn_until(&given_up, 1));
	CHECK(turn_until(&overs, 1));
	end_all(peer);
}

TEST(it_is_not_over_while_the_kind_is_busy)
{
	int peer;

	echo_begin();
	peer = open_fake();
	fake->busy = true;
	conn_close(&fake->conn);
	(void)turns_within(20 * NSEC_PER_MSEC);
	CHECK_INT(overs, 0);
	fake->busy = false;
	conn_review_later(&fake->conn);
	CHECK(turn_until(&overs, 1));
	end_all(peer);
}

TEST(the_last_bytes_are_waited_for)
{
	static char buf[1 << 20];
	size_t sent = 0, got = 0;
	ssize_t n;
	int peer;

	echo_begin();
	peer = open_fake();
	while ((n = send(fake->conn.ep.in_bottom.fd.num, buf, sizeof(buf),
	    MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	conn_linger(&fake->conn, false);
	CHECK_INT(fake->conn.state, CONN_LINGERING);
	turn(0);
	turn(0);
	CHECK(fake->conn.linger->acks.left > 1);
	while ((n = recv(peer, buf, sizeof(buf), MSG_DONTWAIT)) != 0 &&
	    !unit_bad) {
		CHECK(n > 0 || errno == EAGAIN);
		got += n > 0 ? (size_t)n : 0;
		turn(NSEC_PER_MSEC);
	}
	CHECK_INT(got, sent);
	CHECK(turn_until(&overs, 1));
	CHECK_INT(last_status, 0);
	end_all(peer);
}

/* ... and what does not arrive is lost. */
TEST(a_stop_bounds_the_wait_for_them)
{
	static char buf[1 << 20];
	int peer;

	echo_begin();
	plan.verbose = 1;
	peer = open_fake();
	while (send(fake->conn.ep.in_bottom.fd.num, buf, sizeof(buf),
	    MSG_DONTWAIT) > 0)
		;
	conn_linger(&fake->conn, false);
	conn_stop(&fake->conn, false);
	CHECK(turn_until(&overs, 1));
	CHECK(said.lost_out > 0);
	CHECK_INT(leaves, 0);
	end_all(peer);
}

TEST(each_state_is_traced)
{
	int peer;

	echo_begin();
	diag_init("test", 3);
	diag_redirect(on_line, NULL);
	peer = open_fake();
	conn_leave(&fake->conn, SESSION_IDLE);
	conn_leave(&fake->conn, SESSION_TOTAL);	/* too late */
	conn_give_up(&fake->conn);
	CHECK(turn_until(&overs, 1));
	close(peer);
	CHECK_STR(trace, "client 3: serving -> leaving (idle)\n"
	    "client 3: leaving -> given up (idle)\n"
	    "client 3: given up -> closed (idle)\n");
	peer = open_fake();
	conn_linger(&fake->conn, false);
	CHECK(turn_until(&overs, 2));
	CHECK_STR(trace, "client 3: serving -> lingering (end)\n"
	    "client 3: lingering -> closed (end)\n");
	diag_redirect(NULL, NULL);
	diag_init("test", 0);
	end_all(peer);
}
