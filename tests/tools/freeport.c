/*
 * Prints N ports (default 1) on one line that nobody uses now, neither over
 * TCP nor UDP, in either family. They lie below the kernel's ephemeral
 * range, so that no outgoing connection takes one in the meantime, and no
 * service has its name on them, which nc would tell instead of a star.
 *
 *	freeport [N]		apart from each other
 *	freeport -r N		N consecutive ports: prints the first
 */
#include <sys/random.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "tool.h"

enum { LOWEST = 11000, HIGHEST = 32000 };

static bool
can_bind(int type, unsigned port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&in6;
	socklen_t len = sizeof(in6);
	int fd, rc;

	in.sin_port = in6.sin6_port = htons((uint16_t)port);
	if ((fd = socket(AF_INET6, type, 0)) == -1) {
		fd = socket(AF_INET, type, 0);
		sa = (struct sockaddr *)&in;
		len = sizeof(in);
	}
	rc = bind(fd, sa, len);
	close(fd);
	return rc == 0;
}

static bool
is_free(unsigned port)
{
	return !tool_port_named(port) &&
	    can_bind(SOCK_STREAM, port) && can_bind(SOCK_DGRAM, port);
}

static unsigned
run_of(unsigned n)
{
	unsigned first, i, tries;
	uint32_t r;

	for (tries = 0; tries < 1000; tries++) {
		if (getrandom(&r, sizeof(r), 0) != sizeof(r))
			tool_fail("freeport: no randomness");
		first = LOWEST + r % (HIGHEST - LOWEST - n);
		for (i = 0; i < n && is_free(first + i); i++)
			;
		if (i == n)
			return first;
	}
	tool_fail("freeport: found none");
}

int
main(int argc, char **argv)
{
	long i, n = 1;

	if (argc == 3 && strcmp(argv[1], "-r") == 0) {
		printf("%u\n", run_of((unsigned)tool_number(argv[2])));
		return 0;
	}
	if (argc == 2)
		n = tool_number(argv[1]);
	for (i = 0; i < n; i++)
		printf("%s%u", i > 0 ? " " : "", run_of(1));
	putchar('\n');
	return 0;
}
