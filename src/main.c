/*
 * Name or --compat -> plan -> mode -> exit status.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"
#include "io/fd.h"
#include "message/messages.h"
#include "mode/mode.h"
#include "plan/plan.h"
#include "run/run.h"
#include "scan/scan.h"

/* More bytes than help and each explanation have. */
#define TEXT_MAX	((size_t)64 << 10)

/* Standard output cannot take data: this is reported before connecting. */
static int
main_no_output(const struct plan *plan, int num)
{
	struct error err;

	error_set(&err, num, "write to", "standard output");
	return messages_failed(plan, &err);
}

/*
 * Prints a text by a single write(2): a reader may leave after the wanted
 * line, or before the text, and an early flush may hide an error. The buffer
 * belongs to stdout until the program ends.
 */
static int
main_print(const struct plan *plan, int (*text)(const struct plan *))
{
	char *buf = malloc(TEXT_MAX);

	if (buf != NULL)
		(void)setvbuf(stdout, buf, _IOFBF, TEXT_MAX);
	return text(plan) == 0 || errno == EPIPE ? 0 :
	    main_no_output(plan, errno);
}

static int
main_run(struct plan *plan, int closed)
{
	bool shows_output = !plan->no_stdout && run_has_near(plan) &&
	    (plan->mode == PLAN_CONNECT || plan->mode == PLAN_LISTEN ||
	    plan->mode == PLAN_INHERIT);

	/*
	 * Without arguments, the program is a chat server for a person: a
	 * script that lost the arguments opens no port. A closed standard
	 * input is /dev/null.
	 */
	if (plan->mode == PLAN_LISTEN && plan->chat.implied &&
	    fd_classify(STDIN_FILENO) == FD_NULL)
		return plan_usage(plan);
	if ((closed & 1 << STDOUT_FILENO) && shows_output && !plan->tolerant)
		return main_no_output(plan, EBADF);
	REPORT(plan, EVENT_BEGIN);
	switch (plan->mode) {
	case PLAN_HELP:
		return main_print(plan, plan_help);
	case PLAN_VERSION:
		return main_print(plan, plan_version);
	case PLAN_EXPLAIN:
		return main_print(plan, plan_explain);
	case PLAN_MANUAL:
	case PLAN_BASH:
	case PLAN_ZSH:
	case PLAN_FISH:
		return main_print(plan, plan_text);
	case PLAN_SCAN:
		return mode_scan(plan);
	case PLAN_WAIT:
		return mode_wait(plan);
	case PLAN_LISTEN:
		return plan->serve.workers > 0 ? mode_workers(plan) :
		    mode_listen(plan, NULL);
	case PLAN_INHERIT:
		return mode_inherit(plan);
	case PLAN_CONNECT:
		break;
	}
	return plan->device != NULL ? mode_device(plan) : mode_connect(plan);
}

int
main(int argc, char **argv)
{
	struct plan plan;
	int closed, status;	/* closed: bits of closed descriptors */

	/* Before anything is opened: no socket may become 0, 1 or 2. */
	if ((closed = fd_plug_std()) == -1)
		return 1;
	if (closed & 1 << STDERR_FILENO)
		diag_no_stderr();
	/* Writing to a closed pipe or a full file is an errno, not a signal. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	if ((status = plan_parse(&plan, argc, argv)) != 0)
		return status;
	status = main_run(&plan, closed);
	plan_free(&plan);
	return status;
}
