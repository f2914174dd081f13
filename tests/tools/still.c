/*
 * How still is a process? Waits until it sleeps, then counts over a quiet
 * second what it did all the same: clock ticks of CPU, and how often it
 * was run (its context switches, a wakeup each).
 *
 *	still PID [ms]		prints "ticks N wakeups N"
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

int
main(int argc, char **argv)
{
	struct doing before, after;
	int i;

	if (argc < 2)
		tool_fail("still PID [ms]");
	/* Let it come to rest; one that spins never does, and is measured. */
	after = observe(argv[1]);
	for (i = 0; i < 20; i++) {
		before = after;
		tool_nap(50);
		after = observe(argv[1]);
		if (after.switches == before.switches &&
		    after.ticks == before.ticks)
			break;
	}
	before = observe(argv[1]);
	tool_nap(argc > 2 ? (int)tool_number(argv[2]) : 1000);
	after = observe(argv[1]);
	printf("ticks %ld wakeups %ld\n", after.ticks - before.ticks,
	    after.switches - before.switches);
	return 0;
}
