/*
 * How a command line is read: the dialects, the command line that is being
 * read, and how a wrong one is refused. Used inside cli/ only.
 *
 * Law: defaults are a const struct plan of the dialect, and plan_seal is the
 * last writer of a plan.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include <stdio.h>

#include "cli/option.h"

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
	/* Refuses a word outside of the choices; NULL: refuse_choice. */
	int	(*bad_choice)(const struct parse *, const char *word);
	/* Adds the options that others imply, or a URL; may be NULL. */
	int	(*complete)(struct parse *);
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
/* dialect.c: by enum compat; by the command line, NULL: refused. */
extern const struct dialect	*const dialects[];
const struct dialect		*dialect_choose(int argc, char **argv);

/* The command line while it is read. */
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

/* refuse.c: each prints a line and returns the exit status of usage. */
int	refuse(const struct parse *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));
/* Words the fault as the dialect does; 0: the dialect accepts the fault. */
int	refuse_as(const struct parse *, enum text, ...);
int	refuse_choice(const struct parse *, const char *word);
/* Refuses the value of an option for this reason; NULL: there is no fault. */
int	refuse_value(const struct parse *, const char *why, const char *word);
#define refuse_memory(p)	refuse((p), "out of memory")
/*
 * After getopt_long(3) has refused an option: ch is ':' if only the value
 * is missing; word is the argument of main with the option, or NULL.
 */
int	refuse_option(const struct parse *, int ch, const char *word);
/* The same for a name that may have "=value" after it. */
int	refuse_name(const struct parse *, const char *word);
int	refuse_with_usage(const struct parse *);

/* rules.c: conflicts of options; returns 0 or the exit status. */
int	check_rules(const struct parse *, bool operands_read);
/* Writes "-e or -c": the options with such a trait; false: no option. */
bool	rules_needs_text(const struct option_table *, uint64_t needs,
	    bool by_name, char *buf, size_t size);
/* Whether two native options exclude each other. */
bool	rules_exclude(enum act, enum act);

/* actions.c: puts the argument into the row's field, by the field's kind. */
option_setter	set_field;

/* values.c: each returns NULL, or a static reason. */
const char	*port_value(const struct plan *, const char *, long long min,
		    uint16_t *);
/*
 * Cuts "[v6]:port", "[v6]", "host:port" and ":port" in two; *port NULL: there
 * is none. Several colons without brackets are a host. False: the brackets are
 * wrong, and the word is whole.
 */
bool		 address_cut(char *word, char **host, char **port);
/* As atoi(3), and never beyond the bounds of an int. */
long long	 loose_value(const char *);
const char	*percent_value(const char *, uint32_t *millionths);
const char	*amount_value(const char *, struct fault_limit *);
/*
 * Copies the part before the first comma, and returns the rest after the comma,
 * or NULL. A part that is too long becomes empty, which is invalid.
 */
#define PART_MAX	64
const char	*value_part(const char *, char part[PART_MAX]);
/* The index of a word in a list that ends with NULL; -1: not there. */
int		 word_value(const char *const *words, const char *);
/* Adds a word to a list, after the gap unless the list is empty. */
void		 words_add(char *list, size_t size, const char *gap,
		    const char *word);

/*
 * socat.c: whether the operands are addresses of socat, which are refused with
 * our command line for them; *rc is then the exit status.
 */
bool	socat_refuse(const struct parse *, int *rc);

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
/* Prints the synopsis of the copied tools. */
void	usage_lines(FILE *, const struct option_table *);
/* The forms of a time, at the end of a message that refuses a time. */
#define TIME_FORMS	" (a time is a number of seconds, or has a unit: " \
			"500ms 5s 2m 1h)"
/* The same of a size or a rate. */
#define SIZE_FORMS	" (bytes, or with k, M, G or T: powers of 1024)"

/* help.c: the copied tools; a row's text begins at a column after the gap. */
void	help_classic_rows(FILE *, const struct option_table *, const char *gap,
	    int column);
void	help_wide_rows(const struct option_table *);
/* Takes the word after --help; returns 0, or refuses an unknown topic. */
int	help_set_topic(struct parse *, const char *word);
extern const struct category_row {
	const char	*name;		/* NULL: no category */
	const char	*title;
} categories[CATEGORY_COUNT];

/* version.c */
const char	*plan_version_text(void);

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

#endif
