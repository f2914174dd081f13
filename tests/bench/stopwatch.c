/*
 * How long does a command take for so many things?
 *
 *	stopwatch -n THINGS [-r TIMES] COMMAND ...
 *
 * Runs it TIMES times, one after the other, its standard streams /dev/null.
 * One line of key=value: per_s= things a second, us= microseconds for one,
 * cpu_us= those of the processor, rss= KiB at most. Exit status 1 if it died
 * of a signal; what else it says is its own affair.
 */
#include <fcntl.h>
#include <getopt.h>

#include "program.h"

int
main(int argc, char *argv[])
{
	struct program	p;
	double		took = 0, busy = 0, all;
	long		things = 0, times = 1, i, rss = 0;
	int		ch, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	while ((ch = getopt(argc, argv, "+n:r:")) != -1)
		if (ch == 'n')
			things = atol(optarg);
		else if (ch == 'r')
			times = atol(optarg);
		else
			exit(2);
	if (things < 1 || times < 1 || optind == argc)
		errx(2, "usage: stopwatch -n things [-r times] command ...");
	if (dup2(null, STDERR_FILENO) == -1)
		err(2, "dup2");
	for (i = 0; i < times; i++) {
		start(&p, argv + optind, null, null);
		finish(&p);
		if (WIFSIGNALED(p.status) || WEXITSTATUS(p.status) > 125)
			return 1;
		took += (double)(p.ended - p.began) / 1e9;
		busy += cpu(&p);
		if (p.ru.ru_maxrss > rss)
			rss = p.ru.ru_maxrss;
	}
	all = (double)things * (double)times;
	printf("per_s=%.1f us=%.3f cpu_us=%.3f rss=%ld\n", all / took,
	    took / all * 1e6, busy / all * 1e6, rss);
	return 0;
}
