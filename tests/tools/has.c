/*
 * Exits 0 if this machine has what a test needs, else 1.
 *
 *	has ipv6	A socket can be bound to ::1.
 *	has resolver	The resolver can tell that a name does not exist: a DNS
 *			server answers, or only files are asked.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netdb.h>

#include "lib/tool.h"

static bool
has_ipv6(void)
{
	const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6,
	    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	return fd != -1 && bind(fd, (const struct sockaddr *)&loopback,
	    sizeof(loopback)) == 0;
}

static bool
has_resolver(void)
{
	struct addrinfo *found;
	int gai = getaddrinfo("nosuch.invalid", NULL, NULL, &found);

	return gai == EAI_NONAME;
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "ipv6") == 0)
		return has_ipv6() ? 0 : 1;
	if (argc == 2 && strcmp(argv[1], "resolver") == 0)
		return has_resolver() ? 0 : 1;
	tool_fail("usage: has ipv6 | resolver");
}
