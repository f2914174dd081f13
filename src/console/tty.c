#include <sys/ioctl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "console/tty.h"

/* The terminal to restore in a signal handler, which has no argument. */
static struct tty *volatile	tty_changed;

/*
 * In the background tcsetattr(3) stops the whole job unless SIGTTOU is
 * blocked; callers have checked tty_is_ours, which may change at any time.
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

/*
 * Async-signal-safe. A terminal that is stopped is not asked: a write would
 * wait until the person starts it again.
 */
static void
tty_mark_pastes(const struct tty *t, bool on)
{
	if (t->marks != -1 && (fd_poll(t->marks, POLLOUT) & POLLOUT) != 0 &&
	    write(t->marks, on ? "\033[?2004h" : "\033[?2004l", 8) == -1)
		return;
}

/* Async-signal-safe. */
static void
tty_leave(struct tty *t)
{
	if (!tty_is_ours(t))
		return;
	tty_mark_pastes(t, false);
	(void)tty_set_modes(t->fd, &t->found);
}

/* Async-signal-safe. */
static void
tty_rescue(void)
{
	struct tty *t = tty_changed;
	int saved = errno;

	tty_changed = NULL;
	if (t != NULL)
		tty_leave(t);
	errno = saved;
}

static void
tty_on_fatal(int signo)
{
	tty_rescue();
	/* SA_RESETHAND has restored the default action. */
	(void)raise(signo);
}

int
tty_open(struct tty *t, int fd)
{
	*t = (struct tty){ .fd = fd, .marks = -1 };
	return tcgetattr(fd, &t->found);
}

int
tty_open_standard(struct tty *t, struct fd *in, struct fd *out, bool apart)
{
	int num;

	if (fd_inherit(in, STDIN_FILENO, O_RDONLY) == -1)
		return -1;
	if (!apart && fd_inherit(out, STDOUT_FILENO, O_WRONLY) == -1)
		return -1;
	/* Standard input may be open for reading only, and stderr no tty. */
	if (apart && fd_inherit(out, STDIN_FILENO, O_WRONLY) == -1 &&
	    (!isatty(STDERR_FILENO) ||
	    fd_inherit(out, STDERR_FILENO, O_WRONLY) == -1)) {
		num = open("/dev/tty",
		    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (num == -1)
			return -1;
		fd_own(out, num, FD_TTY);
	}
	errno = ENOTTY;
	return in->kind != FD_TTY || out->kind != FD_TTY ? -1 :
	    tty_open(t, in->num);
}

bool
tty_moves_cursor(void)
{
	const char *term = getenv("TERM");

	return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0 &&
	    strcmp(term, "unknown") != 0;
}

bool
tty_is_ours(const struct tty *t)
{
	pid_t group = tcgetpgrp(t->fd);

	/* -1: not our controlling terminal, so there are no jobs. */
	return group == -1 || group == getpgrp();
}

/*
 * Copies the modes that tty_restore sets; false: the terminal has gone. From
 * now on, signals that end the program restore the modes, unless the signals
 * are caught or ignored already.
 */
static bool
tty_remember(struct tty *t, struct termios *now)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT,
		SIGSYS, SIGTRAP, SIGQUIT, SIGINT, SIGTERM, SIGHUP, SIGALRM,
		SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ, SIGPIPE };
	struct sigaction act = { .sa_handler = tty_on_fatal,
	    .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) }, was;

	if (!t->changed && tcgetattr(t->fd, &t->found) == -1)
		return false;
	*now = t->found;
	if (t->guarded)
		return true;
	(void)sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++)
		if (sigaction(fatal[i], NULL, &was) == 0 &&
		    was.sa_handler == SIG_DFL)
			(void)sigaction(fatal[i], &act, NULL);
	(void)atexit(tty_rescue);
	t->guarded = true;
	return true;
}

/* tty_changed comes first: a signal may come before the modes are set. */
static void
tty_enter(struct tty *t, const struct termios *modes)
{
	tty_changed = t;
	t->changed = true;
	(void)tty_set_modes(t->fd, modes);
}

void
tty_raw(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t, &now))
		return;
	now.c_iflag &= ~(tcflag_t)(INLCR | IGNCR | ISTRIP | PARMRK);
	now.c_iflag |= ICRNL;
	now.c_oflag |= OPOST;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
	/* A signal's key does not drop the keys typed before. */
	now.c_lflag |= NOFLSH;
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	tty_enter(t, &now);
	tty_mark_pastes(t, true);
}

void
tty_interrupts(const struct tty *t, bool signal)
{
	struct termios now;

	if (!t->changed || !tty_is_ours(t) || tcgetattr(t->fd, &now) == -1)
		return;
	now.c_cc[VINTR] = signal ? t->found.c_cc[VINTR] : _POSIX_VDISABLE;
	(void)tty_set_modes(t->fd, &now);
}

void
tty_silent(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t, &now))
		return;
	now.c_lflag &= ~(tcflag_t)ECHO;
	now.c_lflag |= ICANON | ECHONL;
	tty_enter(t, &now);
}

void
tty_line(struct tty *t)
{
	struct termios now;

	if (!tty_remember(t, &now))
		return;
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
	if (!t->changed)
		return;
	t->changed = false;
	tty_leave(t);
	tty_changed = NULL;
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
