/*
 * Starts a command with sockets that are open already, as inetd, a UCSPI
 * program or a service manager does.
 *
 *	given [WORD...] -- command args
 *
 *	tcp:FILE udp:FILE	on loopback, the port is written to FILE; the
 *				first becomes descriptor 3, the next 4
 *	unix:PATH udgram:PATH useqpacket:PATH
 *	accepted:FILE		the first client of such a port
 *	udp-to:PORT		a datagram socket connected to this port
 *	nonblock		sockets of later words have O_NONBLOCK
 *	pid:own pid:other	sets LISTEN_PID and LISTEN_FDS
 *	count:TEXT		LISTEN_FDS, instead of the number of sockets
 *	onto:N,M...		the last socket becomes these, not 3
 *	watch:FILE		the command runs as a child that shares the
 *				sockets; FILE then has "same", or the socket
 *				whose flags changed
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>

#include "lib/tool.h"

#define MOST	16

static int	socks[MOST], flags[MOST], nsocks, nonblock;
static int	nopen;		/* those that were placed by onto: count, too */

static void
put_port(const char *file, int num)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	char tmp[4096];
	FILE *f;

	getsockname(num, (struct sockaddr *)&in, &len);
	snprintf(tmp, sizeof(tmp), "%s.tmp", file);
	if ((f = fopen(tmp, "w")) == NULL)
		tool_fail("given: %s: %s", tmp, strerror(errno));
	fprintf(f, "%d\n", ntohs(in.sin_port));
	fclose(f);
	if (rename(tmp, file) == -1)
		tool_fail("given: %s: %s", file, strerror(errno));
}

static void
add(int num)
{
	if (nsocks == MOST)
		tool_fail("given: too many");
	/* Above the numbers that the sockets get in the end. */
	socks[nsocks++] = fcntl(num, F_DUPFD_CLOEXEC, 20);
	nopen = nsocks;
	close(num);
}

static int
open_socket(int family, int type, const struct sockaddr *sa, socklen_t len)
{
	int num = socket(family, type | nonblock, 0);

	if (num == -1 || bind(num, sa, len) == -1 ||
	    (type != SOCK_DGRAM && listen(num, 10) == -1))
		tool_fail("given: %s", strerror(errno));
	return num;
}

static int
open_inet(const char *file, int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int num = open_socket(AF_INET, type, (struct sockaddr *)&in,
	    sizeof(in));

	put_port(file, num);
	return num;
}

static void
add_unix(const char *path, int type)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	add(open_socket(AF_UNIX, type, (struct sockaddr *)&un, sizeof(un)));
}

static void
add_accepted(const char *file)
{
	int kept = nonblock, num;

	nonblock = 0;
	num = open_inet(file, SOCK_STREAM);
	nonblock = kept;
	add(accept4(num, NULL, NULL, nonblock));
	close(num);
}

static int
open_udp_to(const char *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	    .sin_port = htons((uint16_t)strtoul(port, NULL, 10)) };
	int num = socket(AF_INET, SOCK_DGRAM | nonblock, 0);

	if (num == -1 ||
	    connect(num, (struct sockaddr *)&in, sizeof(in)) == -1)
		tool_fail("given: %s", strerror(errno));
	return num;
}

static void
place(int num, int at)
{
	if (dup2(num, at) == -1)
		tool_fail("given: dup2: %s", strerror(errno));
}

static void
place_onto(const char *list)
{
	char *end;

	nsocks--;
	for (;; list = end + 1) {
		place(socks[nsocks], (int)strtol(list, &end, 10));
		if (*end != ',')
			break;
	}
}

static void
tell(const char *pid, const char *count)
{
	char text[16];

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	if (pid == NULL)
		return;
	snprintf(text, sizeof(text), "%ld", strcmp(pid, "own") == 0 ?
	    (long)getpid() : (long)getppid());
	setenv("LISTEN_PID", text, 1);
	snprintf(text, sizeof(text), "%d", nsocks);
	setenv("LISTEN_FDS", count != NULL ? count : text, 1);
	setenv("LISTEN_FDNAMES", "unknown", 1);
}

static void
run(char **argv, const char *pid, const char *count)
{
	int i;

	for (i = 0; i < nsocks; i++)
		place(socks[i], 3 + i);
	tell(pid, count);
	execvp(argv[0], argv);
	tool_fail("given: %s: %s", argv[0], strerror(errno));
}

static int
watch(const char *file, pid_t pid)
{
	FILE *f = fopen(file, "w");
	bool same = true;
	int i, status;

	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	for (i = 0; i < nopen; i++)
		if (fcntl(socks[i], F_GETFL) != flags[i]) {
			fprintf(f, "flags of socket %d changed\n", i);
			same = false;
		}
	if (same)
		fputs("same\n", f);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : TOOL_FAILED;
}

int
main(int argc, char **argv)
{
	const char *t, *pid = NULL, *count = NULL, *file = NULL;
	pid_t child;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if ((t = tool_after(argv[i], "tcp:")) != NULL)
			add(open_inet(t, SOCK_STREAM));
		else if ((t = tool_after(argv[i], "udp:")) != NULL)
			add(open_inet(t, SOCK_DGRAM));
		else if ((t = tool_after(argv[i], "unix:")) != NULL)
			add_unix(t, SOCK_STREAM);
		else if ((t = tool_after(argv[i], "udgram:")) != NULL)
			add_unix(t, SOCK_DGRAM);
		else if ((t = tool_after(argv[i], "useqpacket:")) != NULL)
			add_unix(t, SOCK_SEQPACKET);
		else if ((t = tool_after(argv[i], "accepted:")) != NULL)
			add_accepted(t);
		else if ((t = tool_after(argv[i], "udp-to:")) != NULL)
			add(open_udp_to(t));
		else if (strcmp(argv[i], "nonblock") == 0)
			nonblock = SOCK_NONBLOCK;
		else if ((t = tool_after(argv[i], "pid:")) != NULL)
			pid = t;
		else if ((t = tool_after(argv[i], "count:")) != NULL)
			count = t;
		else if ((t = tool_after(argv[i], "onto:")) != NULL)
			place_onto(t);
		else if ((t = tool_after(argv[i], "watch:")) != NULL)
			file = t;
		else
			tool_fail("given: bad word %s", argv[i]);
	}
	if (i + 1 >= argc)
		tool_fail("usage: given [word...] -- command");
	for (int k = 0; k < nopen; k++)
		flags[k] = fcntl(socks[k], F_GETFL);
	if (file == NULL)
		run(argv + i + 1, pid, count);
	if ((child = fork()) == 0)
		run(argv + i + 1, pid, count);
	return watch(file, child);
}
