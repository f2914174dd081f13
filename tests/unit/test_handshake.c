/*
 * Handshakes under way: of a layer that plays TLS, and headers of the PROXY
 * protocol, of which no byte too many is taken.
 */
#include <sys/syscall.h>
#include <signal.h>

#include "handshake_rig.h"
#include "reach/handshake.h"
#include "reach/proxyp.h"

#define LINE	"PROXY TCP4 192.0.2.1 198.51.100.2 1000 443\r\n"

static struct layer	*got_layer;
static struct proxyp_ends got_ends;
static int	lazy;		/* so many reads of lazy_fd say EAGAIN */
static int	lazy_fd;

/* fd_read() calls this function, fd_look() calls recv(2). */
ssize_t
read(int fd, void *buf, size_t size)
{
	if (lazy > 0 && fd == lazy_fd) {
		lazy--;
		errno = EAGAIN;
		return -1;
	}
	return syscall(SYS_read, fd, buf, size);
}

static void
on_done(void *arg, struct fd *fd, struct layer *layer)
{
	CHECK(arg == &got);
	got = *fd;
	got_layer = layer;
	done++;
}

static const struct handshake_ops ops = { on_done, on_failed };

static struct handshake *
start_layer(struct layer *layer, int64_t until, int *other)
{
	struct fd fd = connection(other);

	begin();
	done = failed = closed = 0;
	lazy_fd = fd.num;
	return handshake_start(loop, &fd, layer, until, &ops, &got);
}

static struct handshake *
start(int64_t until, int *other)
{
	return start_layer(fake_layer(), until, other);
}

static struct handshake *
receive(int64_t until, int *other)
{
	return start_layer(proxyp_receiver(&got_ends), until, other);
}

static struct layer *
sender(void)
{
	const struct proxyp_ends ends = {
		.source = addr_of("192.0.2.1", 1000),
		.dest = addr_of("198.51.100.2", 443)
	};

	return proxyp_sender(1, &ends);
}

TEST(the_socket_and_the_layer_are_handed_on)
{
	int peer;

	CHECK(start(0, &peer) != NULL);
	turn(0);
	CHECK_INT(done, 0);
	CHECK_INT(write(peer, "yes", 3), 3);
	CHECK(turn_until(&done, 1));
	CHECK_INT(failed + closed, 0);
	CHECK(got_layer->below == NULL);
	layer_close(got_layer);
	fd_close(&got);
	close(peer);
	finish();
}

TEST(a_failure_is_told_with_its_reason)
{
	int fds = open_fds(), peer;

	CHECK(start(0, &peer) != NULL);
	CHECK_INT(write(peer, "no", 2), 2);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, EPROTO);
	CHECK_STR(error.why, "it said no");
	CHECK_INT(done, 0);
	CHECK_INT(closed, 1);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

TEST(a_peer_that_hangs_up_fails)
{
	int peer;

	CHECK(start(0, &peer) != NULL);
	close(peer);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, ECONNRESET);
	CHECK_INT(closed, 1);
	finish();
}

TEST(a_silent_peer_fails_in_time)
{
	int peer;

	CHECK(start(clock_now() + NSEC_PER_MSEC, &peer) != NULL);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, ETIMEDOUT);
	CHECK_STR(error.why, "");
	CHECK_INT(closed, 1);
	close(peer);
	finish();
}

TEST(after_a_cancel_nothing_is_called)
{
	int fds = open_fds(), peer;
	struct handshake *s = start(0, &peer);

	CHECK(s != NULL);
	CHECK_INT(write(peer, "y", 1), 1);
	handshake_cancel(s);
	turn(0);
	CHECK_INT(done + failed, 0);
	CHECK_INT(closed, 1);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

/* ---- Headers of the PROXY protocol -------------------------------------- */

/* The end of a test in which the header and four more bytes have come. */
static void
took_the_rest(int peer)
{
	char rest[8];

	CHECK_INT((int)addr_port(&got_ends.source), 1000);
	CHECK_INT((int)read(got.num, rest, sizeof(rest)), 4);
	CHECK(memcmp(rest, "rest", 4) == 0);
	fd_close(&got);
	close(peer);
	finish();
}

TEST(the_bytes_after_a_header_stay)
{
	int peer;

	CHECK(receive(0, &peer) != NULL);
	turn(0);
	CHECK_INT(done, 0);
	say(peer, LINE "rest", sizeof(LINE) - 1 + 4);
	CHECK(turn_until(&done, 1));
	took_the_rest(peer);
}

TEST(a_header_that_drips_costs_a_turn_for_each_byte)
{
	int peer, turns = 0;

	CHECK(receive(0, &peer) != NULL);
	turn(0);
	for (size_t i = 0; i < sizeof(LINE) - 1; i++) {
		CHECK_INT(done, 0);
		say(peer, &LINE[i], 1);
		turn(NSEC_PER_SEC);
		/* A byte that is known does not wake the loop again. */
		if (i == 20)
			turns = turns_within(50 * NSEC_PER_MSEC);
	}
	CHECK(turns <= 2);
	CHECK_INT(done, 1);
	CHECK_INT((int)fd_readable(&got), 0);
	fd_close(&got);
	close(peer);
	finish();
}

TEST(a_long_header_is_taken_in_pieces)
{
	static char head[PROXYP_V2_MAX + 3] = "\r\n\r\n\0\r\nQUIT\n\x20";
	int peer;

	head[14] = (char)((PROXYP_V2_MAX - 16) >> 8);
	memcpy(head + PROXYP_V2_MAX, "end", 3);
	CHECK(receive(0, &peer) != NULL);
	say(peer, head, sizeof(head));
	CHECK(turn_until(&done, 1));
	CHECK_INT((int)got_ends.source.len, 0);
	CHECK_INT((int)read(got.num, head, sizeof(head)), 3);
	fd_close(&got);
	close(peer);
	finish();
}

/* The kernel may say EAGAIN at any call. */
TEST(what_was_looked_at_is_taken_later_if_it_must)
{
	int peer;

	for (size_t cut = 0; cut < sizeof(LINE) - 1; cut += 20) {
		CHECK(receive(0, &peer) != NULL);
		say(peer, LINE, cut);
		lazy = 2;
		turn(0);
		say(peer, &LINE[cut], sizeof(LINE) - 1 - cut);
		say(peer, "rest", 4);
		CHECK(turn_until(&done, 1));
		CHECK_INT(lazy, 0);
		took_the_rest(peer);
	}
}

TEST(what_is_no_header_fails)
{
	int peer, fds = open_fds();

	CHECK(receive(0, &peer) != NULL);
	say(peer, "GET / HTTP/1.0\r\n\r\n", 18);
	CHECK(turn_until(&failed, 1));
	CHECK_STR(error.why, "there is no PROXY header");
	CHECK_INT(done, 0);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

TEST(an_end_within_a_header_fails)
{
	int peer;

	CHECK(receive(0, &peer) != NULL);
	close(peer);
	CHECK(turn_until(&failed, 1));
	CHECK_STR(error.why, "the connection ended without a PROXY header");
	finish();
	CHECK(receive(0, &peer) != NULL);
	say(peer, LINE, sizeof(LINE) - 3);
	close(peer);
	CHECK(turn_until(&failed, 1));
	CHECK_STR(error.why, "the connection ended within the PROXY header");
	finish();
}

TEST(a_header_that_does_not_come_fails_in_time)
{
	int64_t at = clock_now() + 30 * NSEC_PER_MSEC;
	int peer;

	CHECK(receive(at, &peer) != NULL);
	say(peer, "PROXY", 5);
	CHECK(turn_until(&failed, 1));
	CHECK(clock_now() >= at);
	CHECK_INT(error.num, ETIMEDOUT);
	CHECK_STR(error.why, "no complete PROXY header came in time");
	close(peer);
	finish();
}

TEST(after_a_cancel_no_header_is_reported)
{
	int peer, fds = open_fds();
	struct handshake *p = receive(0, &peer);

	say(peer, LINE, sizeof(LINE) - 1);
	handshake_cancel(p);
	handshake_cancel(p);
	handshake_cancel(NULL);
	turn(0);
	CHECK_INT(done + failed, 0);
	close(peer);
	finish();
	CHECK_INT(open_fds(), fds);
}

TEST(a_header_is_sent_when_the_peer_takes_it)
{
	char buf[4096] = "";
	struct fd fd;
	size_t fill = 0;
	ssize_t n;
	int peer;

	begin();
	done = failed = 0;
	fd = connection(&peer);
	while ((n = write(fd.num, buf, sizeof(buf))) > 0)
		fill += (size_t)n;
	CHECK(handshake_start(loop, &fd, sender(), 0, &ops, &got) != NULL);
	turn(0);
	CHECK_INT(done, 0);
	while (done == 0 && (n = read(peer, buf, sizeof(buf))) > 0) {
		fill -= (size_t)n;
		turn(0);
	}
	CHECK_INT(done, 1);
	while (fill > 0 && (n = read(peer, buf, fill < sizeof(buf) ? fill :
	    sizeof(buf))) > 0)
		fill -= (size_t)n;
	CHECK_INT((int)read(peer, buf, sizeof(buf)), (int)sizeof(LINE) - 1);
	CHECK(memcmp(buf, LINE, sizeof(LINE) - 1) == 0);
	fd_close(&got);
	close(peer);
	finish();
}

TEST(a_peer_that_has_left_gets_no_header)
{
	struct fd fd;
	int peer;

	begin();
	done = failed = 0;
	(void)signal(SIGPIPE, SIG_IGN);
	fd = connection(&peer);
	close(peer);
	CHECK(handshake_start(loop, &fd, sender(), 0, &ops, &got) != NULL);
	CHECK(turn_until(&failed, 1));
	CHECK_INT(error.num, EPIPE);
	finish();
}
