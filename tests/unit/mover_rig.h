/*
 * A flow between real descriptors whose other sides the test holds.
 */
#ifndef MOVER_RIG_H
#define MOVER_RIG_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "pump/flow.h"
#include "pump/mover.h"
#include "unit.h"

enum kind { PIPE, UNIX, TCP, REGULAR, APPEND, NULLDEV };

static const char *const kinds[] = { "pipe", "unix", "tcp", "file",
    "appended file", "null device" };
static const char *const choices[] = { "auto", "copy", "splice", "sendfile" };

#define TOTAL	300000
#define SLOW	4096
#define FAST	(1 << 20)

struct end {
	struct layer_fd	bottom;
	struct half	half;
	int		other;		/* where the test stands; a file's own
					   second descriptor */
	enum kind	kind;
};

static struct rig {
	struct end	src, dst;
	struct flow	flow;
	size_t		total, fed, got;
	size_t		feed_chunk, tap_chunk;
	unsigned	turns, idle;	/* idle: woken for nothing */
} rig;

static inline unsigned char
pattern(size_t pos)
{
	return (unsigned char)(pos * 31 + pos / 251 + pos / 65537);
}

static inline void
tcp_pair(int p[2])
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	CHECK(bind(l, (struct sockaddr *)&sin, len) == 0);
	CHECK(listen(l, 1) == 0);
	CHECK(getsockname(l, (struct sockaddr *)&sin, &len) == 0);
	p[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connect(p[0], (struct sockaddr *)&sin, len) == 0);
	p[1] = accept(l, NULL, NULL);
	CHECK(p[1] != -1);
	(void)close(l);
}

static inline int
temp_file(int flags)
{
	char path[] = "/tmp/sockcat-test-XXXXXX";
	int fd = mkstemp(path), again;

	CHECK(fd != -1);
	again = open(path, flags | O_CLOEXEC);
	CHECK(again != -1);
	(void)unlink(path);
	(void)close(fd);
	return again;
}

/* p[0] is read from, p[1] is written to. */
static inline void
make_pair(enum kind kind, int p[2])
{
	char path[32];

	switch (kind) {
	case PIPE:
		CHECK(pipe2(p, O_CLOEXEC) == 0);
		(void)fcntl(p[1], F_SETPIPE_SZ, 4096);
		break;
	case UNIX:
		CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, p) == 0);
		break;
	case TCP:
		tcp_pair(p);
		break;
	case REGULAR:
	case APPEND:
		p[0] = temp_file(O_RDWR);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", p[0]);
		p[1] = open(path, O_WRONLY | (kind == APPEND ? O_APPEND : 0));
		break;
	case NULLDEV:
		p[0] = open("/dev/null", O_RDONLY);
		p[1] = open("/dev/null", O_WRONLY);
		break;
	}
	CHECK(p[0] != -1 && p[1] != -1);
}

static inline void
nonblock(int fd)
{
	CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/* The flow's end: one of our own, or one that was inherited. */
static inline void
end_init(struct end *e, enum kind kind, int num, int other, int mode,
    bool own)
{
	struct fd fd;

	CHECK_INT(fd_inherit(&fd, num, mode), 0);
	if (own && kind <= TCP) {
		nonblock(num);
		fd_own(&fd, num, fd.kind);
	}
	layer_fd_init(&e->bottom, &fd);
	e->bottom.fd.one_way = mode == O_WRONLY && kind != UNIX &&
	    kind != TCP;
	e->half = (struct half){ .top = &e->bottom.layer, .name = kinds[kind],
	    .ready = mode == O_WRONLY };
	e->half.fd = layer_fd(e->half.top);
	e->other = other;
	e->kind = kind;
	if (kind <= TCP)
		nonblock(other);
}

static inline void
fill_file(int fd, size_t total)
{
	static unsigned char buf[TOTAL];
	size_t i;

	for (i = 0; i < total; i++)
		buf[i] = pattern(i);
	CHECK_INT(write(fd, buf, total), total);
}

static inline void
set_up(enum kind from, enum kind to, bool own, enum mover_choice choice)
{
	struct flow_options opt = { .mover = choice };
	int p[2], q[2];

	memset(&rig, 0, sizeof(rig));
	rig.total = TOTAL;
	rig.feed_chunk = rig.tap_chunk = FAST;
	make_pair(from, p);
	make_pair(to, q);
	if (from == REGULAR) {
		fill_file(p[1], TOTAL);
		rig.fed = TOTAL;
	}
	end_init(&rig.src, from, p[0], p[1], O_RDONLY, own);
	end_init(&rig.dst, to, q[1], q[0], O_WRONLY, own);
	flow_init(&rig.flow, "test", &rig.src.half, &rig.dst.half, &opt);
}

static inline void
close_one(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static inline void
tear_down(void)
{
	flow_free(&rig.flow);
	close_one(&rig.src.other);
	close_one(&rig.dst.other);
	layer_close(&rig.src.bottom.layer);
	layer_close(&rig.dst.bottom.layer);
}

/* Write some to the source; close it after the last. */
static inline void
feed(void)
{
	static unsigned char buf[TOTAL];
	size_t n = rig.total - rig.fed, i;
	ssize_t put;

	if (rig.src.other == -1)
		return;
	if (n > rig.feed_chunk)
		n = rig.feed_chunk;
	if (n > sizeof(buf))
		n = sizeof(buf);
	for (i = 0; i < n; i++)
		buf[i] = pattern(rig.fed + i);
	put = n > 0 ? write(rig.src.other, buf, n) : 0;
	if (put > 0)
		rig.fed += (size_t)put;
	if (rig.fed == rig.total)
		close_one(&rig.src.other);
}

/* Read some from the sink and compare it. */
static inline void
tap(void)
{
	static unsigned char buf[FAST];
	ssize_t n, i;

	if (rig.dst.other == -1 || rig.tap_chunk == 0)
		return;
	n = read(rig.dst.other, buf, rig.tap_chunk);
	for (i = 0; i < n; i++)
		if (buf[i] != pattern(rig.got + (size_t)i)) {
			printf("byte %zu differs\n", rig.got + (size_t)i);
			unit_bad = true;
			return;
		}
	if (n > 0)
		rig.got += (size_t)n;
}

static inline bool
is_ready(const struct half *h, short what, int wait)
{
	struct pollfd p = { .fd = h->fd->num, .events = what };

	return poll(&p, 1, wait) == 1;
}

/* As the loop does; true when it would have been woken. */
static inline bool
poll_ends(void)
{
	bool woken = false;

	if (flow_wants_read(&rig.flow) && is_ready(&rig.src.half, POLLIN, 0))
		rig.src.half.ready = woken = true;
	if (flow_wants_write(&rig.flow) && is_ready(&rig.dst.half, POLLOUT, 0))
		rig.dst.half.ready = woken = true;
	return woken;
}

static inline uint64_t
progress(void)
{
	return rig.flow.ledger.read + rig.flow.ledger.written +
	    (uint64_t)rig.flow.state;
}

static inline void
check_laws(void)
{
	const struct ledger *l = &rig.flow.ledger;

	CHECK_INT(l->made, l->read);
	CHECK_INT(l->made, l->written + l->lost + flow_held(&rig.flow));
	CHECK(rig.flow.state == FLOW_DONE || flow_wants_read(&rig.flow) ||
	    flow_wants_write(&rig.flow));
	CHECK(flow_held(&rig.flow) > 0 || rig.flow.ring.mem == NULL);
}

/* One turn; what nobody moves is waited for, not guessed at. */
static inline void
turn(void)
{
	uint64_t before = progress();
	size_t fed = rig.fed, got = rig.got;

	feed();
	if (poll_ends()) {
		flow_step(&rig.flow);
		check_laws();
		if (progress() == before)
			rig.idle++;
	}
	tap();
	if (progress() == before && rig.fed == fed && rig.got == got &&
	    rig.tap_chunk > 0 && flow_wants_read(&rig.flow))
		(void)is_ready(&rig.src.half, POLLIN, 1000);
	rig.turns++;
}

static inline void
run(void)
{
	while (rig.flow.state != FLOW_DONE && rig.turns < 20000 && !unit_bad)
		turn();
	CHECK_INT(rig.flow.state, FLOW_DONE);
	/* Whoever uses the half next has to know. */
	if (rig.flow.cause == FLOW_EOF)
		CHECK(rig.src.half.state == HALF_ENDED);
	/* Without an end to wait for there is only what is there. */
	while (rig.got < rig.flow.ledger.written && rig.turns++ < 40000 &&
	    rig.dst.other != -1)
		tap();
}

#endif
