/*
 * Signals as events: the handler writes one byte into a pipe of ours, and
 * the loop reads it. Used by loop.c alone.
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

/* The first call opens the pipe. -1 with errno. */
int	signals_set(struct signals *, int signo,
	    void (*fn)(void *arg, int signo), void *arg);
/* Call the function of every signal that came. */
void	signals_deliver(struct signals *);
/* Former actions back, the pipe closed. */
void	signals_restore(struct signals *);

#endif
