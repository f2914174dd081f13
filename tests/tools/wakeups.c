/*
 * Measures what an idle process does: waits until the process sleeps, then
 * counts for a second its clock ticks of CPU and its context switches, each of
 * which is a wakeup. On a busy machine an event or the charge of a tick may
 * come late, so up to four seconds are measured until one is without both: a
 * process that spins or polls has no such second.
 *
 *	wakeups PID [ms]	prints "ticks N wakeups N" of the last second
 */
#include "lib/tool.h"

struct activity {
	long	ticks, switches;
};

static struct activity
observe(const char *pid)
{
	struct activity d = { 0, 0 };
	char path[64], line[1024], *at;
	long utime, stime, n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	if ((f = fopen(path, "r")) == NULL ||
	    fgets(line, sizeof(line), f) == NULL ||
	    (at = strrchr(line, ')')) == NULL ||
	    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u"
	    " %ld %ld", &utime, &stime) != 2 || at[2] == 'Z')
		tool_fail("wakeups: no process %s", pid);
	fclose(f);
	d.ticks = utime + stime;
	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	if ((f = fopen(path, "r")) == NULL)
		tool_fail("wakeups: no process %s", pid);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1 ||
		    sscanf(line, "nonvoluntary_ctxt_switches: %ld", &n) == 1)
			d.switches += n;
	fclose(f);
	return d;
}

/* What it does within so long. */
static struct activity
watch(const char *pid, int ms)
{
	struct activity before = observe(pid), after;

	nap_ms(ms);
	after = observe(pid);
	after.ticks -= before.ticks;
	after.switches -= before.switches;
	return after;
}

static bool
is_still(struct activity d)
{
	return d.ticks == 0 && d.switches == 0;
}

int
main(int argc, char **argv)
{
	struct activity d;
	int i, ms;

	if (argc < 2)
		tool_fail("wakeups PID [ms]");
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
