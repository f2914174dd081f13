/*
 * Sends datagrams with the source address of another program.
 *
 *	spoof FROM TO [N]	N different datagrams, or one
 *
 * From the port FROM of 127.0.0.1, to which a server with SO_REUSEPORT is
 * bound, to the port TO. The answer must not come before this program has
 * ended and closed its socket, so the server at TO should be stopped.
 */
#include <sys/socket.h>
#include <arpa/inet.h>

#include "lib/tool.h"

static struct sockaddr_in
here(const char *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)tool_number(port)) };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sin;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in from, to;
	long n = argc == 4 ? tool_number(argv[3]) : 1;
	int on = 1, s = socket(AF_INET, SOCK_DGRAM, 0);
	char text[32];

	if (argc != 3 && argc != 4)
		tool_fail("spoof FROM TO [N]");
	from = here(argv[1]);
	to = here(argv[2]);
	if (setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
	    bind(s, (struct sockaddr *)&from, sizeof(from)) == -1)
		tool_fail("spoof: %s", strerror(errno));
	for (long i = 0; i < n; i++) {
		(void)snprintf(text, sizeof(text), "forged %ld\n", i);
		if (sendto(s, text, strlen(text), 0, (struct sockaddr *)&to,
		    sizeof(to)) == -1)
			tool_fail("spoof: %s", strerror(errno));
	}
	return 0;
}
