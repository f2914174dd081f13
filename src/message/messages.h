/*
 * The messages of a personality: their text, the verbosity from which each is
 * printed, and the exit status that follows. Modes report events here; what
 * is worded alike in each personality may be printed where it happens.
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
#include "base/socket.h"
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

/* Returns whether all bytes for the peer were delivered. */
static inline bool
outcome_delivered(const struct outcome *o)
{
	return o->lost_out == 0 && o->far_write.num == 0;
}

/* Returns whether an operation has failed. */
bool	outcome_any_failed(const struct outcome *);
/* Returns sockcat's own exit status after a session that was all there is. */
int	outcome_status(const struct outcome *);

/* The result of a scan, in ports. */
struct scan_outcome {
	size_t			 open;		/* answered */
	size_t			 refused;
	size_t			 silent;	/* no answer in time */
	size_t			 broken;	/* could not be probed */
	struct target		 broken_at;	/* the first broken port */
	int			 broken_num;	/* errno of broken_at */
	bool			 last_open;	/* the last was not closed */
	int64_t			 elapsed;	/* ns */
};

/* What is reported. Those above EVENT_CONNECTED end the program, or may. */
enum message_event {
	EVENT_NONE,
	EVENT_RESOLVE_FAILED,	/* host, port, error; passive: to bind to */
	EVENT_CONNECT_FAILED,	/* target, error; last: no address is left */
	EVENT_SCANNED,		/* scan: -z has probed all ports */
	EVENT_LISTEN_FAILED,	/* target, error: its op names the call */
	EVENT_ACCESS_FAILED,	/* access: rules that cannot be used */
	EVENT_ACCEPT_TIMEOUT,	/* error */
	EVENT_REFUSED,		/* peer, local: may not come in; the status
				   counts without -k only */
	EVENT_EXEC_FAILED,	/* error: of the program of -e or -c */
	EVENT_PASS_FAILED,	/* error: -F could not pass the socket on */
	EVENT_TAP_FAILED,	/* error: of a copy of the traffic; the session
				   goes on */
	EVENT_FAILED,		/* error: any other */
	/* Connected, or (UDP) ready to send: target. */
	EVENT_CONNECTED,
	/*
	 * A probe of -z, target: the port is open; or a datagram port is
	 * closed (errnum) or silent (0). Streams that fail go to
	 * EVENT_CONNECT_FAILED.
	 */
	EVENT_PROBED,
	EVENT_BEGIN,		/* once, before any other event */
	EVENT_NONE_REACHED,	/* no port could be connected to */
	EVENT_LISTENING,	/* local; once per socket. A Unix or UDP socket
				   is bound */
	EVENT_ACCEPTED,		/* peer, local */
	EVENT_BUSY,		/* target, error: a local address is in use, and
				   is tried again */
	EVENT_TRYING_AGAIN,	/* after the pause (ns); left -1: no limit */
	EVENT_TURNED_AWAY,	/* n other clients, when a chat has its peer */
	EVENT_LEFT,		/* text: the peer of a chat */
	EVENT_FULL,		/* a client is closed for lack of room */
	EVENT_RULED,		/* policy, rule: decides about the end of the
				   session, since the peer alone has ended */
	EVENT_LOOKS,		/* policy: a session begins with nothing to send
				   and a terminal as output */
	EVENT_SECURED,		/* tls, target: of a client the address alone */
	EVENT_NOT_SECURED,	/* peer, error: of a client's handshake; the
				   listener goes on waiting */
	EVENT_MADE_CERT,	/* cert: for this run */
	EVENT_OVERRAN,		/* drops: of all sockets, at the end of the
				   run */
	/* Parts of texts. */
	EVENT_FAR, EVENT_MET, EVENT_HINT, EVENT_WHY, EVENT_SOCKS,
	EVENT_ACCESS_TAIL
};

/* An event with its facts, of which the others are 0. */
struct report {
	enum message_event			 event;
	const struct target		*target;
	const struct error		*error;
	const struct addr		*peer, *local;
	const char			*host, *port, *text;
	bool				 passive, last, open;
	int				 errnum, left;
	unsigned			 n;
	int64_t				 pause;
	const struct scan_outcome	*scan;
	const struct access_error	*access;
	const struct tls_facts		*tls;
	const struct tls_cert		*cert;
	const struct dgram_drops	*drops;
	const struct end_policy		*policy;
	enum far_rule			 rule;
};

struct message;

/* A personality. */
struct messages {
	const struct message	*rows;
	size_t			 nrows;
	/* Begins each line of the personality; NULL: the program's name. */
	const char	*name;
	bool		 bare;		/* no name begins its lines */
	/* How the names of temporary directories begin. */
	const char	*temp_prefix;
	const char	*temp_dir;	/* where they are made; NULL: TMPDIR */
	/* The exit status after SIGINT or SIGTERM; 0: die of the signal. */
	int		 interrupt_status;
	bool		 tells_before_tls; /* EVENT_CONNECTED comes before the
					      handshake, not after it */
	bool		 tells_busy;	/* else reported at -v as the failure */
	bool		 silence_is_open;  /* of a datagram port */
	bool		 probes_connect;   /* a probe is a connection first */
	bool		 shows_given;	/* with -n, hosts as they were given */
	bool		 unmaps;	/* shows IPv4-mapped peers as IPv4 */
	bool		 warns;		/* prints warnings and hints, which no
					   copied tool has */

	/* Reports an event; NULL: as the rows say. */
	int	(*report)(const struct plan *, const struct report *);
	/* A session is over. */
	int	(*ended)(const struct plan *, const struct outcome *);
};

/*
 * Prints what the plan's personality says of the event, if anything. Returns
 * the program's exit status, for an event that ends the program.
 */
int	messages_report(const struct plan *, const struct report *);
/* REPORT(plan, EVENT_REFUSED, .peer = peer, .local = local) */
#define REPORT(plan, ...) \
	messages_report((plan), &(struct report){ .event = __VA_ARGS__ })
int	messages_failed(const struct plan *, const struct error *);
/* Reports an error after which the session or the server goes on. */
void	messages_warn(const struct plan *, const struct error *);

extern const struct messages	messages_native, messages_openbsd,
				messages_traditional, messages_ncat;

/* ---- The same in each personality --------------------------------------- */

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
/*
 * Prints that a signal has stopped a command, because it uses the terminal of
 * another job (wants_terminal), or otherwise.
 */
void	messages_command_stopped(int signo, bool wants_terminal);
/* Prints that a worker of --workers has ended; left: the other workers. */
void	messages_worker_ended(int number, int wait_status, unsigned left);
/*
 * Prints that the plan's deadline has passed, and the error because of which
 * the last operation was to be tried again; returns the exit status.
 */
int	messages_deadline(const struct plan *, const struct error *);

#endif
