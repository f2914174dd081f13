/*
 * Shared by the modes: the loop, the standard streams, one session at a time,
 * signals, the deadline, admission of peers, and the clean-up on every way
 * out.
 *
 * Laws of --deadline: the timer begins before anything else and keeps no loop
 * alive. When the timer fires, the deadline is reported and the loop stops;
 * held bytes are reported as lost, and nothing is waited for any more,
 * standard error included. A question for a password and the reading of a
 * FIFO, which wait outside of the loop, are interrupted by SIGALRM
 * (run_was_cut, run_end_reading).
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <sys/stat.h>

#include "door/access.h"
#include "endpoint/endpoint.h"
#include "filter/faults.h"
#include "link/session.h"
#include "loop/child.h"
#include "loop/loop.h"
#include "message/messages.h"
#include "plan/plan.h"
#include "reach/resolve.h"
#include "sandbox/sandbox.h"

struct chat;
struct inputs;
struct metrics;
struct progress;
struct run;
struct sums;
struct taps;
struct tls_context;

/*
 * A near end with a person at it: the console of a chat or of a room. An
 * operation may be NULL: nothing happens.
 */
struct near_ops {
	/* Opens r->near. Returns 0, or the exit status after a report. */
	int	(*open)(struct run *);
	/* Adds to the options of a session. False: out of memory. */
	bool	(*prepare)(struct run *, struct session_options *);
	/* Sending failed with this errno. True: reported to the person. */
	bool	(*not_delivered)(struct run *, int num);
	/*
	 * The peer cannot be reached and is tried again. True: this try is
	 * reported; tell_trying then says that there will be another.
	 */
	bool	(*may_complain)(struct run *);
	void	(*tell_trying)(struct run *);
	void	(*ended)(struct run *, const struct session *);
	/* Changes the options of TLS, which stay valid until close. */
	void	(*adapt_tls)(struct run *, struct tls_options *);
	/* TLS begins (true) with a peer that was connected to, or is over. */
	void	(*securing)(struct run *, bool);
	/*
	 * TLS is up with the peer of the session that is about to start; called
	 * after the peer was named (chat_meet).
	 */
	void	(*secured)(struct run *, const struct tls_facts *);
	/* Makes and returns the directory of files that may be written later;
	   NULL: there is none. */
	const char *(*keeps)(struct run *);
	/* Called before r->near is closed, also if open has failed. */
	void	(*close)(struct run *);
};

struct deadline {
	struct timer	 timer;
	bool		 passed;
	int		 status;	/* the program's, once passed */
	struct error	 last;		/* the failure that is tried again */
};

/* The user of --user, found in the system's list. */
struct run_user {
	uid_t		 uid;
	gid_t		 gid;
	char		*name, *home;	/* owned; NULL: a number without more */
	bool		 changed;
};

/* What a mode or a server has to do at a moment; call NULL: nothing. */
struct run_hook {
	void	(*call)(void *arg);
	void	*arg;
};

/* Datagrams that the kernel has dropped. */
struct run_drops {
	struct dgram_drops	 all;		/* counted so far */
	uint64_t		 cookie;	/* of the socket counted last */
	uint64_t		 seen;		/* drops of that socket */
	const struct fd		*sock;		/* that all sessions share;
						   NULL: each has its own */
};

struct run {
	const struct plan	*plan;
	const struct messages	*messages;
	struct loop		*loop;
	struct access		*access;	/* NULL: all may come in */
	struct endpoint		 near, far;
	struct addr		 announced;	/* the peer of far, by the
						   PROXY protocol; len 0: the
						   socket's */
	struct inputs		*inputs;	/* of near; NULL: stdin alone */
	struct taps		*taps;		/* NULL: no copies */
	struct tls_options	 tls_options;	/* the plan's, adapted */
	struct tls_context	*tls;		/* NULL: no TLS */
	struct session		 session;
	bool			 in_session;
	bool			 broke_off;	/* the last session's message
						   was not complete */
	struct stamped		 stamped;	/* the output, if with times */
	/* Peers are Unix sockets, by -U or because a given socket is. */
	bool			 is_unix;
	int			 warned;	/* the last errno reported */
	bool			 hinted;	/* --dgram=line was named */
	bool			 hinted_limit;	/* a bottleneck was named */
	int			 signo;		/* to die of; 0: none */
	int			 status;
	bool			 failed;	/* status is of a failure that
						   stopped the run */
	struct near_ops		 near_ops;	/* zeroed: no person there */
	struct chat		*chat;		/* NULL: not a chat */
	struct run_drops	 drops;
	struct metrics		*metrics;	/* NULL: not asked for */
	struct progress		*progress;	/* NULL: no line of progress */
	struct sums		*sums;		/* of the session, or of the
						   next; NULL: none */
	bool			 incomplete;	/* lines of metrics or digests
						   were not written */
	struct sandbox		 sandbox;
	const char		*other_loopback; /* the hint of a refusal, made
						   before the sandbox; or
						   NULL */
	struct children		 children;	/* those of -e and -c */
	struct deadline		 deadline;
	struct run_user		 user;
	struct run_hook		 interrupt;	/* at the first signal that
						   ends the run */
	struct run_hook		 next;		/* a session cannot begin, but
						   another may later in the
						   loop; none: the run stops */
	struct run_hook		 tidy;		/* at the end of the run */
	unsigned		 others;	/* connections beside session */
	struct run_hook		 report_others;	/* prints a line about each */
	/* Called when a session is over and freed; NULL: the run stops. */
	void			(*ended)(void *arg, const struct outcome *);
	/* Adds the bytes lost by an aborted session; may be NULL. */
	void			(*add_losses)(void *arg, struct outcome *);
	void			*arg;		/* of these two */
	char			*unlink_path, *unlink_dir;	/* at the end */
	dev_t			 unlink_dev;
	ino_t			 unlink_ino;	/* inode to remove; 0: do not
						   compare */
};

/* ---- Beginning and end -------------------------------------------------- */

/* An int that is returned below is 0, or the exit status after a report. */

int	run_open(struct run *, const struct plan *, void *arg);
/*
 * Reads the keys and certificates of TLS, if the plan has TLS and r->tls is not
 * there yet; run_open_ends does so, too.
 */
int	run_open_tls(struct run *);
/* Returns whether all sessions share a near end: streams or a console. */
bool	run_has_near(const struct plan *);
/*
 * Opens the near end, if run_has_near, and the files of taps. may_answer:
 * there is a peer to send to; ops: of a person, or NULL.
 */
int	run_open_ends(struct run *, bool may_answer, const struct near_ops *);
/*
 * Cleans up after the loop, and dies of the signal that ended the run, if any.
 * Users of the loop must be gone. Returns the exit status.
 */
int	run_close(struct run *);
void	run_stop(struct run *, int status);
/* Reports errno as the failure of an operation; returns the exit status. */
int	run_failed(const struct run *, const char *op, const char *object);
/* Reports a failure, and stops with the status of that failure. */
void	run_fail(struct run *, const struct error *);
/* Reports errno like run_failed; goes on to the next peer, if any, or stops. */
void	run_fail_peer(struct run *, const char *op, const char *object);
/*
 * Returns whether the deadline or a signal that ends the program interrupted
 * a question for a password; the loop then stops without a report.
 */
bool	run_was_cut(struct run *, const struct error *);
/* Whether either has come, interrupted or not; the loop stops likewise. */
bool	run_is_cut(struct run *);
/*
 * Files of any kind are read outside of the loop: a FIFO waits for its writer.
 * Between these calls the deadline and the signals that end the program
 * interrupt such a wait. run_end_reading returns whether one of them did; the
 * loop then stops without a report.
 */
void	run_begin_reading(struct run *);
bool	run_end_reading(struct run *);
/* An operation failed and is tried again; NULL: an operation succeeded. */
void	deadline_blame(struct run *, const struct error *);

/* ---- Sessions ----------------------------------------------------------- */

/*
 * Begins a session with the far endpoint, which is open. stays: the near end
 * outlives the session; tcp: as in session_options.
 */
void	run_session(struct run *, bool stays, bool tcp);
/*
 * Begins a session by another policy than the plan's. Returns -1 with errno,
 * without a report; the far endpoint is then closed.
 */
int	run_session_by(struct run *, const struct end_policy *, bool stays,
	    bool tcp);
/* Ends the session at once, and reports the lost bytes. */
void	run_abandon_session(struct run *);
/* Fills the outcome of a session. */
void	run_outcome(const struct run *, const struct session *,
	    struct outcome *);
/* Adds the reason why a layer of the endpoint failed, if it was a layer. */
void	run_blame_layer(struct error *, const struct endpoint *);
/*
 * Counts the datagrams of a socket that the kernel has dropped, for the report
 * at the end of the run. Adds to *here those that were not counted before, if
 * that socket was also the last that was counted; here may be NULL.
 */
void	run_count_drops(struct run *, const struct fd *,
	    struct dgram_drops *here);
/* Returns whether the session failed for lack of system resources. */
bool	run_was_short(const struct outcome *);
/* Sets TCP_NODELAY, unless the input is a file. */
void	run_nodelay(const struct run *, const struct fd *);

/* ---- Peers -------------------------------------------------------------- */

/*
 * Fills the address of a peer, and the local address of the peer's socket,
 * as they are shown. local->len is 0 if nothing shows local.
 */
void	run_ends(const struct run *, const struct addr *from, int sock,
	    struct addr *peer, struct addr *local);
/* Returns whether a peer, as it is shown, may come in. */
bool	run_would_admit(const struct run *, const struct addr *peer);
/*
 * Returns the same, and reports a refusal. The traditional netcat's filter then
 * stops the run. The addresses are as shown.
 */
bool	run_admits(struct run *, const struct addr *peer,
	    const struct addr *local);
/* Reports that this peer was admitted. */
void	run_say_accepted(struct run *, const struct addr *from, int sock);
/* Reports a fault of the access lists; returns the exit status. */
int	run_say_access_error(const struct run *, const struct access_error *);
/* Reports whether a connection of --mptcp is multipath TCP. */
void	run_say_multipath(const struct run *, const struct fd *);
/* Reports the facts of TLS with this peer; NULL: there is no TLS. */
void	run_say_secured(const struct run *, const struct layer *tls,
	    const struct target *);
/* Reports that the TLS handshake of a client has failed. */
void	run_say_not_secured(const struct run *, const struct addr *peer,
	    const struct error *);
/* Reports that no header of the PROXY protocol came over a connection. */
void	run_say_not_announced(const struct run *, const struct addr *peer,
	    const struct error *);
/* Writes "host port 80 (tcp)", the name of a peer in messages. */
void	run_peer_name(const struct plan *, const char *host,
	    const struct addr *, char *buf, size_t size);

/* ---- The plan's changes to the bytes ------------------------------------ */

/*
 * Filters and gates in flows, and layers between a socket and the rest of the
 * program. Law: the plan alone decides their order, the same in all modes.
 *
 * The first five return false if memory is short; the caller then frees what
 * was made. broke_off is kept between sessions: the last message of the
 * previous session was not complete; NULL: there is a single session.
 */
bool	run_stages(const struct plan *, struct flow_options *up);
bool	run_stages_down(const struct plan *, struct flow_options *down,
	    bool *broke_off);
/* The stages of an echo, which returns complete messages only. */
bool	run_stages_echo(const struct plan *, struct flow_options *);
/* The gate of the plan's faults, around the gate that is there already. */
bool	run_add_faults(const struct plan *, struct flow_options *,
	    enum fault_way);
void	run_stages_free(struct flow_options *up, struct flow_options *down);

struct frame_rules run_frame_rules(const struct plan *);

/*
 * Adds the layers for -t, -o and --output to a peer's open, unused endpoint;
 * flat: the records of a SOCK_SEQPACKET become a stream. Returns -1 with errno;
 * the endpoint is then still usable.
 */
int	socket_layers_up(struct run *, struct endpoint *, bool flat);
/*
 * Adds the layers to the far endpoint of the run; tcp: with --oob, too. On
 * failure reports the error, closes the endpoint and returns false.
 */
bool	run_open_far(struct run *, bool tcp);

/* ---- Copies of the traffic ---------------------------------------------- */

/*
 * Files that get a copy of the bytes that each connection's reads returned and
 * its writes took, in order, as hex dumps or plain bytes.
 *
 * Laws: a file that cannot be written is reported once and given up, and the
 * sessions go on; the exit status is then 1 where the personality says so. A
 * file that takes nothing for now (a pipe) never delays a session. At the end
 * of the program the files have all bytes that passed.
 */

/*
 * Checks, before opening any, that the files which a plan writes to are
 * different files, whatever their names; devices may be named twice. Returns
 * -1 with the error.
 */
int	taps_check_files(const struct plan *, struct error *);
/* Opens the plan's files as r->taps. Reports errors; the exit status, or 0. */
int	taps_open(struct run *);
/* Begins to copy the bytes that pass the endpoint. Returns -1 with errno. */
int	taps_wrap(struct run *, struct endpoint *);
/* Writes the backlogs and closes the files; may set r->status. */
void	taps_close(struct run *);

/* ---- The line of --progress --------------------------------------------- */

/*
 * A line on standard error that is drawn again and again while bytes move.
 *
 * Laws: the line is drawn at most 8 times a second, and not at all while no
 * byte moves; no write of the line waits; a message stands on a line of its
 * own. Bytes are counted where the flows count them, so they may cross in the
 * kernel. The timer of the line keeps no loop going.
 */

/* Begins, if there is a terminal or the plan insists. -1 with the error. */
int	progress_open(struct run *, struct error *);
/*
 * Has these flows counted, which begin now; either may be NULL. The first call
 * starts the clock.
 */
void	progress_count(struct run *, struct flow_options *sent,
	    struct flow_options *received);
/* Keeps the line off a terminal that the near end writes to. */
void	progress_share(struct run *);
/* Draws the last line, and ends that line. */
void	progress_close(struct run *);

/* ---- Reports that the program listens ----------------------------------- */

/*
 * --port-file, --ready-fd, and systemd's sd_notify(3).
 *
 * Laws: nothing is reported before every socket is open. A file appears whole
 * or not at all, and replaces nothing but a file. A report that was asked for
 * and fails is a failure.
 */
struct ready {
	const char	*written;	/* the port file; NULL: none */
	struct stat	 as;		/* of the file after writing */
};

/* Checks --ready-fd before anything is opened; -1 with the error. */
int	ready_check(const struct plan *, struct error *);
/* Reports that sockets with these addresses are open; -1 with the error. */
int	ready_report(struct ready *, const struct run *, const struct addr *,
	    size_t n, struct error *);
/* Removes the file, unless another program has replaced it. */
void	ready_end(struct ready *);

/* ---- The sandbox -------------------------------------------------------- */

/*
 * Laws: the process is confined when everything is open that can be opened
 * early, and before the first byte from the network; a run that looks names up
 * or speaks TLS is confined before it dials, and again, narrower, when it is
 * connected. A run with a command is confined only if that is required, for
 * the command is, too.
 */
enum confine_at {
	CONFINE_DIALING,	/* names, sockets, proxies and TLS follow */
	CONFINE_LISTENING,	/* the sockets are bound */
	CONFINE_LEADING,	/* those of all workers are */
	CONFINE_CONNECTED	/* no other connection follows */
};

/*
 * Confines the process, as the plan says. False: a part is missing that the
 * plan requires; the run has failed.
 */
bool	run_confine(struct run *, enum confine_at);

/* ---- Paths of sockets --------------------------------------------------- */

/* The path of this socket is removed at the end. */
void	run_unlink_later(struct run *, const char *path);
/* Removes the path now: the socket will be made again. */
void	run_unlink_now(struct run *);
/*
 * Makes a path for a datagram socket, in a new directory in TMPDIR or /tmp,
 * which is removed at the end. Returns -1 with the error.
 */
int	run_temp_socket(struct run *, struct addr *, struct error *);

#endif
