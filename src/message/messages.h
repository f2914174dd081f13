/*
 * The messages of a personality: their text, at which verbosity each is
 * printed, and which exit status follows. Modes report events here, and no
 * other code words an event. A function that returns int returns the exit
 * status of the program in case the event ends it.
 *
 * Everything goes to standard error. Messages of the copied tools are
 * theirs to the letter (scripts match them).
 */
#ifndef MESSAGE_MESSAGES_H
#define MESSAGE_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/diag.h"
#include "base/policy.h"

struct access_error;
struct plan;

/* One address that was tried. */
struct target {
	const char		*host;	/* as the user wrote it; may be NULL */
	unsigned		 port;
	const struct addr	*addr;	/* NULL before resolving */
	int64_t			 timeout; /* what the wait was, for words */
};

enum outcome_cause {
	OUTCOME_EOF,		/* both ways ended by themselves */
	OUTCOME_LINGER,		/* -q */
	OUTCOME_IDLE,		/* -w, --idle-timeout */
	OUTCOME_TOTAL,
	OUTCOME_LIMIT,		/* -W */
	OUTCOME_SIGNAL
};

/* How a session ended. */
struct outcome {
	enum outcome_cause	 cause;
	uint64_t		 sent, received;	/* by the sinks */
	uint64_t		 lost_out, lost_in;	/* not delivered */
	struct error		 near_read, near_write;	/* num 0: none */
	struct error		 far_read, far_write;
	bool			 warned;	/* of far_read already */
	bool			 near_warned;	/* of near_read */
	bool			 reader_left;	/* of near_write: nothing was
						   held for it */
	bool			 silent;	/* the peer has ended, and the
						   input gave nothing in time:
						   nothing was exchanged */
	int64_t			 elapsed;		/* ns */
	int64_t			 idle;			/* ns, the limit */
	bool			 listener;
};

/* What a scan came to, in ports. */
struct scan_outcome {
	size_t			 open;		/* they answered */
	size_t			 refused;
	size_t			 silent;	/* no answer in time */
	size_t			 broken;	/* it cannot be asked */
	struct target		 broken_at;	/* the first of those */
	int			 broken_num;
	bool			 last_open;	/* the last was not closed */
	int64_t			 elapsed;	/* ns */
};

struct messages {
	const char	*name;
	int		 usage_status;	/* of a wrong command line */
	int		 interrupt_status; /* after INT or TERM; 0: die of it */

	/* Once, before anything else happens; NULL: nothing to say. */
	void	(*begin)(const struct plan *);

	/* A name or service that cannot be resolved; passive: to listen. */
	int	(*resolve_failed)(const struct plan *, const char *host,
		    const char *port, const struct error *, bool passive);
	/* One address failed; last: no other is left to try. */
	int	(*connect_failed)(const struct plan *, const struct target *,
		    const struct error *, bool last);
	/* Connected, or (UDP) ready to send. */
	void	(*connected)(const struct plan *, const struct target *);
	/*
	 * A probe of -z: open, or of a datagram port closed (errnum) or
	 * silent (0). Streams that fail are told by connect_failed.
	 */
	void	(*probed)(const struct plan *, const struct target *,
		    bool open, int errnum);
	/* No port could be connected to. NULL: nothing more to say. */
	void	(*none_reached)(const struct plan *);
	/* -z has asked all ports. */
	int	(*scanned)(const struct plan *, const struct scan_outcome *);
	/* socket, bind, listen, setsockopt: err says which. */
	int	(*listen_failed)(const struct plan *, const struct target *,
		    const struct error *);
	/* Listening; once per socket. A Unix or UDP one: bound. */
	void	(*listening)(const struct plan *, const struct addr *);
	/* A rule of --allow, --deny or their files is of no use. */
	int	(*access_failed)(const struct plan *,
		    const struct access_error *);
	/* A client is in; local is its socket's own address. */
	void	(*accepted)(const struct plan *, const struct addr *peer,
		    const struct addr *local);
	/* A connection of --mptcp: is it really one? NULL: silence. */
	void	(*multipath)(const struct plan *, bool really);
	/* Urgent data came. NULL: silence. */
	void	(*urgent)(const struct plan *, unsigned char byte);
	/* Nobody came in time. */
	int	(*accept_timeout)(const struct plan *);
	/* A client that may not come in. What it returns counts only if
	 * there is to be no other. */
	int	(*refused)(const struct plan *, const struct addr *peer,
		    const struct addr *local);
	/*
	 * What failed is tried again after the pause; so many tries are left
	 * (-1: any number). NULL: silence.
	 */
	void	(*trying_again)(const struct plan *, int64_t pause, int left);
	/*
	 * An address of ours is in use, and tried again. NULL: told at -v as
	 * the failure that it is.
	 */
	void	(*busy)(const struct plan *, const struct target *,
		    const struct error *);
	/*
	 * The plan's deadline has passed. err is why what was last tried
	 * failed, if it was to be tried again. NULL: there are none.
	 */
	int	(*deadline)(const struct plan *, const struct error *err);
	/* A chat has its peer; so many others wanted in. NULL: silence. */
	void	(*turned_away)(const struct plan *, unsigned n);
	/* The peer of a chat has left. NULL: silence. */
	void	(*left)(const struct plan *, const char *peer);
	/* A peer came that finds no place, and is turned away. */
	void	(*full)(const struct plan *);
	/* A peer is dropped, for it takes what it is sent too slowly. */
	void	(*dropped)(const struct plan *, const char *peer,
		    uint64_t lost);
	/* The program of -e or -c cannot be run. */
	int	(*exec_failed)(const struct plan *, const struct error *);
	/* -F: the connected socket could not be passed on. */
	int	(*pass_failed)(const struct plan *, int errnum);
	/* A session is over; last: the program ends with this status. */
	int	(*ended)(const struct plan *, const struct outcome *,
		    bool last);
	/*
	 * The peer has ended and the input has not: what this rule of the
	 * policy makes of that. NULL: silence.
	 */
	void	(*ruled)(const struct plan *, const struct end_policy *,
		    enum far_rule);
	/* A datagram met an error; the session goes on. NULL: silence. */
	void	(*warn)(const struct plan *, const struct error *);
	/*
	 * A copy of the traffic cannot be written any more; the session goes
	 * on. NULL: as anything else that failed.
	 */
	void	(*tap_failed)(const struct plan *, const struct error *);
	/* Anything else that failed: one line always. */
	int	(*failed)(const struct plan *, const struct error *);
};

/* The line of --stats, the same in every personality. peer may be empty. */
void	messages_stats(const struct plan *, const struct addr *peer,
	    unsigned number, const struct outcome *);

extern const struct messages	messages_native, messages_openbsd,
				messages_traditional, messages_ncat;

#endif
