#include <string.h>

#include "base/num.h"
#include "cli/parse.h"
#include "message/messages.h"

/*
 * The dialect of netcat-traditional: after -l, host and ports say who may
 * come in.
 */

/*
 * The grammar of netcat-traditional. The long options are those that every
 * personality has.
 */
static const struct option_row rows[] = {
	TAKES('c', "", SH_EXEC, "shell commands",
	    "run by /bin/sh after connect [dangerous!!]"),
	TAKES('e', "", EXEC, "filename",
	    "program to run after connect [dangerous!!]"),
	FLAG('b', "", BROADCAST, "allow broadcasts"),
	TAKES('g', "", GATEWAY, "gateway", "source-routing hops"),
	VALUE('G', "", SOURCE_POINTER, "num", "hop pointer",
	    "source-routing pointer: 4, 8, 12, ..."),
	FLAG('h', "help", HELP, "this help"),
	VALUE('i', "", INTERVAL_LOOSE, "secs", "interval time",
	    "pause between lines sent"),
	FLAG('k', "", KEEPALIVE_SYSTEM, "set the socket's keepalive option"),
	FLAG('l', "", LISTEN,
	    "listen for a connection; the port comes with -p"),
	FLAG('n', "", NUMERIC, "numbers only, no names"),
	TAKES('o', "", HEX_DUMP, "file", "hex dump of the traffic"),
	VALUE('p', "", SOURCE_PORT, "port", "local port",
	    "local port number"),
	FLAG('r', "", RANDOM, "ports in random order"),
	VALUE('q', "", QUIT_LOOSE, "secs", "quit time",
	    "quit so long after the end of the input"),
	TAKES('s', "", SOURCE, "addr", "local address"),
	TAKES('T', "", TOS_LOOSE, "tos", "type of service"),
	FLAG('t', "", TELNET, "answer telnet negotiation"),
	FLAG('u', "", UDP, "UDP"),
	FLAG('v', "", VERBOSE, "verbose [twice: more of it]"),
	VALUE('w', "", WAIT_LOOSE, "secs", "wait-time",
	    "limit of connecting, and of silence"),
	FLAG('C', "", CRLF, "send CR LF for LF"),
	FLAG('z', "", SCAN, "only see whether the ports are open"),
	LONG("version", VERSION, "the version"),
	LONG("explain", EXPLAIN, "tell how this command line is understood"),
	ARG("compat", COMPAT, "name",
	    "behave as openbsd, traditional, ncat or native"),
	OPTION(0, "mover", MOVER, "how", "value", "for tests", OPT_HIDDEN),
};

const struct option_table table_traditional = {
	rows, sizeof(rows) / sizeof(rows[0])
};

static const struct plan	defaults = {
	.compat = COMPAT_TRADITIONAL,
	.family = FAMILY_INET, .wildcard = WILDCARD_INET, .descending = true,
	.connect_timeout = -1, .accept_timeout = -1, .deadline = -1,
	.race_delay = -1,
	.end = {
		END_DEFAULTS, .near_eof = NEAR_KEEP, .far_eof = FAR_BY_INPUT,
		.far_limit = FAR_LIMITS(0, FAR_PAUSE, NSEC_PER_SEC / 4),
		.idle_after_near = true, .refusal_ends = true,
		/* The original waits -w N twice; scripts rely on 2 N. */
		.silences = 1
	},
	/* The original repeats bind(2) if the address is in use. */
	.retry = { .busy_only = true, .retries = 4,
	    .delay = 2 * NSEC_PER_SEC },
	.scan = { .probes = 2, .paced = true },
	.block = 8192,
	.taps = { .above = true, .gap_first = true, .must_keep = true,
	    .mode = 0664 },
	.sock = { SOCK_DEFAULTS, .reuseport = true },
	.tolerant = true
};

/* The lookup refuses a hop without an IPv4 address. */
static const char	*const texts[TEXT_COUNT] = { [TEXT_HOP_INET6] = "" };

static int
traditional_bad_value(const struct parse *p, const char *why, const char *word)
{
	(void)why;
	return refuse(p, "invalid %s %s", p->row->noun, word);
}

static FILE *
traditional_help(const struct option_table *t)
{
	fprintf(stderr, "[v1.10-47, as spoken by sockcat %s]\n"
	    "connect to somewhere:\tnc [-options] hostname port[s] "
	    "[ports] ...\n"
	    "listen for inbound:\tnc -l -p port [-options] [hostname] "
	    "[port]\noptions:\n", plan_version_text());
	help_classic_rows(stderr, t, "\t", 24);
	fputs("A port is a number, a service or a range: lo-hi. Write \\- "
	    "for a hyphen\nin the name of a service. Long options:\n"
	    "\t--explain, --version, --compat name\n", stderr);
	return stderr;
}

/* A port, with "\-" for a hyphen in a name. */
static int
traditional_port(struct parse *p, const char *word, size_t len,
    uint16_t *port)
{
	char	text[64];
	size_t	n = 0;

	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\\' && i + 1 < len)
			i++;
		if (n < sizeof(text) - 1)
			text[n++] = word[i];
	}
	text[n] = '\0';
	return port_value(p->plan, text, 1, port) == NULL ? 0 :
	    refuse(p, "invalid port %s", text);
}

/* Returns the hyphen between two ports; NULL: there is a single port. */
static const char *
traditional_hyphen(const char *word)
{
	for (; *word != '\0' && *word != '-'; word++)
		if (*word == '\\' && word[1] != '\0')
			word++;
	return *word == '-' ? word : NULL;
}

/*
 * lo-hi; a descending range means the first port alone. Of two bad ports,
 * the message names the second.
 */
static int
traditional_ports(struct parse *p, char *word)
{
	const char	*hyphen = traditional_hyphen(word);
	uint16_t	 lo, hi;
	size_t		 len;
	int		 rc;

	if (port_value(p->plan, word, 1, &lo) == NULL) {
		ports_add(p, lo, lo, word);
		return 0;
	}
	len = hyphen != NULL ? (size_t)(hyphen - word) : strlen(word);
	if (hyphen != NULL && (rc = traditional_port(p, hyphen + 1,
	    strlen(hyphen + 1), &hi)) != 0)
		return rc;
	if ((rc = traditional_port(p, word, len, &lo)) != 0)
		return rc;
	if (hyphen == NULL || hi < lo)
		hi = lo;
	ports_add(p, lo, hi, word);
	return 0;
}

static int
traditional_operands(struct parse *p)
{
	const char	*word = p->plan->local_port;
	bool		 listening = p->plan->mode == PLAN_LISTEN;
	uint16_t	 port;
	int		 rc;

	p->plan->numeric_service = p->plan->numeric;
	p->plan->any_port = word == NULL && listening;
	if (word != NULL && port_value(p->plan, word, 1, &port) != NULL)
		return refuse(p, "invalid local port %s", word);
	if (p->nwords == 0)
		return listening ? 0 : refuse(p, "no destination");
	if (p->nwords == 1 && !listening)
		return refuse(p, "no port[s] to connect to");
	p->plan->host = p->words[0];
	p->plan->peer_filter = listening;
	rc = ports_make(p, p->nwords - 1);
	for (int i = 1; rc == 0 && i < p->nwords; i++)
		rc = traditional_ports(p, p->words[i]);
	return rc;
}

const struct dialect	dialect_traditional = {
	.name = "traditional", .called = (const char *const []){
	    "nc.traditional", "netcat-traditional", NULL },
	.table = &table_traditional,
	.defaults = &defaults, .messages = &messages_traditional,
	.texts = texts,
	.usage_status = 1, .bare = true, .tail = "", .stop = "",
	.bad_value = traditional_bad_value,
	.bad_option = "nc -h for help",
	.operands = traditional_operands, .help = traditional_help
};
