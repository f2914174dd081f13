/*
 * What the modes share: the loop, the standard streams, one session at a
 * time, signals, the deadline, admission of peers, and the clean-up on every
 * way out.
 *
 * Laws of --deadline: the timer begins before anything else and keeps no loop
 * alive. When it fires, that is reported and the loop stops; bytes that are
 * held are reported as lost, and nothing is waited for any more, standard
 * error included. A question for a password, which waits outside of the loop,
 * is interrupted by SIGALRM (run_was_cut).
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <sys/types.h>

#include "endpoint/endpoint.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "message/messages.h"
#include "net/access.h"
#include "net/resolve.h"
#include "plan/plan.h"
#include "pump/session.h"
#include "run/stages.h"

struct chat;
struct inputs;
struct metrics;
struct run;
struct taps;

/*
 * A near end with a person at it: the console of a chat or of a room. An
 * operation may be NULL: nothing happens.
 */
struct near_ops {
	/* Opens r->near. Returns 0, or the exit status after a report. */
	int	(*open)(struct run *);
	/* Adds to the options of a session. False: out of memory. */
	bool	(*prepare)(struct run *, struct session_options *);
	/* Sending failed with this errno. True: the person was told. */
	bool	(*not_delivered)(struct run *, int num);
	/*
	 * The peer cannot be reached and is tried again. True: this try is
	 * reported; tell_trying then says that there will be another.
	 */
	bool	(*may_complain)(struct run *);
	void	(*tell_trying)(struct run *);
	void	(*ended)(struct run *, const struct session *);
	/* Restores the terminal; called also if open has failed. */
	void	(*close)(struct run *);
};

struct deadline {
	struct timer	 timer;
	bool		 passed;
	int		 status;	/* the program's, once passed */
	struct error	 last;		/* what failed and is tried again */
};

struct run {
	const struct plan	*plan;
	const struct messages	*messages;
	struct loop		*loop;
	struct access		*access;	/* NULL: all may come in */
	struct endpoint		 near, far;
	struct inputs		*inputs;	/* of near; NULL: stdin alone */
	struct taps		*taps;		/* NULL: no copies */
	struct session		 session;
	bool			 in_session;
	bool			 broke_off;	/* the last session's message
						   was not complete */
	/* Peers are Unix sockets, by -U or because a given socket is one. */
	bool			 is_unix;
	int			 warned;	/* the last errno reported */
	bool			 hinted;	/* --dgram=line was named */
	int			 signo;		/* to die of; 0: none */
	int			 status;
	bool			 failed;	/* status is of a failure that
						   stopped the run */
	const struct near_ops	*near_ops;	/* NULL: no person there */
	struct chat		*chat;		/* NULL: not a chat */
	struct metrics		*metrics;	/* NULL: not asked for */
	struct children		 children;	/* those of -e and -c */
	struct deadline		 deadline;
	/* Called at the first signal that ends the run; may be NULL. */
	void			(*interrupt)(void *arg);
	void			*interrupt_arg;
	unsigned		 others;	/* connections beside session */
	/* Called when a session is over and freed; NULL: the run stops. */
	void			(*ended)(void *arg, const struct outcome *);
	void			*arg;
	/* Called when a session cannot begin; NULL: the run stops. */
	void			(*next)(void *arg);
	void			*next_arg;
	/* Adds the bytes lost by an aborted session; may be NULL. */
	void			(*add_losses)(void *arg, struct outcome *);
	/* Called when the run closes; may be NULL. */
	void			(*tidy)(void *arg);
	void			*tidy_arg;
	char			*unlink_path, *unlink_dir;	/* at the end */
	dev_t			 unlink_dev;
	ino_t			 unlink_ino;	/* inode to remove; 0: do not
						   compare */
};

/* ---- Beginning and end -------------------------------------------------- */

/* Returns 0, or the exit status after a report. */
int	run_open(struct run *, const struct plan *, void *arg);
/* Returns whether one near end serves all sessions: streams or a console. */
bool	run_has_near(const struct plan *);
/*
 * Opens the near end, if run_has_near, and the files of taps. may_answer:
 * there is a peer to send to; ops: of a person, or NULL. Returns 0, or the
 * exit status after a report.
 */
int	run_open_ends(struct run *, bool may_answer, const struct near_ops *);
/*
 * Cleans up after the loop, and dies of the signal that came, if one did.
 * Users of the loop must be gone. Returns the exit status.
 */
int	run_close(struct run *);
void	run_stop(struct run *, int status);
/* Reports a failure, and stops with its status. */
void	run_fail(struct run *, const struct error *);
/* Reports a failure of one peer, and goes on to the next, if there is one. */
void	run_fail_peer(struct run *, const struct error *);
/*
 * Returns whether the deadline or a signal that ends the program interrupted
 * a question for a password; the loop then stops without a report.
 */
bool	run_was_cut(struct run *, const struct error *);
/* Something failed and is tried again; NULL: something has succeeded. */
void	deadline_blame(struct run *, const struct error *);

/* ---- Sessions ----------------------------------------------------------- */

/*
 * Begins a session with the far endpoint, which is open. stays: the near end
 * outlives it; tcp: as in session_options.
 */
void	run_session(struct run *, bool stays, bool tcp);
/*
 * The same by another policy than the plan's. Returns -1 with errno, without
 * a report; the far endpoint is then closed.
 */
int	run_session_by(struct run *, const struct end_policy *, bool stays,
	    bool tcp);
/* Ends the session at once, and reports what was lost. */
void	run_abandon_session(struct run *);
/* Fills the outcome of a session. */
void	run_outcome(const struct run *, const struct session *,
	    struct outcome *);
/* Returns whether the system was short of something. */
bool	run_was_short(const struct outcome *);
/* Sets TCP_NODELAY, unless the input is a file. */
void	run_nodelay(const struct run *, const struct fd *);

/* ---- Peers -------------------------------------------------------------- */

/*
 * Fills the address of a peer, and the address of the socket on which it
 * came, as they are shown. local->len is 0 if nothing shows it.
 */
void	run_ends(const struct run *, const struct addr *from, int sock,
	    struct addr *peer, struct addr *local);
/*
 * Returns whether a peer may come in; reports it if not. The traditional
 * netcat's filter then stops the run. The addresses are as shown.
 */
bool	run_admits(struct run *, const struct addr *peer,
	    const struct addr *local);
/* The same of a peer that came on this socket. */
bool	run_admits_at(struct run *, const struct addr *from, int sock);
/* Reports that this peer was admitted. */
void	run_say_accepted(struct run *, const struct addr *from, int sock);
/* Reports a fault of the access lists; returns the exit status. */
int	run_say_access_error(const struct run *, const struct access_error *);
/* Reports whether a connection of --mptcp is multipath TCP. */
void	run_say_multipath(const struct run *, const struct fd *);
/* Writes "host port 80 (tcp)", the name of a peer in messages. */
void	run_peer_name(const struct plan *, const char *host,
	    const struct addr *, char *buf, size_t size);

/* ---- Paths of sockets --------------------------------------------------- */

/* The path of this socket is removed at the end. */
void	run_unlink_later(struct run *, const char *path);
/* Removes it now: it will be made again. */
void	run_unlink_now(struct run *);
/*
 * Makes a path for a datagram socket, in a directory of its own in TMPDIR or
 * /tmp, which is removed at the end. Returns -1 with the error.
 */
int	run_temp_socket(struct run *, struct addr *, struct error *);

#endif
