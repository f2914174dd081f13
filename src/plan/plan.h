/*
 * The plan: everything that was asked, as one value. Filled from argv by
 * the option tables of one personality, checked once, const from then on.
 * Pure: making a plan opens no socket and asks no resolver.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/policy.h"
#include "base/proxy.h"
#include "base/socket.h"

struct messages;

enum compat {
	COMPAT_NATIVE, COMPAT_OPENBSD, COMPAT_TRADITIONAL, COMPAT_NCAT
};

enum plan_mode {
	PLAN_CONNECT,
	PLAN_LISTEN,
	PLAN_SCAN,		/* -z */
	PLAN_WAIT,		/* --wait-for */
	PLAN_INHERIT,		/* --inetd: the peer is there already */
	PLAN_HELP,		/* print it and leave */
	PLAN_VERSION,
	PLAN_EXPLAIN
};

enum plan_family {
	FAMILY_ANY = AF_UNSPEC, FAMILY_INET = AF_INET, FAMILY_INET6 = AF_INET6,
	FAMILY_UNIX = AF_UNIX, FAMILY_VSOCK = AF_VSOCK
};
enum plan_type { TYPE_STREAM, TYPE_DGRAM };

/*
 * Which socket, where family and type do not tell. A type that keeps records
 * and connects (SOCK_SEQPACKET, SOCK_DCCP) is TYPE_STREAM to the plan.
 */
struct plan_socket {
	int		 type;		/* SOCK_*; 0: as the plan's type */
	int		 protocol;	/* 0: the usual one */
	const char	*word;		/* in messages; NULL: as usual */
};

/* What stands at the near end. */
enum plan_near {
	PLAN_STDIO,
	PLAN_EXEC,		/* -e, -c: a child */
	PLAN_ECHO,		/* --echo: what came goes back */
	PLAN_CHAT,		/* --chat: a person, and exactly one peer */
	PLAN_PASS,		/* -F: whoever gets the socket from us */
	PLAN_HUB		/* --broker, --talk: all other peers */
};

/* What joins the peers of PLAN_HUB. */
enum plan_hub {
	HUB_BROKER,		/* bytes, as they are */
	HUB_TALK,		/* a group chat */
	HUB_NCAT		/* the one of ncat's --chat */
};

struct plan_chat {
	bool		 implied;	/* the default: --chat was not given */
	const char	*name;		/* NULL: the user's */
	bool		 timestamps;
	bool		 bell;
	bool		 raw_text;	/* what the peer says is not made
					   inert */
	const char	*log;		/* a file to append to; NULL: none */
	const char	*password_file;	/* --talk; NULL: none is asked for */
};

struct plan_frame {
	enum frame_format	 how;
	bool			 input_all;	/* all of the input is one
						   message, not each line */
	bool			 output_raw;	/* no LF behind a message */
	uint64_t		 max;		/* bytes of a message */
};

struct plan_exec {
	const char	*command;	/* NULL: none */
	char		*interpreter;	/* owned: --lua-exec: the program whose
					   only argument is the command, a
					   file; NULL: none */
	bool		 shell;		/* -c: for /bin/sh */
	bool		 split;		/* -e: into words, at blanks */
	bool		 escapes;	/* ... where a backslash takes the next
					   character as it is */
	bool		 search;	/* ... the first of which is looked
					   for in PATH */
	bool		 with_stderr;	/* -E: to the peer too */
	bool		 hides_status;	/* ncat: our status is not its */
	bool		 handover;	/* it gets the socket itself */
	bool		 checked;	/* it must be there from the start */
	bool		 hints_lines;	/* name --dgram=line when it is silent
					   after a datagram without newline */
};

/* Who gets standard input when there are many peers. */
enum plan_stdin { STDIN_FIRST, STDIN_ALL, STDIN_LAST, STDIN_NONE };
/* What is kept together when the output of many is joined. */
enum plan_merge { MERGE_LINE, MERGE_CHUNK };
/* What makes a datagram when a child writes a stream. */
enum plan_dgram { DGRAM_RECORD, DGRAM_LINE, DGRAM_BLOCK };

/* Many peers at once. */
struct plan_serve {
	bool		 concurrent;
	int		 max_conns;
	bool		 turn_away;	/* the next one, at once; else it
					   waits in the backlog */
	enum plan_stdin	 stdin_for;
	enum plan_merge	 merge;
	const char	*tag;		/* before each line of a peer;
					   NULL: none */
};

/* What scripts and service managers around us are told, or give us. */
struct plan_service {
	const char	*port_file;	/* NULL: none */
	int		 ready_fd;	/* told when we listen; 0: none */
	int		 activated;	/* so many sockets are there already,
					   from ACTIVATED_FIRST on */
	int		 peer_in, peer_out;	/* of PLAN_INHERIT */
	bool		 reports;	/* USR1: how things stand */
	bool		 distinct_files; /* those written to are compared */
	bool		 notifies;	/* NOTIFY_SOCKET is told, too */
	bool		 test;		/* --test: a line on standard error
					   for each socket that listens */
	bool		 stats;		/* figures of each session */
	char		*tcp_info;	/* owned: a file for the system's
					   figures; NULL: none */
	int64_t		 tcp_info_every;
};

/* LISTEN_FDS counts descriptors from this one on. */
#define ACTIVATED_FIRST	3
#define ACTIVATED_MAX	64

/* What looks at the bytes, and what paces them. */
struct plan_taps {
	bool		 telnet;	/* -t: answer negotiation */
	bool		 telnet_clean;	/* ... and take it out of the data */
	const char	*dump;		/* -o: a hex dump; NULL: none */
	const char	*dump_bare;	/* --hex-dump: ncat's */
	const char	*output;	/* --output: the bytes, both ways */
	bool		 append;	/* to these files */
	bool		 above;		/* what is seen is as it is shown: after
					   telnet, not before */
	bool		 must_keep;	/* one that cannot be written is a
					   failure in the end */
	unsigned	 mode;		/* of files that are made */
	int64_t		 delay;		/* --delay, before blocks; 0: none */
	bool		 gap_first;	/* -i pauses before a line */
};

/* -z */
struct plan_scan {
	int	max_inflight;		/* ports at once; 0: as many as fit */
	bool	paced;			/* one by one, -i between two */
	bool	unasked;		/* a datagram port counts as open */
	int64_t	wait;			/* for the answer to a datagram */
	int	probes;			/* datagrams to a port, at most; 0: as
					   many as the time allows */
	char	byte;			/* content of each of them */
};

/* Trying again. */
struct plan_retry {
	int		 retries;	/* further tries to connect; -1: no
					   end of them */
	int		 returns;	/* the same, after a lost connection */
	int64_t		 delay;		/* before the first of them, */
	int64_t		 delay_most;	/* twice as long each time up to this */
	bool		 busy_only;	/* ... but no failure other than an
					   address of ours that is in use */
	bool		 reconnect;	/* a session that ended is followed
					   by another */
	bool		 names;		/* connect_timeout is a limit of name
					   lookups, too */
};

/* Urgent data of TCP (RFC 6093). */
struct plan_urgent {
	bool		 shown;		/* --oob: what comes is told of */
	bool		 sent;		/* --send-oob: each such byte of the */
	unsigned char	 mark;		/* ... input is sent as urgent */
};

/* Hops of a source route (RFC 791) that fit into a header. */
#define HOPS_MAX	8

struct plan {
	enum compat		 compat;
	const char		*progname;	/* for messages */
	const struct messages	*messages;	/* this personality's words */
	int			 verbose;

	enum plan_mode		 mode;
	enum plan_mode		 subject;	/* what PLAN_EXPLAIN is about */
	enum plan_family	 family;
	enum plan_type		 type;
	struct plan_socket	 socket;
	bool			 numeric;	/* -n: no names */
	bool			 numeric_service; /* ... nor service names */

	/* Where to: the operands. Of a Unix socket, host is the path. */
	const char		*host;		/* NULL: none was given */
	struct port_range	*ports;		/* owned */
	size_t			 nports;
	bool			 random_ports;	/* -r */
	bool			 descending;	/* ranges from high to low */
	struct plan_scan	 scan;

	struct proxy_options	 proxy;

	/* From where: -s and -p; in listen mode, where to listen. */
	const char		*local_host;	/* NULL: any */
	const char		*local_port;	/* a service or number;
						   NULL: any */
	bool			 repeat_addrs;	/* an address is tried as often
						   as the resolver gives it */
	bool			 any_port;	/* listen, but no port was
						   given: pick one */
	enum resolve_wildcard	 wildcard;	/* of listeners; BOTH: two */
	bool			 v6_only;	/* IPv6 listeners are just
						   that */
	bool			 show_mapped;	/* IPv4 peers as
						   ::ffff:192.0.2.1 */

	/* Listening */
	bool			 keep_open;	/* -k */
	bool			 peer_filter;	/* traditional: accept
						   host and ports alone */
	bool			 keep_socket_file; /* at the end */

	struct plan_serve	 serve;
	struct access_rule	*access;	/* owned */
	size_t			 naccess;
	bool			 access_loose;	/* 127.1 and 0177.0.0.1 are
						   addresses, an empty word is
						   none */

	/* The near end. */
	enum plan_near		 near;
	struct plan_exec	 exec;
	enum plan_dgram		 dgram;
	struct plan_chat	 chat;
	enum plan_hub		 hub;
	bool			 hub_one_way;	/* clients do not hear each
						   other, with no_stdin nothing
						   at all */
	struct plan_frame	 frame;
	const char		**inputs;	/* owned: --input, beside
						   stdin */
	size_t			 ninputs;
	const char		*input_tag;	/* before each line of stdin
						   and of inputs; NULL: none */

	/* Which directions there are. */
	bool			 no_stdin;	/* -d, --recv-only */
	bool			 no_stdout;	/* --send-only */

	/* Times in nanoseconds; -1: no limit. */
	int64_t			 connect_timeout;
	int64_t			 accept_timeout;
	int64_t			 interval;	/* -i, between lines; 0: none */
	int64_t			 race_delay;	/* between addresses; -1: one
						   after the other */
	int64_t			 deadline;	/* of everything */
	struct plan_retry	 retry;
	struct end_policy	 end;
	bool			 udp_next;	/* a refused datagram goes
						   to the next address of the
						   name */
	bool			 udp_last_sender; /* -u -l -k: stdin goes to
						     the last sender */

	/* What is done to the bytes. */
	bool			 crlf;		/* -C */
	struct plan_taps	 taps;
	const char		*device;	/* -f: instead of the network */
	size_t			 block;		/* largest datagram made from a
						   stream */
	struct sockopt_set	 sock;
	bool			 list_sockopts;	/* all that PLAN_HELP tells */
	struct plan_urgent	 urgent;
	const char		*hops[HOPS_MAX]; /* -g: on the way to host */
	size_t			 nhops;
	int			 hop_pointer;	/* -G */
	struct plan_service	 service;

	/* Outcomes */
	bool			 quiet_reset;	/* a reset peer is a plain
						   end */
	bool			 closed_stdout_ok; /* and is then /dev/null */

	/* For tests and measuring. */
	enum mover_choice	 mover;

	char			*cut;		/* owned: the text of an operand
						   that was cut in two */
};

/*
 * Read the command line. On success returns 0 and a sealed plan, to be
 * freed with plan_free. Otherwise the words are on standard error already
 * and the exit status (never 0) is returned. diag_init has been called
 * either way, with the plan's name and level. The plan points into argv.
 */
int	plan_parse(struct plan *, int argc, char **argv);
void	plan_free(struct plan *);

/* Print what was asked for with -h, --version and --explain; exit status. */
int	plan_help(const struct plan *);
/* Prints the native synopsis to standard error; returns the exit status. */
int	plan_usage(const struct plan *);
int	plan_version(const struct plan *);
int	plan_explain(const struct plan *);

/* Raw and Unix sockets have none. */
bool	plan_has_ports(const struct plan *);

/* "tcp", "udp", "unix" ... as messages say it. */
const char	*plan_proto(const struct plan *);

#endif
