/*
 * Options: rows of letters and names, a table for each dialect, over a common
 * table of actions. Used inside cli/ only.
 *
 * Laws: the action alone defines the effect of an option, so an action means
 * the same under every name; the row says how the option is written and named
 * in messages.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	ACT_PER_HOST, ACT_WORKERS, ACT_ALLOW, ACT_ALLOWFILE, ACT_DENY,
	ACT_DENYFILE,
	ACT_ACCESS,		/* seen with any of these four */
	ACT_STDIN, ACT_MERGE, ACT_TAG, ACT_USER, ACT_PORT_FILE, ACT_READY_FD,
	ACT_TEST, ACT_SANDBOX,
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
	ACT_NUMERIC, ACT_RANDOM, ACT_DEBUG, ACT_BROADCAST,
	ACT_KEEPALIVE, ACT_KEEPALIVE_SYSTEM, ACT_MD5, ACT_RCVBUF, ACT_SNDBUF,
	ACT_TOS, ACT_TOS_LOOSE, ACT_TTL, ACT_MIN_TTL, ACT_BACKLOG,
	ACT_MCAST_JOIN, ACT_MCAST_TTL, ACT_MCAST_IF, ACT_MCAST_LOOP,
	ACT_RTABLE, ACT_SOCKOPT,
	ACT_NSOCK_ENGINE, ACT_MOVER, ACT_VERBOSE, ACT_HELP, ACT_VERSION,
	ACT_MAN, ACT_COMPLETION, ACT_EXPLAIN, ACT_COMPAT,
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

/*
 * Where --explain tells an option: in a line that several options make, by the
 * text of its row in the place for such options, or not at all, since the plan
 * stays the same.
 */
enum told {
	TOLD_TOGETHER, TOLD_PROXYP, TOLD_CHAT, TOLD_SOCKET, TOLD_MULTICAST,
	TOLD_URGENT, TOLD_COPY, TOLD_FAULT, TOLD_SERVICE, TOLD_TRANSFER,
	TOLD_NOT
};

/* How the argument is put into the plan's field, and told by --explain. */
enum field_kind {
	FIELD_NONE,		/* by a setter; without: being seen is all */
	FIELD_FLAG,		/* a bool: true */
	FIELD_COUNT,		/* an int: one more */
	FIELD_VALUE,		/* an enum: min */
	FIELD_WORD,		/* an enum: min and the number of the word in
				   choices; max, if there is no word */
	FIELD_SECOND,		/* a bool: whether it is the second word */
	FIELD_BITS,		/* unsigned: the bit of each word given, or of
				   the first */
	FIELD_UNUSED,		/* nothing, but only words of choices */
	FIELD_INT,		/* from min to max */
	FIELD_SIZE,		/* uint64_t, bytes: from min to max */
	FIELD_TIME,		/* int64_t, ns: min or more; max: of the
				   seconds after a letter of OpenBSD's nc */
	FIELD_PERCENT,		/* uint32_t, millionths */
	FIELD_AMOUNT,		/* struct fault_limit: bytes or a time */
	FIELD_STRING,
	FIELD_FILE		/* a string: a file that is written to */
};

struct parse;

/* Puts an option's argument into the plan; returns 0 or the exit status. */
typedef int	option_setter(struct parse *, const char *arg);

/*
 * The effect of an option, and its rules about other options. Each page of a
 * table with pointers is relocated at every start, so rows are small.
 */
struct action {
	option_setter		*set;		/* NULL: by the kind */
	const char *const	*choices;	/* as an enum; NULL: any */
	unsigned		 field : 16;	/* offset within the plan */
	unsigned		 also : 16;	/* a bit for each further
						   category */
	enum value_kind		 takes : 8;	/* without choices */
	enum category		 category : 8;	/* NONE: not native */
	enum told		 told : 8;
	enum field_kind		 kind : 8;	/* of the field */
	const char		*line;		/* told: % is the value */
	long long		 min, max;	/* as the kind says */
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

/* No table has more rows. */
#define ROWS_MAX	192

extern const struct option_table	table_native, table_traditional,
					table_ncat;

#endif
