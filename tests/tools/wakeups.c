/*
 * How still is a process? Waits until it sleeps, then counts over a quiet
 * second what it did all the same: clock ticks of CPU, and how often it
 * was run (its context switches, a wakeup each). On a busy machine an event
 * may come late, and a tick be charged late: of a few such seconds, one in
 * which nothing happened is enough, for one that spins or looks about every
 * now and then has none.
 *
 *	still PID [ms]		prints "ticks N wakeups N", of the last one
 */
#include "tool.h"

struct doing {
	long	ticks, switches;
};

static struct doing
observe(const char *pid)
{
	struct doing d = { 0, 0 };
	char path[64], line[1024], *at;
	long utime, stime, n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if ((f = fopen(path, "r")) == NULL ||
	    fgets(line, sizeof(line), f) == NULL ||
	    (at = strrchr(line, ')')) == NULL ||
	    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
	    " %ld %ld", &utime, &stime) != 2 || at[2] == 'Z')
		tool_fail("still: no process %s", pid);
	fclose(f);
	d.ticks = utime + stime;
	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if ((f = fopen(path, "r")) == NULL)
		tool_fail("still: no process %s", pid);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %ld", &n) == 1)
			d.switches += n;
	fclose(f);
	return d;
}

/* What it does within so long. */
static struct doing
watch(const char *pid, int ms)
{
	struct doing before = observe(pid), after;

	tool_nap(ms);
	after = observe(pid);
	after.ticks -= before.ticks;
	after.switches -= before.switches;
	return after;
}

static bool
is_still(struct doing d)
{
	return d.ticks == 0 && d.switches == 0;
}

int
main(int argc, char **argv)
{
	struct doing d;
	int i, ms;

	if (argc < 2)
		tool_fail("still PID [ms]");
	ms = argc > 2 ? (int)tool_number(argv[2]) : 1000;
	/* Let it come to rest; one that spins never does, and is measured. */
	for (i = 0; i < 20 && !is_still(watch(argv[1], 50)); i++)
		;
	i = 0;
	do
		d = watch(argv[1], ms);
	while (!is_still(d) && ++i < 4);
	printf("ticks %ld wakeups %ld\n", d.ticks, d.switches);
	return 0;
}
