/*
 * A terminal's modes and size.
 */
#include <sys/ioctl.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/tty.h"

/* The one to be rescued: a handler can be told nothing but this. */
static struct tty *volatile	in_raw;

/*
 * From the background tcsetattr stops the whole job, unless SIGTTOU is
 * blocked: whoever asks us to restore has been asked whether it is ours.
 */
static int
tty_set_modes(int fd, const struct termios *modes)
{
	sigset_t ttou, was;
	int ret;

	(void)sigemptyset(&ttou);
	(void)sigaddset(&ttou, SIGTTOU);
	(void)sigprocmask(SIG_BLOCK, &ttou, &was);
	do
		ret = tcsetattr(fd, TCSANOW, modes);
	while (ret == -1 && errno == EINTR);
	(void)sigprocmask(SIG_SETMASK, &was, NULL);
	return ret;
}

void
tty_rescue(void)
{
	struct tty *t = in_raw;
	int saved = errno;

	in_raw = NULL;
	if (t != NULL && tty_is_ours(t))
		(void)tty_set_modes(t->fd, &t->found);
	errno = saved;
}

static void
tty_on_fatal(int signo)
{
	tty_rescue();
	/* The action is the default one again (SA_RESETHAND). */
	(void)raise(signo);
}

/* Signals that end the program, and that nobody else wants. */
static void
tty_catch_fatal(void)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
		SIGSYS, SIGTRAP, SIGQUIT, SIGINT, SIGTERM, SIGHUP, SIGALRM,
		SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ, SIGPIPE };
	struct sigaction act = { .sa_handler = tty_on_fatal,
	    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) }, was;
	size_t i;

	(void)sigemptyset(&act.sa_mask);
	for (i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		if (sigaction(fatal[i], NULL, &was) == 0 &&
		    was.sa_handler == SIG_DFL)
			(void)sigaction(fatal[i], &act, NULL);
	(void)atexit(tty_rescue);
}

int
tty_open(struct tty *t, int fd)
{
	*t = (struct tty){ .fd = fd };
	return tcgetattr(fd, &t->found);
}

void
tty_drop(int fd)
{
	(void)tcflush(fd, TCOFLUSH);
}

bool
tty_is_ours(const struct tty *t)
{
	pid_t group = tcgetpgrp(t->fd);

	/* Not our controlling terminal: there are no jobs on it. */
	return group == -1 || group == getpgrp();
}

/* What is found now is what will be restored; false: it has gone. */
static bool
tty_remember(struct tty *t)
{
	if (t->raw)
		return true;
	if (tcgetattr(t->fd, &t->found) == -1)
		return false;
	if (!t->guarded)
		tty_catch_fatal();
	t->guarded = true;
	return true;
}

/* Remembered before it is done: a signal may come right after. */
static void
tty_enter(struct tty *t, const struct termios *modes)
{
	in_raw = t;
	t->raw = true;
	(void)tty_set_modes(t->fd, modes);
}

void
tty_raw(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t))
		return;
	now = t->found;
	now.c_iflag &= ~(tcflag_t)(INLCR | IGNCR | ISTRIP | PARMRK);
	now.c_iflag |= ICRNL;
	now.c_oflag |= OPOST;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
	/* A signal's key does not throw away what was typed before it. */
	now.c_lflag |= NOFLSH;
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	tty_enter(t, &now);
}

void
tty_silent(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t))
		return;
	now = t->found;
	now.c_lflag &= ~(tcflag_t)ECHO;
	now.c_lflag |= ICANON | ECHONL;
	tty_enter(t, &now);
}

void
tty_drop_typed(struct tty *t)
{
	(void)tcflush(t->fd, TCIFLUSH);
}

void
tty_line(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t))
		return;
	now = t->found;
	now.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
	    IGNCR | ICRNL | IXON);
	now.c_oflag &= ~(tcflag_t)OPOST;
	now.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	now.c_cflag |= CLOCAL | CREAD;
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	tty_enter(t, &now);
}

void
tty_restore(struct tty *t)
{
	if (!t->raw)
		return;
	t->raw = false;
	if (tty_is_ours(t))
		(void)tty_set_modes(t->fd, &t->found);
	in_raw = NULL;
}

void
tty_size(const struct tty *t, unsigned *cols, unsigned *rows)
{
	struct winsize size;

	*cols = 80;
	*rows = 24;
	if (ioctl(t->fd, TIOCGWINSZ, &size) == -1)
		return;
	if (size.ws_col > 0)
		*cols = size.ws_col;
	if (size.ws_row > 0)
		*rows = size.ws_row;
}
