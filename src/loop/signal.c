/*
 * Signals as events.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/signal.h"

/* A handler can be told nothing but this. */
static int	signal_pipe = -1;

static void
on_signal(int signo)
{
	unsigned char byte = (unsigned char)signo;
	int saved = errno;

	/* A full pipe holds enough news already. */
	while (write(signal_pipe, &byte, 1) == -1 && errno == EINTR)
		;
	errno = saved;
}

static int
open_pipe(struct signals *s)
{
	int p[2];

	if (pipe2(p, O_NONBLOCK | O_CLOEXEC) == -1)
		return -1;
	s->in = p[0];
	signal_pipe = p[1];
	return 0;
}

int
signals_set(struct signals *s, int signo, void (*fn)(void *, int), void *arg)
{
	struct sigaction act = { .sa_flags = SA_RESTART | SA_NOCLDSTOP };

	if (s->in == -1 && open_pipe(s) == -1)
		return -1;
	if (fn == NULL) {
		if (s->fn[signo] == NULL)
			return 0;
		s->fn[signo] = NULL;
		return sigaction(signo, &s->former[signo], NULL);
	}
	act.sa_handler = on_signal;
	(void)sigemptyset(&act.sa_mask);
	if (sigaction(signo, &act,
	    s->fn[signo] == NULL ? &s->former[signo] : NULL) == -1)
		return -1;
	s->fn[signo] = fn;
	s->arg[signo] = arg;
	return 0;
}

void
signals_deliver(struct signals *s)
{
	unsigned char came[64];
	ssize_t i, n;
	int signo;

	do {
		n = read(s->in, came, sizeof(came));
		for (i = 0; i < n; i++) {
			signo = came[i];
			if (signo < SIGNAL_MAX && s->fn[signo] != NULL)
				s->fn[signo](s->arg[signo], signo);
		}
	} while (n == (ssize_t)sizeof(came));
}

void
signals_restore(struct signals *s)
{
	int signo;

	for (signo = 0; signo < SIGNAL_MAX; signo++)
		if (s->fn[signo] != NULL)
			(void)signals_set(s, signo, NULL, NULL);
	if (s->in == -1)
		return;
	(void)close(s->in);
	(void)close(signal_pipe);
	s->in = signal_pipe = -1;
}
