/*
 * The loop: a turn is deadlines, signals, interest, wait, ready list,
 * deferred work. Nothing else in the program waits.
 *
 * Laws: interest is asked for at the top of each turn, never added or
 * removed by hand; deadlines are absolute, on the monotonic clock; objects
 * die at the end of a turn; a watch carries a generation, for a descriptor's
 * number is used again.
 */
#ifndef LOOP_LOOP_H
#define LOOP_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf_cache.h"

struct loop;

/* What a watch waits for, and what is ready. */
enum {
	LOOP_IN = 1,		/* readable, or its end is reached */
	LOOP_OUT = 2,		/* writable, or broken */
	LOOP_ERR = 4,		/* broken only (a pipe's reader has left) */
	LOOP_END = 8		/* told with LOOP_IN, never waited for: behind
				   what can be read now nothing will come */
};

enum loop_poller { LOOP_POLLER_BEST, LOOP_POLLER_EPOLL, LOOP_POLLER_POLL };

/*
 * A watch on one descriptor; its memory is the caller's. want() is asked,
 * at the top of a turn, when the watch was touched or had an event since it
 * was asked last; ready() is told what came. Both get arg.
 */
struct watch {
	int		 fd;		/* -1: not watched */
	unsigned char	 armed;		/* kept by the loop: what is wanted */
	unsigned char	 told;		/* ... what the poller knows of that */
	bool		 always : 1;	/* a file: always ready */
	bool		 starved : 1;	/* the kernel watches no more: tried
					   every now and then */
	bool		 touched : 1;
	bool		 lazy : 1;	/* wanted on and off, and mostly silent
					   while it is not: the poller is told
					   of the off when something came */
	unsigned	(*want)(void *arg);
	void		(*ready)(void *arg, unsigned what);
	void		*arg;
};

/* A deadline; its memory is the caller's. */
struct timer {
	int64_t		 when;		/* nanoseconds, CLOCK_MONOTONIC */
	struct timer	*child, *next;	/* kept by the loop, as is before: */
	struct timer	*before;	/* NULL: not set */
	void		(*fire)(void *arg);
	void		*arg;
};

/* Work for later in this turn, or for its end. */
struct task {
	struct task	*next;
	bool		 queued;
	void		(*run)(void *arg);
	void		*arg;
};

/* NULL with errno on failure. */
struct loop	*loop_new(enum loop_poller);
void		 loop_free(struct loop *);
/* Turn until loop_stop, or until nothing is left to wait for. */
void		 loop_run(struct loop *);
void		 loop_stop(struct loop *);
/* One turn, waiting at most this long (-1: as long as it takes). */
void		 loop_turn(struct loop *, int64_t max_wait);
/* Buffers that whoever has its turn may use, and gives back at its end. */
struct buf_cache	*loop_buf_cache(struct loop *);
/* Which poller serves: "epoll" or "poll". */
const char	*loop_poller_name(const struct loop *);

/* Is nothing left to wait for? A timer that fires just now does not count. */
bool		 loop_is_idle(const struct loop *);

/* Now, in nanoseconds; one clock reading a turn. */
int64_t		 loop_now(struct loop *);

/* Begin to watch w->fd; -1 with errno. */
int		 loop_watch(struct loop *, struct watch *);
/* Ask want() again before the next wait. */
void		 loop_touch(struct loop *, struct watch *);
/* Stop; the descriptor is still open. No event of it comes any more. */
void		 loop_unwatch(struct loop *, struct watch *);
/*
 * The same just before it is closed, when no other descriptor of any process
 * is of the same open file (dup(2), a child, SCM_RIGHTS): closing takes it
 * out of epoll by itself. If there were one, its events would come for ever,
 * under a number that nothing can take out any more.
 */
void		 loop_unwatch_closing(struct loop *, struct watch *);
/* Would it have to be told to the poller before anything of it is heard? */
static inline bool
watch_is_out(const struct watch *w)
{
	return w->told == 0;
}

/* Needs no memory, and so never fails. */
void		 timer_set(struct loop *, struct timer *, int64_t when);
void		 timer_clear(struct loop *, struct timer *);
static inline bool
timer_is_set(const struct timer *t)
{
	return t->before != NULL;
}
/* The earlier of two dates; 0 is none. */
static inline int64_t
timer_earlier(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Run before the next wait, which then does not wait. Once if posted twice. */
void		 loop_post(struct loop *, struct task *);
/* Run at the end of this turn: the place to free things. */
void		 loop_defer(struct loop *, struct task *);
void		 loop_unpost(struct loop *, struct task *);

/*
 * Signals are events: fn runs in a turn, not in a handler. One function a
 * signal; NULL gives the signal back its former action.
 */
int		 loop_signal(struct loop *, int signo,
		    void (*fn)(void *arg, int signo), void *arg);
/* Calls the functions of the signals that have come, without a turn. */
void		 loop_take_signals(struct loop *);
/*
 * So many more (or fewer) events are awaited that only a signal will tell
 * of: a loop with nothing else to wait for goes on.
 */
void		 loop_hold(struct loop *, int n);
/*
 * So many more (or fewer) timers are set that are no reason to go on: there
 * has to be something else that is waited for.
 */
void		 loop_background(struct loop *, int n);
/* Give every signal its former action back (before raising or exec). */
void		 loop_signals_restore(struct loop *);

#endif
