/*
 * Clients by the thousand: several at once until COUNT have been served, or
 * all of them there at once.
 */
#ifndef BENCH_MANY_H
#define BENCH_MANY_H

#include "memory.h"
#include "server.h"

static inline void
tell_rate(struct job *job, int64_t ns)
{
	snprintf(job->text, sizeof job->text, "seconds=%.6f per_s=%.1f "
	    "us=%.3f", (double)ns / 1e9, (double)job->count * 1e9 /
	    (double)ns, (double)ns / 1e3 / (double)job->count);
}

/* Those of one client, when the gate opens. */
static inline void __attribute__((noreturn))
caller(const struct job *job, unsigned me, int gate,
    void (*one)(const struct job *, uint64_t))
{
	uint64_t	i;
	char		c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(gate, &c, 1) == -1)
		err(1, "gate");
	for (i = me; i < job->count; i += job->clients)
		one(job, i);
	exit(0);
}

static inline void
many(struct job *job, void (*one)(const struct job *, uint64_t))
{
	int64_t		began;
	unsigned	i;
	int		gate[2], status, bad = 0;

	one(job, 0);
	if (pipe(gate) == -1)
		err(1, "pipe");
	for (i = 0; i < job->clients; i++)
		if (fork() == 0) {
			close(gate[1]);
			caller(job, i, gate[0], one);
		}
	began = clock_ns();
	close(gate[1]);
	for (i = 0; i < job->clients; i++)
		if (wait(&status) == job->server.pid || status != 0)
			bad++;
	if (bad > 0)
		errx(1, "%d clients failed", bad);
	tell_rate(job, clock_ns() - began);
}

/* COUNT clients stay connected: what memory do they cost? */
static inline void
hold_many(struct job *job, void (*one)(const struct job *, uint64_t))
{
	uint64_t	i;
	double		before = 0, kib;
	unsigned	p0 = 0, p1;

	for (i = 0; i <= job->count; i++) {
		one(job, i);
		/* The first one is free: what all of them share. */
		if (i == 0)
			before = memory(&job->server, &p0);
	}
	kib = memory(&job->server, &p1) - before;
	/* Nothing smaller than a page can be seen. */
	if (kib < 4)
		kib = 4;
	kib /= (double)job->count;
	snprintf(job->text, sizeof job->text, "per_mib=%.4f kib=%.4f "
	    "processes=%.3f", 1024 / kib, kib, (double)(p1 - p0) /
	    (double)job->count);
}

#endif
