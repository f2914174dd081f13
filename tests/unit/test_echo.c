/*
 * The echo of a stream.
 */
#include <sys/resource.h>

#include "echo_rig.h"

#define MANY	4000
#define BULK	((size_t)4 << 20)

static struct conn	*conn;
static int		peer = -1;		/* the test's side of it */

static void
quiet_socket(int s)
{
	CHECK(fcntl(s, F_SETFL, fcntl(s, F_GETFL) | O_NONBLOCK) == 0);
}

static struct conn *
start(int s, bool tcp, void *arg)
{
	struct addr at = addr_of("127.0.0.1", 7), un = { .len = 0 };
	struct conn_start cs = { .run = &run, .peer = tcp ? &at : &un,
	    .local = tcp ? &at : &un, .number = 1, .over = on_over,
	    .arg = arg };
	struct fd fd;
	int status;

	un.len = sizeof(un.u.sa.sa_family);
	un.u.sa.sa_family = AF_UNIX;
	fd_own(&fd, s, FD_STREAM);
	cs.fd = &fd;
	return conn_echo(&cs, &status);
}

static void
connect_one(bool tcp)
{
	int p[2];

	if (tcp)
		tcp_pair(p);
	else
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p)
		    == 0);
	quiet_socket(p[0]);
	quiet_socket(p[1]);
	peer = p[0];
	conn = start(p[1], tcp, &conn);
	CHECK(conn != NULL);
}

static void
end_all(void)
{
	if (conn != NULL)
		conn_stop(conn, true);
	conn = NULL;
	if (peer != -1)
		close(peer);
	peer = -1;
	finish();
}

/* What has come back; an end shows as "$", a reset as "!". */
static const char *
hear(int s)
{
	static char text[200];
	ssize_t n;
	size_t had = 0;

	settle();
	while ((n = read(s, text + had, sizeof(text) - 2 - had)) > 0)
		had += (size_t)n;
	text[had] = n == 0 ? '$' : errno == EAGAIN ? '\0' : '!';
	text[had + 1] = '\0';
	return text;
}

static void
there_and_back(bool tcp)
{
	int fds;

	echo_begin();
	fds = open_fds();
	connect_one(tcp);
	send_text(peer, "one");
	CHECK_STR(hear(peer), "one");
	send_text(peer, "two");
	CHECK_STR(hear(peer), "two");
	send_text(peer, "three");
	CHECK(shutdown(peer, SHUT_WR) == 0);
	CHECK_STR(hear(peer), "three$");
	CHECK(turn_until(&overs, 1));
	CHECK(conn == NULL);
	CHECK_INT(last_status, 0);
	CHECK_INT(words, 0);
	close(peer);
	peer = -1;
	CHECK_INT(open_fds(), fds);
	end_all();
}

TEST(what_comes_over_TCP_goes_back_to_the_last_byte)
{
	there_and_back(true);
}

TEST(what_comes_over_a_Unix_socket_goes_back)
{
	there_and_back(false);
}

/* Its end is ours, and is told. */
TEST(one_that_is_all_there_is_tells_of_its_end)
{
	echo_begin();
	plan.keep_open = false;
	connect_one(true);
	send_text(peer, "all");
	CHECK(shutdown(peer, SHUT_WR) == 0);
	CHECK_STR(hear(peer), "all$");
	CHECK(turn_until(&overs, 1));
	CHECK_INT(last_status, 0);
	CHECK_INT(words, 1);
	CHECK_INT(said.cause, SESSION_EOF);
	CHECK_INT(said.received, 3);
	CHECK_INT(said.sent, 3);
	end_all();
}

TEST(all_that_is_held_at_the_peers_end_is_delivered)
{
	static char buf[65536];
	size_t sent = 0, got = 0;
	ssize_t n;

	echo_begin();
	connect_one(true);
	/* Until both directions are full. */
	do {
		settle();
		n = write(peer, buf, sizeof(buf));
		sent += n > 0 ? (size_t)n : 0;
	} while (n > 0);
	CHECK(shutdown(peer, SHUT_WR) == 0);
	CHECK(turns_within(100 * NSEC_PER_MSEC) < 20);
	while ((n = read(peer, buf, sizeof(buf))) != 0 && !unit_bad) {
		got += n > 0 ? (size_t)n : 0;
		CHECK(n > 0 || errno == EAGAIN);
		turn(NSEC_PER_MSEC);
	}
	CHECK_INT(got, sent);
	CHECK(turn_until(&overs, 1));
	end_all();
}

static void
pipe_comes_and_goes(bool tcp)
{
	int before;

	echo_begin();
	before = pipe_ends();
	connect_one(tcp);
	send_text(peer, "little");
	CHECK_STR(hear(peer), "little");
	CHECK_INT(pipe_ends(), before);
	CHECK(passes(peer, peer, BULK));
	CHECK_INT(pipe_ends(), before + 2);
	CHECK(pipes_go(before));
	/* Nothing wakes a connection that rests. */
	CHECK(turns_within(200 * NSEC_PER_MSEC) < 5);
	send_text(peer, "little");
	CHECK_STR(hear(peer), "little");
	CHECK_INT(pipe_ends(), before);
	CHECK(passes(peer, peer, BULK));
	CHECK_INT(pipe_ends(), before + 2);
	CHECK(shutdown(peer, SHUT_WR) == 0);
	CHECK_STR(hear(peer), "$");
	CHECK(turn_until(&overs, 1));
	CHECK_INT(pipe_ends(), before);
	end_all();
}

TEST(much_goes_through_a_pipe_which_is_given_back_TCP)
{
	pipe_comes_and_goes(true);
}

TEST(much_goes_through_a_pipe_which_is_given_back_Unix)
{
	pipe_comes_and_goes(false);
}

TEST(a_full_pipe_stays_and_costs_no_turns)
{
	static char buf[65536];
	ssize_t n;

	echo_begin();
	connect_one(false);
	CHECK(passes(peer, peer, BULK));
	do {
		settle();
		n = write(peer, buf, sizeof(buf));
	} while (n > 0);
	/* Bytes are in the pipe: it stays, and nothing turns for it. */
	CHECK(turns_within(1500 * NSEC_PER_MSEC) < 20);
	end_all();
}

TEST(the_silent_are_dropped_the_active_stay)
{
	struct conn *active;
	int i, p[2];

	echo_begin();
	plan.end.idle = 2 * NSEC_PER_SEC;
	connect_one(true);
	tcp_pair(p);
	quiet_socket(p[0]);
	quiet_socket(p[1]);
	active = start(p[1], true, &active);
	for (i = 0; i < 12; i++) {
		send_text(p[0], "x");
		(void)turns_within(200 * NSEC_PER_MSEC);
		CHECK_STR(hear(p[0]), "x");
	}
	CHECK_INT(overs, 1);
	CHECK(conn == NULL);
	CHECK(active != NULL);
	CHECK_STR(hear(peer), "$");
	CHECK(turn_until(&overs, 2));
	CHECK_STR(hear(p[0]), "$");
	close(p[0]);
	end_all();
}

/* The date moves with the bytes, the timer does not. */
TEST(a_byte_does_not_cost_a_timer)
{
	int i, turns = 0;

	echo_begin();
	plan.end.idle = 2 * NSEC_PER_SEC;
	connect_one(true);
	for (i = 0; i < 10; i++) {
		send_text(peer, "x");
		CHECK_STR(hear(peer), "x");
		turns += turns_within(250 * NSEC_PER_MSEC);
	}
	CHECK_INT(overs, 0);
	CHECK(turns < 25);
	end_all();
}

TEST(who_takes_nothing_is_silent_too)
{
	static char buf[65536];
	ssize_t n;

	echo_begin();
	plan.verbose = 1;
	plan.end.idle = 200 * NSEC_PER_MSEC;
	connect_one(true);
	do {
		settle();
		n = write(peer, buf, sizeof(buf));
	} while (n > 0);
	CHECK(turn_until(&overs, 1));
	CHECK_INT(said.cause, SESSION_IDLE);
	CHECK(said.lost_out > 0);
	end_all();
}

TEST(the_total_time_is_kept)
{
	int64_t began = clock_now();

	echo_begin();
	plan.keep_open = false;
	plan.end.total = 2100 * NSEC_PER_MSEC;
	plan.end.idle = 2 * NSEC_PER_SEC;
	connect_one(true);
	while (overs == 0 && clock_now() < began + PATIENCE) {
		(void)!write(peer, "x", 1);
		(void)hear(peer);
		turn(20 * NSEC_PER_MSEC);
	}
	CHECK_INT(overs, 1);
	CHECK_INT(said.cause, SESSION_TOTAL);
	CHECK(clock_now() - began >= 2090 * NSEC_PER_MSEC);
	end_all();
}

static void
reset_peer(int verbose, bool keep_open)
{
	struct linger hard = { 1, 0 };

	echo_begin();
	plan.verbose = verbose;
	plan.keep_open = keep_open;
	connect_one(true);
	send_text(peer, "x");
	settle();
	CHECK(setsockopt(peer, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard))
	    == 0);
	close(peer);
	peer = -1;
	CHECK(turn_until(&overs, 1));
	CHECK_INT(words, verbose > 0 || !keep_open);
	if (words > 0) {
		CHECK_INT(said.far_read.num, ECONNRESET);
		CHECK_INT(last_status, 1);
	} else
		CHECK_INT(last_status, 0);
	end_all();
}

TEST(a_reset_ends_one_client_and_is_told_at_v)
{
	reset_peer(0, true);
	reset_peer(1, true);
	reset_peer(0, false);
}

TEST(a_stop_delivers_what_is_held_and_resets_nobody)
{
	static char buf[65536];
	size_t got = 0;
	ssize_t n;

	echo_begin();
	connect_one(true);
	do {
		settle();
		n = write(peer, buf, sizeof(buf));
	} while (n > 0);
	conn_stop(conn, false);
	CHECK_INT(overs, 0);
	while (overs == 0 && !unit_bad) {
		turn(NSEC_PER_MSEC);
		n = read(peer, buf, sizeof(buf));
		got += n > 0 ? (size_t)n : 0;
		/* What it had not read is no reason for a reset. */
		CHECK(n >= 0 || errno == EAGAIN);
	}
	CHECK(got > 0);
	CHECK_INT(words, 0);
	end_all();
}

TEST(a_stop_does_not_wait_long)
{
	static char buf[65536];
	int64_t began = clock_now();
	ssize_t n;

	echo_begin();
	connect_one(true);
	do {
		settle();
		n = write(peer, buf, sizeof(buf));
	} while (n > 0);
	conn_stop(conn, false);
	CHECK(turn_until(&overs, 1));
	CHECK(clock_now() - began < 10 * NSEC_PER_SEC);
	end_all();
}

TEST(a_stop_ends_the_idle)
{
	echo_begin();
	connect_one(true);
	conn_stop(conn, false);
	CHECK(turn_until(&overs, 1));
	CHECK_STR(hear(peer), "$");
	close(peer);
	connect_one(false);
	conn_stop(conn, false);
	CHECK(turn_until(&overs, 2));
	end_all();
}

TEST(a_stop_at_once_is_no_end_that_is_told)
{
	int fds;

	echo_begin();
	fds = open_fds();
	connect_one(true);
	send_text(peer, "x");
	conn_stop(conn, true);
	settle();
	CHECK_INT(overs, 0);
	close(peer);
	CHECK_INT(open_fds(), fds);
	/* ... and while it waits for the last acknowledgement. */
	plan.keep_open = false;
	connect_one(true);
	CHECK(shutdown(peer, SHUT_WR) == 0);
	turn(0);
	conn_stop(conn, true);
	conn = NULL;
	settle();
	CHECK_INT(overs, 0);
	end_all();
}

TEST(C_and_i_apply)
{
	int64_t began;

	echo_begin();
	plan.crlf = true;
	plan.interval = 100 * NSEC_PER_MSEC;
	connect_one(true);
	began = clock_now();
	send_text(peer, "a\nb\nc\n");
	CHECK(shutdown(peer, SHUT_WR) == 0);
	CHECK(turn_until(&overs, 1));
	CHECK_STR(hear(peer), "a\r\nb\r\nc\r\n$");
	CHECK(clock_now() - began >= 200 * NSEC_PER_MSEC);
	end_all();
}

TEST(W_ends_after_so_many_reads)
{
	echo_begin();
	plan.end.max_reads = 1;
	connect_one(true);
	send_text(peer, "first");
	CHECK_STR(hear(peer), "first$");
	CHECK(turn_until(&overs, 1));
	end_all();
}

TEST(mover_copy_copies)
{
	int before;

	echo_begin();
	plan.mover = MOVER_COPY;
	before = pipe_ends();
	connect_one(true);
	CHECK(passes(peer, peer, BULK));
	CHECK_INT(pipe_ends(), before);
	end_all();
}

struct client {
	int		s;
	struct conn	*conn;
	int		rounds;
};

static bool
play(struct client *c)
{
	char byte = 'x';

	if (read(c->s, &byte, 1) != 1)
		return false;
	c->rounds++;
	CHECK_INT(write(c->s, &byte, 1), 1);
	return true;
}

#define PLAYERS	100
#define ROUNDS	50

/* Each has its round trips while one sends and takes what it can. */
TEST(a_flood_leaves_the_others_their_share)
{
	static struct client c[PLAYERS];
	static char buf[256 << 10];
	int64_t until = clock_now() + PATIENCE;
	size_t flood = 0, at = 0;
	int i, p[2], least = 0, turns = 0;
	ssize_t n;

	echo_begin();
	connect_one(true);
	for (i = 0; i < PLAYERS; i++) {
		tcp_pair(p);
		quiet_socket(p[0]);
		quiet_socket(p[1]);
		c[i] = (struct client){ .s = p[0] };
		c[i].conn = start(p[1], true, &c[i].conn);
		CHECK_INT(write(p[0], "x", 1), 1);
	}
	while (least < ROUNDS && clock_now() < until && !unit_bad) {
		/* The flood never leaves it without work. */
		while ((n = read(peer, buf, sizeof(buf))) > 0)
			;
		while ((n = write(peer, buf, sizeof(buf))) > 0)
			flood += (size_t)n;
		turn(0);
		turns++;
		least = ROUNDS;
		for (i = 0; i < PLAYERS; i++) {
			(void)play(&c[i]);
			if (c[i].rounds < least)
				least = c[i].rounds;
		}
		if (least == ROUNDS / 2 && at == 0)
			at = flood;
	}
	CHECK_INT(least, ROUNDS);
	/* Two turns give each of them its share: 64 events are one turn's. */
	CHECK(turns <= 4 * ROUNDS);
	CHECK(at > 0 && flood > at);
	for (i = 0; i < PLAYERS; i++) {
		conn_stop(c[i].conn, true);
		close(c[i].s);
	}
	end_all();
}

/* What an idle connection costs, the loop's part included. */
TEST(an_idle_connection_costs_less_than_512_bytes)
{
	static int ends[MANY];
	static struct conn *conns[MANY];
	struct rlimit lim;
	size_t before, each;
	char byte = 'x';
	int i, p[2];

	CHECK(getrlimit(RLIMIT_NOFILE, &lim) == 0);
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur < 3 * MANY + 50)
		SKIP("not enough descriptors");
	echo_begin();
	plan.end.idle = 100 * NSEC_PER_SEC;
	before = heap();
	for (i = 0; i < MANY; i++) {
		CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p)
		    == 0);
		/* Clients' descriptors are not a server's. */
		ends[i] = fcntl(p[0], F_DUPFD, 2 * MANY);
		CHECK(ends[i] != -1);
		close(p[0]);
		conns[i] = start(p[1], true, &conns[i]);
		CHECK_INT(write(ends[i], &byte, 1), 1);
		/* Each has been used, and is idle again. */
		if (i % 50 == 49)
			turn(0);
	}
	(void)turns_within(100 * NSEC_PER_MSEC);
	for (i = 0; i < MANY; i++)
		CHECK_INT(read(ends[i], &byte, 1), 1);
	each = (heap() - before) / MANY;
	printf("an idle connection costs %zu bytes\n", each);
	CHECK(each < 512);
	for (i = 0; i < MANY; i++) {
		conn_stop(conns[i], true);
		close(ends[i]);
	}
	end_all();
	if (each == 0)
		SKIP("sanitizers have a heap of their own");
}
