/*
 * The limit: the least that a program can do to learn which of these ports
 * of an IPv4 address are open.
 *
 *	ref_scan ADDRESS LO HI [MS]
 *
 * All ports at once, one epoll, one deadline for all. A socket that was
 * refused at once is used again: connect(2) says so the second time that it
 * is called, and leaves the socket as good as new. Prints the open ports in
 * order, when all is known. No order before that, no names, no messages.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include <unistd.h>

#define EVENTS	64

static struct sockaddr_in	to = { .sin_family = AF_INET };
static bool			is_open[65536];
static unsigned			waiting;

static int
try(int s)
{
	return connect(s, (struct sockaddr *)&to, sizeof to) == 0 ? 0 : errno;
}

/* The socket for the next port: this one, or -1. */
static int
udp_probe(int ep, int s, unsigned port)
{
	struct epoll_event	ev = { .events = EPOLLOUT };
	int			num;

	if (s == -1 && (s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
	    SOCK_CLOEXEC, 0)) == -1)
		err(2, "socket");
	to.sin_port = htons((uint16_t)port);
	if ((num = try(s)) == EINPROGRESS)
		num = try(s);
	if (num == ECONNREFUSED)
		return s;
	if (num == EALREADY) {
		ev.data.u64 = (uint64_t)port << 32 | (unsigned)s;
		if (epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev) == -1)
			err(2, "epoll_ctl");
		waiting++;
		return -1;
	}
	is_open[port] = num == 0;
	close(s);
	return -1;
}

static void
await(int ep, int ms)
{
	struct epoll_event	ev[EVENTS];
	int64_t			end = clock_ms() + ms, left;
	int			i, n, s, num;
	socklen_t		len = sizeof num;

	while (waiting > 0 && (left = end - clock_ms()) > 0) {
		n = epoll_wait(ep, ev, EVENTS, (int)left);
		for (i = 0; i < n; i++) {
			s = (int)(ev[i].data.u64 & 0xffffffff);
			getsockopt(s, SOL_SOCKET, SO_ERROR, &num, &len);
			is_open[ev[i].data.u64 >> 32] = num == 0;
			close(s);
			waiting--;
		}
	}
}

int
main(int argc, char *argv[])
{
	struct rlimit	limit;
	unsigned	port, lo, hi, found = 0;
	int		ep = epoll_create1(EPOLL_CLOEXEC), s = -1;

	if (argc < 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: ref_scan address lo hi [ms]");
	lo = (unsigned)atoi(argv[2]);
	hi = (unsigned)atoi(argv[3]);
	if (lo < 1 || hi > 65535)
		errx(2, "ports are from 1 to 65535");
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (port = lo; port <= hi; port++)
		s = udp_probe(ep, s, port);
	await(ep, argc > 4 ? atoi(argv[4]) : 60000);
	for (port = lo; port <= hi; port++)
		if (is_open[port]) {
			found++;
			fprintf(stderr, "%u open\n", port);
		}
	return found == 0;
}
