/*
 * The limit: the least that a client can do between stdin, stdout and a
 * connection.
 *
 *	ref_client PORT
 *
 * One poll(2), one read(2), one write(2), nothing else: no options, no
 * messages, and it blocks in its writes.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static char	buf[16384];

static int
move(struct pollfd *p, int to)
{
	ssize_t	n;

	if (p->revents == 0)
		return 1;
	n = read(p->fd, buf, sizeof buf);
	if (n > 0)
		return write(to, buf, (size_t)n) == n;
	p->fd = -1;
	return 0;
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	struct pollfd		p[2] = { { .events = POLLIN },
				    { .events = POLLIN } };

	if (argc != 2)
		return 2;
	sin.sin_port = htons((uint16_t)atoi(argv[1]));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p[1].fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(p[1].fd, (struct sockaddr *)&sin, sizeof sin) == -1)
		return 1;
	for (;;) {
		if (poll(p, 2, -1) == -1)
			return 1;
		if (!move(&p[0], p[1].fd))
			shutdown(p[1].fd, SHUT_WR);
		if (!move(&p[1], STDOUT_FILENO))
			return 0;
	}
}
