/*
 * Signals as events: the handler counts the signal, and adds to an eventfd(2)
 * that the loop watches. Different signals that come in one turn are delivered
 * in the order of their numbers. One loop of the program has them.
 */
#include <sys/eventfd.h>
#include <sys/time.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"

#define SIGNAL_MAX	32

static struct {
	/* All that the handler knows. */
	int		 event;			/* the eventfd, or -1 */
	atomic_uint	 came[SIGNAL_MAX];	/* signals not delivered yet */
	atomic_uint	 interrupts;		/* as bits */
	struct loop	*loop;			/* NULL: no signal was taken */
	struct watch	 watch;			/* of the event */
	struct {
		void		(*fn)(void *arg, int signo);
		void		*arg;
		struct sigaction former;
	} of[SIGNAL_MAX];
} signals = { .event = -1 };

/* SIGALRM after a signal that interrupts. */
static const struct itimerval signal_again = {
	.it_interval.tv_usec = 100000, .it_value.tv_usec = 100000
};

static void
signal_handler(int signo)
{
	const uint64_t one = 1;
	int saved = errno;

	atomic_fetch_add(&signals.came[signo], 1);
	if (atomic_load(&signals.interrupts) & 1U << signo)
		(void)setitimer(ITIMER_REAL, &signal_again, NULL);
	while (write(signals.event, &one, sizeof(one)) == -1 &&
	    errno == EINTR)
		;
	errno = saved;
}

/* A signal that comes meanwhile makes the event readable again. */
void
loop_deliver_signals(const struct loop *l)
{
	uint64_t count;
	unsigned n;

	if (signals.loop != l)
		return;
	while (read(signals.event, &count, sizeof(count)) == -1 &&
	    errno == EINTR)
		;
	for (int signo = 0; signo < SIGNAL_MAX; signo++)
		for (n = atomic_exchange(&signals.came[signo], 0);
		    n > 0 && signals.of[signo].fn != NULL; n--)
			signals.of[signo].fn(signals.of[signo].arg, signo);
}

static void
signals_on_ready(void *loop, unsigned what)
{
	(void)what;
	loop_deliver_signals(loop);
}

static int
signals_forget(int signo)
{
	if (signals.of[signo].fn == NULL)
		return 0;
	signals.of[signo].fn = NULL;
	return sigaction(signo, &signals.of[signo].former, NULL);
}

/* Opens the event with the first signal. */
static int
signals_open(struct loop *l)
{
	if (signals.loop == l)
		return 0;
	signals.event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (signals.event == -1)
		return -1;
	signals.watch = (struct watch){ .fd = signals.event,
	    .background = true, .want = loop_want_in,
	    .ready = signals_on_ready, .arg = l };
	if (loop_watch(l, &signals.watch) == 0) {
		signals.loop = l;
		return 0;
	}
	(void)close(signals.event);
	signals.event = -1;
	return -1;
}

int
loop_signal(struct loop *l, int signo, void (*fn)(void *, int), void *arg)
{
	struct sigaction act = { .sa_handler = signal_handler,
	    .sa_flags = SA_RESTART };

	if (signals_open(l) == -1)
		return -1;
	if (fn == NULL)
		return signals_forget(signo);
	(void)sigemptyset(&act.sa_mask);
	if (sigaction(signo, &act, signals.of[signo].fn == NULL ?
	    &signals.of[signo].former : NULL) == -1)
		return -1;
	signals.of[signo].fn = fn;
	signals.of[signo].arg = arg;
	return 0;
}

int
loop_signal_unless_ignored(struct loop *l, int signo, void (*fn)(void *, int),
    void *arg)
{
	if (loop_signal(l, signo, fn, arg) == -1)
		return -1;
	return signals.of[signo].former.sa_handler == SIG_IGN ?
	    signals_forget(signo) : 0;
}

void
loop_signal_interrupts(int signo, bool on)
{
	struct sigaction act;

	if (signals.of[signo].fn == NULL || sigaction(signo, NULL, &act) == -1)
		return;
	act.sa_flags = on ? 0 : SA_RESTART;
	if (on)
		atomic_fetch_or(&signals.interrupts, 1U << signo);
	else
		atomic_fetch_and(&signals.interrupts, ~(1U << signo));
	(void)sigaction(signo, &act, NULL);
}

void
loop_signals_restore(struct loop *l)
{
	if (signals.loop != l)
		return;
	for (int signo = 0; signo < SIGNAL_MAX; signo++) {
		(void)signals_forget(signo);
		atomic_store(&signals.came[signo], 0);
	}
	loop_unwatch(l, &signals.watch);
	(void)close(signals.event);
	signals.event = -1;
	signals.loop = NULL;
}
