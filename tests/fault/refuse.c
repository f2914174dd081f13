/*
 * A system that refuses: preloaded (LD_PRELOAD) in front of the C library,
 * it makes calls that create something fail now and then.
 *
 *	REFUSE="accept4:2:ENFILE,vfork:3:EAGAIN" LD_PRELOAD=refuse.so COMMAND
 *
 * CALL:N:ERRNO: every Nth call of CALL fails so. Calls: accept4, pipe2,
 * socket (of the internet), vfork (the others of which are forks, for vfork
 * cannot be wrapped).
 */
#include <sys/socket.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct rule {
	const char	*name;
	unsigned	 every, calls;
	int		 num;
} rules[] = {
	{ "accept4", 0, 0, 0 }, { "pipe2", 0, 0, 0 }, { "socket", 0, 0, 0 },
	{ "vfork", 0, 0, 0 }
};

enum { ACCEPT4, PIPE2, SOCKET, VFORK, NRULES };

static int
error_number(const char *name)
{
	const char	*known;
	int		 n;

	for (n = 1; n < 134; n++) {
		known = strerrorname_np(n);
		if (known != NULL && strcmp(known, name) == 0)
			return n;
	}
	return EINVAL;
}

__attribute__((constructor)) static void
begin(void)
{
	const char	*env = getenv("REFUSE");
	char		 copy[256], *rest = copy, *word, *name, *every;
	int		 i;

	snprintf(copy, sizeof(copy), "%s", env != NULL ? env : "");
	while ((word = strsep(&rest, ",")) != NULL) {
		name = strsep(&word, ":");
		every = strsep(&word, ":");
		for (i = 0; i < NRULES; i++)
			if (word != NULL && strcmp(rules[i].name, name) == 0) {
				rules[i].every = (unsigned)atoi(every);
				rules[i].num = error_number(word);
			}
	}
}

static bool
refused(int i)
{
	struct rule	*r = &rules[i];

	if (r->every == 0 || ++r->calls % r->every != 0)
		return false;
	errno = r->num;
	return true;
}

int
accept4(int fd, __SOCKADDR_ARG addr, socklen_t *len, int flags)
{
	int	(*real)(int, struct sockaddr *, socklen_t *, int);

	*(void **)&real = dlsym(RTLD_NEXT, "accept4");
	return refused(ACCEPT4) ? -1 : real(fd, addr.__sockaddr__, len, flags);
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
