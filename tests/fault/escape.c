/*
 * Tries to get out of the sandbox, from inside. To be preloaded (LD_PRELOAD)
 * before the C library.
 *
 *	ESCAPE=REPORT ESCAPE_FILE=FILE ESCAPE_PORT=PORT ESCAPE_UNIX=PATH \
 *	    LD_PRELOAD=escape.so ...
 *
 * When the program has given up new privileges and then waits, each of the
 * following is tried once: to read and to write FILE, to read the passwords of
 * the system, to make a file, to start a process, to run FILE, to trace and to
 * signal the parent, to remove FILE, to bind a port of TCP and to connect to
 * PORT of 127.0.0.1, also by MPTCP and by TCP fast open, to make sockets of
 * each family, to listen, to connect to the Unix socket at PATH, to make memory
 * executable, and to map a file as code, one that is open, or one that is made
 * in memory. REPORT, which is opened at the start, gets "of PID", then "NAME
 * refused" or "NAME done" for each, and "end", in one write, since several
 * processes may share it.
 */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <linux/netlink.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The program waits for the first time since it gave up new privileges. */
static bool	confined;
static int	report = -1;
static int	library = -1;	/* a file with code, open to read */
static char	lines[2048];
static size_t	nlines;		/* bytes of them */

__attribute__((constructor)) static void
escape_begin(void)
{
	const char	*path = getenv("ESCAPE");

	if (path != NULL)
		report = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
		    0600);
	library = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

int
prctl(int option, ...)
{
	unsigned long	a[4];
	va_list		ap;

	va_start(ap, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (option == PR_SET_NO_NEW_PRIVS)
		confined = true;
	return (int)syscall(SYS_prctl, option, a[0], a[1], a[2], a[3]);
}

static void
escape_line(const char *name, const char *what)
{
	nlines += (size_t)snprintf(lines + nlines, sizeof(lines) - nlines,
	    "%s%s\n", name, what);
	if (nlines >= sizeof(lines))
		abort();
}

static void
escape_say(const char *name, bool done)
{
	escape_line(name, done ? " done" : " refused");
}

static void
escape_open(const char *name, const char *file, int flags)
{
	int	num = open(file, flags, 0600);

	escape_say(name, num != -1);
	/* A file that is open for writing cannot be run. */
	if (num != -1)
		(void)close(num);
}

/* In a process of its own, if there can be one. */
static void
escape_processes(const char *file)
{
	char	*const args[] = { (char *)(size_t)file, NULL };
	pid_t	 pid = fork();
	int	 status = -1;

	escape_say("fork", pid != -1);
	if (pid <= 0)
		(void)execv(file, args);
	if (pid == 0)
		_exit(1);
	while (pid > 0 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	escape_say("execute", status == 0);
	escape_say("trace", ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) != -1);
	escape_say("signal", kill(getppid(), 0) != -1);
}

static void
escape_files(const char *file)
{
	escape_open("read", file, O_RDONLY);
	escape_open("shadow", "/etc/shadow", O_RDONLY);
	escape_open("write", file, O_WRONLY | O_APPEND);
	escape_open("create", "escaped", O_WRONLY | O_CREAT);
	(void)unlink("escaped");
	escape_processes(file);
	escape_say("remove", unlink(file) != -1);
}

/*
 * A socket of TCP without a connection: a new one, or else a listening one that
 * is shut, as a server has.
 */
static int
escape_free_socket(void)
{
	int		num = socket(AF_INET, SOCK_STREAM, 0), on;
	socklen_t	len = sizeof(on);

	if (num != -1)
		return num;
	for (num = 3; num < 64; num++)
		if (getsockopt(num, SOL_SOCKET, SO_ACCEPTCONN, &on,
		    &len) == 0 && on != 0 && shutdown(num, SHUT_RDWR) == 0)
			return num;
	return -1;
}

/* Whether a packet went out to the port, open or not. */
static bool
escape_reached(long rc)
{
	return rc >= 0 || errno == EINPROGRESS || errno == ECONNREFUSED;
}

static void
escape_fast_open(struct sockaddr_in *to)
{
	struct iovec	iov = { .iov_base = (char[]){ "x" }, .iov_len = 1 };
	struct mmsghdr	m = { .msg_hdr = { .msg_name = to,
			    .msg_namelen = sizeof(*to), .msg_iov = &iov,
			    .msg_iovlen = 1 } };
	int		num = escape_free_socket();

	escape_say("fastopen",
	    escape_reached(sendto(num, "x", 1, MSG_FASTOPEN,
	    (struct sockaddr *)to, sizeof(*to))) ||
	    escape_reached(sendmsg(num, &m.msg_hdr, MSG_FASTOPEN)) ||
	    escape_reached(sendmmsg(num, &m, 1, MSG_FASTOPEN)));
	escape_say("listen", listen(num, 1) == 0);
}

static void
escape_inet(const char *port)
{
	struct sockaddr_in	to = { .sin_family = AF_INET };
	int			num = socket(AF_INET, SOCK_STREAM, 0);

	escape_say("socket", num != -1);
	escape_say("packets", socket(AF_PACKET, SOCK_RAW, 0) != -1);
	escape_say("raw", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) != -1);
	escape_say("bind", bind(num, (struct sockaddr *)&to, sizeof(to)) == 0);
	to.sin_port = htons((unsigned short)atoi(port));
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	escape_say("connect", connect(num, (struct sockaddr *)&to,
	    sizeof(to)) == 0);
	num = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	escape_say("mptcp", num != -1 && connect(num, (struct sockaddr *)&to,
	    sizeof(to)) == 0);
	escape_fast_open(&to);
}

static void
escape_local(const char *path)
{
	struct sockaddr_un	to = { .sun_family = AF_UNIX };
	int			num = socket(AF_UNIX, SOCK_STREAM, 0), pair[2];

	escape_say("unix", num != -1);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	escape_say("path", connect(num, (struct sockaddr *)&to,
	    sizeof(to)) == 0);
	escape_say("pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	escape_say("route", socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) != -1);
	escape_say("netlink", socket(AF_NETLINK, SOCK_RAW,
	    NETLINK_KOBJECT_UEVENT) != -1);
	escape_say("vsock", socket(AF_VSOCK, SOCK_STREAM, 0) != -1);
}

static bool
escape_map(int num)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, num, 0) !=
	    MAP_FAILED;
}

static void
escape_memory(void)
{
	void	*page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int	 num = memfd_create("escape", 0);

	escape_say("map", mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	escape_say("protect", mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
	escape_say("memfd", num != -1);
	escape_say("code", escape_map(library) ||
	    (num != -1 && ftruncate(num, 4096) == 0 && escape_map(num)));
}

static void
escape_try(void)
{
	const char	*file = getenv("ESCAPE_FILE");
	const char	*port = getenv("ESCAPE_PORT");
	const char	*path = getenv("ESCAPE_UNIX");
	char		 pid[16];

	confined = false;
	nlines = 0;
	if (report == -1 || file == NULL || port == NULL ||
	    path == NULL)
		return;
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	escape_line("of ", pid);
	escape_files(file);
	escape_inet(port);
	escape_local(path);
	escape_memory();
	escape_line("end", "");
	if (write(report, lines, nlines) != (ssize_t)nlines)
		abort();
}

int
epoll_wait(int num, struct epoll_event *events, int n, int timeout)
{
	static int	(*next)(int, struct epoll_event *, int, int);

	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "epoll_wait");
	if (confined)
		escape_try();
	return next(num, events, n, timeout);
}
