/*
 * What the modes share: the loop, the standard streams, one session at a
 * time, signals, and what has to be tidied up on every way out.
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
#include "run/deadline.h"
#include "run/stages.h"

struct chat;
struct metrics;
struct run;
struct inputs;
struct taps;

/*
 * A near end with a person at it: the console of a chat, or of a room's
 * operator. Where an operation is NULL, nothing happens.
 */
struct near_ops {
	/* Opens the run's near end: 0, or the exit status after the words. */
	int	(*open)(struct run *);
	/* Adds to what the session is to do. False: out of memory. */
	bool	(*prepare)(struct run *, struct session_options *);
	/* Sending met this errno. True: the person was told. */
	bool	(*not_delivered)(struct run *, int num);
	/*
	 * The peer cannot be reached and is tried again: is that to be told
	 * now, which is not at every try? tell_trying says that it goes on.
	 */
	bool	(*may_complain)(struct run *);
	void	(*tell_trying)(struct run *);
	void	(*ended)(struct run *, const struct session *);
	/* The terminal is as it was; also when open has failed. */
	void	(*close)(struct run *);
};

struct run {
	const struct plan	*plan;
	const struct messages	*messages;
	struct loop		*loop;
	struct access		*access;	/* NULL: all may come in */
	struct endpoint		 near, far;
	struct inputs		*inputs;	/* of near; NULL: stdin alone */
	struct taps		*taps;		/* NULL: nobody looks */
	struct session		 session;
	bool			 in_session;
	bool			 broke_off;	/* the last one's message, on
						   standard output */
	bool			 listener;	/* for words */
	/* Peers are Unix sockets: argv or a given descriptor says so. */
	bool			 is_unix;
	int			 warned;	/* the errno told of last */
	bool			 hinted;	/* --dgram=line was named */
	int			 signo;		/* to die of; 0: none */
	int			 status;
	bool			 failed;	/* that is of what stopped us */
	const struct near_ops	*near_ops;	/* NULL: nobody sits there */
	struct chat		*chat;		/* NULL: this is none */
	struct metrics		*metrics;	/* NULL: nobody asked */
	struct children		 children;	/* those of -e and -c */
	struct deadline		 deadline;
	/*
	 * The first signal that ends us, while others than the session are at
	 * work; NULL: there are none.
	 */
	void			(*interrupt)(void *arg);
	void			*interrupt_arg;
	unsigned		 others;	/* connections at work */
	/* A session is over and freed; o tells how. */
	void			(*ended)(void *arg, const struct outcome *);
	void			*arg;
	/*
	 * What was to be the next session could not begin, and was closed:
	 * go on to another one. NULL: there is none, and we stop.
	 */
	void			(*next)(void *arg);
	void			*next_arg;
	/* Of a session that is broken off: what the ended() of others than
	 * the plain ones adds to its outcome. NULL: nothing. */
	void			(*add_losses)(void *arg, struct outcome *);
	void			(*tidy)(void *arg);	/* NULL: nothing */
	void			*tidy_arg;
	char			*unlink_path, *unlink_dir;	/* at the end */
	dev_t			 unlink_dev;	/* only if it is still this */
	ino_t			 unlink_ino;	/* 0: it is ours for sure */
};

/* 0, or the exit status after its words are said. */
int	run_open(struct run *, const struct plan *, void *arg);
/* Is the near end one for all sessions: standard streams, or a console? */
bool	run_has_near(const struct plan *);
/*
 * Opens it; may_answer: is there anybody to send to? ops: of a person; NULL:
 * it is the standard streams.
 */
int	run_open_near(struct run *, bool may_answer,
	    const struct near_ops *ops);
/*
 * After the loop: tidy up; die of the signal that came, if one did. The exit
 * status. What uses the loop must be gone by then.
 */
int	run_close(struct run *);

/*
 * Begin a session with the far endpoint, which is open. stays: the standard
 * output outlives it. tcp: as in session_options.
 */
void	run_session(struct run *, bool stays, bool tcp);
/*
 * The same by a policy that is not the plan's: 0, or -1 with errno and
 * nothing said, and the far endpoint is closed.
 */
int	run_session_by(struct run *, const struct end_policy *, bool stays,
	    bool tcp);

/*
 * Who came from there on this socket, and at which address of ours, as they
 * are shown. Asking for ours costs a call: where nobody is told of it, its
 * len is 0.
 */
void	run_ends(const struct run *, const struct addr *from, int sock,
	    struct addr *peer, struct addr *local);
/*
 * May this peer come in? If not, that is told; traditional's filter also
 * ends the run. local is for the words, and shown as it is, like the peer.
 */
bool	run_admits(struct run *, const struct addr *peer,
	    const struct addr *local);

/* The same of whoever is at this socket of ours. */
bool	run_admits_at(struct run *, const struct addr *from, int sock);
/* It is one of ours now: that is told. */
void	run_say_accepted(struct run *, const struct addr *from, int sock);
/* The exit status, after the words about who may come in. */
int	run_say_access_error(const struct run *, const struct access_error *);

/* After a signal, what is held gets so long to be delivered. */
#define LAST_WORDS	((int64_t)1000000000)

/*
 * What is typed or piped is to arrive at once; a file need not. Also of what
 * a listener's clients get from it.
 */
void	run_nodelay(const struct run *, const struct fd *);

/* Fills how a session ended, for the messages. */
void	run_outcome(const struct run *, const struct session *,
	    struct outcome *);
/* Was the system short of something? That is told, whoever's session it is. */
bool	run_was_short(const struct outcome *);
/* Say that something failed, and stop with that status. */
void	run_fail(struct run *, const struct error *);
/* The same of what only concerns the peer that has just come. */
void	run_fail_peer(struct run *, const struct error *);
void	run_stop(struct run *, int status);
/*
 * Was a question for a password interrupted by a signal that ends the program,
 * or by the deadline? Then this error is not worth a line, and the loop stops.
 */
bool	run_was_cut(struct run *, const struct error *);

/* "host port 80 (tcp)", as messages name a peer. */
void	run_peer_name(const struct plan *, const char *host,
	    const struct addr *, char *buf, size_t size);
/* Remember a socket's path, to be removed at the end. */
void	run_unlink_later(struct run *, const char *path);
/* Remove it now, for it is to be made again. */
void	run_unlink_now(struct run *);
/*
 * Makes a path for a datagram socket of our own, in a directory of its own in
 * TMPDIR or /tmp that is removed at the end; -1 with the error set.
 */
int	run_temp_socket(struct run *, struct addr *, struct error *);

/*
 * Puts urgent data in its place at the far end, which is open, where the plan
 * asks for that. False: that failed, and the run stops after the words.
 */
bool	run_open_urgent(struct run *);
/* Says whether a connection of --mptcp is one. */
void	run_say_multipath(const struct run *, const struct fd *);

#endif
