/*
 * The plan: the whole command line as a single value. Filled from argv by the
 * option tables of a dialect, sealed once (plan_seal is the last writer),
 * const from then on; a worker of --workers seals its copy anew. Pure: making a
 * plan opens no socket and asks no resolver.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/faults.h"
#include "base/policy.h"
#include "base/proxy.h"
#include "base/socket.h"
#include "base/tls.h"

struct messages;

enum compat {
	COMPAT_NATIVE, COMPAT_OPENBSD, COMPAT_TRADITIONAL, COMPAT_NCAT
};

enum plan_mode {
	PLAN_CONNECT,
	PLAN_LISTEN,
	PLAN_SCAN,		/* -z */
	PLAN_WAIT,		/* --wait-for */
	PLAN_INHERIT,		/* --inetd, --peer-fd: sockets are given */
	PLAN_EXPLAIN,
	/* Texts: nothing after these options is read. */
	PLAN_HELP, PLAN_VERSION,
	PLAN_MANUAL, PLAN_BASH, PLAN_ZSH, PLAN_FISH
};

enum plan_family {
	FAMILY_ANY = AF_UNSPEC, FAMILY_INET = AF_INET, FAMILY_INET6 = AF_INET6,
	FAMILY_UNIX = AF_UNIX, FAMILY_VSOCK = AF_VSOCK
};
enum plan_type { TYPE_STREAM, TYPE_DGRAM };

/*
 * The socket, where family and type do not determine it. A type that keeps
 * records and connects (SOCK_SEQPACKET, SOCK_DCCP) is TYPE_STREAM to the plan.
 */
struct plan_socket {
	int		 type;		/* SOCK_*; 0: as the plan's type */
	int		 protocol;	/* 0: the default protocol */
	const char	*word;		/* in messages; NULL: by the type */
};

/* The near end. */
enum plan_near {
	PLAN_STDIO,
	PLAN_EXEC,		/* -e, -c, --lua-exec: a child */
	PLAN_ECHO,		/* --echo: the peer's own bytes */
	PLAN_CHAT,		/* --chat: a person, and a single peer */
	PLAN_PASS,		/* -F: the process that takes the socket */
	PLAN_FORWARD,		/* --forward: a target, by a dial of its own */
	PLAN_PROXY_SERVER,	/* --serve-proxy: the target a client names */
	PLAN_HUB		/* --broker, --talk: all other peers */
};

/* The kind of room of PLAN_HUB. */
enum plan_hub {
	HUB_BROKER,		/* bytes, unchanged */
	HUB_TALK,		/* lines of a group chat */
	HUB_NCAT		/* as ncat's --chat */
};

struct plan_chat {
	bool		 implied;	/* --chat is the default here */
	const char	*name;		/* NULL: the user's */
	bool		 bell;
	bool		 raw_text;	/* the peer's text is not sanitized */
	const char	*log;		/* file to append to; NULL: none */
	const char	*password_file;	/* of --talk; NULL: no password */
	const char	*expect;	/* known peer, the only one let in;
					   NULL: any peer */
};

struct plan_frame {
	enum frame_format	 how;
	bool			 input_all;	/* is a message; else lines */
	bool			 output_raw;	/* no LF after a message */
	uint64_t		 max;		/* bytes of a message */
};

/* Where --forward sends a client. */
struct forward_target {
	char			*cut;	/* owned: the word, cut */
	bool			 tls;
	enum plan_family	 family; /* FAMILY_ANY, _UNIX or _VSOCK */
	const char		*host;	/* or a path, or a CID */
	const char		*port;	/* of FAMILY_VSOCK; else NULL */
	uint16_t		 number; /* the port of FAMILY_ANY */
	bool			 plain;	/* no word stands before the host */
	bool			 dgram;	/* udp:, or plain and with -u */
};

struct plan_forward {
	struct forward_target	*targets;	/* owned; in the order of
						   trying */
	size_t			 n;
	bool			 all;	/* --forward-all: copies go to those
					   beside the first */
	const char		*source;	/* --forward-source; or NULL */
	struct tls_options	 tls;		/* of the targets with tls:;
						   plan.tls is the listener's */
	struct tls_options	 listen_tls;	/* --listen-tls-...; sealed
						   into plan.tls */
};

/* --serve-proxy, and ncat's -l --proxy-type. */
struct plan_proxy_server {
	unsigned		 kinds;	/* of enum proxy_kind: 1 << kind */
	bool			 ncat;	/* answers as ncat's proxy does */
	struct proxy_login	 login;	/* user NULL: all clients may come */
	struct target_rule	*targets;	/* owned */
	size_t			 ntargets;
	char			**cut;	/* owned: the texts of the rules */
	size_t			 ncut;
};

/* How a command becomes a program and its arguments. */
enum exec_how {
	EXEC_PATH,		/* unchanged: the path of a program */
	EXEC_WORDS,		/* cut at blanks; PATH has the program */
	EXEC_ESCAPED,		/* cut at blanks, but for those after \ */
	EXEC_SHELL,		/* -c: /bin/sh runs the text */
	EXEC_SCRIPT		/* --lua-exec: the interpreter runs the file */
};

struct plan_exec {
	const char	*command;	/* NULL: none */
	enum exec_how	 how;
	char		*interpreter;	/* owned: of EXEC_SCRIPT */
	bool		 with_stderr;	/* -E: stderr goes to the peer, too */
	bool		 hides_status;	/* our exit status is not the child's */
	bool		 handover;	/* the child gets the socket itself */
	bool		 checked;	/* the program must exist at start */
	bool		 hints_lines;	/* -v suggests --dgram=line */
	int		 amplify;	/* limit of UDP answers; 0: none */
};

/* The peers that get standard input. */
enum plan_stdin { STDIN_FIRST, STDIN_ALL, STDIN_LAST, STDIN_NONE };
/* The unit in which the output of many peers is joined. */
enum plan_merge { MERGE_LINE, MERGE_CHUNK };
/* The unit of a child's output that becomes a datagram. */
enum plan_dgram { DGRAM_RECORD, DGRAM_LINE, DGRAM_BLOCK };

/* --workers at most: a machine has fewer processors. */
#define WORKERS_MAX	256

/* Of --max-conns-per-host: there is no limit, but silent clients give way. */
#define SERVE_QUARTER	(-1)

/* Many peers at once. */
struct plan_serve {
	bool		 concurrent;
	int		 max_conns;
	int		 per_host;	/* clients; 0: no limit, and no client
					   gives way; or SERVE_QUARTER */
	int		 workers;	/* processes on the port; 0: this one */
	bool		 turn_away;	/* further clients; else they wait */
	bool		 one_try;	/* without -k, a client whose handshake
					   fails was the only one */
	bool		 warns_limit;	/* max_conns was given without -k */
	enum plan_stdin	 stdin_for;
	enum plan_merge	 merge;
	const char	*tag;		/* before a peer's lines; NULL: none */
};

/* How metrics are printed. */
enum stats_form { STATS_NONE, STATS_TEXT, STATS_JSON };

/* The interface to scripts and service managers. */
struct plan_service {
	const char	*user;		/* to become; NULL: none */
	const char	*port_file;	/* NULL: none */
	int		 ready_fd;	/* gets the port; 0: none */
	int		 activated;	/* sockets from ACTIVATED_FIRST on */
	int		 peer_in, peer_out;	/* of PLAN_INHERIT */
	bool		 native;	/* obeys SIGUSR1 and NOTIFY_SOCKET,
					   compares the files written to */
	bool		 test;		/* reports each listener to stderr */
	enum stats_form	 stats;		/* metrics of each session */
	char		*tcp_info;	/* owned: file; NULL: none */
	int64_t		 tcp_info_every;	/* ns */
};

enum progress_when {
	PROGRESS_NEVER,
	PROGRESS_TTY,		/* if standard error is a terminal */
	PROGRESS_FORCE
};

/* The digests of --sum. */
enum sum_kind {
	SUM_SHA256, SUM_SHA1, SUM_MD5, SUM_CRC32C, SUM_BLAKE2B, SUM_KINDS
};

/* The line of --progress. */
struct plan_progress {
	enum progress_when when;
	uint64_t	 size;		/* bytes to come; 0: not given */
};

/* The first of the descriptors that LISTEN_FDS counts. */
#define ACTIVATED_FIRST	3
#define ACTIVATED_MAX	64

/* Telnet, copies of the traffic, and pauses. Times in ns; 0: none. */
struct plan_taps {
	bool		 telnet;	/* -t: answer negotiation */
	bool		 telnet_clean;	/* and remove Telnet from the data */
	const char	*dump;		/* -o: a hex dump; NULL: none */
	const char	*dump_bare;	/* --hex-dump: ncat's form */
	const char	*output;	/* --output: the bytes, both ways */
	bool		 append;	/* to these files */
	bool		 above;		/* copies are made above telnet */
	bool		 must_keep;	/* a failed copy fails the program */
	unsigned	 mode;		/* of files that are made */
	int64_t		 delay;		/* --delay, before blocks */
	bool		 gap_first;	/* -i pauses before a line */
};

/* -z */
struct plan_scan {
	int	max_inflight;		/* ports at once; 0: as many as fit */
	bool	paced;			/* in turn, -i between two */
	bool	unasked;		/* a datagram port counts as open */
	int64_t	wait;			/* ns, for the answer to a datagram */
	int	probes;			/* datagrams to a port; 0: no limit */
	char	byte;			/* content of each of them */
};

/* Repeated tries. Times in ns. */
struct plan_retry {
	int		 retries;	/* of connecting; -1: without end */
	int		 returns;	/* of connecting again, likewise */
	int64_t		 delay;		/* before the first try; doubled */
	int64_t		 delay_most;	/* each time up to this */
	bool		 busy_only;	/* only if our address is in use */
	bool		 reconnect;	/* connect again after a session */
	bool		 names;		/* connect_timeout limits lookups */
};

/* Urgent data of TCP (RFC 6093). */
struct plan_urgent {
	bool		 shown;		/* --oob: received bytes are reported */
	bool		 sent;		/* --send-oob: */
	unsigned char	 mark;		/* this byte of the input is urgent */
};

/* --sandbox: what becomes of a part that this system lacks. */
enum plan_sandbox {
	SANDBOX_OFF,		/* no part is on anyway */
	SANDBOX_AUTO,		/* the others are on */
	SANDBOX_REQUIRE,	/* the program ends */
	SANDBOX_KILL		/* as AUTO, but commands are confined, and a
				   call that is refused ends the program: for
				   tests */
};

/* Headers of the PROXY protocol. */
struct plan_proxyp {
	bool		 accept;	/* of clients */
	int		 send;		/* the version, 1 or 2; 0: none */
};

/* Hops of a source route (RFC 791) that fit into a header. */
#define HOPS_MAX	8
/* The pointer to the first of them. */
#define HOP_POINTER	4

struct plan {
	enum compat		 compat;
	const char		*progname;	/* for messages */
	const struct messages	*messages;	/* of this dialect */
	int			 verbose;

	enum plan_mode		 mode;
	enum plan_mode		 subject;	/* of PLAN_EXPLAIN */
	enum plan_family	 family;
	enum plan_type		 type;
	struct plan_socket	 socket;
	bool			 numeric;	/* -n: no names */
	bool			 numeric_service; /* ... nor service names */

	/* The destination. Of a Unix socket, host is the path. */
	const char		*host;		/* NULL: none was given */
	struct port_range	*ports;		/* owned */
	size_t			 nports;
	bool			 random_ports;	/* -r */
	bool			 descending;	/* ranges from high to low */
	struct plan_scan	 scan;

	struct proxy_options	 proxy;
	struct plan_proxyp	 proxyp;
	struct tls_options	 tls;

	/* The local address: -s and -p; or the listener's address. */
	const char		*local_host;	/* NULL: any */
	const char		*local_port;	/* service, number; NULL: any */
	bool			 repeat_addrs;	/* duplicates are tried, too */
	bool			 any_port;	/* chosen by the system */
	enum resolve_wildcard	 wildcard;	/* of listeners; BOTH: two */
	bool			 v6_only;	/* IPV6_V6ONLY of listeners */
	bool			 show_mapped;	/* ::ffff:192.0.2.1 */

	/* Listening. */
	bool			 keep_open;	/* -k */
	bool			 peer_filter;	/* host and ports may connect */
	bool			 keep_socket_file; /* at the end */
	bool			 signal_keeps_socket; /* a client's own path
						    stays at a signal */
	bool			 leave_dead_socket; /* then its path is taken */

	struct plan_serve	 serve;
	struct access_rule	*access;	/* owned */
	size_t			 naccess;
	bool			 access_loose;	/* takes 127.1, 0177.1, "" */

	/* The near end. */
	enum plan_near		 near;
	struct plan_exec	 exec;
	struct plan_forward	 forward;
	struct plan_proxy_server proxy_server;
	enum plan_dgram		 dgram;
	struct plan_chat	 chat;
	enum plan_hub		 hub;
	bool			 hub_one_way;	/* clients get input alone */
	struct plan_frame	 frame;
	const char		**inputs;	/* owned: --input */
	size_t			 ninputs;
	const char		*input_tag;	/* before inputs; or NULL */

	/* Directions that are not used. */
	bool			 no_stdin;	/* -d, --recv-only */
	bool			 no_stdout;	/* --send-only */

	/* Times in nanoseconds; -1: no limit. */
	int64_t			 connect_timeout;
	int64_t			 handshake;	/* of TLS as a client, if
						   connect_timeout is -1; 0: no
						   limit */
	int64_t			 accept_timeout;
	int64_t			 interval;	/* -i, between lines; 0: none */
	int64_t			 race_delay;	/* of addresses; -1: none */
	int64_t			 deadline;	/* of the whole run */
	struct plan_retry	 retry;
	struct fault_rules	 faults;
	bool			 faults_seeded;	/* by the user */
	struct end_policy	 end;
	bool			 udp_next;	/* address, if a peer refuses */
	bool			 udp_last_sender; /* gets stdin of -u -l -k */

	/* The bytes and the socket. */
	bool			 crlf;		/* -C */
	bool			 timestamps;	/* before received lines */
	bool			 edit;		/* typed lines; received text is
						   made inert */
	struct plan_taps	 taps;
	const char		*device;	/* -f: instead of the network */
	size_t			 block;		/* most bytes of a datagram */
	struct sockopt_set	 sock;
	bool			 list_sockopts;	/* listed by PLAN_HELP */
	const char		*help_topic;	/* NULL: the first screen */
	struct plan_urgent	 urgent;
	const char		*hops[HOPS_MAX]; /* -g: on the way to host */
	size_t			 nhops;
	int			 hop_pointer;	/* -G */
	struct plan_service	 service;
	struct plan_progress	 progress;
	unsigned		 sums;		/* 1 << sum_kind */

	enum plan_sandbox	 sandbox;
	bool			 tolerant;	/* of resets, a closed stdout */
	enum mover_choice	 mover;		/* for tests and measuring */
	char			*cut;		/* owned: an operand, cut */
};

/*
 * Reads the command line. On success returns 0 and a sealed plan that points
 * into argv, to be freed with plan_free; otherwise prints the reason and
 * returns the exit status, which is never 0. Calls diag_init either way, with
 * the plan's name and level.
 */
int	plan_parse(struct plan *, int argc, char **argv);
void	plan_free(struct plan *);

/*
 * Of a worker (from 1 on), in its process: what it does instead of all workers
 * together, or instead of the parent.
 */
void	plan_seal_worker(struct plan *, int number);

/*
 * Print the text of -h, --version and --explain, of --man, through a pager on a
 * terminal, and of --completion; return 0, or another number with errno.
 */
int	plan_help(const struct plan *);
int	plan_version(const struct plan *);
int	plan_text(const struct plan *);
int	plan_explain(const struct plan *);
/* Prints the native synopsis to standard error; returns the exit status. */
int	plan_usage(const struct plan *);

/* Raw and Unix sockets have no ports. */
bool	plan_has_ports(const struct plan *);
/* Peers are connections: of a stream, or of DTLS, which keeps records. */
bool	plan_has_connections(const struct plan *);
/* An echo of datagrams in batches: nothing has to see or to delay them. */
bool	plan_echoes_in_batches(const struct plan *);
/* Each client is connected to a target: --forward, --serve-proxy. */
bool	plan_dials_for_clients(const struct plan *);
/* With TLS, this side is the server. */
bool	plan_is_tls_server(const struct plan *);
/* "tcp", "udp", "unix" ... in messages. */
const char	*plan_proto(const struct plan *);

#endif
