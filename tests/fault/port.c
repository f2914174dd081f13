/*
 * port free		print a TCP port that nobody uses
 * port wait PORT PID	until somebody listens there; exit status 1 if the
 *			process PID (a child of the shell's) ended before
 */
#include <err.h>
#include <errno.h>
#include <signal.h>

#include "bench/port.h"

static bool
ended(pid_t pid)
{
	char	path[40], state = 'Z';
	FILE	*f;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	if ((f = fopen(path, "re")) == NULL)
		return true;
	if (fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state == 'Z' || state == 'X';
}

static int
await(unsigned port, pid_t pid)
{
	const struct timespec	pause = { 0, 1000000 };

	while (!port_listening(port)) {
		if (ended(pid))
			return 1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	unsigned	port;

	if (argc == 2 && strcmp(argv[1], "free") == 0) {
		if ((port = port_free()) == 0)
			errx(1, "no free port");
		printf("%u\n", port);
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "wait") == 0)
		return await((unsigned)atoi(argv[2]), (pid_t)atoi(argv[3]));
	errx(2, "usage: port free | port wait port pid");
}
