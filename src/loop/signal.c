/*
 * Signals as events.
 */
#include <sys/eventfd.h>
#include <sys/time.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include "loop/signal.h"

/* All that the handler knows. */
static struct {
	int		 event;			/* the eventfd, or -1 */
	atomic_uint	 came[SIGNAL_MAX];	/* signals not delivered yet */
	atomic_uint	 interrupts;		/* as bits */
} signal_state = { .event = -1 };

/* SIGALRM after a signal that interrupts. */
static const struct itimerval signal_again = {
	.it_interval.tv_usec = 100000, .it_value.tv_usec = 100000
};

static void
signal_handler(int signo)
{
	const uint64_t one = 1;
	int saved = errno;

	atomic_fetch_add(&signal_state.came[signo], 1);
	if (atomic_load(&signal_state.interrupts) & 1U << signo)
		(void)setitimer(ITIMER_REAL, &signal_again, NULL);
	while (write(signal_state.event, &one, sizeof(one)) == -1 &&
	    errno == EINTR)
		;
	errno = saved;
}

/* Opens the event with the first signal. */
static int
signals_open(struct signals *s)
{
	if (s->event == -1)
		s->event = signal_state.event =
		    eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return s->event == -1 ? -1 : 0;
}

static int
signals_forget(struct signals *s, int signo)
{
	if (s->fn[signo] == NULL)
		return 0;
	s->fn[signo] = NULL;
	return sigaction(signo, &s->former[signo], NULL);
}

int
signals_set(struct signals *s, int signo, void (*fn)(void *, int), void *arg)
{
	struct sigaction act = { .sa_flags = SA_RESTART };

	if (signals_open(s) == -1)
		return -1;
	if (fn == NULL)
		return signals_forget(s, signo);
	act.sa_handler = signal_handler;
	(void)sigemptyset(&act.sa_mask);
	if (sigaction(signo, &act,
	    s->fn[signo] == NULL ? &s->former[signo] : NULL) == -1)
		return -1;
	s->fn[signo] = fn;
	s->arg[signo] = arg;
	return 0;
}

int
signals_set_unless_ignored(struct signals *s, int signo,
    void (*fn)(void *, int), void *arg)
{
	if (signals_set(s, signo, fn, arg) == -1)
		return -1;
	return s->former[signo].sa_handler == SIG_IGN ?
	    signals_forget(s, signo) : 0;
}

void
signals_interrupt(struct signals *s, int signo, bool on)
{
	struct sigaction act;

	if (s->fn[signo] == NULL || sigaction(signo, NULL, &act) == -1)
		return;
	act.sa_flags = on ? 0 : SA_RESTART;
	if (on)
		atomic_fetch_or(&signal_state.interrupts, 1U << signo);
	else
		atomic_fetch_and(&signal_state.interrupts, ~(1U << signo));
	(void)sigaction(signo, &act, NULL);
}

/* A signal that comes meanwhile makes the event readable again. */
void
signals_deliver(struct signals *s)
{
	uint64_t count;
	unsigned n;

	while (read(s->event, &count, sizeof(count)) == -1 && errno == EINTR)
		;
	for (int signo = 0; signo < SIGNAL_MAX; signo++)
		for (n = atomic_exchange(&signal_state.came[signo], 0);
		    n > 0 && s->fn[signo] != NULL; n--)
			s->fn[signo](s->arg[signo], signo);
}

void
signals_restore(struct signals *s)
{
	for (int signo = 0; signo < SIGNAL_MAX; signo++) {
		(void)signals_forget(s, signo);
		atomic_store(&signal_state.came[signo], 0);
	}
	if (s->event == -1)
		return;
	(void)close(s->event);
	s->event = signal_state.event = -1;
}
