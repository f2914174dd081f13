/*
 * Load of an echo server: many clients at once.
 *
 *	echo_load PORT N [ROUNDS [READY GO]]
 *
 * Opens N connections to 127.0.0.1; each sends its own number and receives it
 * again, while all the others are open, ROUNDS times. Then, with READY and
 * GO, the file READY is made, the file GO is awaited, and each sends and
 * receives once more. Prints "answered N". Exits with 77 if the system does not
 * allow so many descriptors, with the reason on standard output.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <arpa/inet.h>
#include <fcntl.h>

#include "lib/tool.h"

#define PATIENCE	60000
#define NOT_HERE	77

struct client {
	int		fd;
	uint32_t	said, heard;
	size_t		got;		/* bytes of it */
};

static struct client	*clients;
static uint32_t		n;
static int		ep;

static void
allow(rlim_t want)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) == -1)
		tool_fail("echo_load: getrlimit: %s", strerror(errno));
	if (lim.rlim_max < want) {
		printf("at most %llu descriptors are allowed\n",
		    (unsigned long long)lim.rlim_max);
		exit(NOT_HERE);
	}
	lim.rlim_cur = lim.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

static void
open_one(uint32_t i, int port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)port) };
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* A full backlog makes this wait, no more. */
	if (s == -1 || connect(s, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		tool_fail("echo_load: client %u: %s", i, strerror(errno));
	clients[i].fd = s;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev) == -1)
		tool_fail("echo_load: epoll: %s", strerror(errno));
}

/* Returns true if the client has received what it sent. */
static int
listen_to(struct client *c)
{
	ssize_t got = recv(c->fd, (char *)&c->heard + c->got,
	    sizeof(c->heard) - c->got, MSG_DONTWAIT);

	if (got == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		tool_fail("echo_load: client %u was left: %s", c->said,
		    got == 0 ? "an end" : strerror(errno));
	c->got += (size_t)got;
	if (c->got < sizeof(c->heard))
		return 0;
	if (c->heard != c->said)
		tool_fail("echo_load: client %u heard %u", c->said, c->heard);
	return 1;
}

/* All clients send; then all receive. */
static void
speak(void)
{
	struct epoll_event ev[256];
	int64_t deadline = clock_ms() + PATIENCE;
	uint32_t i, answered = 0;
	int k, got;

	for (i = 0; i < n; i++) {
		clients[i].said = i;
		clients[i].got = 0;
		if (send(clients[i].fd, &clients[i].said, sizeof(i),
		    MSG_NOSIGNAL) != sizeof(i))
			tool_fail("echo_load: client %u: send: %s", i,
			    strerror(errno));
	}
	while (answered < n) {
		if (clock_ms() > deadline)
			tool_fail("echo_load: %u of %u were answered", answered,
			    n);
		got = epoll_wait(ep, ev, 256, 1000);
		for (k = 0; k < got; k++)
			answered += (uint32_t)
			    listen_to(&clients[ev[k].data.u32]);
	}
}

int
main(int argc, char **argv)
{
	uint32_t i, rounds;
	int fd, port;

	if (argc != 3 && argc != 4 && argc != 6)
		tool_fail("echo_load PORT N [ROUNDS [READY GO]]");
	port = (int)tool_number(argv[1]);
	n = (uint32_t)tool_number(argv[2]);
	rounds = argc > 3 ? (uint32_t)tool_number(argv[3]) : 1;
	allow(n + 20);
	clients = calloc(n, sizeof(*clients));
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (clients == NULL || ep == -1)
		tool_fail("echo_load: %s", strerror(errno));
	for (i = 0; i < n; i++)
		open_one(i, port);
	for (i = 0; i < rounds; i++)
		speak();
	if (argc == 6) {
		fd = open(argv[4], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd == -1)
			tool_fail("echo_load: %s: %s", argv[4],
			    strerror(errno));
		close(fd);
		if (!wait_until(tool_exists, argv[5], clock_ms() + PATIENCE))
			tool_fail("echo_load: no %s", argv[5]);
		speak();
	}
	printf("answered %u\n", n);
	return 0;
}
