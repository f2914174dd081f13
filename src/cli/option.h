/*
 * How a command line is read: rows of letters and names, a table for each
 * dialect, over a common table of actions. Used inside cli/ only.
 *
 * Laws: the action alone defines the effect of an option, so an action means
 * the same under every name; the row says how the option is written and named
 * in messages; defaults are a const struct plan of the dialect. plan_seal is
 * the last writer of a plan.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plan/plan.h"

/* Of two options that exclude each other, the earlier is checked first. */
enum act {
	ACT_NONE,		/* no option */
	/* Where the peer is, and the kind of the socket. */
	ACT_INETD, ACT_PEER_FD, ACT_FILE, ACT_RAW, ACT_UNIX, ACT_VSOCK,
	ACT_SEQPACKET, ACT_DCCP, ACT_SCTP, ACT_MPTCP, ACT_UDP, ACT_INET,
	ACT_INET6, ACT_SOURCE, ACT_SOURCE_PORT, ACT_SOURCE_HOP,
	ACT_SOURCE_POINTER, ACT_GATEWAY, ACT_PROXY, ACT_PROXY_PROTOCOL,
	ACT_PROXY_USER, ACT_PROXY_TYPE, ACT_PROXY_TYPE_NCAT, ACT_PROXY_AUTH,
	ACT_PROXY_AUTH_FILE,
	ACT_PROXY_DNS, ACT_ACCEPT_PROXY, ACT_SEND_PROXY,
	/* TLS. */
	ACT_TLS, ACT_TLS_CERT, ACT_TLS_KEY, ACT_TLS_CA, ACT_TLS_CRL,
	ACT_TLS_CLIENT_CA, ACT_TLS_NAME, ACT_TLS_PIN, ACT_TLS_INSECURE,
	ACT_TLS_VERIFY, ACT_TLS_ALPN, ACT_TLS_CIPHERS, ACT_TLS_MIN,
	ACT_TLS_KEYLOG, ACT_LISTEN_TLS_CERT, ACT_LISTEN_TLS_KEY,
	ACT_LISTEN_TLS_CLIENT_CA, ACT_LISTEN_TLS_CRL, ACT_LISTEN_TLS_PIN,
	ACT_LISTEN_TLS_ALPN, ACT_LISTEN_TLS_CIPHERS, ACT_LISTEN_TLS_MIN,
	/* Modes, and how the program connects. */
	ACT_SCAN, ACT_MAX_INFLIGHT, ACT_RETRY, ACT_RECONNECT, ACT_WAIT_FOR,
	ACT_RETRY_DELAY, ACT_PASS_FD,
	/* The near end. */
	ACT_INPUT, ACT_EDIT, ACT_CHAT, ACT_BROKER, ACT_TALK, ACT_CHAT_NCAT,
	ACT_ECHO, ACT_FORWARD, ACT_FORWARD_ALL, ACT_FORWARD_SOURCE,
	ACT_FORWARD_TLS,	/* seen with a target that has TLS */
	ACT_SERVE_PROXY, ACT_ALLOW_TARGET, ACT_DENY_TARGET,
	ACT_EXEC, ACT_SH_EXEC, ACT_LUA_EXEC, ACT_EXEC_STDERR,
	ACT_AMPLIFY,
	/* Servers. */
	ACT_LISTEN, ACT_KEEP_OPEN, ACT_MAX_CONNS, ACT_MAX_CONNS_LOOSE,
	ACT_PER_HOST, ACT_WORKERS, ACT_BACKLOG, ACT_ALLOW, ACT_ALLOWFILE,
	ACT_DENY,
	ACT_DENYFILE,
	ACT_ACCESS,		/* seen with any of these four */
	ACT_STDIN, ACT_MERGE, ACT_TAG, ACT_PORT_FILE, ACT_READY_FD, ACT_TEST,
	ACT_SANDBOX, ACT_USER,
	/* The bytes. */
	ACT_OOB, ACT_SEND_OOB, ACT_TELNET, ACT_FRAME_INPUT, ACT_FRAME_OUTPUT,
	ACT_FRAMING, ACT_MAX_FRAME, ACT_DGRAM, ACT_CRLF, ACT_DELAY,
	ACT_LATENCY, ACT_RATE_LIMIT, ACT_DROP, ACT_DUPLICATE, ACT_REORDER,
	ACT_RESET_AFTER, ACT_STALL_AFTER, ACT_SLOW_CLOSE, ACT_FAULT_SEED,
	ACT_INTERVAL, ACT_INTERVAL_LOOSE, ACT_HEX_DUMP, ACT_HEX_DUMP_BARE,
	ACT_OUTPUT, ACT_APPEND_OUTPUT, ACT_STATS, ACT_TCP_INFO,
	ACT_PROGRESS, ACT_SIZE, ACT_SUM,
	/* The end. */
	ACT_RECV_ONLY, ACT_SEND_ONLY, ACT_HALF_CLOSE, ACT_NO_SHUTDOWN,
	ACT_QUIT, ACT_QUIT_LOOSE, ACT_WAIT, ACT_WAIT_LOOSE,
	ACT_CONNECT_TIMEOUT, ACT_IDLE, ACT_SESSION_TIMEOUT, ACT_DEADLINE,
	ACT_MAX_READS,
	/* Chats. */
	ACT_NAME, ACT_TIMESTAMPS, ACT_LOG, ACT_BELL, ACT_RAW_TEXT,
	ACT_PASSWORD_FILE, ACT_EXPECT,
	/* Names, the socket, and the program itself. */
	ACT_NUMERIC, ACT_RANDOM, ACT_BROADCAST, ACT_DEBUG,
	ACT_KEEPALIVE, ACT_KEEPALIVE_SYSTEM, ACT_RCVBUF, ACT_SNDBUF, ACT_TOS,
	ACT_TOS_LOOSE,
	ACT_TTL, ACT_MIN_TTL, ACT_MCAST_JOIN, ACT_MCAST_TTL, ACT_MCAST_LOOP,
	ACT_MCAST_IF, ACT_MD5, ACT_RTABLE, ACT_SOCKOPT,
	ACT_NSOCK_ENGINE, ACT_MOVER, ACT_VERBOSE, ACT_HELP, ACT_VERSION,
	ACT_EXPLAIN, ACT_COMPAT,
	ACT_COUNT
};

/* Properties of options, by which rules name them. */
enum trait {
	/* the action, */
	TRAIT_LISTEN, TRAIT_SERVER, TRAIT_SCAN, TRAIT_WAIT_FOR, TRAIT_INHERIT,
	TRAIT_DEVICE,
	/* the near end, */
	TRAIT_EXEC, TRAIT_LUA, TRAIT_ECHO, TRAIT_CHAT, TRAIT_BROKER,
	TRAIT_TALK, TRAIT_PASS, TRAIT_FORWARD, TRAIT_PROXY_SERVER,
	/* the family and the type of the socket, */
	TRAIT_INET, TRAIT_INET6, TRAIT_UNIX, TRAIT_VSOCK, TRAIT_UDP,
	TRAIT_SEQPACKET, TRAIT_RAW, TRAIT_DCCP, TRAIT_SCTP, TRAIT_MPTCP,
	/* and single options, or a few that are alike. */
	TRAIT_KEEP_OPEN, TRAIT_PROXY, TRAIT_SOURCE, TRAIT_SOURCE_PORT,
	TRAIT_ROUTE, TRAIT_RETRY, TRAIT_RECONNECT, TRAIT_INPUT, TRAIT_JOIN,
	TRAIT_FRAMING, TRAIT_FRAME_FORM, TRAIT_DGRAM, TRAIT_PACE,
	TRAIT_INTERVAL, TRAIT_CHANCE, TRAIT_CRLF, TRAIT_TELNET,
	TRAIT_TAP, TRAIT_TOTAL, TRAIT_RECV_ONLY, TRAIT_SEND_ONLY,
	TRAIT_HALF_CLOSE, TRAIT_NO_SHUTDOWN, TRAIT_BROADCAST, TRAIT_URGENT,
	TRAIT_TLS, TRAIT_TLS_CERT, TRAIT_TLS_TRUST,
	TRAIT_TLS_PIN, TRAIT_LISTEN_CERT, TRAIT_FORWARD_ALL,
	TRAIT_PROGRESS
};

#define IS(trait)	(UINT64_C(1) << TRAIT_##trait)
#define COMMAND		(IS(EXEC) | IS(LUA))

/*
 * The categories of --help, in the order that help and manual have them. The
 * common options are on the first screen.
 */
enum category {
	CATEGORY_NONE, CATEGORY_CONNECT, CATEGORY_LISTEN, CATEGORY_CHAT,
	CATEGORY_TRANSFER, CATEGORY_EXEC, CATEGORY_PROXY, CATEGORY_TLS,
	CATEGORY_DATAGRAM, CATEGORY_SCAN, CATEGORY_TIMING, CATEGORY_SERVICE,
	CATEGORY_DEBUG, CATEGORY_PERSONALITY, CATEGORY_COMMON,
	CATEGORY_COUNT = CATEGORY_COMMON
};

/* What the argument of an option is, for the shells that complete it. */
enum value_kind {
	VALUE_ANY, VALUE_FILE, VALUE_PROGRAM, VALUE_HOST, VALUE_PORT,
	VALUE_INTERFACE, VALUE_PROTOCOL, VALUE_SOCKOPT, VALUE_TOPIC,
	VALUE_COUNT
};

struct parse;

/* Puts an option's argument into the plan; returns 0 or the exit status. */
typedef int	option_setter(struct parse *, const char *arg);

/*
 * The effect of an option, and its rules about other options. Each page of a
 * table with pointers is relocated at every start, so rows are small.
 */
struct action {
	option_setter		*set;		/* NULL: being seen is all */
	const char *const	*choices;	/* as an enum; NULL: any */
	unsigned		 field : 16;	/* offset within the plan */
	unsigned		 also : 16;	/* a bit for each further
						   category */
	enum value_kind		 takes : 8;	/* without choices */
	enum category		 category : 8;	/* NONE: not native */
	long long		 min, max;	/* min: or the value to set */
	uint64_t		 is;		/* the option's traits */
	uint64_t		 never;		/* excluded traits */
	uint64_t		 needs;		/* any of these traits */
	uint64_t		 part_of;	/* and this trait */
	uint64_t		 lax;		/* of both: native only */
};
_Static_assert(sizeof(struct plan) <= UINT16_MAX, "fields");
_Static_assert(CATEGORY_COUNT <= 16, "further categories");
extern const struct action	actions[ACT_COUNT];

/* Flags of a row. */
#define OPT_HIDDEN	0x01	/* not in help, manual and completions */
#define OPT_IS		0x02	/* blamed as "NOUN is too large" */
#define OPT_WHOLE	0x04	/* has no abbreviation, and is no reason to
				   call that of another option ambiguous */
#define OPT_MAYBE	0x08	/* --name alone, too: the value is then NULL */

/* Without pointers, so that no start has to relocate the rows. */
struct option_row {
	char		 name[24];	/* "": no long name */
	char		 arg[24];	/* the value in help; "": none */
	char		 noun[24];	/* the value in messages */
	char		 help[64];	/* a line */
	enum act	 act : 16;
	unsigned	 flags : 8;
	char		 letter;	/* 0: none */
};

/*
 * Rows of options: without an argument, with an argument, with a noun for the
 * argument, and with flags; LONG and ARG have no letter.
 */
#define OPTION(c, word, does, value, called, text, bits) { .letter = (c), \
	.name = (word), .act = ACT_##does, .arg = (value), \
	.noun = (called), .help = (text), .flags = (bits) }
#define FLAG(letter, name, act, help) \
	OPTION(letter, name, act, "", "value", help, 0)
#define TAKES(letter, name, act, arg, help) \
	OPTION(letter, name, act, arg, "value", help, 0)
#define LONG(name, act, help)	FLAG(0, name, act, help)
#define ARG(name, act, arg, help) TAKES(0, name, act, arg, help)
#define MAYBE(name, act, arg, help) \
	OPTION(0, name, act, arg, "value", help, OPT_MAYBE)
#define VALUE(letter, name, act, arg, noun, help) \
	OPTION(letter, name, act, arg, noun, help, 0)

struct option_table {
	const struct option_row	*rows;
	size_t			 n;
};

extern const struct option_table	table_native, table_traditional,
					table_ncat;

/*
 * A rule with a special text. A text that begins with a colon is the
 * reason at the end of the usual text; NULL: the usual text.
 */
struct pair {
	enum act	 one;
	bool		 with;		/* refused with other; else without */
	uint64_t	 other;		/* traits */
	const char	*text;
};

/* Messages that dialects word differently; each takes a word or two. */
enum text {
	TEXT_SCRIPT,			/* file, reason */
	TEXT_PROXY_BRACKET, TEXT_PROXY_GARBAGE,	/* word */
	TEXT_PROXY_PORT,		/* reason, word */
	TEXT_HOST_INVALID,		/* host */
	TEXT_HOST_LONG_HTTP, TEXT_HOST_LONG_SOCKS,
	TEXT_HOPS_MANY,
	TEXT_HOP_EMPTY,
	TEXT_HOP_POINTER,		/* number */
	TEXT_HOP_INET6,			/* host */
	TEXT_NO_DESTINATION,
	TEXT_CID, TEXT_PORT,		/* word */
	TEXT_CA_AGAIN,
	TEXT_ALPN_EMPTY, TEXT_ALPN_LONG, /* list */
	TEXT_COUNT
};

/* A dialect: the grammar of a netcat, its defaults and its habits. */
struct dialect {
	const char		*name;
	const char *const	*called;	/* argv[0]; NULL ends */
	const struct option_table *table;
	const struct plan	*defaults;	/* but for the messages */
	const struct messages	*messages;
	const char *const	*texts;		/* NULL: native; "": no fault */
	const struct pair	*pairs;
	size_t			 npairs;
	int			 usage_status;
	const char		*tail;		/* ends a message */
	const char		*stop;		/* ends a sentence */
	const char		*progname;	/* in messages; NULL: argv[0] */
	const char		*port;		/* the default; NULL: none */
	const char		*bad_option;	/* a hint; NULL: usage */
	bool			 bare;		/* messages lack the name */
	bool			 strict;	/* refuses useless options */
	bool			 rules;		/* obeys columns of actions */
	bool			 proxy_one_colon; /* two: no port */
	bool			 traces;	/* -vvv prints transitions */
	bool			 own_getopt;	/* not getopt_long's messages */
	bool			 abbreviates;	/* accepts beginnings of long
						   names; of those without a
						   letter ambiguous ones, too */
	/* Reads a time (ns); NULL or a static reason. NULL: num_time. */
	const char	*(*time)(const struct parse *, const char *, int64_t *);
	int	(*bad_value)(const struct parse *, const char *why,
		    const char *word);
	/* Refuses a word that is no choice; NULL: refuse_choice. */
	int	(*bad_choice)(const struct parse *, const char *word);
	/* Adds the options that others imply; may be NULL. */
	void	(*complete)(struct parse *);
	int	(*operands)(struct parse *);
	/* Rules that need more than two options; may be NULL. */
	int	(*check)(const struct parse *);
	/* Seals the options of this dialect alone; may be NULL. */
	int	(*seal)(struct parse *);
	/*
	 * Prints the help; returns the stream that has the help. NULL: the
	 * native help, which has topics.
	 */
	FILE	*(*help)(const struct option_table *);
	int	(*version)(void);	/* NULL: the native version */
};

/*
 * Values that dialects share: after the far end, the limits of silence of the
 * input (a program started with us gets FAR_BEGIN, or after an answer
 * FAR_GRACE), and the peer's time after the reader of our output has left. The
 * copied tools leave at once, or never. Where that would lose input, the same
 * rules hold for all dialects; but their scripts may hold the input open for
 * ever.
 */
#define FAR_BEGIN	NSEC_PER_SEC
#define FAR_GRACE	(NSEC_PER_SEC / 4)
#define FAR_PAUSE	(2 * NSEC_PER_SEC)
#define FAR_LIMITS(received, sending, silent) { \
	[RULE_FILE] = -1, [RULE_ENDLESS] = 0, [RULE_FILTER] = -1, \
	[RULE_SHARED] = FAR_BEGIN, [RULE_RECEIVED] = (received), \
	[RULE_EXCHANGED] = FAR_PAUSE, [RULE_SENDING] = (sending), \
	[RULE_SILENT] = (silent) \
}
#define END_DEFAULTS \
	.reader_wait = NSEC_PER_SEC / 4, .linger = -1, .idle = -1, .total = -1
#define SOCK_DEFAULTS \
	.tos = -1, .ttl = -1, .min_ttl = -1, .backlog = -1, \
	.mcast = { .ttl = -1, .loop = MCAST_LOOP_LEAVE }

extern const struct dialect	dialect_native, dialect_openbsd,
				dialect_traditional, dialect_ncat;

/* A command line that is being read. */
struct parse {
	struct plan			*plan;
	const struct dialect		*dialect;
	const struct option_row		*row;	/* being applied */
	bool				 by_letter;
	bool				 seen[ACT_COUNT];
	char				**argv;	/* as it was given */
	char				**words; /* operands */
	int				 nwords;
};

/*
 * dialect.c: by number; by name, or NULL; by argv[0] and the symbolic links
 * from there to our program. The first name of a particular netcat counts, or
 * else "nc" and "netcat", which Debian's alternatives give to any of them.
 */
const struct dialect	*dialect_of(enum compat);
const struct dialect	*dialect_named(const char *);
const struct dialect	*dialect_along(const char *called);

/*
 * names.c: the rows that have a letter, in the order of manuals: digits, then
 * the alphabet, capitals first. Give NULL for the first; NULL ends.
 */
const struct option_row	*next_letter(const struct option_table *,
			    const struct option_row *);
const struct option_row	*row_of_letter(const struct option_table *, int);
/* Whether a row has a long name for messages: "--4" is not. */
bool	row_has_name(const struct option_row *);
bool	row_takes_time(const struct option_row *);
/* The forms of the value, at the end of a message that refuses one; or "". */
const char	*row_forms(const struct option_row *);
/*
 * "-x" or "--name" of a row; of an act, of the first row with the act,
 * or by name of a row without a letter; NULL: no row has the act.
 */
#define OPTION_TEXT_MAX	32
const char	*option_text(const struct option_row *, bool letter,
		    char buf[OPTION_TEXT_MAX]);
const char	*act_text(const struct option_table *, enum act,
		    bool by_name, char buf[OPTION_TEXT_MAX]);
/*
 * Finds the name nearest to a mistyped word. Begin with { .word, .len }, try
 * each name (by the part to be compared), and ask; NULL: no name is near.
 */
struct nearest {
	const char	*word;
	size_t		 len;
	const char	*name;		/* with the smallest distance so far */
	unsigned	 far;		/* that distance */
	const char	*beginning;	/* the last that begins with the word */
	unsigned	 begins;	/* how many do */
};
void		 nearest_try(struct nearest *, const char *name,
		    const char *part);
const char	*nearest_name(const struct nearest *);

/* refuse.c: each prints a line and returns the exit status of usage. */
int	refuse(const struct parse *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Words the fault as the dialect does; 0: the dialect accepts the fault. */
int	refuse_as(const struct parse *, enum text, ...);
int	refuse_choice(const struct parse *, const char *word);
#define refuse_memory(p)	refuse((p), "out of memory")
/*
 * After getopt_long(3) has refused an option: ch is ':' if only the value
 * is missing; word is the argument of main with the option, or NULL.
 */
int	refuse_option(const struct parse *, int ch, const char *word);
/* The same for a name that may have "=value" after it. */
int	refuse_name(const struct parse *, const char *word);
int	refuse_with_usage(const struct parse *);

/* help.c: the copied tools. */
void	usage_lines(FILE *, const struct option_table *);
/* Where the rows of a copied tool begin, and where their texts do. */
struct help_shape {
	const char	*gap;
	int		 column;	/* after the gap */
};
void	help_classic_rows(FILE *, const struct option_table *,
	    const struct help_shape *);
void	help_wide_rows(const struct option_table *);
/* "-x, --name <arg>": how a wide row begins. */
#define HELP_LEFT_MAX	64
const char	*help_left(const struct option_row *, char buf[HELP_LEFT_MAX]);

/*
 * help_native.c: one screen, or the help on a topic, which is the word after
 * --help: a category, an option or "all". help_set_topic returns 0, or refuses
 * an unknown topic.
 */
int	help_set_topic(struct parse *, const char *word);
extern const struct category_row {
	const char	*name;		/* NULL: no category */
	const char	*title;
} categories[CATEGORY_COUNT];

/* rules.c: conflicts of options; returns 0 or the exit status. */
int	check_rules(const struct parse *, bool operands_read);
/* Writes "-e or -c": the options that bring such a trait; false: none. */
bool	rules_needs_text(const struct option_table *, uint64_t needs,
	    bool by_name, char *buf, size_t size);
/* Whether two native options exclude each other. */
bool	rules_exclude(enum act, enum act);

/* actions.c */
const char	*framing_name(enum frame_format);

/* near.c: the near end, servers, framing and chats. */
option_setter	set_exec, set_room, set_access, set_input, set_tag, set_name,
		set_max_frame;
int	seal_tag(struct parse *);
void	seal_concurrent(struct parse *);
int	seal_chat(struct parse *);
int	seal_serve(struct parse *);

/* sockets.c: kinds of sockets, source routes and urgent data. */
option_setter	set_raw, set_send_oob, set_hops, set_gateway, set_hop_pointer;
/* Reads the operands of a vsock or raw socket. */
int	operands_socket(struct parse *);
int	seal_socket(struct parse *);

/* groups.c: multicast. */
option_setter	set_mcast_join;
int	seal_groups(struct parse *);
void	explain_groups(const struct mcast_options *);

/* sockopts.c: options of the socket by name. */
option_setter	set_sockopt, set_keepalive;
int	seal_sockopts(struct parse *);
extern const struct sockopt_row	sockopt_rows[];
extern const size_t		sockopt_nrows;
/* By name in any case of letters; NULL if there is none. */
const struct sockopt_row	*sockopt_named(const char *name, size_t len);
void	sockopt_list(void);

/* proxies.c */
option_setter	set_proxy, set_proxy_kind, set_proxy_login;
/* Takes user:password, or the user alone; copies both. */
int	proxy_take_login(struct parse *, const char *, size_t user);
int	seal_proxy_login(struct parse *);
int	seal_proxy(struct parse *);
bool	proxy_is_inet6(const char *host);
/* Checks the host that the proxy is asked for. */
int	proxy_check_host(const struct parse *, const char *host);

/* proxyp_opts.c: the PROXY protocol. */
option_setter	set_send_proxy;
int	seal_proxyp(struct parse *);
void	explain_proxyp(const struct plan *);

/* forward_opts.c: --forward. */
option_setter	set_forward, set_forward_source;
void	seal_targets(struct parse *);
int	seal_forward(struct parse *);
int	forward_check(const struct parse *);
void	forward_free(struct plan_forward *);
void	explain_copies(const struct plan *);
void	explain_forward(const struct plan *);

/* proxy_server_opts.c: the proxy server. */
option_setter	set_serve_proxy, set_target;
int	seal_proxy_server(struct parse *);
void	proxy_server_free(struct plan_proxy_server *);
void	explain_proxy_server(const struct plan *);

/* tls_opts.c: TLS. explain_tls prints what is verified, and against what. */
option_setter	set_tls_ca, set_tls_pin, set_tls_min, set_listen_tls_min;
int	seal_tls(struct parse *);
void	explain_tls(const struct plan *);

/* transfer_opts.c: how a transfer goes. */
option_setter	set_progress, set_size, set_sum;
void	explain_transfer(const struct plan *);

/* sandbox_opts.c: the sandbox. */
int	seal_sandbox(struct parse *);
void	explain_sandbox(const struct plan *);

/* fault_opts.c: faults by request. explain_faults prints a line for each. */
option_setter	set_latency, set_rate_limit, set_chance, set_fault_limit,
		set_fault_seed;
int	seal_faults(struct parse *);
void	explain_faults(const struct plan *);

/* files.c: files and descriptors that we are given, or write to. */
option_setter	set_file, set_peer_fd, set_stats, set_tcp_info;
/*
 * Whether peer or listeners were given as descriptors, so that there are no
 * operands; *rc is then 0 or the exit status.
 */
bool	operands_given(struct parse *, int *rc);
int	seal_files(struct parse *);
int	seal_service(struct parse *);

/* The forms of a time, at the end of a message that refuses a time. */
#define TIME_FORMS	" (a time is a number of seconds, or has a unit: " \
			"500ms 5s 2m 1h)"
/* The same of a size or a rate. */
#define SIZE_FORMS	" (bytes, or with k, M, G or T: powers of 1024)"

/* explain.c */
void	explain_proxy(const struct proxy_options *);

/* values.c: each returns NULL, or a static reason. */
const char	*port_value(const struct plan *, const char *, long long min,
		    uint16_t *);
int		 tos_value(const char *);	/* -1: no such word */
extern const char *const	tos_names[];	/* NULL ends */
int		 tos_traditional(const char *);	/* -1: set nothing */
/* As atoi(3), and never beyond the bounds of an int. */
long long	 loose_value(const char *);
/* Which of a list of words that NULL ends; -1: none. */
int		 word_value(const char *const *words, const char *);

/*
 * socat.c: whether the operands are addresses of socat, which are refused with
 * our command line for them; *rc is then the exit status.
 */
bool	socat_refuse(const struct parse *, int *rc);

/* operands.c: parts of grammars. ports_make makes room for n words. */
int	ports_make(struct parse *, int n);
void	ports_add(struct parse *, uint16_t lo, uint16_t hi, const char *word);
int	ports_read(struct parse *, char **words, int n);
void	path_set(struct parse *, const char *);
bool	is_digits(const char *);
/* Checks -p, which stays a word: the resolver looks services up. */
int	check_local_port(const struct parse *);
/* Whether the operands are no host and port; *rc is then 0 or the status. */
bool	operands_other(struct parse *, int *rc);

/* seal.c: seals the plan; returns 0 or the exit status. */
int	plan_seal(struct parse *);

/* version.c */
const char	*plan_version_text(void);

#endif
