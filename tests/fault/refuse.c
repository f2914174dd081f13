/*
 * Makes calls that create something fail. To be preloaded (LD_PRELOAD) before
 * the C library.
 *
 *	REFUSE="accept4:2:ENFILE,vfork:3:EAGAIN" LD_PRELOAD=refuse.so COMMAND
 *
 * CALL:N:ERRNO: every Nth call of CALL fails. CALL:after-N:ERRNO: the Nth call
 * after the program connected or accepted for the first time fails, and no
 * other; REFUSE_MET=FILE is then made. CALL:at-N:ERRNO and CALL:from-N:ERRNO:
 * the Nth call of the run fails, or it and all later ones, and REFUSE_MET is
 * made. CALL:client:ERRNO: the Nth call after the Nth client was accepted
 * fails, so that each client meets the failure one step later. (A server of
 * datagrams copies its socket for each of its sessions, and the first copy is
 * part of its start.) Calls: accept4, pipe2, socket (of the internet), vfork
 * (those that do not fail are forks, for vfork cannot be wrapped), dup (by
 * fcntl), epoll_ctl (EPOLL_CTL_ADD), receive and send (read, write and the like
 * of a socket, by after-N alone), memory (malloc and the like; not every Nth,
 * and not with sanitizers, which have their own).
 *
 * If datagrams are read with MSG_PEEK, the first such read is a client, too.
 * REFUSE_LEFT=FILE: the number of sockets that are still open at the end is
 * written there. REFUSE_ALONE: programs that are started have no faults.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/errname.h"

static struct rule {
	const char	*name;
	unsigned	 every, after, at, from, calls;
	int		 num;
	bool		 client;
} rules[] = {
	{ .name = "accept4" }, { .name = "pipe2" }, { .name = "socket" },
	{ .name = "vfork" }, { .name = "dup" }, { .name = "memory" },
	{ .name = "epoll_ctl" }, { .name = "receive" }, { .name = "send" }
};

enum {
	ACCEPT4, PIPE2, SOCKET, VFORK, DUP, MEMORY, EPOLL_CTL, RECEIVE, SEND,
	NRULES
};

/* Clients that were accepted. */
static unsigned	clients;
/* The program has connected or accepted. */
static bool	met;

/* The C library's names for its own functions. */
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);

__attribute__((constructor)) static void
begin(void)
{
	const char	*env = getenv("REFUSE");
	char		 copy[256], *rest = copy, *word, *name, *every;
	int		 i;

	if (getenv("REFUSE_ALONE") != NULL)
		unsetenv("LD_PRELOAD");
	snprintf(copy, sizeof(copy), "%s", env != NULL ? env : "");
	while ((word = strsep(&rest, ",")) != NULL) {
		name = strsep(&word, ":");
		every = strsep(&word, ":");
		for (i = 0; i < NRULES; i++)
			if (word != NULL && strcmp(rules[i].name, name) == 0) {
				rules[i].client = strcmp(every, "client") == 0;
				if (strncmp(every, "after-", 6) == 0)
					rules[i].after =
					    (unsigned)atoi(every + 6);
				if (strncmp(every, "at-", 3) == 0)
					rules[i].at =
					    (unsigned)atoi(every + 3);
				if (strncmp(every, "from-", 5) == 0)
					rules[i].from =
					    (unsigned)atoi(every + 5);
				rules[i].every = (unsigned)atoi(every);
				rules[i].num = errname_number(word);
			}
	}
}

/* A socket that its owner closed is not counted. */
__attribute__((destructor)) static void
count_left(void)
{
	const char	*name = getenv("REFUSE_LEFT");
	FILE		*f = name != NULL ? fopen(name, "w") : NULL;
	struct stat	 st;
	int		 fd, n = 0;

	if (f == NULL)
		return;
	for (fd = STDERR_FILENO + 1; fd < 256; fd++)
		n += fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	fprintf(f, "%d\n", n);
	fclose(f);
}

/* Allocates nothing. */
static void
mark_met(void)
{
	const char	*name = getenv("REFUSE_MET");
	int		 fd = -1;

	if (name != NULL)
		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd != -1)
		close(fd);
}

static bool
refused_after(struct rule *r)
{
	if (!met || ++r->calls != r->after)
		return false;
	mark_met();
	errno = r->num;
	return true;
}

static bool
refused_at(struct rule *r)
{
	r->calls++;
	if (r->at > 0 ? r->calls != r->at : r->calls < r->from)
		return false;
	if (r->calls == r->at || r->calls == r->from)
		mark_met();
	errno = r->num;
	return true;
}

static bool
refused(int i)
{
	struct rule	*r = &rules[i];

	if (r->after > 0)
		return refused_after(r);
	if (r->at > 0 || r->from > 0)
		return refused_at(r);
	if (r->client ? clients == 0 || ++r->calls != clients :
	    r->every == 0 || ++r->calls % r->every != 0)
		return false;
	errno = r->num;
	return true;
}

static void
count_client(void)
{
	int	i;

	met = true;
	clients++;
	for (i = 0; i < NRULES; i++)
		if (rules[i].client)
			rules[i].calls = 0;
}

int
accept4(int fd, __SOCKADDR_ARG addr, socklen_t *len, int flags)
{
	int	(*real)(int, struct sockaddr *, socklen_t *, int);
	int	num;

	*(void **)&real = dlsym(RTLD_NEXT, "accept4");
	if (refused(ACCEPT4))
		return -1;
	num = real(fd, addr.__sockaddr__, len, flags);
	if (num != -1)
		count_client();
	return num;
}

int
connect(int fd, __CONST_SOCKADDR_ARG addr, socklen_t len)
{
	int	(*real)(int, const struct sockaddr *, socklen_t);
	int	num;

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	num = real(fd, addr.__sockaddr__, len);
	met = true;
	return num;
}

ssize_t
recvfrom(int fd, void *buf, size_t size, int flags, __SOCKADDR_ARG from,
    socklen_t *len)
{
	ssize_t	(*real)(int, void *, size_t, int, struct sockaddr *,
		    socklen_t *);
	ssize_t	n;

	*(void **)&real = dlsym(RTLD_NEXT, "recvfrom");
	n = real(fd, buf, size, flags, from.__sockaddr__, len);
	if (n != -1 && (flags & MSG_PEEK) != 0 && clients == 0)
		count_client();
	return n;
}

/* Not a pipe or file; others are not counted. */
static bool
refused_bytes(int i, int fd)
{
	socklen_t	len = sizeof(int);
	int		type, kept = errno;

	if (rules[i].after == 0 || !met ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == -1) {
		errno = kept;
		return false;
	}
	return refused(i);
}

ssize_t
read(int fd, void *buf, size_t n)
{
	ssize_t	(*real)(int, void *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "read");
	return refused_bytes(RECEIVE, fd) ? -1 : real(fd, buf, n);
}

ssize_t
readv(int fd, const struct iovec *iov, int cnt)
{
	ssize_t	(*real)(int, const struct iovec *, int);

	*(void **)&real = dlsym(RTLD_NEXT, "readv");
	return refused_bytes(RECEIVE, fd) ? -1 : real(fd, iov, cnt);
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	ssize_t	(*real)(int, const void *, size_t);

	*(void **)&real = dlsym(RTLD_NEXT, "write");
	return refused_bytes(SEND, fd) ? -1 : real(fd, buf, n);
}

ssize_t
writev(int fd, const struct iovec *iov, int cnt)
{
	ssize_t	(*real)(int, const struct iovec *, int);

	*(void **)&real = dlsym(RTLD_NEXT, "writev");
	return refused_bytes(SEND, fd) ? -1 : real(fd, iov, cnt);
}

int
pipe2(int fds[2], int flags)
{
	int	(*real)(int[2], int);

	*(void **)&real = dlsym(RTLD_NEXT, "pipe2");
	return refused(PIPE2) ? -1 : real(fds, flags);
}

int
socket(int domain, int type, int protocol)
{
	int	(*real)(int, int, int);

	*(void **)&real = dlsym(RTLD_NEXT, "socket");
	return (domain == AF_INET || domain == AF_INET6) && refused(SOCKET) ?
	    -1 : real(domain, type, protocol);
}

pid_t
vfork(void)
{
	return refused(VFORK) ? -1 : fork();
}

int
epoll_ctl(int poller, int op, int fd, struct epoll_event *ev)
{
	int	(*real)(int, int, int, struct epoll_event *);

	*(void **)&real = dlsym(RTLD_NEXT, "epoll_ctl");
	return op == EPOLL_CTL_ADD && refused(EPOLL_CTL) ? -1 :
	    real(poller, op, fd, ev);
}

static int
copy(int fd, int cmd, void *arg)
{
	static bool	copied;
	int	(*real)(int, int, ...);
	int	num;

	*(void **)&real = dlsym(RTLD_NEXT, "fcntl");
	if (cmd != F_DUPFD_CLOEXEC)
		return real(fd, cmd, arg);
	if (refused(DUP))
		return -1;
	num = real(fd, cmd, arg);
	if (num != -1 && copied)
		count_client();
	copied = true;
	return num;
}

int
fcntl(int fd, int cmd, ...)
{
	va_list	 ap;
	void	*arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return copy(fd, cmd, arg);
}

/* The name of the function where file offsets are large. */
int
fcntl64(int fd, int cmd, ...)
{
	va_list	 ap;
	void	*arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	return copy(fd, cmd, arg);
}

#ifndef SANITIZED_yes
void *
malloc(size_t n)
{
	return refused(MEMORY) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return refused(MEMORY) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return refused(MEMORY) ? NULL : __libc_realloc(p, n);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, n * size);
}
#endif
