/*
 * Copies of what is written to an endpoint.
 */
#include "echo_rig.h"
#include "serve/forward.h"

#define TARGETS	2
#define MUCH	((size_t)12 << 20)

static struct endpoint	 ep;
static int		 peer;		/* the other end of the endpoint */
static struct forward_target targets[TARGETS];
static struct forward	*forward;
static int		 there[TARGETS];	/* a socket where copies come */
static int		 sndbuf;	/* of the copies; 0: as it is */

/* A listening or bound socket for the copies, or a port without one. */
static void
add_target(size_t i, bool datagrams, bool exists)
{
	struct addr a = addr_of("127.0.0.1", 0);

	there[i] = serve(&a, datagrams ? SOCK_DGRAM : SOCK_STREAM, 5);
	CHECK(there[i] != -1);
	CHECK(fcntl(there[i], F_SETFL, O_NONBLOCK) == 0);
	targets[i] = (struct forward_target){ .host = "127.0.0.1",
	    .number = (uint16_t)addr_port(&a), .dgram = datagrams };
	if (!exists) {
		close(there[i]);
		there[i] = -1;
	}
}

/* The first target is a stream, the second takes datagrams or is a stream. */
static void
begin_mirror(bool exists, bool datagrams)
{
	struct fd fd;
	int p[2];

	echo_begin();
	add_target(0, false, exists);
	add_target(1, datagrams, true);
	plan.sock.sndbuf = sndbuf;
	plan.forward.targets = targets;
	plan.forward.n = TARGETS;
	CHECK_INT(forward_open(&forward, &run), 0);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p) == 0);
	fd_own(&fd, p[0], FD_STREAM);
	peer = p[1];
	CHECK_INT(endpoint_socket(&ep, loop, &fd, false, NULL), 0);
	forward_copy(forward, &ep, 0);
}

static void
end_mirror(void)
{
	endpoint_close(&ep);
	close(peer);
	for (size_t i = 0; i < TARGETS; i++)
		if (there[i] != -1)
			close(there[i]);
	forward_close(forward);
	finish();
}

static size_t
put(const void *text, size_t size)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text,
	    .iov_len = size };
	size_t n = 0;

	return half_write(&ep.out, &iov, 1, &n) == IO_OK ? n : 0;
}

static void
say(const char *text)
{
	CHECK_INT(put(text, strlen(text)), strlen(text));
}

/* Accepts the connection for the copies. */
static void
accept_at(size_t i)
{
	int64_t until = clock_now() + PATIENCE;
	int s;

	while ((s = accept4(there[i], NULL, NULL, SOCK_NONBLOCK)) == -1 &&
	    clock_now() < until)
		turn(NSEC_PER_MSEC);
	CHECK(s != -1);
	close(there[i]);
	there[i] = s;
}

/* What has come; an end shows as "$", a reset as "!". */
static const char *
hear(int s)
{
	static char text[200];
	int64_t until = clock_now() + PATIENCE;
	ssize_t n;

	while ((n = read(s, text, sizeof(text) - 1)) == -1 &&
	    errno == EAGAIN && clock_now() < until)
		turn(NSEC_PER_MSEC);
	if (n == 0)
		return "$";
	if (n == -1)
		return "!";
	text[n] = '\0';
	return text;
}

static void
shut(void)
{
	int64_t until = clock_now() + PATIENCE;

	while (half_shut(&ep.out) == IO_AGAIN && clock_now() < until)
		turn(NSEC_PER_MSEC);
	CHECK(ep.out.state == HALF_ENDED);
}

TEST(each_target_gets_the_bytes_and_their_end)
{
	begin_mirror(true, false);
	/* Kept until the targets are connected. */
	say("one");
	accept_at(0);
	accept_at(1);
	for (size_t i = 0; i < TARGETS; i++)
		CHECK_STR(hear(there[i]), "one");
	CHECK_STR(hear(peer), "one");
	CHECK_INT(write(there[0], "dropped", 7), 7);
	settle();
	say("two");
	CHECK_STR(hear(peer), "two");
	CHECK_STR(hear(there[0]), "two");
	CHECK_STR(hear(there[1]), "two");
	shut();
	CHECK_STR(hear(peer), "$");
	CHECK_STR(hear(there[0]), "$");
	CHECK_STR(hear(there[1]), "$");
	CHECK_INT(words, 0);
	end_mirror();
}

TEST(a_target_of_datagrams_gets_one_for_each_write)
{
	begin_mirror(true, true);
	accept_at(0);
	say("one");
	say("two");
	CHECK_STR(hear(there[1]), "one");
	CHECK_STR(hear(there[1]), "two");
	/* A refusal concerns a single datagram. */
	close(there[1]);
	there[1] = -1;
	for (int i = 0; i < 5; i++) {
		say("more");
		settle();
	}
	CHECK_INT(words, 0);
	end_mirror();
}

TEST(a_target_that_fails_is_a_line_and_the_rest_goes_on)
{
	begin_mirror(false, false);
	say("one");
	accept_at(1);
	CHECK_STR(hear(there[1]), "one");
	CHECK_INT(words, 1);
	CHECK_STR(hear(peer), "one");
	/* A target that leaves. */
	close(there[1]);
	there[1] = -1;
	for (int i = 0; i < 100 && words < 2; i++) {
		say("two");
		turn(NSEC_PER_MSEC);
	}
	CHECK_INT(words, 2);
	say("three");
	shut();
	end_mirror();
}

/* The endpoint goes on as fast as its own peer. */
TEST(a_stream_that_takes_nothing_is_reset)
{
	static char bytes[65536], sink[65536];
	size_t sent = 0;
	ssize_t n;

	begin_mirror(true, true);
	accept_at(0);
	while (sent < MUCH) {
		sent += put(bytes, sizeof(bytes));
		while (read(peer, sink, sizeof(sink)) > 0)
			continue;
		turn(0);
		if (!ep.out.ready)
			ep.out.ready = true;
	}
	CHECK_INT(words, 1);
	while ((n = read(there[0], sink, sizeof(sink))) > 0)
		continue;
	CHECK(n == -1 && errno == ECONNRESET);
	end_mirror();
}

/* The end of the data waits for the copies, but not for ever. */
TEST(the_end_does_not_wait_for_ever)
{
	static char bytes[65536];
	const int small = 4096;
	int64_t time;

	sndbuf = small;
	begin_mirror(true, true);
	sndbuf = 0;
	(void)setsockopt(there[0], SOL_SOCKET, SO_RCVBUF, &small,
	    sizeof(small));
	accept_at(0);
	for (int i = 0; i < 15; i++) {
		(void)put(bytes, sizeof(bytes));
		while (read(peer, bytes, sizeof(bytes)) > 0)
			continue;
		ep.out.ready = true;
	}
	CHECK_INT(words, 0);
	time = clock_now();
	shut();
	time = clock_now() - time;
	CHECK(time < PATIENCE / 2);
	end_mirror();
	if (time < DRAIN_TIME / 2)
		SKIP("the system takes as much as waits");
}

TEST(to_close_costs_no_turn)
{
	int before = open_fds();

	begin_mirror(true, true);
	say("one");
	end_mirror();
	CHECK_INT(open_fds(), before);
}
