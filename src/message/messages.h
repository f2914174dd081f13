/*
 * The messages of a personality: their text, the verbosity from which each is
 * printed, and the exit status that follows. Modes report events here; no
 * other code words an event. A function that returns int returns the
 * program's exit status, for an event that ends the program.
 *
 * Every message goes to standard error. A copied tool's messages are the
 * same to the letter, because scripts match them.
 */
#ifndef MESSAGE_MESSAGES_H
#define MESSAGE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "base/drops.h"
#include "base/policy.h"
#include "base/tls.h"

struct access_error;
struct plan;

/* An address that was tried. */
struct target {
	const char		*host;	/* as typed by the user; NULL: none */
	unsigned		 port;
	const struct addr	*addr;	/* NULL: not resolved yet */
	int64_t			 timeout; /* ns, of the attempt; -1: none */
};

/* How a session ended. */
struct outcome {
	enum session_end	 cause;
	uint64_t		 sent, received;	/* bytes written */
	uint64_t		 lost_out, lost_in;	/* bytes not written */
	uint64_t		 dropped_out, dropped_in; /* the same, by faults
							that were asked for */
	struct error		 near_read, near_write;	/* num 0: none */
	struct error		 far_read, far_write;
	bool			 warned;	/* far_read was printed */
	bool			 near_warned;	/* near_read was printed */
	bool			 reader_left;	/* near_write: the reader of
						   the output has left */
	bool			 silent;	/* the peer has ended, and the
						   input gave nothing in time:
						   nothing was exchanged */
	bool			 unread;	/* the peer has gone, and the
						   input has data that was not
						   read */
	struct dgram_drops	 drops;		/* of the socket, if it is not
						   shared */
	int64_t			 elapsed;	/* ns */
	int64_t			 idle;		/* ns, the limit */
	int			 status;	/* the program's, for a reason
						   that is not among these; 0:
						   none */
	bool			 failed;	/* for that reason, which was
						   reported already */
};

/* What kept a transfer over a long link from being faster. */
enum bottleneck_kind {
	BOTTLENECK_NONE,
	BOTTLENECK_SEND_BUFFER,
	BOTTLENECK_PEER_WINDOW,		/* the peer's receive buffer */
	BOTTLENECK_WINDOW		/* the receive buffer here */
};

struct bottleneck {
	enum bottleneck_kind	 kind;
	int64_t			 round_trip;	/* ns */
	uint64_t		 size;		/* bytes; 0: not known */
};

/* Returns whether all bytes for the peer were delivered. */
static inline bool
outcome_delivered(const struct outcome *o)
{
	return o->lost_out == 0 && o->far_write.num == 0;
}

/* Returns sockcat's own exit status after a session that was all there is. */
int	outcome_status(const struct outcome *);

/* The result of a scan, in ports. */
struct scan_outcome {
	size_t			 open;		/* answered */
	size_t			 refused;
	size_t			 silent;	/* no answer in time */
	size_t			 broken;	/* could not be probed */
	struct target		 broken_at;	/* the first of those */
	int			 broken_num;	/* errno of broken_at */
	bool			 last_open;	/* the last was not closed */
	int64_t			 elapsed;	/* ns */
};

/* Where an operation may be NULL, the personality prints nothing. */
struct messages {
	/* Begins each line of the personality; NULL: the program's name. */
	const char	*name;
	/* How the names of temporary directories begin. */
	const char	*temp_prefix;
	const char	*temp_dir;	/* where they are made; NULL: TMPDIR */
	/* The exit status after SIGINT or SIGTERM; 0: die of the signal. */
	int		 interrupt_status;

	/* Called once, before any other event; may be NULL. */
	void	(*begin)(const struct plan *);

	/* A name or service cannot be resolved; passive: to bind to. */
	int	(*resolve_failed)(const struct plan *, const char *host,
		    const char *port, const struct error *, bool passive);
	/* Connecting to an address failed; last: no other address is left. */
	int	(*connect_failed)(const struct plan *, const struct target *,
		    const struct error *, bool last);
	/* Connected, or (UDP) ready to send. */
	void	(*connected)(const struct plan *, const struct target *);
	/*
	 * Connected, and TLS begins; connected() is then not called. NULL:
	 * connected() is called when TLS is up.
	 */
	void	(*securing)(const struct plan *, const struct target *);
	/*
	 * A probe of -z found the port open; or a datagram port closed
	 * (errnum) or silent (0). Streams that fail go to connect_failed.
	 */
	void	(*probed)(const struct plan *, const struct target *,
		    bool open, int errnum);
	/* No port could be connected to; may be NULL. */
	void	(*none_reached)(const struct plan *);
	/* -z has probed all ports. */
	int	(*scanned)(const struct plan *, const struct scan_outcome *);
	/* socket, bind, listen or setsockopt failed: error.op names it. */
	int	(*listen_failed)(const struct plan *, const struct target *,
		    const struct error *);
	/* Listening; once per socket. A Unix or UDP socket is bound. */
	void	(*listening)(const struct plan *, const struct addr *);
	/* A rule of --allow, --deny or their files cannot be used. */
	int	(*access_failed)(const struct plan *,
		    const struct access_error *);
	/* A client was admitted; local is the local address of the socket. */
	void	(*accepted)(const struct plan *, const struct addr *peer,
		    const struct addr *local);
	/* No client came in time. */
	int	(*accept_timeout)(const struct plan *, const struct error *);
	/* A client may not come in. The status counts without -k only. */
	int	(*refused)(const struct plan *, const struct addr *peer,
		    const struct addr *local);
	/*
	 * A local address is in use, and is tried again. NULL: reported at
	 * -v as the failure.
	 */
	void	(*busy)(const struct plan *, const struct target *,
		    const struct error *);
	/* Next try after the pause (ns); left -1: no limit; may be NULL. */
	void	(*trying_again)(const struct plan *, int64_t pause, int left);
	/* A chat has its peer; n other clients were closed; may be NULL. */
	void	(*turned_away)(const struct plan *, unsigned n);
	/* The peer of a chat has left; may be NULL. */
	void	(*left)(const struct plan *, const char *peer);
	/* A client is closed for lack of room; may be NULL. */
	void	(*full)(const struct plan *);
	/* The program of -e or -c cannot be run. */
	int	(*exec_failed)(const struct plan *, const struct error *);
	/* -F: the connected socket could not be passed on. */
	int	(*pass_failed)(const struct plan *, const struct error *);
	/* A session is over. */
	int	(*ended)(const struct plan *, const struct outcome *);
	/*
	 * The peer has ended and the input has not: the rule of the policy
	 * that decides when the session ends; may be NULL.
	 */
	void	(*ruled)(const struct plan *, const struct end_policy *,
		    enum far_rule);
	/*
	 * A session begins with nothing to send and a terminal as output; may
	 * be NULL.
	 */
	void	(*looks)(const struct plan *, const struct end_policy *);
	/* A buffer of TCP has limited a transfer; may be NULL. */
	void	(*limited)(const struct plan *, const struct bottleneck *);
	/* An error after which the session or server goes on; may be NULL. */
	int	(*warn)(const struct plan *, const struct error *);
	/*
	 * TLS is up with a server that was connected to, or with a client, of
	 * which the target has the address alone; may be NULL.
	 */
	void	(*secured)(const struct plan *, const struct tls_facts *,
		    const struct target *);
	/*
	 * The TLS handshake of a client has failed, and the listener goes on
	 * waiting; may be NULL.
	 */
	void	(*not_secured)(const struct plan *, const struct addr *peer,
		    const struct error *);
	/* A certificate was made for this run; may be NULL. */
	void	(*made_cert)(const struct plan *, const struct tls_cert *);
	/*
	 * At the end of the run: the datagrams of all sockets that the kernel
	 * has dropped; may be NULL.
	 */
	void	(*overran)(const struct plan *, const struct dgram_drops *);
	/* With -v: the parts of the sandbox that are on; may be NULL. */
	void	(*confined)(const char *parts);
	/* A copy of the traffic cannot be written; the session goes on. */
	int	(*tap_failed)(const struct plan *, const struct error *);
	/* Any other failure: a line, at each verbosity. */
	int	(*failed)(const struct plan *, const struct error *);
};

extern const struct messages	messages_native, messages_openbsd,
				messages_traditional, messages_ncat;

/* ---- The same in each personality --------------------------------------- */

/* Prints whether a connection of --mptcp is multipath TCP, at -v. */
void	messages_multipath(const struct plan *, bool really);
/* Prints that other users can read the file of a key. */
void	messages_loose_key(const struct plan *, const char *path);
/* Prints, at -v, that a client is connected to a target. */
void	messages_forwarded(const struct plan *, const char *client,
	    const char *target);
/* Prints, at -v, the facts of TLS with a target. */
void	messages_forward_secured(const struct plan *, const char *target,
	    const struct tls_facts *);
/* Prints that nothing is verified of a target that TLS is used with. */
void	messages_forward_insecure(const char *target);
/* Prints that a peer is dropped for reading too slowly. lost: bytes. */
void	messages_dropped(const struct plan *, const char *peer, uint64_t lost);
/* Prints, at -v, the seed by which the same faults come again. */
void	messages_seed(const struct plan *, uint64_t seed);
/* Prints the urgent byte that came. */
void	messages_urgent(unsigned char byte);
/*
 * Prints that a signal has stopped a command, because it uses the terminal of
 * another job (wants_terminal), or otherwise.
 */
void	messages_command_stopped(int signo, bool wants_terminal);
/*
 * Prints that the plan's deadline has passed, and the error because of which
 * the last operation was to be tried again; returns the exit status.
 */
/* A worker of --workers has ended; left: those that go on. */
void	messages_worker_ended(int number, int wait_status, unsigned left);
int	messages_deadline(const struct plan *, const struct error *);
/* Prints the line of --stats; peer may be empty. */
void	messages_stats(const struct addr *peer, unsigned number,
	    const struct outcome *);

#endif
