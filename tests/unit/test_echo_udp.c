/*
 * The echo of datagrams.
 */
#include <sys/un.h>

#include "echo_rig.h"
#include "door/access.h"
#include "peers/loopguard.h"
#include "serve/conn.h"

#define BIG	65507

static struct conn	*conn;
static struct addr	at;		/* where it listens */
static int		refusals;

static struct conn *
start(const struct fd *fds, size_t n, const struct addr *to,
    struct conn **keep)
{
	struct conn_start cs = { .run = &run, .peer = to, .over = on_over,
	    .arg = keep };
	int status;

	return *keep = conn_echo_sockets(&cs, fds, n, &status);
}

static void
own(struct fd *fd, int s)
{
	CHECK(s != -1);
	CHECK(fcntl(s, F_SETFL, O_NONBLOCK) == 0);
	fd_own(fd, s, FD_DGRAM);
}

/* An echo on that address; at is then its address, with its port. */
static void
listen_on(const char *host)
{
	struct fd fd;

	at = addr_of(host, 0);
	own(&fd, serve(&at, SOCK_DGRAM, 0));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
}

static int
client(const char *host)
{
	struct addr a = addr_of(host, 0);
	int s = serve(&a, SOCK_DGRAM, 0);

	CHECK(fcntl(s, F_SETFL, O_NONBLOCK) == 0);
	return s;
}

static void
post(int s, const void *data, size_t n)
{
	CHECK_INT(sendto(s, data, n, 0, &at.u.sa, at.len), n);
}

/* Into buf; -1 when nothing came. from: who it was. */
static ssize_t
get(int s, void *buf, size_t size, struct addr *from)
{
	int64_t until = clock_now() + PATIENCE;
	struct addr a;
	ssize_t n;

	do {
		turn(NSEC_PER_MSEC);
		a.len = sizeof(a.u);
		n = recvfrom(s, buf, size, 0, &a.u.sa, &a.len);
	} while (n == -1 && errno == EAGAIN && clock_now() < until);
	if (from != NULL)
		*from = a;
	return n;
}

static bool
hears_nothing(int s)
{
	char byte;

	(void)turns_within(50 * NSEC_PER_MSEC);
	return recv(s, &byte, 1, 0) == -1;
}

static bool
is_echoed(int s, const char *text)
{
	char buf[100];

	post(s, text, strlen(text));
	return get(s, buf, sizeof(buf), NULL) == (ssize_t)strlen(text) &&
	    memcmp(buf, text, strlen(text)) == 0;
}

static void
end_all(void)
{
	if (conn != NULL)
		conn_stop(conn, true);
	conn = NULL;
	access_free(run.access);
	run.access = NULL;
	finish();
}

TEST(each_datagram_goes_back_to_its_sender)
{
	int a, b;

	echo_begin();
	listen_on("127.0.0.1");
	a = client("127.0.0.1");
	b = client("127.0.0.2");
	CHECK(is_echoed(a, "one"));
	CHECK(is_echoed(b, "two"));
	CHECK(is_echoed(a, "three"));
	CHECK(is_echoed(a, ""));
	CHECK_INT(overs, 0);
	CHECK_INT(greeted, 3);
	close(a);
	close(b);
	end_all();
}

TEST(the_largest_comes_back_whole)
{
	static unsigned char out[BIG], in[BIG + 1];
	size_t i;
	int s;

	echo_begin();
	listen_on("127.0.0.1");
	s = client("127.0.0.1");
	for (i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)(i * 31 + i / 251);
	post(s, out, sizeof(out));
	CHECK_INT(get(s, in, sizeof(in), NULL), BIG);
	CHECK(memcmp(in, out, BIG) == 0);
	close(s);
	end_all();
}

static void
replies_from(const char *bound, const char *asked, const char *from)
{
	char buf[10], host[ADDR_HOST_MAX];
	struct addr who;
	unsigned port;
	int s;

	echo_begin();
	listen_on(bound);
	port = addr_port(&at);
	at = addr_of(asked, port);
	s = client(from);
	post(s, "hi", 2);
	CHECK_INT(get(s, buf, sizeof(buf), &who), 2);
	CHECK_STR(addr_host(&who, host, sizeof(host)), asked);
	CHECK_INT(addr_port(&who), port);
	close(s);
	end_all();
}

TEST(the_answer_leaves_from_the_address_that_was_asked)
{
	replies_from("0.0.0.0", "127.0.0.1", "127.0.0.1");
	replies_from("0.0.0.0", "127.0.0.77", "127.0.0.1");
	if (!have_inet6())
		SKIP("no IPv6");
	replies_from("::", "::1", "::1");
	replies_from("::", "127.0.0.77", "127.0.0.1");
	replies_from("::1", "::1", "::1");
}

TEST(many_at_once_come_back_in_order)
{
	int i, got = 0, s;
	char buf[20], want[20];
	ssize_t n;

	echo_begin();
	listen_on("127.0.0.1");
	s = client("127.0.0.1");
	for (i = 0; i < 100; i++) {
		(void)snprintf(buf, sizeof(buf), "%d", i);
		post(s, buf, strlen(buf));
	}
	for (; got < 100; got++) {
		n = get(s, buf, sizeof(buf) - 1, NULL);
		if (n == -1)
			break;
		buf[n] = '\0';
		(void)snprintf(want, sizeof(want), "%d", got);
		CHECK_STR(buf, want);
	}
	CHECK_INT(got, 100);
	close(s);
	end_all();
}

/* The first sender, and time counts from then on. */
TEST(without_k_the_first_sender_is_the_one)
{
	int a, b;

	echo_begin();
	plan.keep_open = false;
	plan.end.idle = 1500 * NSEC_PER_MSEC;
	listen_on("0.0.0.0");
	at = addr_of("127.0.0.1", addr_port(&at));
	a = client("127.0.0.1");
	b = client("127.0.0.1");
	(void)turns_within(1700 * NSEC_PER_MSEC);
	CHECK_INT(overs, 0);
	CHECK(is_echoed(a, "first"));
	(void)sendto(b, "me", 2, 0, &at.u.sa, at.len);
	CHECK(is_echoed(a, "again"));
	CHECK(hears_nothing(b));
	CHECK_INT(greeted, 1);
	CHECK(turn_until(&overs, 1));
	CHECK_INT(said.cause, SESSION_IDLE);
	CHECK_INT(said.received, 10);
	CHECK_INT(said.sent, 10);
	CHECK_INT(last_status, 0);
	close(a);
	close(b);
	end_all();
}

/* A connected socket has one address: it must be the one that was asked. */
TEST(by_whichever_of_our_addresses)
{
	int a;

	echo_begin();
	plan.keep_open = false;
	listen_on("0.0.0.0");
	at = addr_of("127.0.0.77", addr_port(&at));
	a = client("127.0.0.1");
	CHECK(is_echoed(a, "first"));
	CHECK(is_echoed(a, "again"));
	close(a);
	end_all();
}

TEST(and_the_other_sockets_are_closed)
{
	struct addr four = addr_of("127.0.0.1", 0);
	struct addr other = addr_of("127.0.0.2", 0);
	struct fd fds[2];
	int a, before;

	echo_begin();
	plan.keep_open = false;
	before = open_fds();
	own(&fds[0], serve(&four, SOCK_DGRAM, 0));
	own(&fds[1], serve(&other, SOCK_DGRAM, 0));
	CHECK(start(fds, 2, NULL, &conn) != NULL);
	at = other;
	a = client("127.0.0.1");
	CHECK(is_echoed(a, "first"));
	CHECK_INT(open_fds(), before + 2);
	CHECK(is_echoed(a, "again"));
	close(a);
	end_all();
}

TEST(the_total_time_and_the_number_of_reads_are_limits)
{
	int a;

	echo_begin();
	plan.keep_open = false;
	plan.end.total = 1500 * NSEC_PER_MSEC;
	listen_on("127.0.0.1");
	a = client("127.0.0.1");
	CHECK(is_echoed(a, "x"));
	CHECK(turn_until(&overs, 1));
	CHECK_INT(said.cause, SESSION_TOTAL);
	plan.end.total = -1;
	plan.end.max_reads = 2;
	listen_on("127.0.0.1");
	CHECK(is_echoed(a, "x"));
	CHECK_INT(overs, 1);
	CHECK(is_echoed(a, "y"));
	CHECK(turn_until(&overs, 2));
	CHECK_INT(said.cause, SESSION_LIMIT);
	close(a);
	end_all();
}

/* A client that has gone is no reason to stop for the next. */
TEST(a_client_that_has_gone_stops_nobody)
{
	int a;

	echo_begin();
	listen_on("127.0.0.1");
	a = client("127.0.0.1");
	post(a, "x", 1);
	close(a);
	(void)turns_within(20 * NSEC_PER_MSEC);
	a = client("127.0.0.1");
	CHECK(is_echoed(a, "y"));
	close(a);
	end_all();
}

/* A connected socket is told of it, and goes on. */
TEST(a_refusal_does_not_end_it)
{
	struct addr here = addr_of("127.0.0.1", 0);
	struct fd fd;
	int a, s;

	echo_begin();
	plan.mode = PLAN_CONNECT;
	plan.keep_open = false;
	s = serve(&here, SOCK_DGRAM, 0);
	a = client("127.0.0.1");
	(void)addr_local(&at, a);
	CHECK(connect(s, &at.u.sa, at.len) == 0);
	own(&fd, s);
	CHECK(start(&fd, 1, &at, &conn) != NULL);
	(void)addr_local(&at, s);
	CHECK_INT(connect(a, &at.u.sa, at.len), 0);
	CHECK_INT(send(a, "gone", 4, 0), 4);
	(void)addr_local(&here, a);
	close(a);
	(void)turns_within(50 * NSEC_PER_MSEC);
	a = serve(&here, SOCK_DGRAM, 0);
	CHECK(fcntl(a, F_SETFL, O_NONBLOCK) == 0);
	CHECK(is_echoed(a, "back"));
	CHECK_INT(overs, 0);
	CHECK(turns_within(100 * NSEC_PER_MSEC) < 10);
	close(a);
	end_all();
}

static int
say_refused(const struct plan *p, const struct report *r)
{
	refusals += r->event == EVENT_REFUSED;
	return say_event(p, r);
}

static void
on_access(void *arg, const struct access_error *error)
{
	CHECK(error == NULL);
	++*(int *)arg;
}

/* A refusal is reported once for many datagrams in a row. */
TEST(who_is_not_admitted_gets_no_answer)
{
	static const struct access_rule rule = { true, false, "127.0.0.3" };
	const struct access_options opt = { .rules = &rule, .nrules = 1 };
	struct messages messages;
	int a, b, answers = 0;

	echo_begin();
	messages = *run.messages;
	messages.report = say_refused;
	run.messages = plan.messages = &messages;
	refusals = 0;
	run.access = access_start(loop, &opt, on_access, &answers);
	CHECK(turn_until(&answers, 1));
	listen_on("127.0.0.1");
	a = client("127.0.0.3");
	b = client("127.0.0.4");
	post(a, "x", 1);
	post(a, "x", 1);
	CHECK(is_echoed(b, "y"));
	CHECK(hears_nothing(a));
	CHECK_INT(greeted, 1);
	CHECK_INT(refusals, 1);
	close(a);
	close(b);
	end_all();
}

/* As if from its own address: whoever can forge, can do that. */
static void
itself(const char *host)
{
	struct addr to;
	int64_t before;
	int s, copy;

	echo_begin();
	at = addr_of(host, 0);
	s = serve(&at, SOCK_DGRAM, 0);
	copy = dup(s);
	{
		struct fd fd;

		own(&fd, s);
		CHECK(start(&fd, 1, NULL, &conn) != NULL);
	}
	to = addr_of("127.0.0.1", addr_port(&at));
	CHECK_INT(sendto(copy, "x", 1, 0, &to.u.sa, to.len), 1);
	before = turns_within(100 * NSEC_PER_MSEC);
	CHECK(before < 6);
	CHECK_INT(greeted, 0);
	close(copy);
	end_all();
}

TEST(it_does_not_answer_itself)
{
	itself("127.0.0.1");
}

TEST(nor_through_a_wildcard)
{
	itself("0.0.0.0");
}

/* How many datagrams two echoes send each other. */
static int
count_loop(const char *one, const char *other)
{
	struct conn *b;
	struct addr first;
	struct fd fd;
	int copy, s, turns = 0, quiet = 0;
	int64_t until = clock_now() + PATIENCE;

	echo_begin();
	listen_on(one);
	first = at;
	at = addr_of(other, 0);
	s = serve(&at, SOCK_DGRAM, 0);
	copy = dup(s);
	own(&fd, s);
	CHECK(start(&fd, 1, NULL, &b) != NULL);
	/* Forged: the second one never said it. */
	CHECK_INT(sendto(copy, "x", 1, 0, &first.u.sa, first.len), 1);
	/* A turn that comes soon had a datagram in it. */
	while (quiet < 3 && clock_now() < until) {
		int64_t began = clock_now();

		turn(30 * NSEC_PER_MSEC);
		if (clock_now() - began > 20 * NSEC_PER_MSEC)
			quiet++;
		else
			turns++;
	}
	CHECK_INT(quiet, 3);
	conn_stop(b, false);
	conn_stop(conn, false);
	(void)turn_until(&overs, 2);
	conn = NULL;
	close(copy);
	finish();
	return turns;
}

TEST(two_echoes_end_their_loop_within_64_datagrams)
{
	int n = count_loop("127.0.0.1", "127.0.0.1");

	/* A datagram is a turn; a few more are no datagram's. */
	CHECK(n >= LOOPGUARD_FIRST);
	CHECK(n <= 64);
	CHECK_INT(said.cause, SESSION_INTERRUPTED);
}

/* Through two of its own addresses, which it cannot tell from clients. */
TEST(nor_for_long_through_two_addresses)
{
	struct addr to;
	struct fd fd;
	int copy, s, turns;

	echo_begin();
	at = addr_of("0.0.0.0", 0);
	s = serve(&at, SOCK_DGRAM, 0);
	copy = dup(s);
	own(&fd, s);
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	to = addr_of("127.0.0.99", addr_port(&at));
	CHECK_INT(sendto(copy, "x", 1, 0, &to.u.sa, to.len), 1);
	turns = turns_within(200 * NSEC_PER_MSEC);
	CHECK(turns <= 70);
	close(copy);
	end_all();
}

/* As many identical ones as a client likes to send, few of them lost. */
TEST(a_client_that_repeats_itself_loses_few)
{
	char buf[8];
	int i, heard = 0, s;

	echo_begin();
	listen_on("127.0.0.1");
	s = client("127.0.0.1");
	for (i = 0; i < 2000; i++) {
		int64_t until = clock_now() + NSEC_PER_MSEC;

		post(s, "same", 4);
		do
			turn(NSEC_PER_MSEC);
		while (clock_now() < until);
		while (recv(s, buf, sizeof(buf), 0) == 4)
			heard++;
	}
	CHECK(heard < 2000);
	CHECK(heard > 1800);
	close(s);
	end_all();
}

static int
unix_socket(const char *name, struct addr *a)
{
	char path[100];
	int s;

	CHECK(addr_unix(a, tmp_path(name, path)) == 0);
	s = serve(a, SOCK_DGRAM, 0);
	CHECK(fcntl(s, F_SETFL, O_NONBLOCK) == 0);
	return s;
}

TEST(named_Unix_senders_are_answered_others_are_not)
{
	struct addr a;
	struct fd fd;
	char buf[10];
	int named, unnamed;

	tmpdir_make();
	echo_begin();
	own(&fd, unix_socket("server", &at));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	unnamed = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	post(unnamed, "nobody", 6);
	named = unix_socket("client", &a);
	CHECK(is_echoed(named, "name"));
	CHECK(is_echoed(named, ""));
	CHECK_INT(greeted, 1);
	CHECK_INT(recv(unnamed, buf, sizeof(buf), 0), -1);
	close(named);
	close(unnamed);
	end_all();
	tmpdir_remove();
}

TEST(without_k_the_first_named_one_is_the_one)
{
	struct addr a;
	struct fd fd;
	int named, unnamed;

	tmpdir_make();
	echo_begin();
	plan.keep_open = false;
	own(&fd, unix_socket("server", &at));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	unnamed = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	post(unnamed, "nobody", 6);
	(void)turns_within(20 * NSEC_PER_MSEC);
	named = unix_socket("client", &a);
	CHECK(is_echoed(named, "first"));
	CHECK(is_echoed(named, "again"));
	CHECK_INT(sendto(unnamed, "x", 1, 0, &at.u.sa, at.len), -1);
	close(named);
	close(unnamed);
	end_all();
	tmpdir_remove();
}

/*
 * A queue that is full is waited for, without a busy turn; and given up
 * after a while, for the others wait too.
 */
TEST(a_full_queue_is_waited_for_but_not_for_ever)
{
	struct addr a;
	struct fd fd;
	char byte[2];
	int deaf, other, i, n;

	tmpdir_make();
	echo_begin();
	own(&fd, unix_socket("server", &at));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	deaf = unix_socket("deaf", &a);
	other = unix_socket("other", &a);
	for (i = n = 0; i < 2000 && n < 20; i++) {
		byte[0] = (char)i;
		if (sendto(deaf, byte, 1, 0, &at.u.sa, at.len) == -1)
			n++;
		turn(0);
	}
	CHECK(turns_within(100 * NSEC_PER_MSEC) < 15);
	/* It is heard in the end. */
	while (sendto(other, "me", 2, 0, &at.u.sa, at.len) == -1 &&
	    errno == EAGAIN)
		turn(10 * NSEC_PER_MSEC);
	CHECK_INT(get(other, byte, sizeof(byte), NULL), 2);
	close(deaf);
	close(other);
	end_all();
	tmpdir_remove();
}

/* Whoever reads in time loses nothing. */
TEST(who_reads_slowly_loses_nothing)
{
	struct addr a;
	struct fd fd;
	unsigned char byte;
	int s, sent = 0, got = 0, good = 0;
	int64_t until = clock_now() + PATIENCE;

	tmpdir_make();
	echo_begin();
	own(&fd, unix_socket("server", &at));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	s = unix_socket("slow", &a);
	while (got < 200 && clock_now() < until) {
		byte = (unsigned char)sent;
		while (sent < 200 &&
		    sendto(s, &byte, 1, 0, &at.u.sa, at.len) == 1)
			byte = (unsigned char)++sent;
		turn(5 * NSEC_PER_MSEC);
		if (recv(s, &byte, 1, 0) == 1)
			good += byte == (unsigned char)got++;
	}
	CHECK_INT(got, 200);
	CHECK_INT(good, 200);
	close(s);
	end_all();
	tmpdir_remove();
}

TEST(large_Unix_datagrams_come_back_whole)
{
	static unsigned char out[150000], in[150001];
	struct addr a;
	struct fd fd;
	int s;

	tmpdir_make();
	echo_begin();
	own(&fd, unix_socket("server", &at));
	CHECK(start(&fd, 1, NULL, &conn) != NULL);
	s = unix_socket("client", &a);
	memset(out, 'u', sizeof(out));
	post(s, out, sizeof(out));
	CHECK_INT(get(s, in, sizeof(in), NULL), sizeof(out));
	CHECK(memcmp(in, out, sizeof(out)) == 0);
	close(s);
	end_all();
	tmpdir_remove();
}

/* Nothing to do, nothing done, nothing held. */
TEST(an_idle_echo_does_nothing)
{
	int a;

	echo_begin();
	listen_on("127.0.0.1");
	a = client("127.0.0.1");
	CHECK(is_echoed(a, "x"));
	CHECK(turns_within(200 * NSEC_PER_MSEC) <= 2);
	close(a);
	end_all();
}

TEST(a_stop_is_an_end_like_others)
{
	int before;

	echo_begin();
	before = open_fds();
	listen_on("127.0.0.1");
	conn_stop(conn, false);
	CHECK_INT(overs, 0);
	CHECK(turn_until(&overs, 1));
	CHECK_INT(open_fds(), before);
	end_all();
}
