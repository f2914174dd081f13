/*
 * Sends many datagrams to a port of 127.0.0.1, as fast as possible.
 *
 *	burst echo PORT N	sends N numbered datagrams from one socket and
 *				receives their echoes; prints "sent N heard M";
 *				exits with 1 if two echoes change places
 *	burst pour PORT N	sends N numbered lines from one socket
 *	burst answer PORT N	the same to the first that sends to PORT, when
 *				stdin gives a byte; says "asked" before
 *	burst flood PORT N	sends one datagram from each of N addresses
 *	burst from PORT FROM	sends one datagram from the port FROM, which
 *				must be free
 */
#include <sys/socket.h>
#include <arpa/inet.h>
#include <poll.h>

#include "lib/tool.h"

#define PATIENCE	20000
#define SILENCE		1500

static struct sockaddr_in	to;

static int
open_socket(uint32_t from, long port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int size = 4 << 20, s = socket(AF_INET, SOCK_DGRAM, 0);

	sin.sin_addr.s_addr = htonl(from);
	sin.sin_port = htons((uint16_t)port);
	(void)setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (s == -1 || bind(s, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    connect(s, (struct sockaddr *)&to, sizeof(to)) == -1)
		tool_fail("burst: %s", strerror(errno));
	return s;
}

/* Receives what has come so far; *last is the number of the last echo. */
static long
hear(int s, int ms, long *last)
{
	struct pollfd pfd = { .fd = s, .events = POLLIN };
	char buf[100];
	long n = 0, number;
	ssize_t got;

	if (ms > 0 && poll(&pfd, 1, ms) != 1)
		return 0;
	while ((got = recv(s, buf, sizeof(buf) - 1, MSG_DONTWAIT)) > 0) {
		buf[got] = '\0';
		number = tool_number(buf);
		if (number <= *last) {
			printf("%ld came after %ld\n", number, *last);
			exit(1);
		}
		*last = number;
		n++;
	}
	return n;
}

static void
echo(long n)
{
	int64_t end = clock_ms() + PATIENCE;
	int s = open_socket(INADDR_LOOPBACK, 0);
	long i, got, heard = 0, last = 0;
	char text[32];

	for (i = 1; i <= n; i++) {
		(void)snprintf(text, sizeof(text), "%ld", i);
		if (send(s, text, strlen(text), 0) == -1)
			tool_fail("burst: send: %s", strerror(errno));
		heard += hear(s, 0, &last);
	}
	while (heard < n && clock_ms() < end) {
		if ((got = hear(s, SILENCE, &last)) == 0 && heard > 0)
			break;
		heard += got;
	}
	printf("sent %ld heard %ld\n", n, heard);
}

static void
pour(int s, long n)
{
	char text[32];

	for (long i = 1; i <= n; i++) {
		(void)snprintf(text, sizeof(text), "%ld\n", i);
		if (send(s, text, strlen(text), 0) == -1)
			tool_fail("burst: send: %s", strerror(errno));
	}
}

static void
answer(long n)
{
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char byte;

	if (s == -1 || bind(s, (struct sockaddr *)&to, sizeof(to)) == -1 ||
	    recvfrom(s, &byte, 1, 0, (struct sockaddr *)&from, &len) == -1 ||
	    connect(s, (struct sockaddr *)&from, len) == -1)
		tool_fail("burst: answer: %s", strerror(errno));
	puts("asked");
	fflush(stdout);
	(void)getchar();
	pour(s, n);
}

static void
say(uint32_t from, long port)
{
	int s = open_socket(from, port);

	if (send(s, "x\n", 2, 0) == -1)
		tool_fail("burst: send: %s", strerror(errno));
	close(s);
}

static void
flood(long n)
{
	uint32_t i;

	for (i = 0; i < (uint32_t)n; i++)
		say(0x7f010000 + i, 0);
}

int
main(int argc, char **argv)
{
	if (argc != 4)
		tool_fail("burst echo|pour|answer|flood|from PORT N");
	to.sin_family = AF_INET;
	to.sin_port = htons((uint16_t)tool_number(argv[2]));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (strcmp(argv[1], "echo") == 0)
		echo(tool_number(argv[3]));
	else if (strcmp(argv[1], "pour") == 0)
		pour(open_socket(INADDR_LOOPBACK, 0), tool_number(argv[3]));
	else if (strcmp(argv[1], "answer") == 0)
		answer(tool_number(argv[3]));
	else if (strcmp(argv[1], "from") == 0)
		say(INADDR_LOOPBACK, tool_number(argv[3]));
	else
		flood(tool_number(argv[3]));
	return 0;
}
