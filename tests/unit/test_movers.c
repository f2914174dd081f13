/*
 * The movers between real descriptors: whatever the pair and the mover, the
 * same bytes arrive, however slowly either end goes.
 */
#include <netinet/in.h>
#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "pump/flow.h"
#include "pump/mover.h"
#include "unit.h"

enum kind {
	PIPE, UNIX, TCP, REGULAR, APPEND, SINK_KINDS, NULLDEV = SINK_KINDS
};

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

static unsigned char
pattern(size_t pos)
{
	return (unsigned char)(pos * 31 + pos / 251 + pos / 65537);
}

static void
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

static int
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
static void
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

static void
nonblock(int fd)
{
	CHECK(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/* The flow's end: one of our own, or one that was inherited. */
static void
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
	e->bottom.shut_is_close = mode == O_WRONLY && kind != UNIX &&
	    kind != TCP;
	e->half = (struct half){ .top = &e->bottom.layer, .name = kinds[kind],
	    .ready = mode == O_WRONLY };
	e->half.fd = layer_fd(e->half.top);
	e->other = other;
	e->kind = kind;
	if (kind <= TCP)
		nonblock(other);
}

static void
fill_file(int fd, size_t total)
{
	static unsigned char buf[TOTAL];
	size_t i;

	for (i = 0; i < total; i++)
		buf[i] = pattern(i);
	CHECK_INT(write(fd, buf, total), total);
}

static void
set_up(enum kind from, enum kind to, bool own, enum mover_choice choice)
{
	struct flow_options opt = { .mover = choice };
	int p[2], q[2];

	memset(&rig, 0, sizeof(rig));
	rig.total = TOTAL;
	rig.feed_chunk = rig.tap_chunk = FAST;
	make_pair(from, p);
	make_pair(to, q);
	end_init(&rig.src, from, p[0], p[1], O_RDONLY, own);
	end_init(&rig.dst, to, q[1], q[0], O_WRONLY, own);
	if (from == REGULAR) {
		fill_file(p[1], TOTAL);
		rig.fed = TOTAL;
	}
	flow_init(&rig.flow, "test", &rig.src.half, &rig.dst.half, &opt);
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static void
tear_down(void)
{
	flow_free(&rig.flow);
	close_one(&rig.src.other);
	close_one(&rig.dst.other);
	layer_close(&rig.src.bottom.layer);
	layer_close(&rig.dst.bottom.layer);
}

/* Write some to the source; close it after the last. */
static void
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
static void
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

static bool
is_ready(const struct half *h, short what, int wait)
{
	struct pollfd p = { .fd = h->fd->num, .events = what };

	return poll(&p, 1, wait) == 1;
}

/* As the loop does; true when it would have been woken. */
static bool
poll_ends(void)
{
	bool woken = false;

	if (flow_wants_read(&rig.flow) && is_ready(&rig.src.half, POLLIN, 0))
		rig.src.half.ready = woken = true;
	if (flow_wants_write(&rig.flow) && is_ready(&rig.dst.half, POLLOUT, 0))
		rig.dst.half.ready = woken = true;
	return woken;
}

static uint64_t
progress(void)
{
	return rig.flow.ledger.read + rig.flow.ledger.written +
	    (uint64_t)rig.flow.state;
}

static void
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
static void
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

static void
run(void)
{
	while (rig.flow.state != FLOW_DONE && rig.turns < 20000 && !unit_bad)
		turn();
	CHECK_INT(rig.flow.state, FLOW_DONE);
	/* Without an end to wait for there is only what is there. */
	while (rig.got < rig.flow.ledger.written && rig.turns++ < 40000 &&
	    rig.dst.other != -1)
		tap();
}

static void
one_pair(enum kind from, enum kind to, bool own, enum mover_choice choice,
    bool slow)
{
	set_up(from, to, own, choice);
	if (slow)
		rig.tap_chunk = SLOW;
	else
		rig.feed_chunk = 7000;
	run();
	CHECK_INT(rig.fed, TOTAL);
	CHECK_INT(rig.flow.ledger.read, TOTAL);
	CHECK_INT(rig.flow.ledger.written, TOTAL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	CHECK_INT(rig.flow.cause, FLOW_EOF);
	CHECK_INT(rig.flow.read_errno, 0);
	CHECK_INT(rig.flow.write_errno, 0);
	if (to != NULLDEV)
		CHECK_INT(rig.got, TOTAL);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s, %s, reader %s\n", kinds[from],
		    kinds[to], own ? "own" : "inherited", choices[choice],
		    slow ? "slow" : "fast");
}

static void
every_pair(void)
{
	static const enum kind from[] = { PIPE, UNIX, TCP, REGULAR };
	enum mover_choice c;
	unsigned i, to, own, slow;

	for (i = 0; i < 4; i++)
		for (to = PIPE; to <= NULLDEV; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				for (own = 0; own < 2; own++)
					for (slow = 0; slow < 2 && !unit_bad;
					    slow++)
						one_pair(from[i],
						    (enum kind)to, own != 0, c,
						    slow != 0);
}

/* A sink that nobody reads is full; then the source ends. */
static void
stuck(enum kind from, enum kind to, enum mover_choice choice)
{
	unsigned i;

	set_up(from, to, true, choice);
	rig.total = from == REGULAR ? TOTAL : 5 * TOTAL;
	rig.feed_chunk = TOTAL;
	rig.tap_chunk = 0;
	for (i = 0; i < 300 && rig.flow.state == FLOW_OPEN; i++)
		turn();
	rig.idle = 0;
	if (from != REGULAR)
		close_one(&rig.src.other);
	for (i = 0; i < 300; i++)
		turn();
	CHECK(rig.flow.state != FLOW_DONE);
	if (rig.idle > 40) {
		printf("%u of 300 turns were for nothing\n", rig.idle);
		unit_bad = true;
	}
	rig.tap_chunk = SLOW;
	run();
	CHECK_INT(rig.flow.ledger.written, rig.fed);
	CHECK_INT(rig.got, rig.fed);
	CHECK_INT(rig.flow.ledger.lost, 0);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s\n", kinds[from], kinds[to],
		    choices[choice]);
}

static void
full_sink_does_not_spin(void)
{
	static const enum kind from[] = { PIPE, UNIX, TCP };
	enum mover_choice c;
	unsigned i, to;

	for (i = 0; i < 3; i++)
		for (to = PIPE; to <= UNIX; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				if (!unit_bad)
					stuck(from[i], (enum kind)to, c);
}

/* Let so many bytes arrive, and no more come. */
static void
feed_until(size_t n)
{
	while (rig.flow.ledger.written < n && rig.turns < 10000) {
		rig.feed_chunk = rig.fed < n ? n - rig.fed : 0;
		turn();
	}
	rig.feed_chunk = 0;
	CHECK_INT(rig.flow.ledger.written, n);
}

/* A source that is empty and a sink that is free: nothing to do. */
static void
empty_source_does_not_spin(void)
{
	static const enum kind from[] = { PIPE, UNIX, TCP };
	enum mover_choice c;
	unsigned i, j, to;

	for (i = 0; i < 3; i++)
		for (to = PIPE; to <= APPEND; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++) {
				set_up(from[i], (enum kind)to, true, c);
				rig.total = TOTAL + 1;
				feed_until(TOTAL);
				rig.idle = 0;
				for (j = 0; j < 100; j++) {
					if (poll_ends())
						rig.idle++;
					flow_step(&rig.flow);
				}
				CHECK(rig.idle <= 2);
				CHECK_INT(flow_held(&rig.flow), 0);
				CHECK(rig.flow.ring.mem == NULL);
				tear_down();
			}
}

static void
appended_file_by_splice(void)
{
	set_up(TCP, APPEND, true, MOVER_SPLICE);
	CHECK_STR(rig.flow.mover->name, "through");
	run();
	CHECK(rig.flow.pipe_in.num != -1);
	CHECK_STR(rig.flow.mover->name, "copy");
	CHECK_INT(rig.flow.ledger.written, TOTAL);
	CHECK_INT(rig.got, TOTAL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	tear_down();
}

static void
dead_sink(enum kind from, enum kind to, enum mover_choice choice)
{
	set_up(from, to, true, choice);
	/* More than any buffer takes, but a file is only so long. */
	if (from != REGULAR)
		rig.total = 200 * TOTAL;
	rig.tap_chunk = SLOW;
	while (rig.flow.ledger.written < TOTAL / 2 && rig.turns < 10000)
		turn();
	close_one(&rig.dst.other);
	while (rig.flow.state != FLOW_DONE && rig.turns < 20000)
		turn();
	CHECK_INT(rig.flow.state, FLOW_DONE);
	CHECK_INT(rig.flow.cause, FLOW_WRITE_FAILED);
	CHECK(rig.flow.write_errno == EPIPE ||
	    rig.flow.write_errno == ECONNRESET);
	CHECK_INT(rig.flow.read_errno, 0);
	CHECK_INT(rig.flow.ledger.made,
	    rig.flow.ledger.written + rig.flow.ledger.lost);
	tear_down();
	if (unit_bad)
		printf("from %s to %s, %s\n", kinds[from], kinds[to],
		    choices[choice]);
}

static void
reader_gone(void)
{
	static const enum kind from[] = { PIPE, UNIX, TCP, REGULAR };
	enum mover_choice c;
	unsigned i, to;

	for (i = 0; i < 4; i++)
		for (to = PIPE; to <= TCP; to++)
			for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++)
				if (!unit_bad &&
				    !(from[i] == REGULAR && to == TCP))
					dead_sink(from[i], (enum kind)to, c);
}

static void
source_reset(void)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	enum mover_choice c;
	unsigned to;

	for (to = PIPE; to <= APPEND; to++)
		for (c = MOVER_AUTO; c <= MOVER_SENDFILE; c++) {
			set_up(TCP, (enum kind)to, true, c);
			rig.total = TOTAL + 1;
			feed_until(TOTAL / 2);
			CHECK_INT(setsockopt(rig.src.other, SOL_SOCKET,
			    SO_LINGER, &now, sizeof(now)), 0);
			close_one(&rig.src.other);
			run();
			CHECK_INT(rig.flow.cause, FLOW_READ_FAILED);
			CHECK_INT(rig.flow.read_errno, ECONNRESET);
			CHECK_INT(rig.flow.write_errno, 0);
			CHECK_INT(rig.flow.ledger.lost, 0);
			CHECK_INT(rig.got, rig.flow.ledger.written);
			tear_down();
		}
}

static void
switches(enum kind from, enum kind to, const char *first, const char *then)
{
	unsigned i;

	set_up(from, to, true, MOVER_AUTO);
	CHECK_STR(rig.flow.mover->name, first);
	rig.total = 1000000;
	rig.feed_chunk = 1000;
	for (i = 0; i < 60; i++)
		turn();
	if (strcmp(first, then) != 0)
		CHECK_STR(rig.flow.mover->name, first);
	rig.total = 200000;
	while (rig.fed < 190000 && rig.turns < 20000)
		turn();
	CHECK_STR(rig.flow.mover->name, then);
	run();
	CHECK_INT(rig.got, rig.fed);
	tear_down();
}

static void
auto_switches(void)
{
	switches(PIPE, TCP, "copy", "splice");
	switches(TCP, PIPE, "copy", "splice");
	switches(TCP, TCP, "copy", "through");
	switches(PIPE, PIPE, "copy", "copy");
	switches(PIPE, REGULAR, "copy", "copy");
	set_up(REGULAR, TCP, true, MOVER_AUTO);
	CHECK_STR(rig.flow.mover->name, "sendfile");
	run();
	tear_down();
}

/* Bytes in the kernel pipe when the flow is told to read no more. */
static void
finish_with_a_full_pipe(void)
{
	unsigned i;

	set_up(TCP, UNIX, true, MOVER_SPLICE);
	rig.tap_chunk = 0;
	for (i = 0; i < 200; i++)
		turn();
	CHECK(rig.flow.pipe_held > 0);
	flow_finish(&rig.flow, FLOW_CANCEL);
	rig.tap_chunk = SLOW;
	run();
	CHECK_INT(rig.flow.cause, FLOW_CANCEL);
	CHECK_INT(rig.flow.ledger.lost, 0);
	CHECK_INT(rig.got, rig.flow.ledger.read);
	tear_down();
}

static void
cancel_with_a_full_pipe(void)
{
	unsigned i;
	size_t held;

	set_up(TCP, UNIX, true, MOVER_SPLICE);
	rig.tap_chunk = 0;
	for (i = 0; i < 200; i++)
		turn();
	held = flow_held(&rig.flow);
	CHECK(held > 0);
	flow_cancel(&rig.flow);
	CHECK_INT(rig.flow.ledger.lost, held);
	CHECK_INT(rig.flow.pipe_in.num, -1);
	tear_down();
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	unit_run("every mover brings the same bytes between every pair of ends",
	    every_pair);
	unit_run("a full sink and an ended source cause no spinning",
	    full_sink_does_not_spin);
	unit_run("an empty source causes no spinning",
	    empty_source_does_not_spin);
	unit_run("an appended file refuses a splice, and nothing is lost",
	    appended_file_by_splice);
	unit_run("a sink whose reader left fails, and what is lost is counted",
	    reader_gone);
	unit_run("what came before a reset is delivered", source_reset);
	unit_run("much data is given to the fast mover, little is not",
	    auto_switches);
	unit_run("a finished flow delivers what its kernel pipe holds",
	    finish_with_a_full_pipe);
	unit_run("a cancelled flow counts what its kernel pipe held",
	    cancel_with_a_full_pipe);
	return unit_end();
}
