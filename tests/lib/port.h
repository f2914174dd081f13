/*
 * Ports and Unix sockets: which are free, bound, listening. The kernel's tables
 * below /proc/net tell it; a trial connection would be taken for the client by
 * a listener that serves only one.
 */
#ifndef LIB_PORT_H
#define LIB_PORT_H

#include <sys/file.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Below the range from which the kernel takes ports for outgoing sockets. */
enum { PORT_LOWEST = 11000, PORT_HIGHEST = 32000 };
#define PORT_TURN	"/tmp/sockcat-test-port"

/* States of a socket in the kernel's tables. */
enum { PORT_LINKED = 0x01, PORT_BOUND = 0x07, PORT_LISTENS = 0x0a };

/*
 * Whether a table, /proc/net/tcp or its like, has a socket with that local
 * port and state. A line is: number, local address, remote address, state ...
 */
static inline bool
port_is_in(const char *table, unsigned port, unsigned state)
{
	char line[512], *at;
	unsigned local, now;
	FILE *f = fopen(table, "re");
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = (at = strchr(line, ':')) != NULL &&
		    sscanf(at + 1, " %*[0-9A-Fa-f]:%x %*s %x", &local,
		    &now) == 2 && local == port && now == state;
	fclose(f);
	return found;
}

static inline bool
port_tcp_is(unsigned port, unsigned state)
{
	return port_is_in("/proc/self/net/tcp", port, state) ||
	    port_is_in("/proc/self/net/tcp6", port, state);
}

static inline bool
port_listens(unsigned port)
{
	return port_tcp_is(port, PORT_LISTENS);
}

static inline bool
port_is_bound(unsigned port)
{
	return port_is_in("/proc/self/net/udp", port, PORT_BOUND) ||
	    port_is_in("/proc/self/net/udp6", port, PORT_BOUND);
}

/* Whether a stream socket listens at that path, or a datagram socket is
 * bound to it. */
static inline bool
port_unix_is_bound(const char *path)
{
	char line[512];
	size_t len = strlen(path);
	FILE *f = fopen("/proc/self/net/unix", "re");
	bool found = false;

	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		found = strlen(line) > len &&
		    strcmp(line + strlen(line) - len, path) == 0 &&
		    line[strlen(line) - len - 1] == ' ';
		/* Unless of datagrams it must listen: __SO_ACCEPTCON. */
		if (found && strstr(line, " 0002 ") == NULL)
			found = strstr(line, " 00010000 ") != NULL;
	}
	fclose(f);
	return found;
}

/* Messages show the service of such a port as [tcp/NAME]. */
static inline bool
port_is_named(unsigned port)
{
	return getservbyport(htons((uint16_t)port), NULL) != NULL;
}

static inline bool
port_can_bind(int type, unsigned port)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&in6;
	socklen_t len = sizeof(in6);
	int fd, rc;

	in.sin_port = in6.sin6_port = htons((uint16_t)port);
	if ((fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0)) == -1) {
		fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
		sa = (struct sockaddr *)&in;
		len = sizeof(in);
	}
	rc = bind(fd, sa, len);
	close(fd);
	return rc == 0;
}

/* Whether a port has no name, and is free for TCP and UDP in both families. */
static inline bool
port_is_free(unsigned port)
{
	return !port_is_named(port) && port_can_bind(SOCK_STREAM, port) &&
	    port_can_bind(SOCK_DGRAM, port);
}

/*
 * Returns the first of n consecutive ports that no test has had for a long
 * time: PORT_TURN holds the next one for all test suites of this machine. A
 * random choice meets a port that another test was given and has not bound yet,
 * or that a client of an earlier test still tries to reach.
 */
static inline unsigned
port_in_turn(unsigned n)
{
	unsigned first = 0;
	int fd = open(PORT_TURN, O_RDWR | O_CLOEXEC);

	if (fd == -1) {
		fd = open(PORT_TURN, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
		(void)fchmod(fd, 0666);		/* whatever the umask */
	}
	(void)flock(fd, LOCK_EX);
	if (pread(fd, &first, sizeof(first), 0) != sizeof(first))
		(void)!getrandom(&first, sizeof(first), 0);
	if (first < PORT_LOWEST || first > PORT_HIGHEST - n)
		first = PORT_LOWEST + first % (PORT_HIGHEST - PORT_LOWEST - n);
	n += first;
	(void)!pwrite(fd, &n, sizeof(n), 0);
	close(fd);
	return first;
}

/* Returns the first of n consecutive free ports; 0 if there are none. */
static inline unsigned
port_free_run(unsigned n)
{
	unsigned first, i, tries;

	for (tries = 0; tries < 1000; tries++) {
		first = port_in_turn(n);
		for (i = 0; i < n && port_is_free(first + i); i++)
			;
		if (i == n)
			return first;
	}
	return 0;
}

static inline unsigned
port_free(void)
{
	return port_free_run(1);
}

#endif
