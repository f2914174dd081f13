/*
 * A relay between a client and a target.
 */
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <linux/sockios.h>

#include "echo_rig.h"
#include "serve/relay.h"

#define MANY	2000
#define BULK	((size_t)4 << 20)

static struct conn	*conn;
static int		client, target;	/* the test's sides */
static int		to_client;	/* the relay's */
static int		disposed;

/* ---- A set-up ----------------------------------------------------------- */

static void
dispose(void *arg)
{
	(void)arg;
	disposed++;
}

static struct conn *
set_up(int s, void *arg)
{
	static const struct relay_setup setup = { .dispose = dispose };
	struct addr at = addr_of("127.0.0.1", 7);
	struct conn_start cs = { .run = &run, .peer = &at, .local = &at,
	    .number = 1, .over = on_over, .arg = arg };
	struct fd fd;
	int status;

	fd_own(&fd, s, FD_STREAM);
	cs.fd = &fd;
	return relay_new(&cs, &setup, NULL, &status);
}

static void
join(struct conn *relay, int s, const char *there, const char *back)
{
	struct addr at = addr_of("127.0.0.1", 9);
	struct fd fd;
	const struct relay_target t = { .fd = &fd, .addr = &at,
	    .name = "the target",
	    .to_target = there, .nto_target = strlen(there),
	    .to_client = back, .nto_client = strlen(back) };

	fd_own(&fd, s, FD_STREAM);
	relay_join(relay, &t);
}

static struct conn *
begin_one(void)
{
	int p[2];

	disposed = 0;
	tcp_pair(p);
	client = p[0];
	to_client = p[1];
	target = -1;
	conn = set_up(p[1], &conn);
	CHECK(conn != NULL);
	return conn;
}

static void
join_one(struct conn *relay, const char *there, const char *back)
{
	int p[2];

	tcp_pair(p);
	target = p[0];
	join(relay, p[1], there, back);
	CHECK_INT(disposed, 1);
}

static void
relay_one(void)
{
	echo_begin();
	plan.near = PLAN_FORWARD;
	join_one(begin_one(), "", "");
}

static void
end_all(void)
{
	if (conn != NULL)
		conn_stop(conn, true);
	conn = NULL;
	if (client != -1)
		close(client);
	if (target != -1)
		close(target);
	finish();
}

/* ---- What is said and heard --------------------------------------------- */

static void
reset(int *s)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	CHECK(setsockopt(*s, SOL_SOCKET, SO_LINGER, &l, sizeof(l)) == 0);
	close(*s);
	*s = -1;
}

/* What has come; an end shows as "$", a reset as "!". */
static const char *
hear(int s)
{
	static char text[200];
	int64_t until = clock_now() + PATIENCE;
	size_t had = 0;
	ssize_t n = 1;

	settle();
	while (n != 0 && clock_now() < until) {
		n = read(s, text + had, sizeof(text) - 2 - had);
		had += n > 0 ? (size_t)n : 0;
		if (n == -1 && (errno != EAGAIN || had > 0))
			break;
		turn(NSEC_PER_MSEC);
	}
	text[had] = n == 0 ? '$' : n > 0 || errno == EAGAIN ? '\0' : '!';
	text[had + 1] = '\0';
	return text;
}

/* Turns until the conn is over. */
static void
await_over(void)
{
	int64_t until = clock_now() + PATIENCE;

	while (overs == 0 && clock_now() < until)
		turn(NSEC_PER_MSEC);
	CHECK_INT(overs, 1);
}

/* ---- Ends --------------------------------------------------------------- */

TEST(bytes_and_ends_cross_in_both_directions)
{
	relay_one();
	send_text(client, "question");
	CHECK_STR(hear(target), "question");
	CHECK(shutdown(client, SHUT_WR) == 0);
	CHECK_STR(hear(target), "$");
	send_text(target, "answer");
	CHECK_STR(hear(client), "answer");
	close(target);
	target = -1;
	CHECK_STR(hear(client), "$");
	await_over();
	CHECK_INT(words, 0);
	end_all();
}

TEST(the_target_may_end_first)
{
	relay_one();
	send_text(target, "hello");
	CHECK(shutdown(target, SHUT_WR) == 0);
	CHECK_STR(hear(client), "hello$");
	send_text(client, "late");
	close(client);
	client = -1;
	CHECK_STR(hear(target), "late$");
	await_over();
	end_all();
}

TEST(a_reset_is_passed_on_after_the_data)
{
	relay_one();
	send_text(client, "last words");
	reset(&client);
	CHECK_STR(hear(target), "last words!");
	await_over();
	end_all();
	relay_one();
	send_text(target, "last words");
	reset(&target);
	CHECK_STR(hear(client), "last words!");
	await_over();
	end_all();
}

/* The side whose end has come already. */
TEST(a_reset_is_noticed_though_that_side_has_ended)
{
	socklen_t len = sizeof(int);
	int num = 0;

	relay_one();
	send_text(client, "question");
	CHECK(shutdown(client, SHUT_WR) == 0);
	CHECK_STR(hear(target), "question$");
	reset(&client);
	await_over();
	CHECK(getsockopt(target, SOL_SOCKET, SO_ERROR, &num, &len) == 0);
	CHECK(num != 0);
	end_all();
	relay_one();
	CHECK(shutdown(target, SHUT_WR) == 0);
	CHECK_STR(hear(client), "$");
	reset(&target);
	await_over();
	end_all();
}

/* A failure while bytes go to that side. */
TEST(a_target_that_is_not_written_to_resets_the_client)
{
	relay_one();
	send_text(client, "unread");
	settle();
	send_text(target, "answer");
	/* Unread input: this is a reset. */
	close(target);
	target = -1;
	send_text(client, "more");
	CHECK_STR(hear(client), "answer!");
	await_over();
	end_all();
}

TEST(what_a_slow_reader_has_not_read_comes_before_the_reset)
{
	static char buf[65536];
	size_t sent = 0, got = 0;
	ssize_t n;

	relay_one();
	while ((n = write(client, buf, sizeof(buf))) > 0) {
		sent += (size_t)n;
		turn(0);
	}
	/* Without a reader, the failure is known only after these. */
	while (got < sent && (n = read(target, buf, sizeof(buf))) != 0) {
		got += n > 0 ? (size_t)n : 0;
		turn(0);
	}
	CHECK_INT(got, sent);
	reset(&client);
	CHECK_STR(hear(target), "!");
	await_over();
	end_all();
}

TEST(a_stop_delivers_what_is_held_and_resets)
{
	relay_one();
	send_text(client, "there");
	send_text(target, "back");
	settle();
	conn_stop(conn, false);
	CHECK_STR(hear(client), "back!");
	CHECK_STR(hear(target), "there!");
	await_over();
	end_all();
}

/* The side that has got all of the other gets an end. */
TEST(a_side_that_has_got_the_end_is_not_reset)
{
	relay_one();
	send_text(client, "there");
	CHECK(shutdown(client, SHUT_WR) == 0);
	CHECK_STR(hear(target), "there$");
	send_text(target, "back");
	settle();
	conn_stop(conn, false);
	CHECK_STR(hear(client), "back!");
	await_over();
	end_all();
}

/* A program that ends at once. */
TEST(an_end_at_once_is_a_reset)
{
	relay_one();
	send_text(client, "there");
	settle();
	conn_stop(conn, true);
	conn = NULL;
	CHECK_STR(hear(client), "!");
	CHECK_STR(hear(target), "there!");
	end_all();
}

TEST(the_silent_are_reset)
{
	relay_one();
	plan.end.idle = 50 * NSEC_PER_MSEC;
	send_text(client, "x");
	CHECK_STR(hear(target), "x");
	await_over();
	CHECK_STR(hear(target), "!");
	CHECK_STR(hear(client), "!");
	end_all();
}

/* ---- Movers and memory -------------------------------------------------- */

TEST(much_goes_through_pipes_which_are_given_back)
{
	int before;

	relay_one();
	before = pipe_ends();
	CHECK(passes(client, target, BULK));
	CHECK(passes(target, client, BULK));
	CHECK_INT(pipe_ends(), before + 4);
	CHECK(pipes_go(before));
	CHECK(passes(client, target, 100));
	CHECK_INT(pipe_ends(), before);
	end_all();
}

/* ---- The set-up --------------------------------------------------------- */

TEST(bytes_of_the_set_up_go_first)
{
	struct conn *relay;

	echo_begin();
	relay = begin_one();
	send_text(client, "then");
	settle();
	join_one(relay, "first ", "hello ");
	CHECK_STR(hear(target), "first then");
	CHECK_STR(hear(client), "hello ");
	end_all();
}

TEST(a_client_without_a_target_is_reset_or_told_the_end)
{
	struct conn *relay;

	echo_begin();
	relay = begin_one();
	CHECK_INT(relay == conn, 1);
	relay_refuse(relay, 1);
	CHECK_INT(disposed, 1);
	CHECK_STR(hear(client), "!");
	await_over();
	CHECK_INT(last_status, 1);
	end_all();
	echo_begin();
	relay = begin_one();
	relay_end(relay, 1);
	CHECK_STR(hear(client), "$");
	await_over();
	end_all();
}

TEST(a_set_up_notices_a_client_that_is_gone)
{
	echo_begin();
	(void)begin_one();
	(void)turns_within(NSEC_PER_SEC);
	CHECK_INT(overs, 0);
	reset(&client);
	await_over();
	CHECK_INT(disposed, 1);
	end_all();
}

/* A socket pair, of which the first end is out of the way of a server. */
static int
far_pair(int *near)
{
	int p[2], s;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) == 0);
	s = fcntl(p[0], F_DUPFD, 4 * MANY);
	CHECK(s != -1);
	close(p[0]);
	*near = p[1];
	return s;
}

/* Whether a byte comes out of a relay. */
static bool
byte_comes(int s)
{
	char byte;

	for (int tries = 0; tries < 1000; tries++) {
		if (read(s, &byte, 1) == 1)
			return true;
		turn(10 * NSEC_PER_MSEC);
	}
	return false;
}

/* What an idle connection costs, the loop's part included. */
TEST(an_idle_connection_costs_less_than_1_KiB)
{
	static int clients[MANY], targets[MANY];
	static struct conn *conns[MANY];
	struct conn *relay;
	struct rlimit lim;
	size_t before, each;
	char byte = 'x';
	int i, s;

	CHECK(getrlimit(RLIMIT_NOFILE, &lim) == 0);
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
	if (lim.rlim_cur < 6 * MANY + 50)
		SKIP("not enough descriptors");
	echo_begin();
	plan.end.idle = 100 * NSEC_PER_SEC;
	before = heap();
	for (i = 0; i < MANY; i++) {
		clients[i] = far_pair(&s);
		relay = set_up(s, &conns[i]);
		conns[i] = relay;
		targets[i] = far_pair(&s);
		join(relay, s, "", "");
		CHECK_INT(write(clients[i], &byte, 1), 1);
		CHECK_INT(write(targets[i], &byte, 1), 1);
		/* Each has been used, and is idle again. */
		if (i % 50 == 49)
			turn(0);
	}
	for (i = 0; i < MANY; i++) {
		CHECK(byte_comes(clients[i]));
		CHECK(byte_comes(targets[i]));
	}
	(void)turns_within(100 * NSEC_PER_MSEC);
	each = (heap() - before) / MANY;
	printf("an idle connection costs %zu bytes\n", each);
	CHECK(each < 1024);
	for (i = 0; i < MANY; i++) {
		conn_stop(conns[i], true);
		close(clients[i]);
		close(targets[i]);
	}
	conn = NULL;
	client = target = -1;
	end_all();
	if (each == 0)
		SKIP("sanitizers have a heap of their own");
}
