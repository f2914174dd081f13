/*
 * A session between real descriptors: the near end is a
 * pair of pipes (or what a test says), the far end a socket whose other side
 * the test holds.
 */
#ifndef SESSION_RIG_H
#define SESSION_RIG_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "link/session.h"
#include "unit.h"

/* NEAR_FIFO has a name, NEAR_OPEN_FIFO was opened for both directions. */
enum near_kind { NEAR_PIPE, NEAR_SOCKET, NEAR_FILE, NEAR_TTY, NEAR_NULL,
	NEAR_FIFO, NEAR_OPEN_FIFO };

/* How long an input may be silent, where that is limited. */
#define RIG_LIMIT	(100 * NSEC_PER_MSEC)


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

static inline int64_t
clock_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static inline void
on_done(void *user, struct session *s)
{
	(void)s;
	((struct rig *)user)->done++;
}

static inline void
nonblock(int fd)
{
	CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/* The usual, for one test to change. */
static inline void
prepare(void)
{
	memset(&rig, 0, sizeof(rig));
	rig.feed = rig.tap = rig.peer = -1;
	rig.opt.done = on_done;
	rig.opt.user = &rig;
	rig.opt.policy = (struct end_policy){ .near_eof = NEAR_HALF_CLOSE,
	    .far_eof = FAR_BY_INPUT, .linger = -1, .idle = -1, .total = -1,
	    .far_limit = { [RULE_FILE] = -1, [RULE_FILTER] = -1,
		[RULE_SHARED] = RIG_LIMIT, [RULE_EXCHANGED] = RIG_LIMIT,
		[RULE_SENDING] = -1, [RULE_SILENT] = RIG_LIMIT } };
}

static inline int
open_tty(int *master)
{
	*master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(*master != -1 && grantpt(*master) == 0 &&
	    unlockpt(*master) == 0);
	return open(ptsname(*master), O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static inline int
temp_file(size_t size)
{
	char path[] = "/tmp/sockcat-test-XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd != -1);
	(void)unlink(path);
	CHECK(ftruncate(fd, (off_t)size) == 0);
	return fd;
}

/* For reading, or both in the case of NEAR_OPEN_FIFO, which is in rig.in. */
static inline int
open_fifo(int *writer)
{
	char dir[] = "/tmp/sockcat-test-XXXXXX", path[64];
	int fd;

	CHECK(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof(path), "%s/fifo", dir);
	CHECK_INT(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	*writer = open(path, O_WRONLY | O_CLOEXEC);
	if (rig.in == NEAR_FIFO) {
		int both = fd;

		fd = open(path, O_RDONLY | O_CLOEXEC);
		(void)close(both);
	}
	CHECK(fd != -1 && *writer != -1);
	(void)unlink(path);
	(void)rmdir(dir);
	return fd;
}

/* The near end's descriptor, and the test's other side of it. */
static inline int
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
	case NEAR_FIFO:
	case NEAR_OPEN_FIFO:
		p[0] = open_fifo(&p[1]);
		break;
	}
	*other = p[in ? 1 : 0];
	if (*other != -1)
		nonblock(*other);
	return p[in ? 0 : 1];
}

static inline void
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

static inline void
connect_ends(void)
{
	struct fd fd;

	rig.loop = loop_new();
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

static inline void
start(void)
{
	connect_ends();
	session_start(&rig.s, rig.loop, &rig.near, &rig.far, &rig.opt);
}

/* What has come to one of the test's descriptors. */
static inline void
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
static inline void
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
static inline unsigned
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

static inline void
shut_fd(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static inline void
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

static inline void
say(int fd, const char *text)
{
	CHECK_INT(write(fd, text, strlen(text)), strlen(text));
}

/* The far end says something and no more, while the near one is idle. */
static inline void
far_says_and_ends(void)
{
	say(rig.peer, "bye");
	CHECK_INT(shutdown(rig.peer, SHUT_WR), 0);
	settle();
	CHECK_STR(rig.told, "bye");
}

#endif
