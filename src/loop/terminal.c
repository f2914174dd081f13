#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/strays.h"
#include "loop/terminal.h"

void
terminal_open(struct terminal *t)
{
	*t = (struct terminal){ .job = getpgrp() };
	t->fd = open("/dev/tty", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
terminal_close(struct terminal *t)
{
	if (t->fd != -1)
		(void)close(t->fd);
	t->fd = -1;
}

bool
terminal_is_ours(const struct terminal *t)
{
	return t->fd != -1 && tcgetpgrp(t->fd) == t->job;
}

bool
terminal_lend(struct terminal *t, pid_t group)
{
	sigset_t ttou;

	if (t->lent == group && tcgetpgrp(t->fd) == group)
		return true;
	if (!terminal_is_ours(t) || tcgetattr(t->fd, &t->modes) == -1)
		return false;
	(void)sigemptyset(&ttou);
	(void)sigaddset(&ttou, SIGTTOU);
	if (t->lent == 0)
		(void)sigprocmask(SIG_BLOCK, &ttou, &t->mask);
	t->lent = group;
	return tcsetpgrp(t->fd, group) == 0;
}

/* Whether the foreground is of the command with this mark, or is of no one. */
static bool
terminal_is_lent(const struct terminal *t, const char *mark)
{
	pid_t group = tcgetpgrp(t->fd);

	return group > 0 && (group == t->lent ||
	    (kill(-group, 0) == -1 && errno == ESRCH) ||
	    strays_is_marked(group, mark));
}

void
terminal_take(struct terminal *t, const char *mark)
{
	if (t->lent == 0)
		return;
	if (terminal_is_lent(t, mark)) {
		(void)tcsetpgrp(t->fd, t->job);
		(void)tcsetattr(t->fd, TCSANOW, &t->modes);
	}
	t->lent = 0;
	(void)sigprocmask(SIG_SETMASK, &t->mask, NULL);
}
