/*
 * readpassphrase(3): a line from the terminal, without echo.
 *
 * A signal must not end or stop the program while the echo is off. Signals are
 * blocked and taken by sigwaitinfo(2), beside SIGIO, which reports input. So
 * there is no handler. The terminal is opened anew, since the flags of the
 * open file change.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bsd/bsd.h"

struct passphrase {
	int		 fd;
	struct termios	 before;
	sigset_t	 taken, masked;		/* awaited; the mask before */
	size_t		 n;			/* bytes of the line */
};

/* Takes the signals that would end or stop us and are not ignored. */
static void
passphrase_take_signals(struct passphrase *a)
{
	static const int deadly[] = { SIGALRM, SIGHUP, SIGINT, SIGPIPE,
	    SIGQUIT, SIGTERM, SIGTSTP };
	struct sigaction act;

	(void)sigemptyset(&a->taken);
	(void)sigaddset(&a->taken, SIGIO);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigaction(deadly[i], NULL, &act) == 0 &&
		    act.sa_handler != SIG_IGN)
			(void)sigaddset(&a->taken, deadly[i]);
	(void)sigprocmask(SIG_BLOCK, &a->taken, &a->masked);
}

/* Takes a pending SIGIO first: the default action ends the program. */
static void
passphrase_leave_signals(struct passphrase *a)
{
	const struct timespec now = { 0, 0 };
	sigset_t io;
	int saved = errno;

	(void)sigemptyset(&io);
	(void)sigaddset(&io, SIGIO);
	(void)fcntl(a->fd, F_SETFL, O_NONBLOCK);
	(void)sigtimedwait(&io, NULL, &now);
	(void)sigprocmask(SIG_SETMASK, &a->masked, NULL);
	errno = saved;
}

static int
passphrase_begin(struct passphrase *a, const char *prompt)
{
	struct termios blind;

	if (tcgetattr(a->fd, &a->before) == -1)
		return -1;
	blind = a->before;
	blind.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	passphrase_take_signals(a);
	/* In the background this stops the job. */
	(void)tcsetattr(a->fd, TCSAFLUSH, &blind);
	(void)fcntl(a->fd, F_SETOWN, getpid());
	(void)fcntl(a->fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	(void)!write(a->fd, prompt, strlen(prompt));
	return 0;
}

static void
passphrase_end(struct passphrase *a)
{
	int saved = errno;

	(void)!write(a->fd, "\n", 1);
	(void)tcsetattr(a->fd, TCSANOW, &a->before);
	errno = saved;
	passphrase_leave_signals(a);
}

/*
 * Reads to the end of the line and keeps size - 1 bytes. Returns 0, the number
 * of a signal that came before, or -1 with errno.
 */
static int
passphrase_read(struct passphrase *a, char *buf, size_t size)
{
	ssize_t n;
	int sig;
	char c;

	for (;;) {
		n = read(a->fd, &c, 1);
		if (n == 0 || (n == 1 && (c == '\n' || c == '\r')))
			return 0;
		if (n == 1) {
			if (a->n < size - 1)
				buf[a->n++] = c;
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -1;
		sig = sigwaitinfo(&a->taken, NULL);
		if (sig > 0 && sig != SIGIO)
			return sig;
	}
}

char *
bsd_readpassphrase(const char *prompt, char *buf, size_t size)
{
	struct passphrase a;
	int rc = -1, saved;

	a.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (a.fd == -1) {
		errno = ENOTTY;
		return NULL;
	}
	/* After a stop the prompt is written again. */
	do {
		a.n = 0;
		if (passphrase_begin(&a, prompt) == -1)
			break;
		rc = passphrase_read(&a, buf, size);
		passphrase_end(&a);
		if (rc > 0)
			(void)raise(rc);
	} while (rc == SIGTSTP);
	if (rc > 0)
		errno = EINTR;
	buf[rc == 0 ? a.n : 0] = '\0';
	if (rc != 0)
		explicit_bzero(buf, size);
	saved = errno;
	(void)close(a.fd);
	errno = saved;
	return rc == 0 ? buf : NULL;
}
