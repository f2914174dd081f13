/*
 * The datagram endpoint that hears everybody.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "link/session.h"
#include "unit.h"

#define RECORDS	40

static const struct udp_options hears_all;

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
TEST(a_peer_whose_queue_is_full_costs_no_turns_and_gets_all)
{
	struct session_options opt = { .policy = { .near_eof = NEAR_KEEP,
	    .linger = -1, .idle = -1, .total = -1 } };
	struct loop *loop = loop_new();
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
	CHECK(endpoint_udp(&far, loop, &fd, "socket", &hears_all) == 0);
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

/* A far endpoint, and the senders who talk to it. */
struct multi_client {
	struct loop		*loop;
	struct endpoint		 ep;
	struct sockaddr_un	 at, good_name, bad_name;
	int			 good, bad, asked;
	struct fd		 fd;
};

static void
gather(struct multi_client *c)
{
	c->loop = loop_new();
	c->asked = 0;
	fd_own(&c->fd, named("at", &c->at), FD_DGRAM);
	c->good = named("good", &c->good_name);
	c->bad = named("bad", &c->bad_name);
}

static void
attend(struct multi_client *c, const struct udp_options *opt)
{
	CHECK(endpoint_udp(&c->ep, c->loop, &c->fd, "socket", opt) == 0);
	c->ep.in.ready = true;
}

static void
scatter(struct multi_client *c)
{
	endpoint_close(&c->ep);
	loop_free(c->loop);
	(void)close(c->good);
	(void)close(c->bad);
	(void)unlink(c->at.sun_path);
	(void)unlink(c->good_name.sun_path);
	(void)unlink(c->bad_name.sun_path);
}

static void
say(const struct multi_client *c, int from, const char *text)
{
	CHECK(sendto(from, text, strlen(text), 0,
	    (const struct sockaddr *)&c->at, sizeof(c->at)) ==
	    (ssize_t)strlen(text));
}

/* What is read next; "" for nothing. */
static const char *
hear(struct multi_client *c)
{
	static char buf[100];
	struct iovec iov = { buf, sizeof(buf) - 1 };
	size_t n = 0;

	if (half_read(&c->ep.in, &iov, 1, &n) != IO_OK)
		n = 0;
	buf[n] = '\0';
	return buf;
}

static bool
is_good(void *arg, const struct addr *from)
{
	struct multi_client *c = arg;

	c->asked++;
	return strcmp(from->u.un.sun_path, c->good_name.sun_path) == 0;
}

static void
answer(struct multi_client *c, const char *text)
{
	char copy[20];
	struct iovec iov = { copy, strlen(text) };
	size_t n;

	(void)strlcpy(copy, text, sizeof(copy));
	CHECK(half_write(&c->ep.out, &iov, 1, &n) == IO_OK);
}

TEST(who_may_not_be_heard_is_neither_shown_nor_answered)
{
	struct multi_client c;

	gather(&c);
	attend(&c, &(struct udp_options){ .hears = is_good, .arg = &c });
	say(&c, c.bad, "bad one");
	CHECK_STR(hear(&c), "");
	CHECK(!c.ep.out.ready);
	say(&c, c.bad, "bad two");
	say(&c, c.good, "good");
	say(&c, c.bad, "bad three");
	c.ep.in.ready = true;
	CHECK_STR(hear(&c), "good");
	CHECK_STR(hear(&c), "");
	CHECK_INT(c.asked, 4);
	answer(&c, "yes");
	CHECK_INT(receive_all(c.good), 1);
	CHECK_INT(receive_all(c.bad), 0);
	scatter(&c);
}

/* The queue was filled before the peer was chosen. */
TEST(the_only_peer_is_heard_alone_also_of_what_came_before)
{
	struct addr peer = { .len = sizeof(peer.u.un) };
	struct multi_client c;

	gather(&c);
	peer.u.un = c.good_name;
	say(&c, c.bad, "bad one");
	say(&c, c.good, "good one");
	say(&c, c.bad, "bad two");
	say(&c, c.good, "good two");
	CHECK(connect(c.fd.num, &peer.u.sa, peer.len) == 0);
	peer.len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(c.good_name.sun_path) + 1);
	attend(&c, &(struct udp_options){ .only = &peer });
	CHECK_STR(hear(&c), "good one");
	CHECK_STR(hear(&c), "good two");
	CHECK_STR(hear(&c), "");
	answer(&c, "yes");
	CHECK_INT(receive_all(c.good), 1);
	scatter(&c);
}

BEFORE
{
	CHECK(mkdtemp(dir) != NULL);
}

AFTER
{
	(void)rmdir(dir);
}
