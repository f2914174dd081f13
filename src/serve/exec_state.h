/*
 * A command on a connection, as its two halves know it: exec_start.c makes
 * one, exec.c sees it to its end.
 */
#ifndef SERVE_EXEC_STATE_H
#define SERVE_EXEC_STATE_H

#include "net/linger.h"
#include "serve/conn.h"
#include "serve/exec_socket.h"

struct exec {
	struct conn	 conn;
	struct child	 child;
	struct endpoint	 near, far;
	struct session	 session;
	struct fd	 sock;		/* handed over; our copy of it */
	struct exec_socket	 exec_socket;
	bool		 broke;		/* it has failed */
	struct lingering	 linger;
	struct timer	 timer;
	bool		 pumping, lingering;
	bool		 dismissed;	/* TERM was sent */
	bool		 killed;
	int		 failure;	/* a status worse than the child's */
	int		 code;		/* the child's own */
	int64_t		 quiet_since;
	uint64_t	 moved;
	int64_t		 leave_at, kill_at, stop_at, look;	/* 0: not set */
	struct timer	 silence;	/* since a datagram without a newline */
	uint64_t	 said;		/* bytes from the command by then */
	int64_t		 heirs_until;	/* ... may stay; 0: it has not ended */
};

/* A new one, all 0, in which nothing runs yet. */
void	exec_init(struct exec *, const struct conn_start *);
/* Nothing of it runs any more. */
void	exec_dispose(struct exec *);
/* The session that moves its bytes is over; user is the exec. */
void	exec_session_done(void *user, struct session *);
/* The socket that it was given has failed; arg is the exec. */
void	exec_broke(void *arg);

/*
 * If the plan wants the hint: tells once that a command has said nothing for a
 * second after a datagram without a newline. Before the session starts.
 */
void	exec_hint_start(struct exec *);
void	exec_hint_stop(struct exec *);

#endif
