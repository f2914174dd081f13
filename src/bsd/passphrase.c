/*
 * readpassphrase(3): a line from the terminal, typed blindly.
 *
 * A signal must not end or stop us while the terminal is silent. Signals are
 * blocked and taken one by one beside the terminal's own, SIGIO, which tells
 * that something was typed; so no handler is needed, nor anything for it to
 * write to. The terminal is opened anew: its flags are ours alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "bsd/bsd.h"

struct asking {
	int		 fd;
	struct termios	 before;
	sigset_t	 taken, masked;		/* ours; the caller's mask */
	size_t		 n;
};

/* What would end or stop us, and is not ignored. */
static void
take_signals(struct asking *a)
{
	static const int deadly[] = { SIGALRM, SIGHUP, SIGINT, SIGPIPE,
	    SIGQUIT, SIGTERM, SIGTSTP };
	struct sigaction act;
	size_t i;

	(void)sigemptyset(&a->taken);
	(void)sigaddset(&a->taken, SIGIO);
	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigaction(deadly[i], NULL, &act) == 0 &&
		    act.sa_handler != SIG_IGN)
			(void)sigaddset(&a->taken, deadly[i]);
	(void)sigprocmask(SIG_BLOCK, &a->taken, &a->masked);
}

/* Nothing of SIGIO is left when signals come again. */
static void
give_back_signals(struct asking *a)
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
begin(struct asking *a, const char *prompt)
{
	struct termios blind;

	if (tcgetattr(a->fd, &a->before) == -1)
		return -1;
	blind = a->before;
	blind.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	take_signals(a);
	/* In the background this stops us, until we are in the foreground. */
	(void)tcsetattr(a->fd, TCSAFLUSH, &blind);
	(void)fcntl(a->fd, F_SETOWN, getpid());
	(void)fcntl(a->fd, F_SETFL, O_NONBLOCK | O_ASYNC);
	(void)!write(a->fd, prompt, strlen(prompt));
	return 0;
}

static void
end(struct asking *a)
{
	int saved = errno;

	(void)!write(a->fd, "\n", 1);
	(void)tcsetattr(a->fd, TCSANOW, &a->before);
	errno = saved;
	give_back_signals(a);
}

/*
 * Read up to the end of the line, of which size - 1 bytes are kept. 0: the
 * line is there; a signal that came first; -1 with errno.
 */
static int
read_line(struct asking *a, char *buf, size_t size)
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
bsd_readpassphrase(const char *prompt, char *buf, size_t size, int flags)
{
	struct asking a;
	int rc = -1, saved;

	if (size == 0 || flags != BSD_RPP_REQUIRE_TTY) {
		errno = EINVAL;
		return NULL;
	}
	a.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (a.fd == -1) {
		errno = ENOTTY;
		return NULL;
	}
	/* After a stop the question is asked anew. */
	do {
		a.n = 0;
		if (begin(&a, prompt) == -1)
			break;
		rc = read_line(&a, buf, size);
		end(&a);
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
