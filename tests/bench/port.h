/*
 * A free TCP port on the loopback, and waiting until somebody listens there.
 * The wait reads the kernel's list of sockets: a trial connection would be
 * taken for the client by a listener that serves only one.
 */
#ifndef BENCH_PORT_H
#define BENCH_PORT_H

#include <sys/socket.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Below the range from which the kernel takes ports of outgoing sockets. */
#define PORT_LOW	10240u
#define PORT_HIGH	32000u

static inline bool
port_is_free(unsigned port)
{
	struct sockaddr_in	sin;
	int			s, rc;

	memset(&sin, 0, sizeof sin);
	sin.sin_family = AF_INET;
	sin.sin_port = htons((uint16_t)port);
	if ((s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return false;
	rc = bind(s, (struct sockaddr *)&sin, sizeof sin);
	close(s);
	return rc == 0;
}

/* 0 when there is none. */
static inline unsigned
port_free(void)
{
	struct timespec	ts;
	unsigned	port, tries, x;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	x = (unsigned)ts.tv_nsec ^ (unsigned)getpid() * 2654435761u;
	for (tries = 0; tries < 1000; tries++) {
		x = x * 1664525u + 1013904223u;
		port = PORT_LOW + (x >> 8) % (PORT_HIGH - PORT_LOW);
		if (port_is_free(port))
			return port;
	}
	return 0;
}

/* Is a socket in this state on this port, in one of the kernel's lists? */
static inline bool
port_listed(const char *list, unsigned port, unsigned wanted)
{
	char		line[512];
	unsigned	local, state;
	bool		found = false;
	FILE		*f;

	if ((f = fopen(list, "re")) == NULL)
		return false;
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = sscanf(line, " %*[^:]: %*[0-9A-Fa-f]:%x %*s %x",
		    &local, &state) == 2 && local == port && state == wanted;
	fclose(f);
	return found;
}

/* Is a datagram socket bound to this port? */
static inline bool
port_bound(unsigned port)
{
	return port_listed("/proc/self/net/udp", port, 0x07) ||
	    port_listed("/proc/self/net/udp6", port, 0x07);
}

static inline bool
port_listening(unsigned port)
{
	return port_listed("/proc/self/net/tcp", port, 0x0a) ||
	    port_listed("/proc/self/net/tcp6", port, 0x0a);
}

#endif
