/*
 * A console (console/console.h) between a terminal and two files, for tests
 * of the line editor alone.
 *
 *	consoletest FIFO FILE [colour] [exit] [abort]
 *
 * What comes through the FIFO is shown; lines that are typed go to the FILE.
 * SIGUSR1 makes an announcement, SIGUSR2 changes the prompt, SIGALRM leaves
 * by exit(3), or abort(3) if that is a word. INT, TERM, HUP and QUIT end it
 * as they end sockcat: the session, the endpoint, and then by the signal.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>

#include "console/console.h"
#include "link/session.h"
#include "lib/tool.h"

struct test {
	struct loop	*loop;
	struct endpoint	 near, far;
	struct session	 session;
	bool		 aborts;
	int		 signo;
};

static void
on_done(void *user, struct session *s)
{
	struct test *t = user;

	session_free(s);
	loop_stop(t->loop);
}

static void
on_end(void *arg, int signo)
{
	struct test *t = arg;

	t->signo = signo;
	session_abort(&t->session);
	loop_stop(t->loop);
}

static void
on_say(void *arg, int signo)
{
	struct test *t = arg;

	(void)signo;
	console_say(&t->near, "somebody came");
	console_bell(&t->near);
}

static void
on_prompt(void *arg, int signo)
{
	struct test *t = arg;

	(void)signo;
	console_prompt(&t->near, "other> ");
}

static void
on_alarm(void *arg, int signo)
{
	struct test *t = arg;

	(void)signo;
	if (t->aborts)
		abort();
	exit(7);
}

static void
open_far(struct test *t, const char *fifo, const char *file)
{
	struct fd in, out;

	fd_own(&in, open(fifo, O_RDWR | O_NONBLOCK | O_CLOEXEC), FD_PIPE);
	fd_own(&out, open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0666), FD_FILE);
	out.way = FD_WAY_PLAIN;
	endpoint_init(&t->far, t->loop);
	if (in.num == -1 || out.num == -1 ||
	    endpoint_add_in(&t->far, &in, fifo) == -1 ||
	    endpoint_add_out(&t->far, &out, file) == -1)
		tool_fail("consoletest: %s, %s: %s", fifo, file,
		    strerror(errno));
}

int
main(int argc, char **argv)
{
	static struct test t;
	struct console_options opt = { .prompt = "me> " };
	struct session_options so = {
		.policy = { .near_eof = NEAR_CLOSE, .linger = -1, .idle = -1,
		    .total = -1 },
		.done = on_done, .user = &t
	};
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	struct error err;
	size_t i;
	int a;

	if (argc < 3)
		tool_fail("consoletest FIFO FILE [WORD...]");
	for (a = 3; a < argc; a++) {
		if (strcmp(argv[a], "colour") == 0)
			opt.colour = console_colour_ok();
		else if (strcmp(argv[a], "abort") == 0)
			t.aborts = true;
	}
	signal(SIGPIPE, SIG_IGN);
	if ((t.loop = loop_new()) == NULL)
		tool_fail("consoletest: no loop");
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		loop_signal(t.loop, ends[i], on_end, &t);
	loop_signal(t.loop, SIGUSR1, on_say, &t);
	loop_signal(t.loop, SIGUSR2, on_prompt, &t);
	loop_signal(t.loop, SIGALRM, on_alarm, &t);
	if (endpoint_console(&t.near, t.loop, &opt, &err) == -1)
		tool_fail("consoletest: %s %s: %s", err.op, err.object,
		    error_reason(&err));
	open_far(&t, argv[1], argv[2]);
	session_start(&t.session, t.loop, &t.near, &t.far, &so);
	loop_run(t.loop);
	endpoint_close(&t.near);
	endpoint_close(&t.far);
	loop_free(t.loop);
	if (t.signo != 0) {
		signal(t.signo, SIG_DFL);
		raise(t.signo);
	}
	return 0;
}
