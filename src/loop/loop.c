/*
 * The loop, on epoll(7), level-triggered: edge-triggered gains nothing
 * measurable and has traps.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "loop/loop.h"

#define EVENTS	64
#define SIGNAL_MAX	32
/* How often a starved watch is tried. */
#define RETRY	(20 * NSEC_PER_MSEC)

struct slot {
	struct watch	*watch;		/* NULL: the number is not watched */
	uint32_t	 gen;		/* watches that the number has had */
	bool		 listed;	/* in the list of the touched */
};

/* A list of descriptors that grows. */
struct fd_list {
	int	*fd;
	size_t	 n, cap;
};

struct loop {
	int			 epoll;
	struct slot		*slots;		/* by descriptor */
	int			 nslots;
	struct fd_list		 touched;	/* to be asked for interest */
	struct fd_list		 always;	/* ... not watched by epoll */
	unsigned		 nwatches;
	unsigned		 narmed;	/* watches that want readiness,
						   but for the background */
	unsigned		 narmed_by[3];	/* all of them, by source */
	struct heap		 timers;
	struct task_list	 posted, deferred;
	struct buf_cache	 buf_cache;
	int64_t			 now;		/* 0: not read in this turn */
	int			 held;		/* see loop_hold */
	unsigned		 background;	/* see loop_background */
	struct task		*on_work;	/* see loop_on_work */
	bool			 yields;	/* before posted tasks run */
	bool			 naps;		/* ... or after a nap */
	bool			 stopping;
};

struct loop *
loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	TAILQ_INIT(&l->posted);
	TAILQ_INIT(&l->deferred);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll != -1)
		return l;
	free(l);
	return NULL;
}

/* Runs the tasks of now; those that they add wait for the next round. */
static void
loop_run_tasks(struct task_list *list)
{
	struct task *t;
	unsigned n = 0;

	TAILQ_FOREACH(t, list, link)
		n++;
	while (n-- > 0 && (t = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, t, link);
		t->queue = NULL;
		t->run(t->arg);		/* may free t */
	}
}

void
loop_free(struct loop *l)
{
	loop_run_tasks(&l->deferred);
	loop_signals_restore(l);
	(void)close(l->epoll);
	free(l->slots);
	free(l->touched.fd);
	free(l->always.fd);
	buf_cache_free(&l->buf_cache);
	free(l);
}

struct buf_cache *
loop_buf_cache(struct loop *l)
{
	return &l->buf_cache;
}

void
loop_stop(struct loop *l)
{
	l->stopping = true;
}

int64_t
loop_now(struct loop *l)
{
	struct timespec ts;

	if (l->now == 0) {
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
		l->now = (int64_t)ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	}
	return l->now;
}

/*
 * Makes room for n descriptors. Both lists are enlarged when a watch begins,
 * so that touching a watch cannot fail.
 */
static int
loop_list_reserve(struct fd_list *list, size_t n)
{
	size_t cap = list->cap == 0 ? 16 : list->cap;
	int *fd;

	while (cap < n)
		cap += cap / 4;
	if (cap == list->cap)
		return 0;
	fd = reallocarray(list->fd, cap, sizeof(*fd));
	if (fd == NULL)
		return -1;
	list->fd = fd;
	list->cap = cap;
	return 0;
}

static int
loop_grow_slots(struct loop *l, int fd)
{
	int n = l->nslots == 0 ? 16 : l->nslots;
	struct slot *slots;

	while (n <= fd)
		n += n / 4;
	slots = reallocarray(l->slots, (size_t)n, sizeof(*slots));
	if (slots == NULL)
		return -1;
	memset(slots + l->nslots, 0, (size_t)(n - l->nslots) * sizeof(*slots));
	l->slots = slots;
	l->nslots = n;
	return 0;
}

unsigned
loop_want_in(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

unsigned
loop_want_out(void *arg)
{
	(void)arg;
	return LOOP_OUT;
}

int
loop_watch(struct loop *l, struct watch *w)
{
	struct slot *slot;

	if ((w->fd >= l->nslots && loop_grow_slots(l, w->fd) == -1) ||
	    loop_list_reserve(&l->touched, l->touched.n + l->nwatches +
	    1) == -1 || loop_list_reserve(&l->always, l->nwatches + 1) == -1)
		return -1;
	l->nwatches++;
	slot = &l->slots[w->fd];
	slot->watch = w;
	slot->gen++;
	w->armed = w->known = 0;
	w->source = WATCH_EPOLL;
	loop_touch(l, w);
	return 0;
}

void
loop_touch(struct loop *l, struct watch *w)
{
	struct slot *slot;

	if (w->fd == -1)
		return;
	slot = &l->slots[w->fd];
	if (slot->listed)
		return;
	slot->listed = true;
	l->touched.fd[l->touched.n++] = w->fd;
}

static void
loop_tell_epoll(struct loop *l, struct watch *w, unsigned want)
{
	struct epoll_event ev = { .events = 0 };
	int op = w->known == 0 ? EPOLL_CTL_ADD :
	    want == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

	if (want == w->known || w->source != WATCH_EPOLL)
		return;
	/* Breakage (EPOLLERR, EPOLLHUP) always comes. */
	if (want & LOOP_IN)
		ev.events |= EPOLLIN | EPOLLRDHUP;
	if (want & LOOP_OUT)
		ev.events |= EPOLLOUT;
	ev.data.u64 = (uint64_t)l->slots[w->fd].gen << 32 | (uint32_t)w->fd;
	w->known = (unsigned char)want;
	if (epoll_ctl(l->epoll, op, w->fd, &ev) == 0 || want == 0)
		return;
	/* EPERM: a file. The next call on w->fd reports any other fault. */
	w->source = errno == ENOSPC || errno == ENOMEM ? WATCH_STARVED :
	    WATCH_ALWAYS;
	l->always.fd[l->always.n++] = w->fd;
}

/* The only place where the readiness that is waited for changes. */
static void
loop_arm(struct loop *l, struct watch *w, unsigned want)
{
	unsigned was = w->armed;
	enum watch_source source = w->source;

	if (want == was)
		return;
	if (want != 0 || !w->lazy)
		loop_tell_epoll(l, w, want);
	w->armed = (unsigned char)want;
	l->narmed_by[source] -= was != 0;
	l->narmed_by[w->source] += want != 0;
	if (!w->background)
		l->narmed += (unsigned)(want != 0) - (unsigned)(was != 0);
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd == -1)
		return;
	loop_tell_epoll(l, w, 0);
	loop_arm(l, w, 0);
	for (size_t i = 0; w->source != WATCH_EPOLL && i < l->always.n; i++)
		if (l->always.fd[i] == w->fd)
			l->always.fd[i--] = l->always.fd[--l->always.n];
	l->slots[w->fd].watch = NULL;
	l->nwatches--;
	w->fd = -1;
}

void
loop_unwatch_closing(struct loop *l, struct watch *w)
{
	w->known = 0;
	loop_unwatch(l, w);
}

void
timer_set(struct loop *l, struct timer *t, int64_t when)
{
	heap_set(&l->timers, &t->node, when);
}

void
timer_clear(struct loop *l, struct timer *t)
{
	heap_clear(&l->timers, &t->node);
}

static void
loop_queue(struct task_list *list, struct task *t)
{
	if (t->queue != NULL)
		return;
	t->queue = list;
	TAILQ_INSERT_TAIL(list, t, link);
}

void
loop_post(struct loop *l, struct task *t)
{
	loop_queue(&l->posted, t);
	l->naps = false;
}

void
loop_post_soon(struct loop *l, struct task *t)
{
	l->naps |= TAILQ_EMPTY(&l->posted);
	loop_queue(&l->posted, t);
}

void
loop_post_last(struct loop *l, struct task *t)
{
	loop_post(l, t);
	l->yields = true;
}

void
loop_defer(struct loop *l, struct task *t)
{
	loop_queue(&l->deferred, t);
}

/* Something happens: queues the task that waits for that. */
static void
loop_defer_on_work(struct loop *l)
{
	if (l->on_work != NULL)
		loop_defer(l, l->on_work);
	l->on_work = NULL;
}

static void
loop_fire_timers(struct loop *l)
{
	unsigned n = l->timers.n;
	struct timer *t;
	int64_t now;

	if (n == 0)
		return;
	now = loop_now(l);
	/* A timer that is set anew, for the past, waits for the next turn. */
	while (n-- > 0 && l->timers.top != NULL && l->timers.top->key <= now) {
		t = (struct timer *)l->timers.top;
		loop_defer_on_work(l);
		heap_clear(&l->timers, &t->node);
		t->fire(t->arg);
	}
}

void
loop_on_work(struct loop *l, struct task *t)
{
	l->on_work = t;
}

void
loop_unpost(struct loop *l, struct task *t)
{
	if (l->on_work == t)
		l->on_work = NULL;
	if (t->queue == NULL)
		return;
	TAILQ_REMOVE(t->queue, t, link);
	t->queue = NULL;
}

/* How long the next wait may be in ns; -1: without limit. */
static int64_t
loop_how_long(struct loop *l, int64_t max_wait)
{
	const struct heap_node *t = l->timers.top;
	int64_t left, wait = max_wait;

	if ((!TAILQ_EMPTY(&l->posted) && !l->naps) ||
	    l->narmed_by[WATCH_ALWAYS] > 0)
		return 0;
	if (t != NULL) {
		left = t->key > loop_now(l) ? t->key - loop_now(l) : 0;
		if (wait < 0 || left < wait)
			wait = left;
	}
	if (l->narmed_by[WATCH_STARVED] > 0 && (wait < 0 || wait > RETRY))
		wait = RETRY;
	return wait;
}

static unsigned
loop_from_epoll(uint32_t events)
{
	unsigned what = 0;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		what |= LOOP_IN;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		what |= LOOP_OUT;
	if (events & (EPOLLHUP | EPOLLERR))
		what |= LOOP_ERR;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		what |= LOOP_END;
	return what;
}

static void
loop_deliver(struct loop *l, int fd, uint32_t gen, unsigned what)
{
	struct slot *slot = &l->slots[fd];
	struct watch *w = slot->watch;

	/* An event of an earlier watch of this number, or of an ended watch. */
	if (w == NULL || slot->gen != gen)
		return;
	if ((what & w->armed) == 0) {
		loop_tell_epoll(l, w, w->armed);
		return;
	}
	what &= w->armed | (w->armed & LOOP_IN ? LOOP_END : 0);
	loop_touch(l, w);
	w->ready(w->arg, what);
}

/* Files are always ready; of a starved watch, the system is asked. */
static void
loop_deliver_always(struct loop *l)
{
	size_t i = l->always.n;
	struct pollfd pfd;
	unsigned what;
	struct watch *w;

	while (i-- > 0) {
		if (i >= l->always.n)
			continue;
		w = l->slots[l->always.fd[i]].watch;
		what = w->armed;
		if (what != 0 && w->source == WATCH_STARVED) {
			/* The bits are those of epoll. */
			pfd = (struct pollfd){ .fd = w->fd, .events = (short)(
			    (what & LOOP_IN ? POLLIN | POLLRDHUP : 0) |
			    (what & LOOP_OUT ? POLLOUT : 0)) };
			what = poll(&pfd, 1, 0) == 1 ? loop_from_epoll(
			    (uint32_t)(unsigned short)pfd.revents) : 0;
		}
		if (what != 0)
			loop_deliver(l, w->fd, l->slots[w->fd].gen, what);
	}
}

bool
loop_is_idle(const struct loop *l)
{
	return l->narmed == 0 && l->held == 0 && TAILQ_EMPTY(&l->posted) &&
	    l->timers.n <= l->background;
}

static void
loop_await(struct loop *l, int64_t max_wait)
{
	struct pollfd pfd = { .fd = l->epoll, .events = POLLIN };
	struct timespec ts = { .tv_nsec = LOOP_NAP };
	struct epoll_event ev[EVENTS];
	int64_t ms, ns = loop_how_long(l, max_wait);
	int i, n;

	/* Waits for the epoll itself, as epoll_wait(2) counts milliseconds. */
	if (l->naps && (ns < 0 || ns > LOOP_NAP))
		(void)ppoll(&pfd, 1, &ts, NULL);
	if (l->naps)
		ns = 0;
	l->naps = false;
	/* Rounded up: never too early. */
	ms = ns / NSEC_PER_MSEC + (ns % NSEC_PER_MSEC != 0);
	n = epoll_wait(l->epoll, ev, EVENTS,
	    ns < 0 ? -1 : ms > INT_MAX ? INT_MAX : (int)ms);
	/* EINTR (SIGCONT): takes the events of the stop before the timers. */
	if (n == -1)
		n = epoll_wait(l->epoll, ev, EVENTS, 0);
	l->now = 0;
	if (n > 0 || l->narmed_by[WATCH_ALWAYS] > 0)
		loop_defer_on_work(l);
	for (i = 0; i < n; i++)
		loop_deliver(l, (int)(uint32_t)ev[i].data.u64,
		    (uint32_t)(ev[i].data.u64 >> 32),
		    loop_from_epoll(ev[i].events));
	loop_deliver_always(l);
}

void
loop_turn(struct loop *l, int64_t max_wait)
{
	struct slot *slot;

	if (l->yields)
		(void)sched_yield();
	l->yields = false;
	loop_fire_timers(l);
	loop_run_tasks(&l->posted);
	loop_run_tasks(&l->deferred);
	if (l->stopping)
		return;
	for (size_t i = 0; i < l->touched.n; i++) {
		slot = &l->slots[l->touched.fd[i]];
		slot->listed = false;
		if (slot->watch != NULL)
			loop_arm(l, slot->watch,
			    slot->watch->want(slot->watch->arg));
	}
	l->touched.n = 0;
	if (loop_is_idle(l)) {
		l->stopping = true;
		return;
	}
	loop_await(l, max_wait);
	loop_run_tasks(&l->deferred);
}

void
loop_run(struct loop *l)
{
	l->stopping = false;
	while (!l->stopping)
		loop_turn(l, -1);
}

void
loop_hold(struct loop *l, int n)
{
	l->held += n;
}

void
loop_background(struct loop *l, int n)
{
	l->background += (unsigned)n;
}

/* ---- Signals ------------------------------------------------------------ */

/*
 * The handler counts the signal, and adds to an eventfd(2) that the loop
 * watches. Different signals that come in one turn are delivered in the order
 * of their numbers. One loop of the program has them.
 */
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
static void
loop_on_signals(void *arg, unsigned what)
{
	uint64_t count;
	unsigned n;

	(void)arg, (void)what;
	while (read(signals.event, &count, sizeof(count)) == -1 &&
	    errno == EINTR)
		;
	for (int signo = 0; signo < SIGNAL_MAX; signo++)
		for (n = atomic_exchange(&signals.came[signo], 0);
		    n > 0 && signals.of[signo].fn != NULL; n--)
			signals.of[signo].fn(signals.of[signo].arg, signo);
}

void
loop_take_signals(struct loop *l)
{
	/* The caller has waited outside of the loop. */
	l->now = 0;
	if (signals.loop == l)
		loop_on_signals(l, LOOP_IN);
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
	    .ready = loop_on_signals };
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
