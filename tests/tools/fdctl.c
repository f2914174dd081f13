/*
 * Runs a command with its descriptors in a given state.
 *
 *	fdctl [WORD...] -- command args
 *
 *	close=0,2	these are closed
 *	nonblock=0,1	these have O_NONBLOCK, set by another process
 *	many=N		N descriptors are open beyond 2
 *	ready		wait until 0 has something to read
 *	signals		INT, QUIT, PIPE and TERM have their default action
 *	limit-file=N	RLIMIT_FSIZE in bytes
 *	limit-open=N	RLIMIT_NOFILE
 *	socket=0,1	these are one end of a Unix socketpair; with flags=, the
 *			other end is held open and idle
 *	flags=FILE	compares the flags of 0, 1 and 2 before, while and after
 *			the command runs, and writes "same" to FILE, or which
 *			flags changed. The command runs as a child that shares
 *			the descriptors.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "lib/tool.h"

static void
set_limit(bool files, const char *text)
{
	struct rlimit rl;

	rl.rlim_cur = rl.rlim_max = (rlim_t)tool_number(text);
	if (setrlimit(files ? RLIMIT_NOFILE : RLIMIT_FSIZE, &rl) == -1)
		tool_fail("fdctl: setrlimit: %s", strerror(errno));
}

static void
open_many(const char *text)
{
	long i, n = tool_number(text);
	struct rlimit rl;

	getrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_cur < (rlim_t)n + 100) {
		rl.rlim_cur = rl.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &rl) == -1 ||
		    rl.rlim_cur < (rlim_t)n + 100)
			tool_fail("fdctl: too many descriptors");
	}
	for (i = 0; i < n; i++)
		if (open("/dev/null", O_RDWR) == -1)
			tool_fail("fdctl: %s", strerror(errno));
}

static void
default_signals(void)
{
	static const int list[] = { SIGINT, SIGQUIT, SIGPIPE, SIGTERM };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		signal(list[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
make_socket(const char *list)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == -1)
		tool_fail("fdctl: %s", strerror(errno));
	for (; *list != '\0'; list++)
		if (*list >= '0' && *list <= '2')
			dup2(pair[0], *list - '0');
	close(pair[0]);
	/* The other end stays open here; the command does not inherit it. */
	fcntl(pair[1], F_SETFD, FD_CLOEXEC);
}

static void
await_input(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };

	if (poll(&pfd, 1, 8000) != 1)
		tool_fail("fdctl: nothing to read");
}

static void
make_nonblocking(const char *list)
{
	for (; *list != '\0'; list++)
		if (*list >= '0' && *list <= '2')
			fcntl(*list - '0', F_SETFL,
			    fcntl(*list - '0', F_GETFL) | O_NONBLOCK);
}

static void
look(int flags[3])
{
	int i;

	for (i = 0; i < 3; i++)
		flags[i] = fcntl(i, F_GETFL);
}

static bool
compare(FILE *out, const int want[3], const char *when)
{
	int now[3], i;
	bool same = true;

	look(now);
	for (i = 0; i < 3; i++)
		if (now[i] != want[i]) {
			fprintf(out, "%s: descriptor %d had 0%o, has 0%o\n",
			    when, i, want[i], now[i]);
			same = false;
		}
	return same;
}

/* Runs the command as a child and compares the flags that both share. */
static int
watch(const char *path, char **argv)
{
	int flags[3], status;
	bool same = true;
	pid_t pid, done;
	FILE *out = fopen(path, "we");

	if (out == NULL)
		tool_fail("fdctl: %s: %s", path, strerror(errno));
	look(flags);
	if ((pid = fork()) == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	/* Signals are meant for the command, which is in the same group. */
	signal(SIGTERM, SIG_IGN);
	while ((done = waitpid(pid, &status, WNOHANG)) == 0) {
		same = same && compare(out, flags, "during");
		nap_ms(2);
	}
	same = same && compare(out, flags, "after");
	if (same)
		fputs("same\n", out);
	fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
	const char *arg, *closed = "", *flags = NULL;
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if ((arg = tool_after(argv[i], "close=")) != NULL)
			closed = arg;
		else if ((arg = tool_after(argv[i], "many=")) != NULL)
			open_many(arg);
		else if (strcmp(argv[i], "ready") == 0)
			await_input();
		else if (strcmp(argv[i], "signals") == 0)
			default_signals();
		else if ((arg = tool_after(argv[i], "limit-file=")) != NULL)
			set_limit(false, arg);
		else if ((arg = tool_after(argv[i], "limit-open=")) != NULL)
			set_limit(true, arg);
		else if ((arg = tool_after(argv[i], "socket=")) != NULL)
			make_socket(arg);
		else if ((arg = tool_after(argv[i], "nonblock=")) != NULL)
			make_nonblocking(arg);
		else if ((arg = tool_after(argv[i], "flags=")) != NULL)
			flags = arg;
		else
			tool_fail("fdctl: what is %s?", argv[i]);
	}
	if (i + 1 >= argc)
		tool_fail("fdctl: no command");
	for (; *closed != '\0'; closed++)
		if (*closed >= '0' && *closed <= '9')
			close(*closed - '0');
	if (flags != NULL)
		return watch(flags, argv + i + 1);
	execvp(argv[i + 1], argv + i + 1);
	return 127;
}
