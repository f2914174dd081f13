#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/subjects.h"
#include "message/messages.h"

/* The dialect of ncat: a single port number, never a service name. */

#define PORT	"31337"

/* Why a time is refused that might have been meant in milliseconds. */
static const char	no_unit[] = "without a unit";

/* The grammar of ncat. */
static const struct option_row rows[] = {
	FLAG('4', "4", INET, "Use IPv4 only"),
	FLAG('6', "6", INET6, "Use IPv6 only"),
	FLAG('U', "unixsock", UNIX, "Use Unix sockets only"),
	LONG("vsock", VSOCK, "Use vsock sockets only"),
	FLAG('C', "crlf", CRLF, "Send CR LF for LF"),
	TAKES('c', "sh-exec", SH_EXEC, "command", "Run a command by /bin/sh"),
	TAKES('e', "exec", EXEC, "command", "Run a command"),
	ARG("lua-exec", LUA_EXEC, "filename", "Run a Lua script"),
	TAKES('g', "g", SOURCE_HOP, "hop1[,hop2,...]",
	    "Loose source routing hops"),
	TAKES('G', "G", SOURCE_POINTER, "n",
	    "Loose source routing pointer (4, 8, 12, ...)"),
	TAKES('m', "max-conns", MAX_CONNS_LOOSE, "n",
	    "Most connections at once"),
	FLAG('h', "help", HELP, "Print this help"),
	VALUE('d', "delay", DELAY, "time", "-d delay",
	    "Pause before all that is sent or received"),
	TAKES('o', "output", OUTPUT, "filename", "Copy the traffic to a file"),
	TAKES('x', "hex-dump", HEX_DUMP_BARE, "filename",
	    "Dump the traffic as hex to a file"),
	VALUE('i', "idle-timeout", IDLE, "time", "-i timeout",
	    "Limit of silence"),
	TAKES('p', "source-port", SOURCE_PORT, "port", "Local port to use"),
	TAKES('s', "source", SOURCE, "addr",
	    "Local address to use (not with -l)"),
	FLAG('l', "listen", LISTEN, "Listen for connections"),
	FLAG('k', "keep-open", KEEP_OPEN,
	    "Accept many connections when listening"),
	FLAG('n', "nodns", NUMERIC, "Resolve no host names"),
	FLAG('t', "telnet", TELNET, "Answer Telnet negotiation"),
	FLAG('u', "udp", UDP, "Use UDP"),
	LONG("sctp", SCTP, "Use SCTP"),
	FLAG('v', "verbose", VERBOSE, "Tell more (can be used several times)"),
	VALUE('w', "wait", CONNECT_TIMEOUT, "time", "-w timeout",
	    "Limit of connecting"),
	FLAG('z', "", SCAN, "Only see whether the port is open"),
	LONG("append-output", APPEND_OUTPUT, "Append to output files"),
	LONG("send-only", SEND_ONLY,
	    "Only send, and quit at the end of the input"),
	LONG("recv-only", RECV_ONLY, "Only receive, never send"),
	LONG("no-shutdown", NO_SHUTDOWN,
	    "At the end of the input, do not tell the peer"),
	ARG("allow", ALLOW, "hosts", "Who may connect"),
	ARG("allowfile", ALLOWFILE, "file", "Who may connect, from a file"),
	ARG("deny", DENY, "hosts", "Who may not connect"),
	ARG("denyfile", DENYFILE, "file", "Who may not connect, from a file"),
	LONG("broker", BROKER, "Give what one client sends to all others"),
	LONG("chat", CHAT_NCAT, "A simple chat server"),
	LONG("talk", CHAT_NCAT, "The same"),
	ARG("proxy", PROXY, "addr[:port]", "Connect through a proxy"),
	ARG("proxy-type", PROXY_TYPE_NCAT, "type",
	    "Its kind (\"http\", \"socks4\", \"socks5\")"),
	ARG("proxy-auth", PROXY_AUTH, "auth",
	    "User and password for the proxy"),
	ARG("proxy-dns", PROXY_DNS, "type",
	    "Who resolves the destination's name"),
	ARG("nsock-engine", NSOCK_ENGINE, "name",
	    "How to wait: epoll, poll, select"),
	LONG("test", TEST, "Tell when it listens (for tests)"),
	LONG("ssl", TLS, "Use TLS"),
	ARG("ssl-cert", TLS_CERT, "file",
	    "TLS certificate file (PEM) for listening"),
	ARG("ssl-key", TLS_KEY, "file",
	    "TLS private key file (PEM) for listening"),
	LONG("ssl-verify", TLS_VERIFY, "Verify the peer's certificate"),
	ARG("ssl-trustfile", TLS_CA, "file", "Trusted certificates (PEM)"),
	ARG("ssl-ciphers", TLS_CIPHERS, "list", "TLS ciphers"),
	ARG("ssl-servername", TLS_NAME, "name", "Server name to ask for (SNI)"),
	ARG("ssl-alpn", TLS_ALPN, "list", "ALPN protocols"),
	LONG("version", VERSION, "Print the version"),
	OPTION(0, "explain", EXPLAIN, "", "value",
	    "Tell how this command line is understood", OPT_WHOLE),
	OPTION(0, "compat", COMPAT, "name", "value",
	    "Behave as openbsd, traditional, ncat or native", OPT_WHOLE),
	OPTION(0, "mover", MOVER, "how", "value",
	    "For tests", OPT_HIDDEN | OPT_WHOLE),
};

const struct option_table table_ncat = {
	rows, sizeof(rows) / sizeof(rows[0])
};

static const struct plan	defaults = {
	.compat = COMPAT_NCAT,
	.numeric_service = true, .wildcard = WILDCARD_BOTH, .v6_only = true,
	.repeat_addrs = true, .keep_socket_file = true,
	.leave_dead_socket = true,
	.connect_timeout = 10 * NSEC_PER_SEC, .accept_timeout = -1,
	.deadline = -1, .race_delay = -1,
	.end = {
		END_DEFAULTS, .near_eof = NEAR_HALF_CLOSE,
		.far_eof = FAR_WAIT,
		/* -l and --sctp have FAR_BY_INPUT. */
		.far_limit = FAR_LIMITS(0, FAR_PAUSE, NSEC_PER_SEC / 4),
		.refusal_ends = true
	},
	/* -w has nothing to do with the answers to datagrams. */
	.scan = { .probes = 1, .wait = 2 * NSEC_PER_SEC },
	.block = 8192,
	.exec = { .how = EXEC_ESCAPED, .hides_status = true },
	.serve = { .concurrent = true, .max_conns = 100, .turn_away = true,
	    .one_try = true, .stdin_for = STDIN_ALL, .merge = MERGE_CHUNK },
	.taps = { .above = true, .mode = 0664 },
	.access_loose = true,
	.tls = { .verify = TLS_VERIFY_NONE, .lenient = true,
	    .loose_names = true, .makes_rsa = true },
	.sock = { SOCK_DEFAULTS }
};

static const char	*const texts[TEXT_COUNT] = {
	[TEXT_SCRIPT] = "Error loading the Lua script: cannot open %s: %s.",
	[TEXT_PROXY_BRACKET] = "Invalid proxy IPv6 address \"%s\".",
	[TEXT_PROXY_GARBAGE] = "Invalid proxy IPv6 address \"%s\".",
	/* The reason is not shown. */
	[TEXT_PROXY_PORT] = "Invalid proxy port number%.0s \"%s\".",
	[TEXT_HOST_INVALID] = "Invalid hostname for a proxy: \"%s\".",
	[TEXT_HOST_LONG_HTTP] = "Hostname too long for a proxy: \"%s\".",
	[TEXT_HOST_LONG_SOCKS] = "Hostname too long for a proxy: \"%s\".",
	[TEXT_HOPS_MANY] = "Sorry, you gave too many source route hops.",
	[TEXT_HOP_EMPTY] = "",
	[TEXT_HOP_POINTER] = "Invalid source-route hop pointer %lld.",
	[TEXT_HOP_INET6] = "",
	[TEXT_NO_DESTINATION] = "You must specify a host to connect to.",
	[TEXT_CID] = "Invalid CID \"%s\".",
	[TEXT_PORT] = "Invalid port number \"%s\".",
	[TEXT_CA_AGAIN] = "The --ssl-trustfile option may be given only once.",
	/* The list is not shown. */
	[TEXT_ALPN_EMPTY] = ("SSL_CTX_set_alpn_protos: "
	    "error:00000000:lib(0)::reason(0).%.0s"),
	[TEXT_ALPN_LONG] = "Could not parse ALPN string%.0s"
};

#define ONE_COMMAND	"Only one of --exec, --sh-exec, and --lua-exec is " \
			"allowed."
#define WITH_CONNECT(what) \
	"Invalid option combination: " what " with connect."

static const struct pair	pairs[] = {
	{ ACT_EXEC, true, COMMAND, ONE_COMMAND },
	{ ACT_SH_EXEC, true, COMMAND, ONE_COMMAND },
	{ ACT_BROKER, true, COMMAND,
	    "Invalid option combination: --broker and -e." },
	{ ACT_CHAT_NCAT, true, COMMAND,
	    "Invalid option combination: --broker and -e." },
	{ ACT_SCAN, true, IS(LISTEN),
	    "Services designed for LISTENING can't be used with -z" },
	{ ACT_SCAN, true, COMMAND,
	    "Command execution can't be done along with option -z." },
	{ ACT_LISTEN, true, IS(SOURCE),
	    "-l and -s are incompatible.  Specify the address and port to "
	    "bind to like you would a host to connect to." },
	{ ACT_KEEP_OPEN, false, IS(LISTEN), WITH_CONNECT("`--keep-open'") },
	{ ACT_MAX_CONNS, false, IS(LISTEN), WITH_CONNECT("`--max-conns'") },
	{ ACT_CHAT_NCAT, false, IS(LISTEN), WITH_CONNECT("`--chat'") },
	{ ACT_ALLOW, false, IS(LISTEN), WITH_CONNECT("allow/deny") },
	{ ACT_ALLOWFILE, false, IS(LISTEN), WITH_CONNECT("allow/deny") },
	{ ACT_PROXY, true, IS(UNIX),
	    "Proxy option not supported when using Unix domain sockets." },
	{ ACT_PROXY, true, IS(LISTEN),
	    "Invalid option combination: --proxy and -l." },
	{ ACT_PROXY, true, IS(UDP),
	    "Invalid option combination: --proxy and -u." },
	{ ACT_PROXY_TYPE_NCAT, false, IS(PROXY) | IS(LISTEN),
	    "Proxy type (--proxy-type) specified without proxy address "
	    "(--proxy)." }
};

/* ---- Messages ----------------------------------------------------------- */

/*
 * A time, more than nothing, and within an int of milliseconds. From 100
 * seconds on it needs a unit: it may come from a time when that was ms.
 */
static const char *
ncat_time(const struct parse *p, const char *word, int64_t *nsec)
{
	const char	*why = num_time(word, nsec);

	(void)p;
	if (why != NULL)
		return why;
	if (*nsec <= 0 || *nsec / NSEC_PER_MSEC > INT32_MAX)
		return *nsec <= 0 ? "too small" : "too large";
	return *nsec >= 100 * NSEC_PER_SEC &&
	    word[strspn(word, "0123456789.")] == '\0' ? no_unit : NULL;
}

static int
ncat_bad_value(const struct parse *p, const char *why, const char *word)
{
	int64_t	nsec;

	if (why == no_unit && num_time(word, &nsec) == NULL)
		return refuse(p, "Since April 2010, the default unit for %s "
		    "is seconds, so your time of \"%s\" is %.1f minutes. Use "
		    "\"%sms\" for %s milliseconds.", p->row->noun, word,
		    (double)nsec / (60 * (double)NSEC_PER_SEC), word, word);
	return refuse(p, "Invalid %s \"%s\" (must be greater than 0 and less "
	    "than 2147483s).", p->row->noun, word);
}

static int
ncat_refuse_server_type(const struct parse *p, const char *word)
{
	return refuse(p, "Invalid proxy type \"%s\"; Ncat proxy server only "
	    "supports \"http\".", word);
}

static int
ncat_bad_choice(const struct parse *p, const char *word)
{
	enum act	act = p->row->act;

	if (act == ACT_PROXY_TYPE_NCAT && p->seen[ACT_LISTEN])
		return ncat_refuse_server_type(p, word);
	return act == ACT_PROXY_DNS ? refuse(p, "Invalid proxy DNS type.") :
	    act == ACT_PROXY_TYPE_NCAT ?
	    refuse(p, "Invalid proxy type \"%s\".", word) :
	    act == ACT_NSOCK_ENGINE ?
	    refuse(p, "Unknown or non-available engine: %s.", word) :
	    ncat_bad_value(p, "invalid", word);
}

static FILE *
ncat_help(const struct option_table *t)
{
	printf("sockcat %s, in the manner of Ncat 7.93\n"
	    "Usage: ncat [options] [hostname] [port]\n\n"
	    "A time is a number of seconds, or has a unit: 500ms 5s 2m 1h.\n",
	    plan_version_text());
	help_wide_rows(t);
	return stdout;
}

/* Prints the version to standard error, as the original does. */
static int
ncat_version(void)
{
	diag_plain("Ncat: Version 7.93 (as spoken by sockcat %s)",
	    plan_version_text());
	return 0;
}

/* ---- Operands ----------------------------------------------------------- */

static int
ncat_complete(struct parse *p)
{
	struct plan	*plan = p->plan;

	/* Each option of TLS implies --ssl, and a file of CAs verification. */
	for (enum act a = ACT_TLS; a <= ACT_TLS_KEYLOG; a++)
		if (p->seen[a])
			plan->tls.on = p->seen[ACT_TLS] = true;
	if (p->seen[ACT_TLS_CA])
		plan->tls.verify = TLS_VERIFY_PEER;
	plan->tls.reports_chain = plan->verbose > 0;
	/* -l --proxy-type http: a proxy server, for many without -k. */
	if (p->seen[ACT_LISTEN] && p->seen[ACT_PROXY_TYPE_NCAT] &&
	    plan->type == TYPE_STREAM && plan->proxy.kind == PROXY_HTTP) {
		plan->near = PLAN_PROXY_SERVER;
		plan->keep_open = true;
		plan->proxy_server.ncat = true;
		plan->proxy_server.kinds = 1u << PROXY_HTTP;
	}
	/* An association of SCTP has no half-open state to wait in. */
	if (p->seen[ACT_SCTP])
		plan->end.far_eof = FAR_BY_INPUT;
	/* --broker implies -l. */
	if (p->seen[ACT_BROKER]) {
		p->seen[ACT_LISTEN] = true;
		plan->mode = PLAN_LISTEN;
	}
	return 0;
}

static int
ncat_too_many_ports(const struct parse *p, const char *first, int from)
{
	char	list[256] = "";

	if (first != NULL)
		strlcat(list, first, sizeof(list));
	for (int i = from; i < p->nwords; i++)
		words_add(list, sizeof(list), " ", p->words[i]);
	return refuse(p, "Got more than one port specification: %s.", list);
}

/* Reads a port; an empty word is port 0. */
static int
ncat_port(const struct parse *p, const char **word, uint16_t *port)
{
	if (**word == '\0')
		*word = "0";
	return port_value(p->plan, *word, 0, port) == NULL ? 0 :
	    refuse_as(p, TEXT_PORT, *word);
}

static int
ncat_source_port(const struct parse *p)
{
	const char	**word = &p->plan->local_port, *why;
	uint16_t	 port;

	if (!p->seen[ACT_SOURCE_PORT])
		return 0;
	if (**word == '\0')
		*word = "0";
	why = port_value(p->plan, *word, 0, &port);
	return why == NULL ? 0 : strcmp(why, "invalid") == 0 ?
	    refuse(p, "Invalid source port number \"%s\".", *word) :
	    refuse(p, "Invalid source port %u.", (unsigned)loose_value(*word));
}

static int
ncat_unix(struct parse *p)
{
	uint16_t	port;

	if (p->nwords == 0)
		return refuse(p, "You have to specify path to a socket to "
		    "%s.", p->plan->mode == PLAN_LISTEN ?
		    "listen on" : "connect to");
	if (p->nwords == 2 &&
	    port_value(p->plan, p->words[1], 0, &port) != NULL)
		return refuse_as(p, TEXT_PORT, p->words[1]);
	if (p->nwords > 1)
		return ncat_too_many_ports(p, NULL, 1);
	path_set(p, p->words[0]);
	return 0;
}

/* A word of digits is the port, any other the address. */
static int
ncat_listen(struct parse *p)
{
	const char	*word = NULL;
	uint16_t	 port;
	int		 n = p->nwords, rc;
	bool		 lone = n == 1 && is_digits(p->words[0]);

	if (n > 2 || (p->seen[ACT_SOURCE_PORT] && (lone || n == 2)))
		return ncat_too_many_ports(p, p->plan->local_port,
		    is_digits(p->words[0]) ? 0 : 1);
	if (lone || n == 2)
		word = p->words[n - 1];
	if (n > 0 && !lone)
		p->plan->local_host = p->words[0];
	if (word != NULL && (rc = ncat_port(p, &word, &port)) != 0)
		return rc;
	if (word != NULL)
		p->plan->local_port = word;
	else if (p->plan->local_port == NULL)
		p->plan->local_port = PORT;
	return 0;
}

static int
ncat_operands(struct parse *p)
{
	const char	*word;
	uint16_t	 port;
	int		 rc;

	if (p->plan->tls.on && (p->plan->family == FAMILY_UNIX ||
	    p->plan->family == FAMILY_VSOCK))
		return refuse(p, "SSL option not supported when using %s "
		    "sockets.", p->plan->family == FAMILY_UNIX ?
		    "Unix domain" : "vsock");
	/* Only sockcat has words that stand for a CID. */
	if (p->plan->family == FAMILY_VSOCK &&
	    p->nwords > (p->plan->mode == PLAN_LISTEN) &&
	    !isdigit((unsigned char)*p->words[0]))
		return refuse_as(p, TEXT_CID, p->words[0]);
	if (operands_other(p, &rc) || (rc = ncat_source_port(p)) != 0)
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return ncat_unix(p);
	if (p->plan->mode == PLAN_LISTEN)
		return ncat_listen(p);
	if (p->nwords == 0 || *p->words[0] == '\0')
		return refuse(p, "You must specify a host to connect to.");
	if (p->nwords > 2)
		return ncat_too_many_ports(p, NULL, 1);
	p->plan->host = p->words[0];
	word = p->nwords == 2 ? p->words[1] : PORT;
	if ((rc = ncat_port(p, &word, &port)) != 0 ||
	    (rc = ports_make(p, 1)) != 0)
		return rc;
	ports_add(p, port, port, word);
	return 0;
}

/* ---- Rules and sealing -------------------------------------------------- */

/* The tail of this message stands in a line of its own. */
static int
ncat_refuse_server(const struct parse *p, const char *what)
{
	REPORT(p->plan, EVENT_BEGIN);
	diag_warnx("%s is not supported in listen mode", what);
	diag_plain("%s", p->dialect->tail);
	return p->dialect->usage_status;
}

/* Of several families, the last counts. */
static int
ncat_check(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	bool			 unix_family = plan->family == FAMILY_UNIX;
	bool			 serves = plan->mode == PLAN_LISTEN;
	bool			 proxy = p->seen[ACT_LISTEN] &&
				    p->seen[ACT_PROXY_TYPE_NCAT];

	if (p->seen[ACT_UDP] && p->seen[ACT_KEEP_OPEN] &&
	    p->plan->mode == PLAN_LISTEN && !p->seen[ACT_EXEC] &&
	    !p->seen[ACT_SH_EXEC] && !p->seen[ACT_LUA_EXEC])
		return refuse(p, "UDP mode does not support the -k or "
		    "--keep-open options, except with --exec or --sh-exec.");
	if (p->seen[ACT_SOURCE_HOP] &&
	    (unix_family || p->plan->family == FAMILY_VSOCK))
		return refuse(p, "Loose source routing not allowed when using "
		    "%s sockets.", unix_family ? "Unix domain" : "vsock");
	if (proxy && plan->proxy.kind != PROXY_HTTP)
		return ncat_refuse_server_type(p,
		    plan->proxy.kind == PROXY_SOCKS4 ? "socks4" : "socks5");
	if (proxy && unix_family)
		return refuse(p, "Proxy option not supported when using Unix "
		    "domain sockets.");
	if (p->seen[ACT_PROXY] && p->plan->family == FAMILY_VSOCK)
		return refuse(p, "Proxy option not supported when using vsock "
		    "sockets.");
	if (p->plan->nhops > 0 && p->plan->family != FAMILY_INET)
		return refuse(p, "Sorry, -g can only currently be used with "
		    "IPv4.");
	if (!plan->tls.on)
		return 0;
	if (p->seen[ACT_TLS_CERT] != p->seen[ACT_TLS_KEY])
		return refuse(p, "The --ssl-key and --ssl-cert options must "
		    "be used together.");
	if (serves && plan->type == TYPE_DGRAM)
		return ncat_refuse_server(p, "DTLS");
	return !serves || plan->tls.alpn == NULL ? 0 :
	    ncat_refuse_server(p, "ALPN");
}

/* With HTTP, a user needs no password. */
static int
ncat_seal_proxy(struct parse *p)
{
	struct proxy_options	*proxy = &p->plan->proxy;
	const char		*auth = getenv("NCAT_PROXY_AUTH");

	if (proxy->word == NULL && p->plan->near != PLAN_PROXY_SERVER)
		return 0;
	if (!p->seen[ACT_PROXY_AUTH] && auth != NULL && *auth != '\0')
		(void)proxy_take_login(p, auth, strcspn(auth, ":"));
	if (proxy->kind == PROXY_HTTP && proxy->login.user != NULL &&
	    proxy->login.password == NULL) {
		proxy->login.password = "";
		proxy->login.bare = true;
	}
	if (proxy->word == NULL || proxy->kind != PROXY_SOCKS4 ||
	    !proxy_is_inet6(p->plan->host))
		return 0;
	diag_plain("Ncat: Error: IPv6 addresses are not supported with "
	    "Socks4.");
	return 1;
}

static int
ncat_seal(struct parse *p)
{
	struct plan	*plan = p->plan;
	bool		 dials = plan->type == TYPE_DGRAM &&
			    plan->mode == PLAN_CONNECT;

	/* Ncat sets SO_BROADCAST on each such socket. */
	if (dials && plan->family != FAMILY_UNIX)
		plan->sock.broadcast = true;
	/*
	 * Ncat ends at once and loses the answer; a second is enough for an
	 * answer and delays no script.
	 */
	if (dials && plan->end.near_eof == NEAR_HALF_CLOSE)
		plan->end.linger = NSEC_PER_SEC;
	if (plan->near == PLAN_HUB) {
		/* With --send-only or --recv-only. */
		plan->hub_one_way = plan->no_stdin || plan->no_stdout;
		/* The room is open after the input, too. */
		if (plan->end.near_eof == NEAR_CLOSE)
			plan->end.near_eof = NEAR_HALF_CLOSE;
		/* The lines of clients are not printed. */
		plan->no_stdout = true;
	}
	/* With TLS, -z is a connection that sends and receives nothing. */
	if (plan->mode == PLAN_SCAN && plan->tls.on) {
		plan->mode = PLAN_CONNECT;
		plan->no_stdin = plan->no_stdout = true;
		plan->end.near_eof = NEAR_CLOSE;
	}
	plan->serve.warns_limit = plan->mode == PLAN_LISTEN &&
	    p->seen[ACT_MAX_CONNS] && !p->seen[ACT_KEEP_OPEN] &&
	    plan->near != PLAN_HUB;
	/* A certificate that is made for this run has this name. */
	if (plan->mode == PLAN_LISTEN)
		plan->tls.name = plan->local_host;
	return ncat_seal_proxy(p);
}

const struct dialect	dialect_ncat = {
	.name = "ncat", .called = (const char *const []){ "ncat", NULL },
	.table = &table_ncat,
	.defaults = &defaults, .messages = &messages_ncat,
	.texts = texts, .pairs = pairs,
	.npairs = sizeof(pairs) / sizeof(pairs[0]),
	.usage_status = 2, .tail = " QUITTING.", .stop = ".",
	.progname = "Ncat", .port = PORT, .abbreviates = true,
	.proxy_one_colon = true,
	.time = ncat_time, .bad_value = ncat_bad_value,
	.bad_option = "Try `--help' or man(1) ncat for more information, "
	    "usage options and help.",
	.bad_choice = ncat_bad_choice,
	.complete = ncat_complete, .operands = ncat_operands,
	.check = ncat_check, .seal = ncat_seal, .help = ncat_help,
	.version = ncat_version
};
