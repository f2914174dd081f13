/*
 * The limit: the least that a program can do between a pipe and datagrams.
 *
 *	ref_udp -l PORT		datagrams to stdout, joined (UDP_GRO)
 *	ref_udp PORT		blocks of one size from stdin, a pipe in packet
 *				mode, cut by the system (UDP_SEGMENT); or blocks
 *				of 65507 bytes from any pipe
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROOM	(4 << 20)
#define PIECES	64
#define PACKET	4096
#define MOST	65507

static char	buf[256 << 10];

static void __attribute__((noreturn))
receive(int s)
{
	int	one = 1, size = ROOM;
	ssize_t	n;
	size_t	held;

	if (setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) == -1)
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(s, IPPROTO_UDP, UDP_GRO, &one, sizeof one);
	for (;;) {
		held = 0;
		n = recv(s, buf, 65536, 0);
		while (n > 0) {
			held += (size_t)n;
			if (held + 65536 > sizeof buf)
				break;
			n = recv(s, buf + held, 65536, MSG_DONTWAIT);
		}
		if (write(STDOUT_FILENO, buf, held) == -1)
			err(1, "write");
	}
}

static void
send_out(int s, size_t len, int piece, int *set)
{
	if (*set != piece && piece <= PACKET)
		setsockopt(s, IPPROTO_UDP, UDP_SEGMENT, &piece, sizeof piece);
	*set = piece;
	if (send(s, buf, len, 0) == -1 && errno != ECONNREFUSED)
		err(1, "send");
}

static void
send_all(int s)
{
	struct pollfd	p = { .fd = STDIN_FILENO, .events = POLLIN };
	size_t		held = 0;
	ssize_t		n;
	int		piece = 0, set = 0;

	fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK);
	for (;;) {
		n = read(STDIN_FILENO, buf + held, MOST - held);
		if (n > 0 && held == 0)
			piece = (int)n;
		if (n > 0)
			held += (size_t)n;
		if (n == piece && held / (size_t)piece < PIECES &&
		    held + PACKET <= MOST)
			continue;
		if (held > 0)
			send_out(s, held, piece, &set);
		held = 0;
		if (n == 0)
			return;
		if (n == -1)
			poll(&p, 1, -1);
	}
}

int
main(int argc, char *argv[])
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc < 2)
		errx(2, "usage: ref_udp [-l] port");
	sin.sin_port = htons((uint16_t)atoi(argv[argc - 1]));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc == 3) {
		if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1)
			err(1, "bind");
		receive(s);
	}
	if (connect(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "connect");
	send_all(s);
	pause();
	return 0;
}
