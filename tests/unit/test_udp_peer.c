/*
 * The datagram endpoint that hears everybody.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "pump/session.h"
#include "unit.h"

#define RECORDS	40

static char	dir[] = "/tmp/sockcat-test-XXXXXX";

/* A datagram socket of that name below dir. */
static int
named(const char *name, struct sockaddr_un *sun)
{
	int num = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memset(sun, 0, sizeof(*sun));
	sun->sun_family = AF_UNIX;
	(void)snprintf(sun->sun_path, sizeof(sun->sun_path), "%s/%s", dir,
	    name);
	CHECK(bind(num, (struct sockaddr *)sun, sizeof(*sun)) == 0);
	return num;
}

static int
receive_all(int num)
{
	char byte;
	int n = 0;

	while (recv(num, &byte, 1, 0) == 1)
		n++;
	return n;
}

static void
turns(struct loop *loop, int64_t time, unsigned *n)
{
	int64_t until = loop_now(loop) + time;

	for (*n = 0; loop_now(loop) < until; ++*n)
		loop_turn(loop, 10 * NSEC_PER_MSEC);
}

/*
 * A Unix socket is writable although the queue of the one it sends to is
 * full.
 */
static void
full_peer(void)
{
	struct session_options opt = { .policy = { .near_eof = NEAR_KEEP,
	    .linger = -1, .idle = -1, .total = -1 } };
	struct loop *loop = loop_new(LOOP_POLLER_BEST);
	struct sockaddr_un at, from;
	struct endpoint near, far;
	struct session s;
	struct fd fd;
	int i, p[2], me, got = 0;
	unsigned n;

	fd_own(&fd, named("at", &at), FD_DGRAM);
	me = named("me", &from);
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, p) == 0);
	CHECK(sendto(me, "", 0, 0, (struct sockaddr *)&at, sizeof(at)) == 0);
	for (i = 0; i < RECORDS; i++)
		CHECK(write(p[1], "x", 1) == 1);
	endpoint_init(&near, loop);
	CHECK(endpoint_udp(&far, loop, &fd, NULL, NULL) == 0);
	fd_own(&fd, p[0], FD_DGRAM);
	CHECK(endpoint_add_in(&near, &fd, "input") == 0);
	fd_own(&fd, open("/dev/null", O_WRONLY), FD_NULL);
	CHECK(endpoint_add_out(&near, &fd, "output") == 0);
	session_start(&s, loop, &near, &far, &opt);
	turns(loop, 300 * NSEC_PER_MSEC, &n);
	CHECK(s.up.ledger.written < RECORDS);
	CHECK(n < 100);
	for (i = 0; i < 100 && got < RECORDS; i++) {
		got += receive_all(me);
		turns(loop, 30 * NSEC_PER_MSEC, &n);
	}
	CHECK_INT(got, RECORDS);
	session_abort(&s);
	endpoint_close(&near);
	endpoint_close(&far);
	loop_free(loop);
	(void)close(me);
	(void)close(p[1]);
	(void)unlink(at.sun_path);
	(void)unlink(from.sun_path);
}

int
main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);
	(void)alarm(60);
	CHECK(mkdtemp(dir) != NULL);
	unit_run("a peer whose queue is full costs no turns, and gets all",
	    full_peer);
	(void)rmdir(dir);
	return unit_end();
}
