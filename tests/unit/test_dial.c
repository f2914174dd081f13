#include "dial_fixture.h"

/*
 * An address that never answers: a listener whose backlog is full, so that
 * the system drops what comes. held keeps it so. -1 if this system answers
 * all the same.
 */
static int
black_hole(struct addr *a, int held[MAX])
{
	struct pollfd p = { .events = POLLOUT };
	int i, s;

	*a = addr_of("127.0.0.1", 0);
	s = serve(a, SOCK_STREAM, 0);
	for (i = 0; i < MAX; i++)
		held[i] = call(a, SOCK_STREAM);
	p.fd = held[MAX - 1];
	if (poll(&p, 1, 100) == 0)
		return s;
	close(s);
	return -1;
}

static void
release(int s, const int held[MAX])
{
	int i;

	for (i = 0; i < MAX; i++)
		close(held[i]);
	close(s);
}

TEST(it_connects)
{
	struct addr a = addr_of("127.0.0.1", 0), to;
	int s = serve(&a, SOCK_STREAM, 5), c, fds = open_fds();
	char byte;

	begin();
	to = a;
	run(&to, 1, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 0);
	CHECK_INT(got.kind, FD_STREAM);
	CHECK(addr_equal(&won, &a));
	CHECK(fcntl(got.num, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(got.num, F_GETFL) & O_NONBLOCK);
	CHECK_INT(write(got.num, "x", 1), 1);
	c = accept(s, NULL, NULL);
	CHECK_INT(read(c, &byte, 1), 1);
	close(c);
	end();
	CHECK_INT(open_fds(), fds);
	close(s);
}

TEST(a_refused_address_is_told)
{
	struct addr to = addr_of("127.0.0.2", dead_port("127.0.0.2"));
	char want[60];

	begin();
	snprintf(want, sizeof(want), "127.0.0.2 port %u (tcp)",
	    addr_port(&to));
	run(&to, 1, NULL);
	CHECK_INT(connected, 0);
	CHECK_INT(failed, 1);
	CHECK(last[0]);
	CHECK_INT(error[0].num, ECONNREFUSED);
	CHECK_STR(error[0].op, "connect to");
	CHECK_STR(error[0].object, want);
	end();
}

TEST(an_address_of_our_own_is_passed_over)
{
	struct addr a = addr_of("127.0.0.1", 0), to[2];
	struct own_addrs own = { .n = 0 };
	int s = serve(&a, SOCK_STREAM, 5);

	begin();
	CHECK(fcntl(s, F_SETFL, O_NONBLOCK) == 0);
	to[0] = to[1] = addr_of("127.0.0.2", addr_port(&a));
	own_addrs_add(&own, &to[0]);
	to[1] = a;
	avoid = &own;
	run(to, 2, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 1);
	CHECK_INT(error[0].num, ELOOP);
	CHECK(addr_equal(&won, &a));
	fd_close(&got);
	close(accept(s, NULL, NULL));
	own_addrs_add(&own, &a);
	to[0] = a;
	run(to, 1, NULL);
	CHECK_INT(connected, 0);
	CHECK(last[0]);
	/* Not even tried: the listener would have a client. */
	CHECK_INT(accept(s, NULL, NULL), -1);
	avoid = NULL;
	own_addrs_free(&own);
	end();
	close(s);
}

TEST(after_a_dead_address_comes_the_next)
{
	struct addr a = addr_of("127.0.0.1", 0), to[3];
	int s = serve(&a, SOCK_STREAM, 5);

	begin();
	to[0] = to[1] = addr_of("127.0.0.2", addr_port(&a));
	to[2] = a;
	run(to, 3, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 2);
	CHECK(!last[0] && !last[1]);
	CHECK_INT(error[0].num, ECONNREFUSED);
	end();
	close(s);
}

TEST(the_last_failure_is_called_the_last)
{
	struct addr to[3];
	unsigned port = dead_port("127.0.0.2");

	begin();
	plan.race_delay = 0;
	to[0] = to[1] = to[2] = addr_of("127.0.0.2", port);
	run(to, 3, NULL);
	CHECK_INT(failed, 3);
	CHECK(!last[0] && !last[1] && last[2]);
	end();
}

TEST(silence_ends_at_the_timeout)
{
	struct addr to;
	int held[MAX], s = black_hole(&to, held), fds = open_fds();
	int64_t took;

	if (s == -1)
		SKIP("a full backlog answers here");
	begin();
	plan.connect_timeout = 150 * NSEC_PER_MSEC;
	took = run(&to, 1, NULL);
	CHECK_INT(error[0].num, ETIMEDOUT);
	CHECK(last[0]);
	CHECK(took >= 150 * NSEC_PER_MSEC);
	end();
	CHECK_INT(open_fds(), fds);
	release(s, held);
}

TEST(each_address_has_its_own_timeout)
{
	struct addr to[3], a = addr_of("127.0.0.1", 0);
	int held[MAX], s = black_hole(&to[0], held);
	int t = serve(&a, SOCK_STREAM, 5);
	int64_t took;

	if (s == -1)
		SKIP("a full backlog answers here");
	begin();
	plan.connect_timeout = 100 * NSEC_PER_MSEC;
	to[1] = to[0];
	to[2] = a;
	took = run(to, 3, NULL);
	CHECK_INT(failed, 2);
	CHECK_INT(error[0].num, ETIMEDOUT);
	CHECK_INT(error[1].num, ETIMEDOUT);
	CHECK_INT(connected, 1);
	CHECK(took >= 200 * NSEC_PER_MSEC);
	end();
	close(t);
	release(s, held);
}

TEST(a_race_is_won_by_who_answers)
{
	struct addr to[2], a = addr_of("127.0.0.1", 0);
	int held[MAX], s = black_hole(&to[0], held);
	int t = serve(&a, SOCK_STREAM, 5), fds = open_fds();
	int64_t took;

	if (s == -1)
		SKIP("a full backlog answers here");
	begin();
	plan.race_delay = 50 * NSEC_PER_MSEC;
	to[1] = a;
	took = run(to, 2, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 0);
	CHECK(addr_equal(&won, &a));
	CHECK(took >= 50 * NSEC_PER_MSEC);
	end();
	CHECK_INT(open_fds(), fds);		/* the loser is closed */
	close(t);
	release(s, held);
}

static int64_t
race_with_a_dead_one(void)
{
	struct addr to[2], a = addr_of("127.0.0.1", 0);
	int held[MAX], s = black_hole(&to[0], held);
	int t = serve(&a, SOCK_STREAM, 5);
	int64_t took = -1;

	if (s == -1) {
		close(t);
		return took;
	}
	begin();
	plan.race_delay = 250 * NSEC_PER_MSEC;
	to[1] = a;
	took = run(to, 2, NULL);
	CHECK_INT(connected, 1);
	CHECK(addr_equal(&won, &a));
	CHECK(took >= 250 * NSEC_PER_MSEC);
	end();
	close(t);
	release(s, held);
	return took;
}

/*
 * RFC 8305, section 5, as the native personality has it; on a busy machine
 * not each time.
 */
TEST(a_dead_first_address_costs_less_than_400_ms)
{
	int64_t took;
	int tries = 0;

	do
		took = race_with_a_dead_one();
	while (took >= 400 * NSEC_PER_MSEC && ++tries < 8);
	if (took == -1)
		SKIP("a full backlog answers here");
	CHECK(took < 400 * NSEC_PER_MSEC);
}

TEST(in_a_race_a_failure_starts_the_next_at_once)
{
	struct addr to[3], a = addr_of("127.0.0.1", 0);
	int held[MAX], s = black_hole(&to[0], held);
	int t = serve(&a, SOCK_STREAM, 5);
	int64_t took;

	if (s == -1)
		SKIP("a full backlog answers here");
	begin();
	/* The second is refused, and the first still under way. */
	plan.race_delay = 2 * NSEC_PER_SEC;
	to[1] = addr_of("127.0.0.2", addr_port(&a));
	to[2] = a;
	took = run(to, 3, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 1);
	CHECK(!last[0]);
	CHECK(took >= 2 * NSEC_PER_SEC);
	CHECK(took < 4 * NSEC_PER_SEC);
	end();
	close(t);
	release(s, held);
}

TEST(a_cancelled_dial_says_nothing_more)
{
	struct addr to[2];
	int held[MAX], s = black_hole(&to[0], held), fds = open_fds();

	if (s == -1)
		SKIP("a full backlog answers here");
	begin();
	to[1] = to[0];
	plan.race_delay = 0;
	start(to, 2, NULL);
	turns_within(20 * NSEC_PER_MSEC);
	dial_cancel(dial);
	loop_run(loop);		/* ends: nothing is left to wait for */
	CHECK_INT(connected + failed, 0);
	end();
	CHECK_INT(open_fds(), fds);
	release(s, held);
}

TEST(a_failure_may_cancel_the_rest)
{
	struct addr to[2], a = addr_of("127.0.0.1", 0);
	int s = serve(&a, SOCK_STREAM, 5);

	begin();
	cancel_on_failure = true;
	to[0] = addr_of("127.0.0.2", addr_port(&a));
	to[1] = a;
	start(to, 2, NULL);
	loop_run(loop);
	CHECK_INT(failed, 1);
	CHECK_INT(connected, 0);
	end();
	close(s);
}

TEST(the_local_address_is_bound)
{
	struct addr a = addr_of("127.0.0.1", 0), to[2], peer;
	struct addr local = addr_of("127.0.0.3", 0);
	int s = serve(&a, SOCK_STREAM, 5), c;

	begin();
	/* ... and what it does not fit is left out. */
	to[0] = addr_of("::1", addr_port(&a));
	to[1] = a;
	run(to, 2, &local);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 0);
	c = accept(s, NULL, NULL);
	(void)addr_peer(&peer, c);
	addr_set_port(&peer, 0);
	CHECK(addr_equal(&peer, &local));
	close(c);
	end();
	close(s);
}

TEST(the_local_port_is_bound_again_at_once)
{
	struct addr local = addr_of("127.0.0.4", dead_port("127.0.0.4"));
	struct addr to, peer;
	int s, c, i;

	begin();
	for (i = 0; i < 2; i++) {
		to = addr_of("127.0.0.1", 0);
		s = serve(&to, SOCK_STREAM, 5);
		run(&to, 1, &local);
		CHECK_INT(connected, 1);
		c = accept(s, NULL, NULL);
		(void)addr_peer(&peer, c);
		CHECK(addr_equal(&peer, &local));
		fd_close(&got);		/* first: TIME_WAIT is ours */
		close(c);
		close(s);
	}
	end();
}

TEST(what_cannot_be_bound_is_told)
{
	struct addr to = addr_of("127.0.0.1", 9);
	struct addr local = addr_of("192.0.2.77", 0);

	begin();
	run(&to, 1, &local);
	CHECK_INT(failed, 1);
	CHECK_STR(error[0].op, "bind");
	CHECK_INT(error[0].num, EADDRNOTAVAIL);
	if (have_inet6()) {
		to = addr_of("::1", 9);
		run(&to, 1, &local);
		CHECK_STR(error[0].op, "bind");
		CHECK_INT(error[0].num, EAFNOSUPPORT);
	}
	end();
}

TEST(a_socket_that_meets_itself_is_refused)
{
	struct addr to = addr_of("127.77.7.7", dead_port("127.77.7.7"));
	struct addr local = to;
	int fds = open_fds();

	begin();
	run(&to, 1, &local);
	CHECK_INT(connected, 0);
	CHECK_INT(failed, 1);
	CHECK_INT(error[0].num, ECONNREFUSED);
	end();
	CHECK_INT(open_fds(), fds);
}

/* Take whoever calls, for so long. */
static void
welcome(int s, int64_t time)
{
	int64_t end = clock_now() + time;
	struct pollfd p = { .fd = s, .events = POLLIN };

	while (clock_now() < end)
		if (poll(&p, 1, 20) == 1)
			close(accept(s, NULL, NULL));
}

TEST(an_answer_that_waits_is_seen_when_the_time_is_over)
{
	struct addr a, to;
	int held[MAX], s = black_hole(&a, held);

	if (s == -1)
		SKIP("this system answers with a full backlog");
	begin();
	plan.connect_timeout = 2500 * NSEC_PER_MSEC;
	to = a;
	start(&to, 1, NULL);
	(void)turns_within(20 * NSEC_PER_MSEC);
	CHECK_INT(connected + failed, 0);
	/* The system calls once more after a second; we are busy. */
	welcome(s, 2600 * NSEC_PER_MSEC);
	CHECK(turn_until(&over, 1));
	CHECK_INT(connected, 1);
	end();
	release(s, held);
}

/* Dial with a spare lent: how many sockets are there more than before? */
static int
run_lent(const char *host, unsigned port,
    struct dial_socket_reuse *socket_reuse,
    const struct addr *local)
{
	struct addr to = addr_of(host, port);
	int fds = open_fds();

	reuse = socket_reuse;
	start(&to, 1, local);
	reuse = NULL;
	CHECK(turn_until(&over, 1));
	loop_turn(loop, 0);
	return open_fds() - fds;
}

TEST(a_refused_socket_is_used_again)
{
	struct dial_socket_reuse socket_reuse = { .fd.num = -1 };
	struct addr a = addr_of("127.0.0.1", 0);
	int s = serve(&a, SOCK_STREAM, 5), num;
	unsigned dead = dead_port("127.0.0.1");

	begin();
	CHECK_INT(run_lent("127.0.0.1", dead, &socket_reuse, NULL), 1);
	CHECK_INT(error[0].num, ECONNREFUSED);
	num = socket_reuse.fd.num;
	CHECK(num != -1);
	/* Another port refuses, and another address; then one is there. */
	CHECK_INT(run_lent("127.0.0.2", dead, &socket_reuse, NULL), 0);
	CHECK_INT(error[0].num, ECONNREFUSED);
	CHECK_INT(socket_reuse.fd.num, num);
	CHECK_INT(run_lent("127.0.0.1", addr_port(&a), &socket_reuse, NULL), 0);
	CHECK_INT(connected, 1);
	CHECK_INT(got.num, num);
	CHECK_INT(socket_reuse.fd.num, -1);
	CHECK_INT(write(got.num, "x", 1), 1);
	end();
	close(s);
}

TEST(a_spare_that_does_not_fit_is_left_alone)
{
	struct dial_socket_reuse socket_reuse = { .fd.num = -1 };
	struct addr local = addr_of("127.0.0.1", 0);
	unsigned dead = dead_port("127.0.0.1");

	begin();
	/* A bound one would stay bound. */
	(void)run_lent("127.0.0.1", dead, &socket_reuse, &local);
	CHECK_INT(socket_reuse.fd.num, -1);
	if (have_inet6()) {
		(void)run_lent("127.0.0.1", dead, &socket_reuse, NULL);
		CHECK_INT(run_lent("::1", dead_port("::1"), &socket_reuse,
		    NULL), 0);
		CHECK_INT(error[0].num, ECONNREFUSED);
		CHECK_INT(socket_reuse.family, AF_INET);
		fd_close(&socket_reuse.fd);
	}
	end();
}

/* As if the system had left it in a state that it cannot leave. */
TEST(a_stale_spare_is_no_failure)
{
	struct addr a = addr_of("127.0.0.1", 0);
	struct dial_socket_reuse socket_reuse = { .family = AF_INET };
	int s = serve(&a, SOCK_STREAM, 5), other = serve(&(struct addr){
	    .len = a.len, .u.in = addr_of("127.0.0.1", 0).u.in },
	    SOCK_STREAM, 5);

	begin();
	fd_own(&socket_reuse.fd, other,
	    FD_STREAM);	/* a listener: EISCONN */
	CHECK_INT(run_lent("127.0.0.1", addr_port(&a), &socket_reuse, NULL), 0);
	CHECK_INT(connected, 1);
	CHECK_INT(failed, 0);
	CHECK_INT(write(got.num, "x", 1), 1);
	end();
	close(s);
}

TEST(datagrams_connect_at_once)
{
	struct addr to = addr_of("127.0.0.1", 9);

	begin();
	plan.type = TYPE_DGRAM;
	run(&to, 1, NULL);
	CHECK_INT(connected, 1);
	CHECK_INT(got.kind, FD_DGRAM);
	end();
}

TEST(a_missing_Unix_socket_is_told)
{
	struct addr to;
	char path[100];

	tmpdir_make();
	begin();
	plan.family = FAMILY_UNIX;
	to = addr_of(tmp_path("none", path), 0);
	run(&to, 1, NULL);
	CHECK_INT(error[0].num, ENOENT);
	CHECK_STR(error[0].object, path);
	end();
	tmpdir_remove();
}

/* Fill the backlog of the Unix listener at a. */
static int
fill(const struct addr *a, int held[MAX])
{
	int i, n = 0;

	for (i = 0; i < MAX; i++)
		if ((held[i] = call(a, SOCK_STREAM)) != -1)
			n++;
	return n;
}

TEST(a_full_Unix_backlog_is_tried_again)
{
	struct addr a, to;
	int held[MAX], s, turns;
	char path[100];

	tmpdir_make();
	begin();
	plan.family = FAMILY_UNIX;
	a = to = addr_of(tmp_path("s", path), 0);
	s = serve(&a, SOCK_STREAM, 0);
	CHECK(fill(&a, held) < MAX);
	start(&to, 1, NULL);
	turns = turns_within(300 * NSEC_PER_MSEC);
	CHECK(turns < 30);
	CHECK_INT(connected + failed, 0);
	close(accept(s, NULL, NULL));
	CHECK(turn_until(&connected, 1));
	end();
	release(s, held);
	tmpdir_remove();
}

TEST(a_full_Unix_backlog_ends_at_the_timeout)
{
	struct addr a, to;
	int held[MAX], s;
	char path[100];
	int64_t took;

	tmpdir_make();
	begin();
	plan.family = FAMILY_UNIX;
	plan.connect_timeout = 150 * NSEC_PER_MSEC;
	a = to = addr_of(tmp_path("s", path), 0);
	s = serve(&a, SOCK_STREAM, 0);
	CHECK(fill(&a, held) < MAX);
	took = run(&to, 1, NULL);
	CHECK_INT(error[0].num, ETIMEDOUT);
	CHECK(took >= 150 * NSEC_PER_MSEC);
	end();
	release(s, held);
	tmpdir_remove();
}
