/*
 * The limit: the least that a program can do to carry a pipe over a socket.
 *
 *	ref_splice [-m] -l WHERE	accept one client; socket to stdout
 *	ref_splice [-m] WHERE		connect; stdin to socket
 *
 * WHERE is [ADDRESS:]PORT or /PATH. From a file it is sendfile(2), otherwise
 * blocking splice(2) with pipes of 1 MiB: to a file or a device through a pipe
 * of our own. -m: multipath TCP, where read(2) and write(2) of 256 KiB are
 * faster. No messages, no care for anything: what is faster than this has found
 * a better way.
 */
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <arpa/inet.h>
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
#define COPIED	((size_t)256 << 10)

union name {
	struct sockaddr		sa;
	struct sockaddr_in	in;
	struct sockaddr_un	un;
};

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

static bool	multipath;

static socklen_t
parse(const char *where, union name *u)
{
	char		address[INET_ADDRSTRLEN];
	const char	*colon;

	memset(u, 0, sizeof *u);
	if (where[0] == '/') {
		u->un.sun_family = AF_UNIX;
		strncpy(u->un.sun_path, where, sizeof u->un.sun_path - 1);
		return sizeof u->un;
	}
	u->in.sin_family = AF_INET;
	u->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((colon = strchr(where, ':')) != NULL) {
		snprintf(address, sizeof address, "%.*s",
		    (int)(colon - where), where);
		if (inet_pton(AF_INET, address, &u->in.sin_addr) != 1)
			errx(2, "not an address: %s", address);
		where = colon + 1;
	}
	u->in.sin_port = htons((uint16_t)atoi(where));
	return sizeof u->in;
}

static int
stream_socket(const union name *u)
{
	int	s = socket(u->sa.sa_family, SOCK_STREAM,
		    multipath ? IPPROTO_MPTCP : 0);

	if (s == -1)
		err(1, "socket");
	return s;
}

static int
serve(const char *where)
{
	union name	u;
	socklen_t	len = parse(where, &u);
	int		s = stream_socket(&u), one = 1;

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
	int		s = stream_socket(&u);

	if (connect(s, &u.sa, len) == -1)
		err(1, "connect to %s", where);
	return s;
}

static bool
is_a(int fd, mode_t kind)
{
	struct stat	st;

	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

static int	through[2];		/* a pipe of our own */

static ssize_t
by_copy(int from, int to)
{
	static char	buf[COPIED];
	ssize_t		n = read(from, buf, sizeof buf);

	return n > 0 && write(to, buf, (size_t)n) != n ? -1 : n;
}

static ssize_t
by_sendfile(int from, int to)
{
	return sendfile(to, from, NULL, CHUNK);
}

static ssize_t
splice_some(int from, int to, size_t len)
{
	ssize_t	n;

	while ((n = splice(from, NULL, to, NULL, len, SPLICE_F_MOVE)) == -1)
		if (errno != EINTR)
			return -1;
	return n;
}

static ssize_t
by_splice(int from, int to)
{
	return splice_some(from, to, CHUNK);
}

static ssize_t
by_two_splices(int from, int to)
{
	ssize_t	n, m, all = splice_some(from, through[1], CHUNK);

	for (n = all; n > 0; n -= m)
		if ((m = splice_some(through[0], to, (size_t)n)) <= 0)
			return -1;
	return all;
}

static void
move(int from, int to)
{
	ssize_t	(*by)(int, int) = by_two_splices, n;

	if (multipath)
		by = by_copy;
	else if (is_a(from, S_IFIFO) || is_a(to, S_IFIFO))
		by = by_splice;
	else if (is_a(from, S_IFREG))
		by = by_sendfile;
	else if (pipe2(through, O_CLOEXEC) == -1)
		err(1, "pipe");
	else
		fcntl(through[1], F_SETPIPE_SZ, (int)CHUNK);
	while ((n = by(from, to)) > 0)
		continue;
	if (n == -1)
		err(1, "move");
}

int
main(int argc, char *argv[])
{
	int	s;

	if (argc > 1 && strcmp(argv[1], "-m") == 0) {
		multipath = true;
		argc--;
		argv++;
	}
	if (argc == 3 && strcmp(argv[1], "-l") == 0) {
		s = serve(argv[2]);
		fcntl(STDOUT_FILENO, F_SETPIPE_SZ, (int)CHUNK);
		move(s, STDOUT_FILENO);
		return 0;
	}
	if (argc != 2)
		errx(2, "usage: ref_splice [-m] [-l] [address:]port|/path");
	s = call(argv[1]);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, (int)CHUNK);
	move(STDIN_FILENO, s);
	shutdown(s, SHUT_WR);
	return 0;
}
