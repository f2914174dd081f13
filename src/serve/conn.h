/*
 * The life of one client that is served among others: by a command, by an
 * echo, on the standard streams, in a room. A conn owns the client's socket,
 * its deadlines, the wait for the last acknowledgements and the report about
 * its end; a kind of conn (struct conn_ops) says how the bytes move.
 *
 *	SERVING --limit, signal--> LEAVING --drain time over--> GIVEN_UP
 *
 *	any of these --bytes are on their way--> LINGERING --> CLOSED
 *	any of these --none are--> CLOSED --not busy--> reported and freed
 *
 * Laws: a conn that has started calls over() exactly once, from a timer, and
 * is freed after that; unless conn_stop(now) frees it without over(). Only
 * conn.c changes the state; -vvv prints each change.
 */
#ifndef SERVE_CONN_H
#define SERVE_CONN_H

#include <sys/queue.h>

#include "base/addr.h"
#include "door/places.h"
#include "io/fd.h"
#include "link/close.h"
#include "run/run.h"

struct conn;

enum conn_state {
	CONN_SERVING,	/* both ways go on */
	CONN_LEAVING,	/* nothing new is read; held bytes are delivered */
	CONN_GIVEN_UP,	/* held bytes are lost; the kind closes the conn */
	CONN_LINGERING,	/* the peer's system has yet to acknowledge */
	CONN_CLOSED	/* to be reported, once the kind is not busy */
};

/* All operations but dispose may be NULL. */
struct conn_ops {
	/*
	 * Since when the client has neither sent nor taken anything; 0: the
	 * limits of silence and of time do not apply now. NULL: never.
	 */
	int64_t	(*silent_since)(const struct conn *);
	/*
	 * While the client leaves without a drain time: when the client last
	 * took bytes. The conn gives up STALL_LIMIT later; NULL: never.
	 */
	int64_t	(*taken_at)(const struct conn *);
	/* The earliest date of the kind's own, at which to review; 0: none. */
	int64_t	(*date)(const struct conn *);
	/* Takes the steps that follow from the state of the kind. */
	void	(*review)(struct conn *);
	/* Begins to leave, for the reason in cause. */
	void	(*leave)(struct conn *);
	/* Drops the bytes that are held. */
	void	(*give_up)(struct conn *);
	/*
	 * Whether an end now would tell the client that it has everything,
	 * though it has not. NULL: never.
	 */
	bool	(*cut)(const struct conn *);
	/* CLOSED: is something left that has to end before the report? */
	bool	(*busy)(struct conn *);
	/* Sets the bytes sent and received so far; NULL, false: not known. */
	bool	(*count)(const struct conn *, struct outcome *);
	/*
	 * Stops all movement; adds losses and errors to an outcome that has
	 * the conn's own facts and the bytes of count.
	 */
	void	(*settle)(struct conn *, struct outcome *);
	/* Reports the end; the exit status. NULL: conn_report_end. */
	int	(*report)(struct conn *, struct outcome *);
	/* Frees the kind's memory and descriptors, but not its struct. */
	void	(*dispose)(struct conn *);
	bool	always_reports;		/* also without -v */
};

/* The first member of each kind's struct. */
struct conn {
	TAILQ_ENTRY(conn)	 link;		/* of the server's list */
	struct run		*run;
	const struct conn_ops	*ops;
	/* status: the program's, if this connection was all there is */
	void			(*over)(void *arg, struct conn *, int status);
	void			*arg;
	struct endpoint		 ep;		/* the client's socket; a
						   command's has no layer */
	struct timer		 timer;		/* for the earliest date */
	struct closing	*linger;	/* NULL: not LINGERING */
	int64_t			 started;
	int64_t			 leave_at;	/* end of the drain time; 0:
						   not set */
	uint64_t		 unacked;	/* bytes lost in our kernel */
	/* errno fits: Linux has none above 4095. */
	int16_t			 linger_errno;	/* ... why; 0: none were */
	int16_t			 read_errno;	/* 0: none */
	int			 write_errno;	/* 0: none */
	unsigned		 number;	/* of the client, from 1 */
	enum conn_state		 state : 8;
	enum session_end	 cause : 8;
	bool			 tcp;		/* the peer acknowledges */
	bool			 slow;		/* dropped, because it did not
						   take the bytes sent */
	struct client_place	 place;		/* for the server */
};

/* The facts that a kind needs to start a conn. */
struct conn_start {
	struct run		*run;
	struct fd		*fd;	/* taken, also on failure; NULL: join
					   makes the endpoint */
	/* Makes ep in the place of fd, with this name; -1 with errno. */
	int			(*join)(void *arg, struct conn *,
				    const char *name);
	void			*join_arg;
	struct layer		**tls;	/* taken likewise, and then NULL; NULL
					   or points to NULL: no TLS */
	const struct addr	*peer;
	const struct addr	*local;	/* len 0: not known */
	unsigned		 number;	/* of the client, from 1 */
	void			(*over)(void *arg, struct conn *, int status);
	void			*arg;
	void			*common;	/* shared by all conns */
};

/* ---- Kinds -------------------------------------------------------------- */

/*
 * Starts a conn of a kind. Returns NULL if the conn cannot start, after a
 * message; *status is then the exit status of the program.
 */
typedef struct conn *conn_starter(const struct conn_start *, int *status);

conn_starter	conn_exec, conn_echo;
/*
 * The format of the tag before what clients of an echo say; NULL: not shown.
 * Shows a text on standard error, inert, each line after the tag; a line ends
 * with the text. Without --tag, the FLOW_MUCH bytes of a client that are shown
 * end with a note; before: bytes that were shown already.
 */
const char	*echo_tag(const struct plan *);
void		 echo_show(const struct plan *, const char *tag,
		    uint64_t before, const struct iovec *, int cnt);
/* -F: passes the socket on. */
conn_starter	conn_pass;

/*
 * Starts one conn for all sockets, which are taken. With a peer in conn_start
 * they are connected to that peer, and its fd is ignored. Without a peer they
 * listen: if the plan does not keep them open, the first sender becomes the
 * only peer.
 */
struct conn	*conn_echo_sockets(const struct conn_start *,
		    const struct fd *, size_t n, int *status);
/* The same for the fd of conn_start. */
conn_starter	conn_echo_datagrams;

/* ---- For callers -------------------------------------------------------- */

/*
 * Ends the conn because the program ends: held bytes are delivered within
 * DRAIN_TIME, then over() is called; now: frees the conn at once, without
 * over().
 */
void	conn_stop(struct conn *, bool now);
/*
 * Resets the connection; the conn then ends by itself, as if the peer had
 * reset. Counts the bytes that the peer's system lacks as lost. Returns -1 with
 * errno.
 */
int	conn_reset(struct conn *);
/* The client's socket, also while it lingers; num -1: closed. */
const struct fd	*conn_socket(const struct conn *);
/* Interrupts a run with one conn; the argument is a struct conn **. */
void	conn_interrupt(void *conn);
/* Has the kind read what a layer holds already. */
void	conn_wake(struct conn *);

/* ---- For the kinds ------------------------------------------------------ */

/* A zeroed struct of this size, which begins with a conn; NULL with errno. */
void	*conn_new(size_t, const struct conn_ops *, const struct conn_start *);
/*
 * Makes ep of the socket, with the layers that the plan asks for. named: with
 * the peer's name, for messages. flat: records are read as a stream. -1 with
 * errno, and the descriptor is the caller's.
 */
int	conn_open(struct conn *, const struct conn_start *, bool named,
	    bool flat);
/* Starts the metrics and the timer of a conn that is complete. */
void	conn_begin(struct conn *, const struct conn_start *);
/* Closes the socket and the layer of TLS of a conn that did not start. */
void	conn_drop_socket(const struct conn_start *);
/*
 * Reports by errno that a conn could not be made, closes the socket, and frees
 * the conn, which may be NULL. Returns NULL.
 */
struct conn	*conn_fail(struct conn *, const struct conn_start *,
		    int *status);

static inline int64_t
conn_now(const struct conn *c)
{
	return loop_now(c->run->loop);
}

/*
 * Returns how many of the bytes that the peer's kernel has not acknowledged
 * are the user's, or a FIN: a peer that closes at once never acknowledges what
 * TLS itself has sent, such as its end.
 */
size_t	conn_lacks(const struct conn *, size_t unacked);
/* Whether the connection ends in a reset, because its output was cut. */
bool	conn_is_cut(const struct conn *);
/* Is this connection all there is, so that its end is the program's? */
bool	conn_is_alone(const struct conn *);
/* Review before the next wait. */
void	conn_review_later(struct conn *);
/* Sets the timer earlier, if a changed date asks for that. */
void	conn_arm(struct conn *);
/* SERVING to LEAVING. */
void	conn_leave(struct conn *, enum session_end);
/* To GIVEN_UP. */
void	conn_give_up(struct conn *);
/*
 * To LINGERING: ends the output of the socket, and waits until the peer's
 * system has everything. reset: the end is a reset, as it also is where the
 * conn was cut.
 */
void	conn_linger(struct conn *, bool reset);
/*
 * Ends the output of an endpoint, or resets it, and begins to close its socket,
 * which is taken. NULL: no memory, and nothing is done.
 */
struct closing	*conn_begin_closing(struct endpoint *, bool tcp, bool reset,
		    void (*done)(void *arg, size_t lost), void *arg);
/* To CLOSED. */
void	conn_close(struct conn *);
/* Sets an error of this end's name; num 0: none. */
void	conn_blame(struct error *, int num, const char *op,
	    const struct endpoint *);
/*
 * Ends the metrics, and prints how the conn ended: for an only conn, with -v,
 * if the kind always reports, or if the system was short of something. Returns
 * the exit status.
 */
int	conn_report_end(struct conn *, struct outcome *);

#endif
