/*
 * Signals as events.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "loop/signal.h"

/*
 * All that the handler knows. A signal that finds the pipe full is marked,
 * and delivered after those in the pipe.
 */
static struct {
	int			 fd;		/* the write end, or -1 */
	volatile sig_atomic_t	 marked[SIGNAL_MAX];
} signal_pipe = { .fd = -1 };

static void
signal_handler(int signo)
{
	unsigned char byte = (unsigned char)signo;
	int saved = errno;
	ssize_t n;

	do
		n = write(signal_pipe.fd, &byte, 1);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		signal_pipe.marked[signo] = 1;
	errno = saved;
}

int
signals_set(struct signals *s, int signo, void (*fn)(void *, int), void *arg)
{
	struct sigaction act = { .sa_flags = SA_RESTART | SA_NOCLDSTOP };
	int p[2];

	if (s->in == -1) {
		if (pipe2(p, O_NONBLOCK | O_CLOEXEC) == -1)
			return -1;
		s->in = p[0];
		signal_pipe.fd = p[1];
	}
	if (fn == NULL) {
		if (s->fn[signo] == NULL)
			return 0;
		s->fn[signo] = NULL;
		return sigaction(signo, &s->former[signo], NULL);
	}
	act.sa_handler = signal_handler;
	(void)sigemptyset(&act.sa_mask);
	if (sigaction(signo, &act,
	    s->fn[signo] == NULL ? &s->former[signo] : NULL) == -1)
		return -1;
	s->fn[signo] = fn;
	s->arg[signo] = arg;
	return 0;
}

static void
signal_call(const struct signals *s, int signo)
{
	if (signo < SIGNAL_MAX && s->fn[signo] != NULL)
		s->fn[signo](s->arg[signo], signo);
}

/*
 * The marks are taken when the pipe is empty: a later mark means that the
 * pipe was full again, so that the pipe becomes readable again.
 */
void
signals_deliver(struct signals *s)
{
	unsigned char came[64];
	ssize_t i, n;
	int signo;

	do {
		n = read(s->in, came, sizeof(came));
		for (i = 0; i < n; i++)
			signal_call(s, came[i]);
	} while (n == (ssize_t)sizeof(came));
	for (signo = 0; signo < SIGNAL_MAX; signo++)
		if (signal_pipe.marked[signo] != 0) {
			signal_pipe.marked[signo] = 0;
			signal_call(s, signo);
		}
}

void
signals_restore(struct signals *s)
{
	int signo;

	for (signo = 0; signo < SIGNAL_MAX; signo++) {
		if (s->fn[signo] != NULL)
			(void)signals_set(s, signo, NULL, NULL);
		signal_pipe.marked[signo] = 0;
	}
	if (s->in == -1)
		return;
	(void)close(s->in);
	(void)close(signal_pipe.fd);
	s->in = signal_pipe.fd = -1;
}
