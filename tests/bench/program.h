/*
 * The programs under test: how they are started, given a port, awaited, and
 * what they cost.
 */
#ifndef BENCH_PROGRAM_H
#define BENCH_PROGRAM_H

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/port.h"

struct program {
	pid_t		pid;
	int64_t		began, ended;
	int		status;
	struct rusage	ru;
};

/*
 * Start argv with these standard streams, in a session of its own, by which
 * its children are known; it dies if we do.
 */
static inline void
start(struct program *p, char **argv, int in, int out)
{
	p->began = clock_ns();
	if ((p->pid = fork()) == -1)
		err(2, "fork");
	if (p->pid != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1)
		err(126, "dup2");
	execvp(argv[0], argv);
	err(127, "%s", argv[0]);
}

static inline void
finish(struct program *p)
{
	while (wait4(p->pid, &p->status, 0, &p->ru) == -1)
		if (errno != EINTR)
			err(2, "wait4");
	p->ended = clock_ns();
}

/* Has it ended? It is still there to be waited for. */
static inline bool
has_ended(const struct program *p)
{
	siginfo_t	si = { 0 };

	return waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOHANG | WNOWAIT)
	    == 0 && si.si_pid != 0;
}

/* Seconds of it and of the children that it has waited for. */
static inline double
cpu(const struct program *p)
{
	return (double)(p->ru.ru_utime.tv_sec + p->ru.ru_stime.tv_sec) +
	    (double)(p->ru.ru_utime.tv_usec + p->ru.ru_stime.tv_usec) / 1e6;
}

/* "a{port}b" becomes "a10240b". */
static inline char *
fill_in(char *arg, const char *what, const char *value)
{
	char	*at = strstr(arg, what), *new;

	if (at == NULL)
		return arg;
	if (asprintf(&new, "%.*s%s%s", (int)(at - arg), arg, value,
	    at + strlen(what)) == -1)
		err(2, "memory");
	return new;
}

/* A program of the benchmark itself, found beside this one. */
static inline char *
sibling(const char *name)
{
	char	self[PATH_MAX], *slash, *path;
	ssize_t	n = readlink("/proc/self/exe", self, sizeof self - 1);

	if (n == -1)
		err(2, "/proc/self/exe");
	self[n] = '\0';
	if ((slash = strrchr(self, '/')) != NULL)
		*slash = '\0';
	if (asprintf(&path, "%s/%s", self, name) == -1)
		err(2, "memory");
	return path;
}

#endif
