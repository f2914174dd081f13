/*
 * The loop. See loop.h for its laws.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "loop/loop.h"
#include "loop/poller.h"
#include "loop/signal.h"
#include "loop/tasks.h"
#include "loop/timer.h"

#define EVENTS	64
/* Between two tries of what the kernel does not watch. */
#define RETRY	(20 * NSEC_PER_MSEC)

struct slot {
	struct watch	*watch;		/* NULL: nobody watches it */
	uint32_t	 gen;
	bool		 listed;	/* in the list of the touched */
};

/* A list of descriptors that grows. */
struct fd_list {
	int	*fd;
	size_t	 n, cap;
};

struct loop {
	const struct poller_ops	*poller;
	void			*state;
	struct slot		*slots;		/* by descriptor */
	int			 nslots;
	struct fd_list		 touched;	/* to be asked for interest */
	struct fd_list		 always;	/* files, and the starved */
	unsigned		 nwatches;
	unsigned		 narmed;	/* watches that want anything */
	unsigned		 nready;	/* ... of always-ready ones */
	unsigned		 nstarved;	/* ... of starved ones */
	struct timer_heap	 timers;
	struct task_list	 posted, deferred;
	struct signals		 signals;
	struct watch		 signal_watch;
	struct buf_cache		 buf_cache;
	int64_t			 now;		/* 0: not read in this turn */
	int			 held;		/* see loop_hold */
	unsigned		 background;	/* see loop_background */
	bool			 stopping;
};

static bool
loop_try_poller(struct loop *l, const struct poller_ops *ops)
{
	if (ops == NULL)
		return false;
	l->poller = ops;
	l->state = ops->open();
	return l->state != NULL;
}

struct loop *
loop_new(enum loop_poller which)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	tasks_init(&l->posted);
	tasks_init(&l->deferred);
	l->signals.in = -1;
	l->signal_watch.fd = -1;
	if (which != LOOP_POLLER_POLL && loop_try_poller(l, poller_epoll()))
		return l;
	/* A wish for epoll is not worth failing for: poll is everywhere. */
	if (loop_try_poller(l, poller_poll()))
		return l;
	free(l);
	return NULL;
}

void
loop_free(struct loop *l)
{
	tasks_run(&l->deferred);
	loop_signals_restore(l);
	l->poller->close(l->state);
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

const char *
loop_poller_name(const struct loop *l)
{
	return l->poller->name;
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
		l->now = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
	}
	return l->now;
}

/*
 * Room in both lists is made when a watch begins, so that touching one
 * cannot fail: all of them, beside those that are listed and have ended.
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
	w->armed = w->told = 0;
	w->always = w->starved = false;
	w->touched = false;
	loop_touch(l, w);
	return 0;
}

void
loop_touch(struct loop *l, struct watch *w)
{
	struct slot *slot;

	if (w->fd == -1)
		return;
	w->touched = true;
	slot = &l->slots[w->fd];
	if (slot->listed)
		return;
	slot->listed = true;
	l->touched.fd[l->touched.n++] = w->fd;
}

static void
loop_always_drop(struct loop *l, int fd)
{
	size_t i;

	for (i = 0; i < l->always.n; i++)
		if (l->always.fd[i] == fd) {
			l->always.fd[i] = l->always.fd[--l->always.n];
			return;
		}
}

static void
loop_tell_poller(struct loop *l, struct watch *w, unsigned want)
{
	unsigned was = w->told;

	if (want == was || w->always || w->starved)
		return;
	w->told = (unsigned char)want;
	if (l->poller->set(l->state, w->fd, l->slots[w->fd].gen, was,
	    want) == 0 || want == 0)
		return;
	/* EPERM: a file, always ready. Else let the call tell. */
	w->starved = errno == ENOSPC || errno == ENOMEM;
	w->always = !w->starved;
	l->always.fd[l->always.n++] = w->fd;
}

/* The descriptor's readiness changes hands here and nowhere else. */
static void
loop_arm(struct loop *l, struct watch *w, unsigned want)
{
	unsigned was = w->armed;

	if (want == was)
		return;
	if (want != 0 || !w->lazy)
		loop_tell_poller(l, w, want);
	w->armed = (unsigned char)want;
	if (w != &l->signal_watch)
		l->narmed += (unsigned)(want != 0) - (unsigned)(was != 0);
	if (w->always)
		l->nready += (unsigned)(want != 0) - (unsigned)(was != 0);
	if (w->starved)
		l->nstarved += (unsigned)(want != 0) - (unsigned)(was != 0);
}

void
loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd == -1)
		return;
	loop_tell_poller(l, w, 0);
	loop_arm(l, w, 0);
	if (w->always || w->starved)
		loop_always_drop(l, w->fd);
	l->slots[w->fd].watch = NULL;
	l->nwatches--;
	w->fd = -1;
	w->touched = false;
}

void
loop_unwatch_closing(struct loop *l, struct watch *w)
{
	if (l->poller->forgets)
		w->told = 0;
	loop_unwatch(l, w);
}

static void
loop_ask_interest(struct loop *l)
{
	struct slot *slot;
	struct watch *w;
	size_t i;

	for (i = 0; i < l->touched.n; i++) {
		slot = &l->slots[l->touched.fd[i]];
		slot->listed = false;
		w = slot->watch;
		if (w == NULL || !w->touched)
			continue;
		w->touched = false;
		loop_arm(l, w, w->want(w->arg));
	}
	l->touched.n = 0;
}

void
timer_set(struct loop *l, struct timer *t, int64_t when)
{
	heap_set(&l->timers, t, when);
}

void
timer_clear(struct loop *l, struct timer *t)
{
	heap_clear(&l->timers, t);
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
	/* One that is set again for now or the past waits for the next turn. */
	while (n-- > 0 && (t = heap_first(&l->timers)) != NULL &&
	    t->when <= now) {
		heap_clear(&l->timers, t);
		t->fire(t->arg);
	}
}

void
loop_post(struct loop *l, struct task *t)
{
	tasks_add(&l->posted, t);
}

void
loop_defer(struct loop *l, struct task *t)
{
	tasks_add(&l->deferred, t);
}

void
loop_unpost(struct loop *l, struct task *t)
{
	if (!t->queued)
		return;
	tasks_remove(&l->posted, t);
	if (t->queued)
		tasks_remove(&l->deferred, t);
}

static int64_t
loop_how_long(struct loop *l, int64_t max_wait)
{
	struct timer *t = heap_first(&l->timers);
	int64_t wait = max_wait;

	if (l->posted.first != NULL || l->nready > 0)
		return 0;
	if (t != NULL) {
		int64_t left = t->when - loop_now(l);

		if (left < 0)
			left = 0;
		if (wait < 0 || left < wait)
			wait = left;
	}
	if (l->nstarved > 0 && (wait < 0 || wait > RETRY))
		wait = RETRY;
	return wait;
}

static void
loop_deliver(struct loop *l, int fd, uint32_t gen, unsigned what)
{
	struct slot *slot = &l->slots[fd];
	struct watch *w = slot->watch;

	/* An event of the number's former life, or of this turn's dead. */
	if (w == NULL || slot->gen != gen)
		return;
	if ((what & w->armed) == 0) {
		loop_tell_poller(l, w, w->armed);
		return;
	}
	what &= w->armed | (w->armed & LOOP_IN ? LOOP_END : 0);
	loop_touch(l, w);
	w->ready(w->arg, what);
}

static void
loop_deliver_always(struct loop *l)
{
	size_t i = l->always.n;
	struct watch *w;

	while (i-- > 0) {
		if (i >= l->always.n)
			continue;
		w = l->slots[l->always.fd[i]].watch;
		if (w->armed != 0)
			loop_deliver(l, w->fd, l->slots[w->fd].gen, w->armed);
	}
}

bool
loop_is_idle(const struct loop *l)
{
	return l->narmed == 0 && l->held == 0 && l->posted.first == NULL &&
	    l->timers.n <= l->background;
}

void
loop_turn(struct loop *l, int64_t max_wait)
{
	struct poller_event ev[EVENTS];
	int i, n;

	loop_fire_timers(l);
	tasks_run(&l->posted);
	tasks_run(&l->deferred);
	if (l->stopping)
		return;
	loop_ask_interest(l);
	if (loop_is_idle(l)) {
		l->stopping = true;
		return;
	}
	n = l->poller->wait(l->state, ev, EVENTS, loop_how_long(l, max_wait));
	/* A stop interrupts, too: what came meanwhile goes before the late. */
	if (n == -1)
		n = l->poller->wait(l->state, ev, EVENTS, 0);
	l->now = 0;
	for (i = 0; i < n; i++)
		loop_deliver(l, ev[i].fd, ev[i].gen, ev[i].what);
	if (l->nready > 0 || l->nstarved > 0)
		loop_deliver_always(l);
	tasks_run(&l->deferred);
}

void
loop_run(struct loop *l)
{
	l->stopping = false;
	while (!l->stopping)
		loop_turn(l, -1);
}

static unsigned
loop_want_signals(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
loop_signals_ready(void *arg, unsigned what)
{
	struct loop *l = arg;

	(void)what;
	signals_deliver(&l->signals);
}

int
loop_signal(struct loop *l, int signo, void (*fn)(void *, int), void *arg)
{
	struct watch *w = &l->signal_watch;

	if (signals_set(&l->signals, signo, fn, arg) == -1)
		return -1;
	if (w->fd != -1)
		return 0;
	w->fd = l->signals.in;
	w->want = loop_want_signals;
	w->ready = loop_signals_ready;
	w->arg = l;
	if (loop_watch(l, w) == 0)
		return 0;
	/* One that nobody hears would be worse than none. */
	w->fd = -1;
	(void)signals_set(&l->signals, signo, NULL, NULL);
	return -1;
}

void
loop_take_signals(struct loop *l)
{
	if (l->signal_watch.fd != -1)
		signals_deliver(&l->signals);
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

void
loop_signals_restore(struct loop *l)
{
	loop_unwatch(l, &l->signal_watch);
	signals_restore(&l->signals);
}
