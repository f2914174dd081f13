/*
 * How a command line is read: rows of letters and names, one table per
 * personality, over one set of actions. Inside of plan/ only.
 *
 * Laws: what an option does is told by its action alone, so that the same
 * action means the same under every name; how it is written, and which words
 * blame it, is told by the row; what is assumed when nothing is said is a
 * const struct plan of the personality.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plan/plan.h"

enum act {
	ACT_LATER,		/* accepted, with nothing behind it yet */
	ACT_INET, ACT_INET6, ACT_UNIX, ACT_UDP,
	ACT_LISTEN, ACT_KEEP_OPEN, ACT_SCAN,
	ACT_NUMERIC, ACT_NUMERIC_ALL, ACT_VERBOSE, ACT_RANDOM,
	ACT_SOURCE, ACT_SOURCE_PORT,
	ACT_HALF_CLOSE, ACT_NO_SHUTDOWN, ACT_QUIT, ACT_QUIT_LOOSE,
	ACT_RECV_ONLY, ACT_SEND_ONLY,
	ACT_WAIT, ACT_WAIT_LOOSE, ACT_CONNECT_TIMEOUT, ACT_IDLE,
	ACT_MAX_READS, ACT_INTERVAL, ACT_INTERVAL_LOOSE,
	ACT_CRLF,
	ACT_BROADCAST, ACT_DEBUG, ACT_KEEPALIVE, ACT_RCVBUF, ACT_SNDBUF,
	ACT_TOS, ACT_TTL, ACT_MIN_TTL, ACT_MD5, ACT_RTABLE,
	ACT_HELP, ACT_VERSION, ACT_EXPLAIN, ACT_COMPAT,
	ACT_EXEC, ACT_SH_EXEC, ACT_EXEC_STDERR, ACT_ECHO,
	ACT_MAX_CONNS, ACT_BACKLOG,
	ACT_ALLOW, ACT_ALLOWFILE, ACT_DENY, ACT_DENYFILE,
	ACT_ACCESS,		/* seen with any of these four */
	ACT_INPUT, ACT_STDIN, ACT_MERGE, ACT_TAG, ACT_DGRAM,
	ACT_SESSION_TIMEOUT,
	ACT_CHAT, ACT_BROKER, ACT_TALK, ACT_NAME, ACT_TIMESTAMPS, ACT_BELL,
	ACT_RAW_TEXT,
	ACT_LOG, ACT_PASSWORD_FILE,
	ACT_FRAMING, ACT_FRAME_INPUT, ACT_FRAME_OUTPUT, ACT_MAX_FRAME,
	ACT_MOVER, ACT_POLLER,
	/* Those that have no action yet are refused as still to come. */
	ACT_PASS_FD, ACT_FILE, ACT_SOURCE_HOP, ACT_HEX_DUMP, ACT_PROXY_USER,
	ACT_TELNET, ACT_VSOCK, ACT_SCTP, ACT_OUTPUT, ACT_HEX_DUMP_BARE,
	ACT_APPEND_OUTPUT, ACT_PROXY_AUTH, ACT_PROXY_DNS, ACT_NSOCK_ENGINE,
	ACT_TEST, ACT_TCP_INFO, ACT_STATS, ACT_SOCKOPT, ACT_MPTCP,
	ACT_SEQPACKET, ACT_RAW, ACT_OOB, ACT_DEADLINE, ACT_RETRY,
	ACT_RETRY_DELAY, ACT_RECONNECT, ACT_WAIT_FOR, ACT_MAX_INFLIGHT,
	ACT_PORT_FILE, ACT_READY_FD, ACT_INETD, ACT_PEER_FD,
	ACT_SEND_OOB, ACT_LUA_EXEC, ACT_PROXY, ACT_PROXY_TYPE, ACT_DCCP,
	ACT_PROXY_PROTOCOL, ACT_SOURCE_POINTER, ACT_DELAY,
	ACT_COUNT
};

/* Flags of a row. */
#define OPT_HIDDEN	0x01	/* not in help, manual and completions */
#define OPT_IS		0x02	/* blamed as "NOUN is too large" */
#define OPT_WHOLE	0x04	/* not a reason to forbid an abbreviation */

struct option_row {
	char		 letter;	/* 0: none */
	const char	*name;		/* NULL: no long name */
	enum act	 act;
	const char	*arg;		/* its name in help; NULL: none */
	const char	*noun;		/* the value in messages, or NULL */
	const char	*help;		/* one line */
	unsigned	 flags;
};

struct option_table {
	const struct option_row	*rows;
	size_t			 n;
};

extern const struct option_table	table_native, table_traditional,
					table_ncat;

struct parse;

struct personality {
	const char			*name;
	const char			*const *called;	/* argv[0]; NULL ends */
	const struct option_table	*table;
	const struct plan		*defaults;
	int				 usage_status;
	bool				 bare;	/* messages without a name */
	const char			*tail;	/* at the end of a message */
	const char			*said;	/* the name in messages, or
						   NULL: as it was called */
	/* A time in nanoseconds; NULL or what is wrong. */
	const char	*(*time)(const struct parse *, const char *, int64_t *);
	int	(*bad_value)(const struct parse *, const char *why,
		    const char *word);
	/*
	 * getopt_long did not like the option, and has said so, if it was not
	 * to be silent. ch is ':' if only the value is missing; word is the
	 * argument that the option stands in, or NULL.
	 */
	bool	silent;
	int	(*bad_option)(const struct parse *, int ch, const char *word);
	int	(*operands)(struct parse *);
};

/* A command line that is being read. */
struct parse {
	struct plan			*plan;
	const struct personality	*who;
	const struct option_row		*row;	/* being applied */
	bool				 by_letter;
	bool				 seen[ACT_COUNT];
	const struct option_row		*later;	/* the first of them */
	bool				 later_by_letter;
	int64_t				 quit;	/* -q; below 0: never */
	char				**words; /* operands */
	int				 nwords;
};

/*
 * What an option does. Without one, or with one that only checks the value
 * (later), the machinery is still to come.
 */
struct action {
	int		(*set)(struct parse *, const struct action *,
			    const char *);
	size_t		 field;		/* offset within the plan */
	long long	 min, max;	/* or min: the value to be set */
	bool		 later;
};
extern const struct action	actions[ACT_COUNT];

/*
 * nearest.c: which of the names a mistyped word of that length is nearest to.
 * Begin with { .word, .len }, try each name (by its part that is compared),
 * and ask; NULL: none is near.
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

/* personality.c */
const struct personality	*personality_of(enum compat);
/* By name; NULL when there is none such. */
const struct personality	*personality_named(const char *);
/*
 * By argv[0] and the chain of symbolic links from there to our program. The
 * first name that tells one netcat from the others counts; "nc" and "netcat",
 * which Debian's alternatives give to any of them, count if there is none;
 * and no link after "sockcat" is looked at.
 */
const struct personality	*personality_along(const char *called);

/* words.c: each says what is wrong and returns the exit status. */
int	refuse(const struct parse *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
int	usage(const struct parse *);
void	usage_lines(FILE *, const struct option_table *);
int	refuse_later(const struct parse *);
int	bad_value_native(const struct parse *, const char *, const char *);
int	bad_value_openbsd(const struct parse *, const char *, const char *);
int	bad_value_traditional(const struct parse *, const char *,
	    const char *);
int	bad_value_ncat(const struct parse *, const char *, const char *);
int	bad_option_native(const struct parse *, int ch, const char *word);
int	bad_option_openbsd(const struct parse *, int ch, const char *word);
int	bad_option_traditional(const struct parse *, int ch, const char *word);
int	bad_option_ncat(const struct parse *, int ch, const char *word);

/*
 * choices.c: the words that an option takes, NULL at their end; NULL: any.
 * An enum has their order. choice() is of the option that is being applied:
 * which one, or -1, of which refuse_choice() says what there is.
 */
const char	*const *choices_of(enum act);
int	choice(const struct parse *, const char *word);
int	refuse_choice(const struct parse *, const char *word);
const char	*framing_name(enum plan_framing);
/* Into an enum; of two words, the second makes a bool true. */
int	set_choice(struct parse *, const struct action *, const char *);
int	set_second(struct parse *, const struct action *, const char *);

/* serving.c: setters of what a server and its children are asked. */
int	set_exec(struct parse *, const struct action *, const char *);
int	set_lua_exec(struct parse *, const struct action *, const char *);
int	set_echo(struct parse *, const struct action *, const char *);
int	set_max_conns(struct parse *, const struct action *, const char *);
int	set_access(struct parse *, const struct action *, const char *);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_serving(struct parse *);

/* inputs.c: further inputs, and what stands before lines. */
int	set_input(struct parse *, const struct action *, const char *);
int	set_tag(struct parse *, const struct action *, const char *);
/* What --tag is about; 0 or the exit status. Before the other seals. */
int	seal_tag(struct parse *);
void	explain_inputs(const struct plan *);

/* scanning.c: what -z is asked; 0 or the exit status. */
int	seal_scanning(struct parse *);

/* chatting.c: setters of chats, hubs and framing. */
int	set_near(struct parse *, const struct action *, const char *);
int	set_hub(struct parse *, const struct action *, const char *);
int	set_name(struct parse *, const struct action *, const char *);
int	set_max_frame(struct parse *, const struct action *, const char *);
/* serving.c: are the peers of the standard streams joined? */
bool	joins_streams(const struct parse *);
/* explain_chatting.c */
void	explain_chatting(const struct plan *);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_chatting(struct parse *);
/*
 * Without operands, --chat and a command line of nothing but a chat's options
 * mean the chat server.
 */
void	chat_by_default(struct parse *);

/* again.c: setters of deadlines and of trying again. */
int	set_deadline(struct parse *, const struct action *, const char *);
int	set_retry(struct parse *, const struct action *, const char *);
int	set_retry_delay(struct parse *, const struct action *, const char *);
int	set_reconnect(struct parse *, const struct action *, const char *);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_retry(struct parse *);
void	explain_retry(const struct plan *);

/* explain.c: 1500000000 is "1500ms", 60000000000 is "60s", -1 is "none". */
#define TIME_TEXT_MAX	32
const char	*time_text(int64_t nsec, char buf[TIME_TEXT_MAX]);
/* kinds.c: setters of kinds of sockets, source routes and urgent data. */
int	set_raw(struct parse *, const struct action *, const char *);
int	set_send_oob(struct parse *, const struct action *, const char *);
int	set_hop(struct parse *, const struct action *, const char *);
int	set_hop_pointer(struct parse *, const struct action *, const char *);
/* What of it cannot go together; 0 or the exit status. */
int	check_kinds(const struct parse *);
/* Do they take other operands than host and ports? Then read them. */
bool	has_own_operands(const struct plan *);
int	operands_kind(struct parse *);
/* Before all else that is sealed; 0 or the exit status. */
int	seal_kinds(struct parse *);
void	explain_kind(const struct plan *);

/* sockopts.c: options of the socket by name. */
int	set_sockopt(struct parse *, const struct action *, const char *);
int	seal_sockopts(struct parse *);
extern const struct sockopt_row	sockopt_rows[];
extern const size_t		sockopt_nrows;
/* By its name in any case; NULL when there is none such. */
const struct sockopt_row	*sockopt_named(const char *name, size_t len);
/* Print the table. */
void	sockopt_list(void);

/* proxying.c: setters of proxies. */
int	set_proxy(struct parse *, const struct action *, const char *);
int	set_proxy_protocol(struct parse *, const struct action *,
	    const char *);
int	set_proxy_type(struct parse *, const struct action *, const char *);
int	set_proxy_user(struct parse *, const struct action *, const char *);
int	set_proxy_auth(struct parse *, const struct action *, const char *);
int	set_proxy_dns(struct parse *, const struct action *, const char *);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_proxying(struct parse *);
void	explain_proxy(const struct plan *);

/* service.c: setters of what scripts and service managers want. */
int	set_ready_fd(struct parse *, const struct action *, const char *);
int	set_inetd(struct parse *, const struct action *, const char *);
int	set_peer_fd(struct parse *, const struct action *, const char *);
int	set_tcp_info(struct parse *, const struct action *, const char *);
/*
 * Is it known without operands where the peer is, or where to listen? *rc is
 * then the exit status, or 0.
 */
bool	service_operands(struct parse *, int *rc);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_service(struct parse *);

/* tapping.c: setters of what looks at the bytes. */
int	set_nsock_engine(struct parse *, const struct action *, const char *);
/* A file that we write; check_file() is of its name alone. */
int	set_file(struct parse *, const struct action *, const char *);
int	check_file(const struct parse *, const char *name);
/* -f takes the place of the operands. */
int	operands_device(struct parse *);
/* What follows from all of it; returns 0 or the exit status. */
int	seal_tapping(struct parse *);

/* How a time may be written, behind a message that refuses one. */
#define TIME_FORMS	" (a time is a number of seconds, or has a unit: " \
			"500ms 5s 2m 1h)"
/* values.c: NULL, or a static word for what is wrong. */
const char	*time_units(const struct parse *, const char *, int64_t *);
const char	*time_openbsd(const struct parse *, const char *, int64_t *);
const char	*time_positive(const struct parse *, const char *, int64_t *);
const char	*port_value(const struct plan *, const char *, long long min,
		    uint16_t *);
int		 tos_value(const char *);	/* -1: no such word */
int		 tos_traditional(const char *);	/* -1: set nothing */
/* As atoi(3), and never beyond the bounds of an int. */
long long	 loose_value(const char *);
/* Which of a list of words that NULL ends; -1: none. */
int		 word_value(const char *const *words, const char *);

/*
 * operands.c, and a file for each of the other grammars. ports_make has room
 * for that many words of ports; it returns 0 or the exit status.
 */
int	ports_make(struct parse *, int n);
void	ports_add(struct parse *, uint16_t lo, uint16_t hi, const char *word);
void	path_set(struct parse *, const char *);
bool	is_digits(const char *);
int	operands_native(struct parse *);
int	operands_openbsd(struct parse *);
int	operands_traditional(struct parse *);
int	operands_ncat(struct parse *);

/* seal.c: conflicts of options; then what follows from all together. */
int	check_conflicts(const struct parse *);
int	plan_seal(struct parse *);

/* version.c */
const char	*plan_version_text(void);

/*
 * The rows that have a letter, in the order of manuals: digits, then the
 * alphabet, capitals first. Give NULL for the first; NULL ends.
 */
const struct option_row	*next_letter(const struct option_table *,
			    const struct option_row *);
const struct option_row	*row_of_letter(const struct option_table *, int);
/* Accepted, but nothing is behind it yet. */
bool	row_is_later(const struct option_row *);
/* It has a long name that is worth a word: "--4" is not. */
bool	row_has_name(const struct option_row *);

/* "-x" or "--name" as a row is best shown; buf has room for any. */
#define OPTION_TEXT_MAX	32
const char	*option_text(const struct option_row *, bool letter,
		    char buf[OPTION_TEXT_MAX]);
/* kinds.c: the same of the first row with that action. */
const char	*text_of(const struct parse *, enum act,
		    char buf[OPTION_TEXT_MAX]);

#endif
