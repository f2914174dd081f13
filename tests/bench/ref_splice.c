/*
 * The limit: the least that a program can do to carry a pipe over a socket.
 *
 *	ref_splice -l PORT|/PATH	accept one client; socket to stdout
 *	ref_splice PORT|/PATH		connect; stdin to socket
 *
 * From a file it is sendfile(2), to a file or a device read(2) and write(2) of
 * 1 MiB; otherwise blocking splice(2), pipes of 1 MiB. No options, no
 * messages, no care for anything: what is faster than this has found a better
 * way.
 */
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <netinet/in.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	((size_t)1 << 20)

union name {
	struct sockaddr		sa;
	struct sockaddr_in	in;
	struct sockaddr_un	un;
};

static socklen_t
parse(const char *where, union name *u)
{
	memset(u, 0, sizeof *u);
	if (where[0] == '/') {
		u->un.sun_family = AF_UNIX;
		strncpy(u->un.sun_path, where, sizeof u->un.sun_path - 1);
		return sizeof u->un;
	}
	u->in.sin_family = AF_INET;
	u->in.sin_port = htons((uint16_t)atoi(where));
	u->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sizeof u->in;
}

static int
serve(const char *where)
{
	union name	u;
	socklen_t	len = parse(where, &u);
	int		s = socket(u.sa.sa_family, SOCK_STREAM, 0), one = 1;

	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, &u.sa, len) == -1 || listen(s, 1) == -1)
		err(1, "listen on %s", where);
	return accept(s, NULL, NULL);
}

static int
call(const char *where)
{
	union name	u;
	socklen_t	len = parse(where, &u);
	int		s = socket(u.sa.sa_family, SOCK_STREAM, 0);

	if (connect(s, &u.sa, len) == -1)
		err(1, "connect to %s", where);
	return s;
}

static bool
is_pipe(int fd)
{
	struct stat	st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static ssize_t
copy(int from, int to)
{
	static char	buf[CHUNK];
	ssize_t		n = read(from, buf, sizeof buf);

	return n > 0 && write(to, buf, (size_t)n) != n ? -1 : n;
}

static void
move(int from, int to)
{
	ssize_t	n;

	if (!is_pipe(from) && !is_pipe(to)) {
		while ((n = sendfile(to, from, NULL, CHUNK)) > 0)
			continue;
		while (n == -1 && copy(from, to) > 0)
			continue;
		return;
	}
	while ((n = splice(from, NULL, to, NULL, CHUNK, SPLICE_F_MOVE)) != 0)
		if (n == -1 && errno != EINTR)
			err(1, "splice");
}

int
main(int argc, char *argv[])
{
	int	s;

	if (argc == 3 && strcmp(argv[1], "-l") == 0) {
		s = serve(argv[2]);
		fcntl(STDOUT_FILENO, F_SETPIPE_SZ, (int)CHUNK);
		move(s, STDOUT_FILENO);
		return 0;
	}
	if (argc != 2)
		errx(2, "usage: ref_splice [-l] port|/path");
	s = call(argv[1]);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, (int)CHUNK);
	move(STDIN_FILENO, s);
	shutdown(s, SHUT_WR);
	return 0;
}
