/*
 * Signals as events: the handler writes a byte into a pipe, which the loop
 * reads. For loop.c alone.
 */
#ifndef LOOP_SIGNAL_H
#define LOOP_SIGNAL_H

#include <signal.h>

#define SIGNAL_MAX	32

struct signals {
	int		 in;		/* read end; -1: not open */
	void		(*fn[SIGNAL_MAX])(void *arg, int signo);
	void		 *arg[SIGNAL_MAX];
	struct sigaction  former[SIGNAL_MAX];
};

/* The first call opens the pipe. fn NULL: the former action. -1: errno. */
int	signals_set(struct signals *, int signo,
	    void (*fn)(void *arg, int signo), void *arg);
/* Calls the functions of the signals that have come. */
void	signals_deliver(struct signals *);
/* Restores the former actions and closes the pipe. */
void	signals_restore(struct signals *);

#endif
