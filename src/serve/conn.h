/*
 * A connection that is served on its own, beside others: by a command, by
 * an echo, or into the common output.
 *
 * Law: one that has started calls over() exactly once, from a turn; its
 * memory is its own and is gone afterwards.
 */
#ifndef SERVE_CONN_H
#define SERVE_CONN_H

#include <sys/queue.h>

#include "base/addr.h"
#include "io/fd.h"
#include "run/run.h"

struct conn;

struct conn_ops {
	/*
	 * The program ends: deliver what is held, within LAST_WORDS; or
	 * (now) give everything up, and free it without over().
	 */
	void	(*stop)(struct conn *, bool now);
};

struct conn {
	TAILQ_ENTRY(conn)	 link;		/* the server's */
	struct run		*run;
	const struct conn_ops	*ops;
	/* The exit status, if this connection was all there is. */
	void			(*over)(void *arg, struct conn *, int status);
	void			*arg;
};

/* What is needed to start one. */
struct conn_start {
	struct run		*run;
	struct fd		*fd;	/* taken, also when it fails */
	const struct addr	*peer;
	const struct addr	*local;		/* len 0: nobody will ask */
	unsigned		 number;	/* of the client, from 1 */
	void			(*over)(void *arg, struct conn *, int status);
	void			*arg;
	void			*common;	/* what all of them share */
};

/*
 * Each returns NULL when it could not start, after the words about that;
 * *status is then the exit status they led to.
 */
struct conn	*conn_exec(const struct conn_start *, int *status);
struct conn	*conn_echo(const struct conn_start *, int *status);
/* -F: the socket is given away. */
struct conn	*conn_pass(const struct conn_start *, int *status);

/*
 * A command behind a far endpoint that the caller makes (one peer of a
 * shared datagram socket): conn_exec_new, fill conn_exec_far, and then
 * conn_exec_begin, which returns 0, or -1 after the words, when the conn and
 * its endpoint are gone. A new one that was not begun is freed by its stop.
 */
struct conn	*conn_exec_new(const struct conn_start *);
struct endpoint	*conn_exec_far(struct conn *);
int		 conn_exec_begin(struct conn *, const struct conn_start *,
		    int *status);

#endif
