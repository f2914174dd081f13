/*
 * What a benchmark of a server is about, and the sockets of its clients.
 */
#ifndef BENCH_JOB_H
#define BENCH_JOB_H

#include <netinet/tcp.h>

#include "program.h"

#define MESSAGE	16

struct job {
	char		**argv;		/* the server's */
	uint64_t	  count;
	unsigned	  clients, port;
	unsigned	  target;	/* port behind a relay; 0: no relay */
	bool		  checked, keeps, pinned, udp;
	struct program	  server, behind;
	char		  text[160];	/* what there is to say */
};

/*
 * Each process has an address of its own, lest the ports run out: those of
 * closed connections are not given again for a minute.
 */
static inline int
call(const struct job *job)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1;
	unsigned		pid = (unsigned)getpid();

	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s == -1)
		err(1, "socket");
	setsockopt(s, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
	setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	sin.sin_addr.s_addr = htonl(0x7f010001u + (pid & 0x3ffff) * 2);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "bind");
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)job->port);
	if (connect(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "connect");
	return s;
}

static inline void
put(int s, const void *buf, size_t len)
{
	const char	*p = buf;
	ssize_t		 n;

	for (; len > 0; p += n, len -= (size_t)n)
		if ((n = send(s, p, len, MSG_NOSIGNAL)) == -1)
			err(1, "send");
}

/* Send a message, and get the same back. */
static inline void
echoed(int s, const void *message, size_t len)
{
	char	got[MESSAGE];
	ssize_t	n = recv(s, got, len, MSG_WAITALL);

	if (n == -1)
		err(1, "recv");
	if ((size_t)n != len || memcmp(got, message, len) != 0)
		errx(1, "something else came back: %zd bytes", n);
}

static inline void
exchange(int s, const void *message, size_t len)
{
	put(s, message, len);
	echoed(s, message, len);
}

#endif
