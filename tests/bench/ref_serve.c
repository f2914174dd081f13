/*
 * The limit: the least that a server can do which sends back what it gets.
 *
 *	ref_serve echo PORT		one process, one epoll, one buffer
 *	ref_serve sink PORT		the same, to stdout
 *	ref_serve exec PORT COMMAND	a child each; the socket is its stdio
 *	ref_serve one PORT COMMAND	the first client alone
 *
 * No options, no messages, no care for a client that does not read: what is
 * faster than this has found a better way.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ref_listen.h"

#define EVENTS	64

extern char	**environ;

static void
admit(int ep, int listener)
{
	int	s;

	while ((s = accept4(listener, NULL, NULL, SOCK_NONBLOCK |
	    SOCK_CLOEXEC)) != -1)
		watch(ep, s);
}

static void
send_on(int s, int to)
{
	static char	buf[65536];
	ssize_t		n = recv(s, buf, sizeof buf, 0);

	if (n > 0 && write(to == -1 ? s : to, buf, (size_t)n) == n)
		return;
	if (n == -1 && errno == EAGAIN)
		return;
	close(s);
}

static void __attribute__((noreturn))
serve_all(const char *port, int to)
{
	struct epoll_event	ev[EVENTS];
	int			listener = listen_on(port, SOCK_NONBLOCK);
	int			i, n, ep = epoll_create1(EPOLL_CLOEXEC);

	watch(ep, listener);
	for (;;) {
		n = epoll_wait(ep, ev, EVENTS, -1);
		for (i = 0; i < n; i++)
			if (ev[i].data.fd == listener)
				admit(ep, listener);
			else
				send_on(ev[i].data.fd, to);
	}
}

static void
run(int s, char **argv)
{
	posix_spawn_file_actions_t	fa;
	pid_t				pid;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_adddup2(&fa, s, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&fa, s, STDOUT_FILENO);
	if ((errno = posix_spawn(&pid, argv[0], &fa, NULL, argv, environ)) != 0)
		err(1, "%s", argv[0]);
	posix_spawn_file_actions_destroy(&fa);
	close(s);
}

static int
serve(const char *port, char **argv, bool once)
{
	int	s, status, listener = listen_on(port, 0);

	do {
		if ((s = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) == -1)
			err(1, "accept");
		run(s, argv);
		while (!once && waitpid(-1, NULL, WNOHANG) > 0)
			continue;
	} while (!once);
	wait(&status);
	return status != 0;
}

int
main(int argc, char *argv[])
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "echo") == 0)
		serve_all(argv[2], -1);
	if (argc == 3 && strcmp(argv[1], "sink") == 0)
		serve_all(argv[2], STDOUT_FILENO);
	if (argc < 4)
		errx(2, "usage: ref_serve echo|sink|exec|one port "
		    "[command ...]");
	return serve(argv[2], argv + 3, strcmp(argv[1], "one") == 0);
}
