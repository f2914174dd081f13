/*
 * Sessions: every value of the policy, between real descriptors, with both
 * pollers. The near end is a pair of pipes (or what a test says), the far
 * end a socket whose other side the test holds.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "pump/session.h"
#include "unit.h"

enum near_kind { NEAR_PIPE, NEAR_SOCKET, NEAR_FILE, NEAR_TTY, NEAR_NULL };

static enum loop_poller	poller;

static struct rig {
	struct loop		*loop;
	struct endpoint		 near, far;
	struct session		 s;
	struct session_options	 opt;
	enum near_kind		 in, out;
	int			 feed, tap, peer;
	bool			 tcp, no_in, no_out;
	int			 done;
	char			 heard[64];	/* at the peer */
	char			 told[64];	/* at the tap */
	bool			 heard_end, told_end;
} rig;

static int64_t
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void
on_done(void *user, struct session *s)
{
	(void)s;
	((struct rig *)user)->done++;
}

static void
nonblock(int fd)
{
	CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/* The usual, for one test to change. */
static void
prepare(void)
{
	memset(&rig, 0, sizeof(rig));
	rig.feed = rig.tap = rig.peer = -1;
	rig.opt.done = on_done;
	rig.opt.user = &rig;
	rig.opt.policy = (struct end_policy){ .near_eof = NEAR_HALF_CLOSE,
	    .far_eof = FAR_FINISH, .linger = -1, .idle = -1, .total = -1 };
}

static int
open_tty(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(*master != -1 && grantpt(*master) == 0 &&
	    unlockpt(*master) == 0);
	return open(ptsname(*master), O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int
temp_file(size_t size)
{
	char path[] = "/tmp/sockcat-test-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd != -1);
	(void)unlink(path);
	CHECK(ftruncate(fd, (off_t)size) == 0);
	return fd;
}

/* The near end's descriptor, and the test's other side of it. */
static int
near_fd(enum near_kind kind, bool in, int *other)
{
	int p[2] = { -1, -1 };

	switch (kind) {
	case NEAR_PIPE:
		CHECK(pipe2(p, O_CLOEXEC) == 0);
		break;
	case NEAR_SOCKET:
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
		break;
	case NEAR_FILE:
		p[in ? 0 : 1] = temp_file(in ? 1000000 : 0);
		break;
	case NEAR_TTY:
		p[in ? 0 : 1] = open_tty(&p[in ? 1 : 0]);
		break;
	case NEAR_NULL:
		p[in ? 0 : 1] = open("/dev/null", O_RDWR);
		break;
	}
	*other = p[in ? 1 : 0];
	if (*other != -1)
		nonblock(*other);
	return p[in ? 0 : 1];
}

static void
far_fd(struct fd *fd, int *other)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int p[2], l;

	if (rig.tcp) {
		l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		CHECK(bind(l, (struct sockaddr *)&sin, len) == 0);
		CHECK(listen(l, 1) == 0);
		CHECK(getsockname(l, (struct sockaddr *)&sin, &len) == 0);
		p[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		CHECK(connect(p[0], (struct sockaddr *)&sin, len) == 0);
		p[1] = accept(l, NULL, NULL);
		(void)close(l);
	} else
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
	nonblock(p[0]);
	nonblock(p[1]);
	fd_own(fd, p[0], FD_STREAM);
	*other = p[1];
}

static void
connect_ends(void)
{
	struct fd fd;

	rig.loop = loop_new(poller);
	endpoint_init(&rig.near, rig.loop);
	if (!rig.no_in) {
		CHECK(fd_inherit(&fd, near_fd(rig.in, true, &rig.feed),
		    O_RDONLY) == 0);
		CHECK(endpoint_add_in(&rig.near, &fd, "input") == 0);
	}
	if (!rig.no_out) {
		CHECK(fd_inherit(&fd, near_fd(rig.out, false, &rig.tap),
		    O_WRONLY) == 0);
		CHECK(endpoint_add_out(&rig.near, &fd, "output") == 0);
	}
	far_fd(&fd, &rig.peer);
	rig.opt.tcp = rig.tcp;
	CHECK(endpoint_socket(&rig.far, rig.loop, &fd, false, "peer") == 0);
}

static void
start(void)
{
	connect_ends();
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
}

/* What has come to one of the test's descriptors. */
static void
collect(int fd, char *text, size_t size, bool *end)
{
	char buf[65536];
	size_t had = strlen(text);
	ssize_t n, i;

	if (fd == -1)
		return;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (i = 0; i < n && had + 1 < size; i++) {
			text[had++] = buf[i];
			text[had] = '\0';
		}
	if (n == 0)
		*end = true;
}

/* Turns until nothing is left to be done without new events. */
static void
settle(void)
{
	int i;

	for (i = 0; i < 200 && !rig.done; i++) {
		loop_turn(rig.loop, 0);
		collect(rig.peer, rig.heard, sizeof(rig.heard),
		    &rig.heard_end);
		collect(rig.tap, rig.told, sizeof(rig.told), &rig.told_end);
	}
	collect(rig.peer, rig.heard, sizeof(rig.heard), &rig.heard_end);
	collect(rig.tap, rig.told, sizeof(rig.told), &rig.told_end);
}

/* Until it is over, at most ten seconds. Returns how many turns. */
static unsigned
await_end(void)
{
	int64_t until = clock_now() + 10 * NSEC_PER_SEC;
	unsigned turns = 0;

	for (; !rig.done && clock_now() < until; turns++)
		loop_turn(rig.loop, NSEC_PER_SEC);
	CHECK_INT(rig.done, 1);
	settle();
	return turns;
}

static void
shut_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static void
finish(void)
{
	if (!rig.done)
		session_abort(&rig.s);
	else
		session_free(&rig.s);
	endpoint_close(&rig.near);
	endpoint_close(&rig.far);
	loop_free(rig.loop);
	shut_fd(&rig.feed);
	shut_fd(&rig.tap);
	shut_fd(&rig.peer);
}

static void
say(int fd, const char *text)
{
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
}

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

static void
every_near_end(void)
{
	enum near_eof n;
	enum far_eof f;

	for (n = NEAR_HALF_CLOSE; n <= NEAR_CLOSE; n++)
		for (f = FAR_WAIT; f <= FAR_IDLE; f++)
			near_ends(n, f);
}

static void
null_input(void)
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

/* The far end says something and no more, while the near one is idle. */
static void
far_says_and_ends(void)
{
	say(rig.peer, "bye");
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	settle();
	CHECK_STR(rig.told, "bye");
}

static void
far_end_awaited(void)
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

static void
far_end_and_idle_input(void)
{
	enum far_eof f;

	for (f = FAR_FINISH; f <= FAR_IDLE; f++) {
		prepare();
		rig.opt.policy.far_eof = f;
		rig.out = NEAR_SOCKET;
		start();
		far_says_and_ends();
		/* Whoever is to give it something may be slow to begin. */
		CHECK_INT(rig.done, f == FAR_IDLE);
		(void)await_end();
		CHECK_INT(rig.done, 1);
		CHECK_INT(rig.s.end, SESSION_EOF);
		finish();
	}
}

static void
far_end_and_waiting_input(void)
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

static void
far_end_and_file(void)
{
	enum far_eof f;

	for (f = FAR_WAIT; f <= FAR_FINISH; f++) {
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

static void
far_end_and_terminal(void)
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

static void
far_end_gives_a_loop_time(void)
{
	int64_t began = clock_now();

	prepare();
	start();
	far_says_and_ends();
	CHECK(!rig.done);
	CHECK(rig.told_end);
	CHECK(await_end() < 20);
	CHECK(clock_now() - began >= NSEC_PER_SEC * 9 / 10);
	finish();
}

/* The time that a loop is given runs out after it has spoken. */
static void
loop_speaks_in_time(void)
{
	int64_t until = clock_now() + NSEC_PER_SEC * 3 / 2;
	unsigned turns = 0;

	prepare();
	start();
	far_says_and_ends();
	say(rig.feed, "answer");
	settle();
	CHECK_STR(rig.heard, "answer");
	for (; clock_now() < until && turns < 1000; turns++)
		loop_turn(rig.loop, 100 * NSEC_PER_MSEC);
	CHECK(turns < 100);
	CHECK(!rig.done);
	shut_fd(&rig.feed);
	(void)await_end();
	CHECK_INT(session_lost_up(&rig.s), 0);
	finish();
}

/* ---- Deadlines and limits ----------------------------------------------- */

#define SHORT	(30 * NSEC_PER_MSEC)

static void
expect_end(enum session_end end, int64_t began)
{
	CHECK(await_end() < 20);
	CHECK_INT(rig.s.end, end);
	CHECK(clock_now() - began >= SHORT);
	finish();
}

static void
linger_runs_out(void)
{
	int64_t began;

	prepare();
	rig.opt.policy.linger = SHORT;
	start();
	settle();
	CHECK(!rig.done);
	began = clock_now();
	shut_fd(&rig.feed);
	expect_end(SESSION_LINGER, began);
}

static void
idle_runs_out(void)
{
	int64_t began;

	prepare();
	rig.opt.policy.idle = SHORT;
	start();
	say(rig.peer, "x");
	loop_turn(rig.loop, -1);
	began = clock_now() - NSEC_PER_MSEC;
	expect_end(SESSION_IDLE, began);
}

static void
total_runs_out(void)
{
	int64_t began = clock_now();

	prepare();
	rig.opt.policy.total = SHORT;
	start();
	expect_end(SESSION_TOTAL, began);
}

static void
reads_run_out(void)
{
	prepare();
	rig.opt.policy.max_reads = 1;
	start();
	say(rig.feed, "ping");
	settle();
	CHECK(!rig.done);
	say(rig.peer, "pong");
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.end, SESSION_LIMIT);
	CHECK_STR(rig.told, "pong");
	CHECK_STR(rig.heard, "ping");
	finish();
}

static void
interrupted(void)
{
	prepare();
	start();
	say(rig.peer, "x");
	settle();
	session_interrupt(&rig.s, NSEC_PER_SEC);
	(void)await_end();
	CHECK_INT(rig.s.end, SESSION_INTERRUPTED);
	CHECK_STR(rig.told, "x");
	finish();
}

static void
aborted(void)
{
	prepare();
	start();
	say(rig.feed, "x");
	settle();
	session_abort(&rig.s);
	CHECK_INT(rig.done, 0);
	loop_turn(rig.loop, 0);
	CHECK_INT(rig.done, 0);
	endpoint_close(&rig.near);
	endpoint_close(&rig.far);
	loop_free(rig.loop);
	shut_fd(&rig.feed);
	shut_fd(&rig.tap);
	shut_fd(&rig.peer);
}

/* ---- Ends that fail ----------------------------------------------------- */

static void
output_dies(void)
{
	prepare();
	start();
	settle();
	shut_fd(&rig.tap);
	settle();
	CHECK_INT(rig.done, 1);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK(rig.heard_end);
	finish();
}

static void
output_dies_and_file_goes_on(void)
{
	prepare();
	rig.in = NEAR_FILE;
	connect_ends();
	shut_fd(&rig.tap);
	say(rig.peer, "unheard");
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	settle();
	CHECK_INT(rig.s.up.ledger.written, 1000000);
	CHECK_INT(rig.s.down.write_errno, EPIPE);
	CHECK_INT(session_lost_up(&rig.s), 0);
	CHECK_INT(rig.done, 1);
	finish();
}

static void
peer_leaves(void)
{
	prepare();
	rig.opt.policy.far_eof = FAR_WAIT;
	start();
	settle();
	shut_fd(&rig.peer);
	say(rig.feed, "to nobody");
	(void)await_end();
	CHECK_INT(rig.s.up.write_errno, EPIPE);
	CHECK_INT(session_lost_up(&rig.s), 9);
	finish();
}

static void
peer_resets(void)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	prepare();
	rig.tcp = true;
	start();
	say(rig.peer, "last words");
	settle();
	CHECK_INT(setsockopt(rig.peer, SOL_SOCKET, SO_LINGER, &now,
	    sizeof(now)), 0);
	shut_fd(&rig.peer);
	(void)await_end();
	CHECK_INT(rig.s.down.read_errno, ECONNRESET);
	CHECK_STR(rig.told, "last words");
	finish();
}

static void
halves_missing(void)
{
	prepare();
	rig.no_in = true;
	rig.opt.policy.far_eof = FAR_WAIT;
	start();
	far_says_and_ends();
	CHECK_INT(rig.done, 1);
	finish();
	prepare();
	rig.no_out = true;
	start();
	say(rig.feed, "x");
	shut_fd(&rig.feed);
	(void)await_end();
	CHECK_STR(rig.heard, "x");
	CHECK(rig.heard_end);
	finish();
}

/* ---- What a session must not do ----------------------------------------- */

/* All is in the kernel, the peer takes none of it, and deadlines pass. */
static void
confirming_does_not_spin(void)
{
	static char big[400000];
	int size = 4096;
	int64_t until;
	unsigned turns = 0;

	prepare();
	rig.tcp = true;
	rig.in = NEAR_SOCKET;
	rig.opt.policy.confirm = true;
	rig.opt.policy.linger = rig.opt.policy.idle = SHORT;
	rig.opt.policy.total = 2 * SHORT;
	connect_ends();
	CHECK_INT(setsockopt(rig.peer, SOL_SOCKET, SO_RCVBUF, &size,
	    sizeof(size)), 0);
	size = 1 << 20;
	CHECK_INT(setsockopt(rig.feed, SOL_SOCKET, SO_SNDBUF, &size,
	    sizeof(size)), 0);
	CHECK_INT(setsockopt(rig.far.in.fd->num, SOL_SOCKET, SO_SNDBUF,
	    &size, sizeof(size)), 0);
	CHECK(write(rig.feed, big, sizeof(big)) > 100000);
	shut_fd(&rig.feed);
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	for (until = clock_now() + 8 * SHORT;
	    clock_now() < until && !rig.done && turns < 2000; turns++)
		loop_turn(rig.loop, SHORT);
	CHECK(turns < 200);
	/* It leaves with all of that unread: a reset. */
	CHECK(!rig.done);
	shut_fd(&rig.peer);
	(void)await_end();
	CHECK(session_lost_up(&rig.s) > 0);
	CHECK(rig.s.up.write_errno != 0);
	finish();
}

static void
idle_session_sleeps(void)
{
	unsigned turns = 0;
	int64_t until;

	prepare();
	start();
	say(rig.feed, "a");
	say(rig.peer, "b");
	settle();
	for (until = clock_now() + 5 * SHORT; clock_now() < until; turns++)
		loop_turn(rig.loop, SHORT);
	CHECK(turns < 10);
	CHECK(rig.s.up.ring.mem == NULL && rig.s.down.ring.mem == NULL);
	finish();
}

/* A layer that has taken from its socket more than was read from it. */
struct hoard {
	struct layer	layer;
	size_t		left;
};

static enum io
hoard_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct hoard *h = (struct hoard *)(void *)l;

	(void)cnt;
	*n = 0;
	if (h->left == 0)
		return IO_AGAIN;
	*n = h->left < 100 ? h->left : 100;
	if (*n > iov->iov_len)
		*n = iov->iov_len;
	memset(iov->iov_base, 'h', *n);
	h->left -= *n;
	return IO_OK;
}

static enum io
hoard_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->write(l->below, iov, cnt, n);
}

static enum io
hoard_shut(struct layer *l)
{
	return l->below->ops->shut(l->below);
}

static size_t
hoard_pending(const struct layer *l)
{
	return ((const struct hoard *)(const void *)l)->left;
}

static void
hoard_close(struct layer *l)
{
	(void)l;
}

static void
held_by_a_layer(void)
{
	static const struct layer_ops ops = { .name = "hoard",
	    .read = hoard_read, .write = hoard_write, .shut = hoard_shut,
	    .pending = hoard_pending, .close = hoard_close };
	struct hoard h = { .left = 100000 };
	int i;

	prepare();
	rig.out = NEAR_FILE;
	connect_ends();
	h.layer.ops = &ops;
	h.layer.below = rig.far.in.top;
	rig.far.in.top = rig.far.out.top = &h.layer;
	rig.far.in.fd = rig.far.out.fd = NULL;
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
	for (i = 0; i < 200; i++)
		loop_turn(rig.loop, 0);
	CHECK_INT(rig.s.down.ledger.written, 100000);
	finish();
}

static void
both(const char *sentence, void (*fn)(void))
{
	char buf[128];

	poller = LOOP_POLLER_EPOLL;
	(void)snprintf(buf, sizeof(buf), "%s (epoll)", sentence);
	unit_run(buf, fn);
	poller = LOOP_POLLER_POLL;
	(void)snprintf(buf, sizeof(buf), "%s (poll)", sentence);
	unit_run(buf, fn);
}

static void
test_ends(void)
{
	both("the end of the near input is obeyed as every policy says",
	    every_near_end);
	both("a null input half-closes, or not, as it is told", null_input);
	both("a far end's end is waited out", far_end_awaited);
	both("a far end's end is the end for an idle input",
	    far_end_and_idle_input);
	both("what stands in a pipe is sent after the far end's end",
	    far_end_and_waiting_input);
	both("a file is sent to its end after the far end's end",
	    far_end_and_file);
	both("a terminal is not waited for after the far end's end",
	    far_end_and_terminal);
	both("an idle pipe that our output may feed is given a second",
	    far_end_gives_a_loop_time);
	both("once it has spoken that second means nothing",
	    loop_speaks_in_time);
}

static void
test_limits(void)
{
	both("lingering ends", linger_runs_out);
	both("idleness ends", idle_runs_out);
	both("all of it ends", total_runs_out);
	both("so many reads are the end", reads_run_out);
	both("an interrupted session delivers what it holds", interrupted);
	both("an aborted session is silent", aborted);
}

static void
test_failures(void)
{
	both("a session whose output dies ends", output_dies);
	both("but a file is sent to its end",
	    output_dies_and_file_goes_on);
	both("a peer that left is a broken pipe", peer_leaves);
	both("a reset is told after the last words", peer_resets);
	both("a session can do without either near half", halves_missing);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);	/* what never ends must fail */
	test_ends();
	test_limits();
	test_failures();
	both("to wait for acknowledgements is not to spin",
	    confirming_does_not_spin);
	both("an idle session sleeps and has no buffer",
	    idle_session_sleeps);
	both("what a layer holds already is read without the socket",
	    held_by_a_layer);
	return unit_end();
}
