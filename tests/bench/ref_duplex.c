/*
 * The limit: the least that a program can do to carry two pipes over one
 * socket, one each way, without ever waiting for one of them in vain.
 *
 *	ref_duplex [-l] PORT
 *
 * Non-blocking splice(2), pipes of 1 MiB, one poll(2) when nothing moves.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	((size_t)1 << 20)

static int
connection(const char *port, bool listens)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	sin.sin_port = htons((uint16_t)atoi(port));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!listens) {
		if (connect(s, (struct sockaddr *)&sin, sizeof sin) == -1)
			err(1, "connect");
		return s;
	}
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1 ||
	    listen(s, 1) == -1)
		err(1, "listen");
	return accept(s, NULL, NULL);
}

/* 1: moved, 0: not now, -1: the end. */
static int
move(int from, int to)
{
	ssize_t	n = splice(from, NULL, to, NULL, CHUNK,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);

	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n == -1)
		err(1, "splice");
	return n > 0 ? 1 : -1;
}

static bool
has(int fd, short what)
{
	struct pollfd	p = { .fd = fd, .events = what };

	return poll(&p, 1, 0) == 1;
}

/* Of each way the end that is not ready. */
static void
await(int s, bool sends, bool takes)
{
	struct pollfd	p[4] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 },
			    { .fd = -1 } };

	if (sends && has(STDIN_FILENO, POLLIN))
		p[0] = (struct pollfd){ .fd = s, .events = POLLOUT };
	else if (sends)
		p[1] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	if (takes && has(s, POLLIN))
		p[2] = (struct pollfd){ STDOUT_FILENO, POLLOUT, 0 };
	else if (takes)
		p[3] = (struct pollfd){ .fd = s, .events = POLLIN };
	if (poll(p, 4, -1) == -1)
		err(1, "poll");
}

int
main(int argc, char *argv[])
{
	bool		listens = argc == 3 && strcmp(argv[1], "-l") == 0;
	bool		sends = true, takes = true;
	int		s, up, down;

	if (argc != 2 && !listens)
		errx(2, "usage: ref_duplex [-l] port");
	s = connection(argv[argc - 1], listens);
	fcntl(s, F_SETFL, O_NONBLOCK);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, (int)CHUNK);
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, (int)CHUNK);
	while (sends || takes) {
		up = sends ? move(STDIN_FILENO, s) : 0;
		down = takes ? move(s, STDOUT_FILENO) : 0;
		if (up == -1) {
			shutdown(s, SHUT_WR);
			sends = false;
		}
		if (down == -1)
			takes = false;
		if (up != 0 || down != 0)
			continue;
		await(s, sends, takes);
	}
	return 0;
}
