/*
 * Closing without loss, and without a reset that takes away what was said.
 */
#include <sys/ioctl.h>

#include "net.h"
#include "link/close.h"

#define BULK	(256 << 10)

static struct closing	l;
static int		done, other;	/* the peer's end */
static size_t		lost;
static int		why;

static void
on_done(void *arg, size_t n)
{
	CHECK(arg == &l);
	lost = n;
	why = l.num;
	done++;
}

/* A connection: fd is ours, as a command had it, other is the peer's. */
static void
connect_pair(struct fd *fd, int rcvbuf)
{
	struct addr a = addr_of("127.0.0.1", 0);
	int s = serve(&a, SOCK_STREAM, 1);

	other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (rcvbuf > 0)
		(void)setsockopt(other, SOL_SOCKET, SO_RCVBUF, &rcvbuf,
		    sizeof(rcvbuf));
	CHECK_INT(connect(other, &a.u.sa, a.len), 0);
	fd_own(fd, accept4(s, NULL, NULL, SOCK_CLOEXEC), FD_STREAM);
	CHECK(fd->num != -1);
	close(s);
}

static void
linger(const struct fd *fd, bool tcp)
{
	done = 0;
	lost = 12345;
	memset(&l, 0, sizeof(l));
	l.done = on_done;
	l.arg = &l;
	closing_start(&l, loop, fd, tcp);
	CHECK_INT(done, 0);		/* told from a turn */
}

static void
give(int fd, size_t len)
{
	static char buf[BULK];
	ssize_t n;

	while (len > 0) {
		n = send(fd, buf, len < sizeof(buf) ? len : sizeof(buf),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n <= 0)
			break;
		len -= (size_t)n;
	}
}

/* Everything the peer gets up to the end; -1: a reset. */
static ssize_t
hear_out(void)
{
	static char buf[BULK];
	ssize_t n, sum = 0;

	while ((n = recv(other, buf, sizeof(buf), 0)) > 0)
		sum += n;
	return n == 0 ? sum : -1;
}

TEST(the_end_comes_at_once_and_all_is_over)
{
	struct fd fd;
	int fds;

	begin();
	fds = open_fds();
	connect_pair(&fd, 0);
	give(fd.num, 1000);
	linger(&fd, true);
	CHECK_INT(hear_out(), 1000);
	CHECK(turn_until(&done, 1));
	CHECK_INT(lost, 0);
	CHECK_INT(why, 0);
	close(other);
	CHECK_INT(open_fds(), fds);
	finish();
}

/* What the peer sent in vain does not make it lose the answer. */
TEST(unread_input_does_not_reset_it)
{
	struct fd fd;

	begin();
	connect_pair(&fd, 0);
	give(other, 100000);
	give(fd.num, 1000);
	linger(&fd, true);
	give(other, 100000);
	CHECK(turn_until(&done, 1));
	CHECK_INT(lost, 0);
	give(other, 1000);
	CHECK_INT(hear_out(), 1000);
	close(other);
	finish();
}

TEST(it_waits_for_a_slow_reader)
{
	struct fd fd;
	int queued;

	begin();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	linger(&fd, true);
	(void)turns_within(200 * NSEC_PER_MSEC);
	CHECK_INT(done, 0);
	CHECK(ioctl(other, FIONREAD, &queued) == 0 && queued < BULK);
	while (done == 0 && recv(other, &(char[1000]){ 0 }, 1000,
	    MSG_DONTWAIT) != 0)
		turn(NSEC_PER_MSEC);
	CHECK(turn_until(&done, 1));
	CHECK_INT(lost, 0);
	close(other);
	finish();
}

/* Few looks at a peer that takes its time. */
TEST(waiting_is_not_spinning)
{
	struct fd fd;

	begin();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	linger(&fd, true);
	CHECK(turns_within(500 * NSEC_PER_MSEC) < 40);
	CHECK_INT(done, 0);
	closing_abort(&l);
	close(other);
	finish();
}

TEST(a_reset_by_the_peer_is_a_loss)
{
	struct linger hard = { .l_onoff = 1 };
	struct fd fd;

	begin();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	linger(&fd, true);
	turn(0);
	(void)setsockopt(other, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(other);
	CHECK(turn_until(&done, 1));
	CHECK(lost > 0 && lost < BULK);
	CHECK_INT(why, ECONNRESET);
	finish();
}

/* The program itself has been told of the reset, and nobody is any more. */
TEST(a_reset_that_somebody_else_was_told_of_is_seen)
{
	struct linger hard = { .l_onoff = 1 };
	struct fd fd;

	begin();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	(void)setsockopt(other, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(other);
	CHECK(send(fd.num, "x", 1, MSG_NOSIGNAL) == -1);
	CHECK(send(fd.num, "x", 1, MSG_NOSIGNAL) == -1);
	CHECK_INT(fd_error(&fd), 0);
	linger(&fd, true);
	CHECK(turn_until(&done, 1));
	CHECK(lost > 0 && lost < BULK);
	CHECK_INT(why, ECONNRESET);
	finish();
}

TEST(a_peer_that_has_gone_already_is_no_loss)
{
	struct fd fd;

	begin();
	connect_pair(&fd, 0);
	give(fd.num, 10);
	CHECK_INT(recv(other, &(char[10]){ 0 }, 10, MSG_WAITALL), 10);
	close(other);
	linger(&fd, true);
	CHECK(turn_until(&done, 1));
	CHECK_INT(lost, 0);
	finish();
}

TEST(it_can_be_given_an_end)
{
	int64_t began;
	struct fd fd;

	begin();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	linger(&fd, true);
	began = clock_now();
	l.limit = began + 100 * NSEC_PER_MSEC;
	CHECK(turn_until(&done, 1));
	CHECK(clock_now() - began < 10 * NSEC_PER_SEC);
	CHECK(lost > 0);
	CHECK_INT(why, ETIMEDOUT);
	close(other);
	finish();
}

TEST(it_can_be_given_up)
{
	struct fd fd;
	int fds;

	begin();
	fds = open_fds();
	connect_pair(&fd, 4096);
	give(fd.num, BULK);
	linger(&fd, true);
	turn(0);
	closing_abort(&l);
	(void)turns_within(100 * NSEC_PER_MSEC);
	CHECK_INT(done, 0);
	close(other);
	CHECK_INT(open_fds(), fds);
	finish();
}

/* A Unix socket that is closed with unread input resets its peer. */
TEST(a_Unix_socket_ends_without_a_reset)
{
	struct fd fd;
	int pair[2];

	begin();
	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair),
	    0);
	fd_own(&fd, pair[0], FD_STREAM);
	other = pair[1];
	give(other, 150000);
	give(fd.num, 1000);
	linger(&fd, false);
	give(other, 150000);		/* in vain */
	CHECK(turn_until(&done, 1));
	CHECK_INT(lost, 0);
	CHECK_INT(hear_out(), 1000);
	close(other);
	finish();
}
