/*
 * A server under test: start, await, end.
 */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <sys/time.h>
#include <fcntl.h>
#include <sched.h>

#include "job.h"

/* Leaves a process the first processor that there is. */
static inline void
server_pin(pid_t pid)
{
	cpu_set_t	all, one;
	size_t		i;

	if (sched_getaffinity(pid, sizeof all, &all) == -1)
		return;
	for (i = 0; !CPU_ISSET(i, &all); i++)
		continue;
	CPU_ZERO(&one);
	CPU_SET(i, &one);
	sched_setaffinity(pid, sizeof one, &one);
}

/* Starts the server, and waits until the server listens. */
static inline void
server_start(struct job *job, int in)
{
	int	null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	start(&job->server, job->argv, in, null);
	close(null);
	if (job->pinned) {
		server_pin(job->server.pid);
		server_pin(0);
	}
	while (!(job->udp ? port_is_bound(job->port) :
	    port_listens(job->port))) {
		if (has_ended(&job->server))
			errx(1, "%s ended before it listened", job->argv[0]);
		nap_ms(1);
	}
}

/* A server that was told to end may do so as it likes. */
static inline int
server_end(struct job *job)
{
	int	i;

	if (!job->keeps) {
		finish(&job->server);
		return job->server.status;
	}
	kill(job->server.pid, SIGTERM);
	for (i = 0; i < 300 && !has_ended(&job->server); i++)
		nap_ms(10);
	kill(-job->server.pid, SIGKILL);
	finish(&job->server);
	return 0;
}

/* Replaces {port} and {target} in the server's arguments. */
static inline void
server_name(struct job *job, char **argv)
{
	char	number[16], target[16];
	char	*before;

	if ((job->port = port_free_run(2)) == 0)
		errx(2, "no free port");
	snprintf(number, sizeof number, "%u", job->port);
	snprintf(target, sizeof target, "%u", job->port + 1);
	job->argv = argv;
	for (; *argv != NULL; argv++) {
		before = *argv = fill_in(*argv, "{port}", number);
		*argv = fill_in(*argv, "{target}", target);
		if (*argv != before)
			job->target = job->port + 1;
	}
}

/* Lifts the soft limit of descriptors. */
static inline void
server_descriptors(void)
{
	struct rlimit	limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

#endif
