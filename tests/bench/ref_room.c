/*
 * The limit: the least that a room can do.
 *
 *	ref_room PORT
 *
 * Greets each client, and tells the others that it has come, in batches of
 * 100 us for each member; the lines about the members are kept in one piece, in
 * which each member has a place. Gives what a member says to all the others,
 * after its name, by one send(2) for each. No care for a member that does not
 * read, no commands, no end: what is faster than this has found a better way.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "ref_listen.h"

#define EVENTS	64
#define MEMBERS	(1 << 20)
#define LOG	((size_t)1 << 20)
#define DELAY	100000		/* ns for each member */

struct member {
	int		fd;
	uint32_t	at;		/* in the log */
};

static struct member	member[MEMBERS];
static unsigned		nmembers;
static char		text[LOG];
static size_t		used;
static int64_t		late;		/* all get the log then; 0: empty */
static int		number_of[MEMBERS];	/* by descriptor */

/* All of it: the buffers of the system have room for what comes. */
static void
give(int fd, const char *bytes, size_t n)
{
	ssize_t	m;

	for (; n > 0; bytes += m, n -= (size_t)m)
		if ((m = send(fd, bytes, n, MSG_NOSIGNAL)) == -1) {
			if (errno != EAGAIN)
				return;
			m = 0;
		}
}

static void
tell_all(void)
{
	unsigned	i;

	for (i = 0; i < nmembers; i++) {
		give(member[i].fd, text + member[i].at, used - member[i].at);
		member[i].at = 0;
	}
	used = 0;
	late = 0;
}

static void
welcome(int fd)
{
	char		greeting[256];
	unsigned	number = nmembers + 1;
	int		n;

	n = snprintf(greeting, sizeof greeting, "* welcome, you are user%u; "
	    "present: user1, user2, user3, user4, user5, user6, user7, user8, "
	    "user9, user10 and %u more\n* :q leaves, :help tells more\n",
	    number, nmembers);
	give(fd, greeting, (size_t)n);
	if (late == 0)
		late = clock_ns() + (int64_t)number * DELAY;
	used += (size_t)snprintf(text + used, LOG - used,
	    "* user%u has joined\n", number);
	member[nmembers++] = (struct member){ .fd = fd, .at = (uint32_t)used };
	number_of[fd] = (int)number;
	if (used > LOG / 8)
		tell_all();
}

static void
admit(int ep, int listener)
{
	int	s;

	while ((s = accept4(listener, NULL, NULL, SOCK_NONBLOCK |
	    SOCK_CLOEXEC)) != -1) {
		watch(ep, s);
		welcome(s);
	}
}

static void
pass_on(int from)
{
	static char	buf[2048 + 32];
	size_t		before;
	unsigned	i;
	ssize_t		n;

	before = (size_t)snprintf(buf, 32, "<user%d> ", number_of[from]);
	n = recv(from, buf + before, 2048, 0);
	if (n == 0)
		close(from);
	if (n <= 0)
		return;
	for (i = 0; i < nmembers; i++)
		if (member[i].fd != from)
			give(member[i].fd, buf, before + (size_t)n);
}

static int
how_long(void)
{
	int64_t	left = late - clock_ns();

	return late == 0 ? -1 : left < 0 ? 0 : (int)(left / 1000000 + 1);
}

int
main(int argc, char *argv[])
{
	struct epoll_event	ev[EVENTS];
	struct rlimit		limit;
	int			i, n, listener, ep;

	if (argc != 2)
		errx(2, "usage: ref_room port");
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	listener = listen_on(argv[1], SOCK_NONBLOCK);
	ep = epoll_create1(EPOLL_CLOEXEC);
	watch(ep, listener);
	for (;;) {
		n = epoll_wait(ep, ev, EVENTS, how_long());
		for (i = 0; i < n; i++)
			if (ev[i].data.fd == listener)
				admit(ep, listener);
			else
				pass_on(ev[i].data.fd);
		if (late != 0 && clock_ns() >= late)
			tell_all();
	}
}
