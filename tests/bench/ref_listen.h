/*
 * What the servers of the limits share: a listener on the loopback, and epoll.
 */
#ifndef BENCH_REF_LISTEN_H
#define BENCH_REF_LISTEN_H

#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <stdint.h>
#include <stdlib.h>

static inline int
listen_on(const char *port, int flags)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1;

	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	sin.sin_port = htons((uint16_t)atoi(port));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	/* Inherited by those it accepts. */
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(s, SOMAXCONN) == -1)
		err(1, "listen on %s", port);
	return s;
}

static inline void
watch(int ep, int fd)
{
	struct epoll_event	ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) == -1)
		err(1, "epoll_ctl");
}

#endif
