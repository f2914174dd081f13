/*
 * Signals as events: the handler counts the signal, and adds to an eventfd(2)
 * that the loop watches. Different signals that come in one turn are delivered
 * in the order of their numbers. For loop.c alone.
 */
#ifndef LOOP_SIGNAL_H
#define LOOP_SIGNAL_H

#include <signal.h>
#include <stdbool.h>

#define SIGNAL_MAX	32

struct signals {
	int		 event;		/* -1: not open */
	void		(*fn[SIGNAL_MAX])(void *arg, int signo);
	void		 *arg[SIGNAL_MAX];
	struct sigaction  former[SIGNAL_MAX];
};

/* The first call opens the event. fn NULL: the former action. -1: errno. */
int	signals_set(struct signals *, int signo,
	    void (*fn)(void *arg, int signo), void *arg);
/* The same, but a signal that was ignored before stays ignored. */
int	signals_set_unless_ignored(struct signals *, int signo,
	    void (*fn)(void *arg, int signo), void *arg);
/*
 * From now on, until off, the signal interrupts a system call that waits: the
 * call fails with EINTR. In case that the signal comes just before the call,
 * SIGALRM follows, which must be taken and interrupt, too.
 */
void	signals_interrupt(struct signals *, int signo, bool on);
/* Calls the functions of the signals that have come. */
void	signals_deliver(struct signals *);
/* Restores the former actions and closes the event. */
void	signals_restore(struct signals *);

#endif
