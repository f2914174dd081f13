/*
 * The loop: a turn is deadlines, tasks, interest, wait, events, deferred
 * work. No other code of the program waits.
 *
 * Laws: interest is asked for at the top of each turn, never added or
 * removed by hand; deadlines are absolute, on the monotonic clock; objects
 * die at the end of a turn; a watch carries a generation, for the number of
 * a closed descriptor is reused.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <sys/queue.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/heap.h"

struct loop;

/* Readiness that a watch waits for, and that ready() gets. */
enum {
	LOOP_IN = 1,		/* readable, or at the end of file */
	LOOP_OUT = 2,		/* writable, or broken */
	LOOP_ERR = 4,		/* broken only (no reader of a pipe) */
	LOOP_END = 8		/* comes with LOOP_IN, never waited for: nothing
				   follows the bytes that can be read now */
};

/* How the loop learns that a watched descriptor is ready. */
enum watch_source {
	WATCH_EPOLL,		/* from epoll(7) */
	WATCH_ALWAYS,		/* refused by epoll (a file): always ready */
	WATCH_STARVED		/* epoll is out of memory or of watches
				   (ENOMEM, ENOSPC): tried every 20 ms */
};

/*
 * A watch on a descriptor, in memory of the caller. want() is called at the
 * top of a turn, if the watch was touched or had an event since the last
 * call; ready() gets the readiness that has come.
 */
struct watch {
	int		 fd;		/* -1: not watched */
	unsigned char	 armed;		/* readiness wanted; set by the loop */
	unsigned char	 known;		/* ... as far as epoll knows */
	enum watch_source source : 8;	/* set by the loop */
	bool		 lazy : 1;	/* wanted on and off, and mostly silent
					   while unwanted: epoll forgets the
					   interest at an unwanted event */
	bool		 background : 1;	/* keeps no loop going */
	unsigned	(*want)(void *arg);
	void		(*ready)(void *arg, unsigned what);
	void		*arg;
};

/* A deadline, in memory of the caller. The loop sets the node. */
struct timer {
	struct heap_node node;		/* key: ns of CLOCK_MONOTONIC */
	void		(*fire)(void *arg);
	void		*arg;
};

static inline bool
timer_is_set(const struct timer *t)
{
	return heap_has(&t->node);
}

/* The earlier of two dates; 0 is no date. */
static inline int64_t
timer_earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

TAILQ_HEAD(task_list, task);

/* Work for later in this turn, or for the end of the turn. */
struct task {
	TAILQ_ENTRY(task) link;
	struct task_list *queue;	/* NULL: not queued */
	void		(*run)(void *arg);
	void		*arg;
};

/* NULL with errno on failure. */
struct loop	*loop_new(void);
void		 loop_free(struct loop *);
/* Turns until loop_stop, or until nothing is left to wait for. */
void		 loop_run(struct loop *);
void		 loop_stop(struct loop *);
/* A single turn that waits at most max_wait ns (-1: no limit). */
void		 loop_turn(struct loop *, int64_t max_wait);
/* Buffers for use within a turn. */
struct buf_cache	*loop_buf_cache(struct loop *);
/* Whether nothing is left to wait for. A timer that fires does not count. */
bool		 loop_is_idle(const struct loop *);
/* Now, in nanoseconds; the clock is read once a turn. */
int64_t		 loop_now(struct loop *);

/* A want() that waits for nothing else. */
unsigned	 loop_want_in(void *);
unsigned	 loop_want_out(void *);
/* Begins to watch w->fd; -1 with errno. */
int		 loop_watch(struct loop *, struct watch *);
/* Has want() asked before the next wait. */
void		 loop_touch(struct loop *, struct watch *);
/* Ends the watch of an open descriptor. No event of the watch follows. */
void		 loop_unwatch(struct loop *, struct watch *);
/*
 * The same just before the descriptor is closed, without a call: close(2)
 * ends the watch in epoll. No other descriptor of any process may refer to the
 * same open file (dup(2), a child, SCM_RIGHTS): events would come for ever,
 * under a number that epoll_ctl(2) can no longer remove.
 */
void		 loop_unwatch_closing(struct loop *, struct watch *);
/* Whether epoll has to be called before an event of the watch can come. */
static inline bool
watch_is_out(const struct watch *w)
{
	return w->known == 0;
}

/* Needs no memory, and cannot fail. A timer that is set is moved. */
void		 timer_set(struct loop *, struct timer *, int64_t when);
void		 timer_clear(struct loop *, struct timer *);

/*
 * Queues a task that runs before the next wait, which then does not wait;
 * a task that is queued already runs once.
 */
void		 loop_post(struct loop *, struct task *);
/*
 * The same, after other programs that want this processor have had a turn
 * (sched_yield(2)).
 */
void		 loop_post_last(struct loop *, struct task *);
/*
 * The same, but the wait lasts for LOOP_NAP, and the system's timer slack
 * (prctl(2), 50 us as a rule), if nothing happens before.
 */
void		 loop_post_soon(struct loop *, struct task *);
#define LOOP_NAP	(20 * (NSEC_PER_MSEC / 1000))
/* Queues a task for the end of this turn: the place to free objects. */
void		 loop_defer(struct loop *, struct task *);
/*
 * Queues the task for the end of the next turn in which an event comes or a
 * timer fires. There is one such task.
 */
void		 loop_on_work(struct loop *, struct task *);
void		 loop_unpost(struct loop *, struct task *);

/*
 * Takes a signal: fn runs in a turn, not in the handler. Each signal has a
 * single function; NULL restores the former action. -1 with errno.
 */
int		 loop_signal(struct loop *, int signo,
		    void (*fn)(void *arg, int signo), void *arg);
/* The same, but a signal that was ignored before stays ignored. */
int		 loop_signal_unless_ignored(struct loop *, int signo,
		    void (*fn)(void *arg, int signo), void *arg);
/*
 * From now on, until off, a signal that was taken interrupts a system call that
 * waits: the call fails with EINTR. In case that the signal comes just before
 * the call, SIGALRM follows, which must be taken and interrupt, too.
 */
void		 loop_signal_interrupts(int signo, bool on);
/* Calls the functions of the signals that have come, without a turn. */
void		 loop_take_signals(struct loop *);
/*
 * Adds n to the events that only a signal will bring: while there are any,
 * a loop with nothing else to wait for goes on.
 */
void		 loop_hold(struct loop *, int n);
/* Adds n to the timers that are set but keep no loop going. */
void		 loop_background(struct loop *, int n);
/* Restores the former actions of all signals (before raise(3) or exec). */
void		 loop_signals_restore(struct loop *);

#endif
