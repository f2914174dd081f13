/*
 * -f: a file or a device instead of the network: the same path is read and
 * written.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chat/chat.h"
#include "console/tty.h"
#include "mode/mode.h"
#include "run/run.h"
#include "run/user.h"

struct device {
	struct run	 run;
	struct tty	 tty;		/* fd -1: not a terminal */
};

/* Sets a terminal to raw mode: every byte is data. */
static void
device_take_line(struct device *d, int num)
{
	int copy = fcntl(num, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (copy == -1 || tty_open(&d->tty, copy) == -1) {
		if (copy != -1)
			(void)close(copy);
		d->tty.fd = -1;
		return;
	}
	tty_line(&d->tty);
}

static int
device_open(struct device *d, const char **op)
{
	struct run *r = &d->run;
	const struct plan *plan = r->plan;
	int num, mode = plan->no_stdin ? O_RDONLY : plan->no_stdout ?
	    O_WRONLY : O_RDWR;
	struct fd fd;

	*op = "open";
	/* Waits neither for a modem line, nor for the reader of a FIFO. */
	num = open(plan->device, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (num == -1)
		return -1;
	fd_own(&fd, num, fd_classify(num));
	if (fd.kind == FD_DIR) {
		fd_close(&fd);
		errno = EISDIR;
		return -1;
	}
	*op = "watch";
	if (endpoint_socket(&r->far, r->loop, &fd, false, plan->device) == -1) {
		fd_close(&fd);
		return -1;
	}
	if (fd.kind == FD_TTY)
		device_take_line(d, num);
	return 0;
}

int
mode_device(const struct plan *plan)
{
	struct device d;
	struct run *r = &d.run;
	const char *op;
	int status;

	memset(&d, 0, sizeof(d));
	d.tty.fd = -1;
	if ((status = run_open(r, plan, &d)) != 0)
		return status;
	status = run_open_ends(r, true, chat_near_ops(plan));
	if (status == 0 && device_open(&d, &op) == -1)
		status = run_failed(r, op, plan->device);
	if (status != 0)
		run_stop(r, status);
	else if (user_become(r) && run_open_far(r, false) &&
	    run_confine(r, CONFINE_CONNECTED)) {
		run_session(r, false, false);
		loop_run(r->loop);
	}
	if (d.tty.fd != -1) {
		tty_restore(&d.tty);
		(void)close(d.tty.fd);
	}
	return run_close(r);
}
