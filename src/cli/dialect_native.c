#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/num.h"
#include "cli/parse.h"
#include "message/messages.h"

/* sockcat's own dialect: its defaults, its operands, its rules. */

/* The port of a chat by default. */
#define CHAT_PORT	10000
#define CHAT_PORT_TEXT	"10000"

/* Even a slow server has answered within this time. */
#define HANDSHAKE	(30 * NSEC_PER_SEC)

static const struct plan	defaults = {
	.compat = COMPAT_NATIVE,
	.connect_timeout = -1, .accept_timeout = -1, .deadline = -1,
	.handshake = HANDSHAKE, .race_delay = 250 * NSEC_PER_MSEC,
	.end = {
		END_DEFAULTS, .near_eof = NEAR_HALF_CLOSE,
		.far_eof = FAR_BY_INPUT,
		.far_limit = FAR_LIMITS(FAR_GRACE, -1, FAR_BEGIN),
		.silence_fails = true, .refusal_fails = true,
		.null_keeps = true, .null_wait = NSEC_PER_SEC,
		.delay_half_close = true, .confirm = true,
		.cut_resets = true
	},
	.retry = { .names = true },
	.proxy = { .any_2xx = true, .asks = true },
	.scan = { .paced = true },
	.udp_last_sender = true, .udp_next = true, .block = 65507,
	.serve = { .per_host = SERVE_QUARTER },
	.exec = { .how = EXEC_WORDS, .checked = true,
	    .hints_lines = true, .amplify = 3 },
	.taps = { .telnet_clean = true, .must_keep = true, .mode = 0600 },
	.service = { .peer_out = STDOUT_FILENO, .native = true },
	.sock = { SOCK_DEFAULTS, .oob_inline = true,
	    .keepalive = KEEPALIVE_DEFAULT }
};

/* The other dialects use these, too, where they have no texts of their own. */
static const char	*const texts[TEXT_COUNT] = {
	[TEXT_SCRIPT] = "--lua-exec: open %s failed: %s",
	[TEXT_PROXY_BRACKET] = "missing closing bracket in proxy",
	[TEXT_PROXY_GARBAGE] = "garbage proxy port delimiter",
	[TEXT_PROXY_PORT] = "proxy port number %s: %s",
	[TEXT_HOST_INVALID] = "a proxy cannot be asked for a host of this "
	    "name: %s",
	[TEXT_HOST_LONG_HTTP] = "a proxy cannot be asked for a host with a "
	    "name that long: %s",
	[TEXT_HOST_LONG_SOCKS] = "a proxy cannot be asked for a host with a "
	    "name that long: %s",
	[TEXT_HOPS_MANY] = "too many -g hops",
	[TEXT_HOP_EMPTY] = "-g: a hop is empty",
	[TEXT_HOP_POINTER] = "invalid hop pointer %lld, must be multiple of 4 "
	    "<= 28",
	[TEXT_HOP_INET6] = "-g is for IPv4 only: %s",
	[TEXT_NO_DESTINATION] = "missing CID and port",
	[TEXT_CID] = "not a CID (a number, or any, local, host): %s",
	[TEXT_PORT] = "port number invalid: %s",
	[TEXT_CA_AGAIN] = "",
	[TEXT_ALPN_EMPTY] = "a name in the list of protocols is empty: %s",
	[TEXT_ALPN_LONG] = "a name in the list of protocols is too long: %s"
};

static const struct pair	pairs[] = {
	{ ACT_RECV_ONLY, true, IS(SEND_ONLY),
	    "--send-only and --recv-only leave nothing to do" }
};

/* ---- Messages ----------------------------------------------------------- */

static int
native_bad_value(const struct parse *p, const char *why, const char *word)
{
	char		 buf[OPTION_TEXT_MAX];
	const char	*forms = "";

	if (strcmp(why, "invalid") == 0 || strcmp(why, "empty") == 0)
		forms = row_forms(p->row);
	return refuse(p, "%s: %s %s: %s%s",
	    option_text(p->row, p->by_letter, buf), p->row->noun, why,
	    word, forms);
}

/* ---- Operands ----------------------------------------------------------- */

/*
 * tcp://host:port and the like, as the first operand: the scheme stands for an
 * option, and the rest for the host and port, or for the path.
 */
static int
native_url(struct parse *p)
{
	static const struct {
		const char	*scheme;
		enum act	 act;	/* ACT_COUNT: none */
	} urls[] = {
		{ "tcp://", ACT_COUNT }, { "tls://", ACT_TLS },
		{ "udp://", ACT_UDP }, { "unix:", ACT_UNIX }
	};
	static const enum act	others[] = { ACT_UDP, ACT_UNIX, ACT_VSOCK,
	    ACT_RAW, ACT_SCTP, ACT_DCCP, ACT_SEQPACKET };
	const size_t		n = sizeof(urls) / sizeof(urls[0]);
	char			option[OPTION_TEXT_MAX];
	char			*url = p->words[0], *rest, *end;
	size_t			i = 0;

	while (i < n && strncasecmp(url, urls[i].scheme,
	    strlen(urls[i].scheme)) != 0)
		i++;
	/* A pair of socat's addresses. */
	if (i < n && urls[i].act == ACT_UNIX && p->nwords > 1)
		return 0;
	if (i == n)
		return strstr(url, "://") == NULL ? 0 :
		    refuse(p, "not a URL of tcp, tls, udp or unix: %s%s", url,
		    strncasecmp(url, "http", strlen("http")) == 0 ?
		    " (for HTTP, use curl)" : "");
	rest = url + strlen(urls[i].scheme);
	for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
		if (p->seen[others[k]] && urls[i].act != others[k] &&
		    (urls[i].act != ACT_UNIX || others[k] == ACT_VSOCK))
			return refuse(p, "%s contradicts %s",
			    act_text(p->dialect->table, others[k], false,
			    option), url);
	if (urls[i].act == ACT_UNIX)
		rest += strncmp(rest, "//", 2) == 0 ? 2 : 0;
	else {
		end = rest + strcspn(rest, "/?#");
		if (memchr(rest, '@', (size_t)(end - rest)) != NULL)
			return refuse(p, "no user in a URL here: %s", url);
		if (*end != '\0' && strcmp(end, "/") != 0)
			return refuse(p, "no path in a URL here: %s", url);
		*end = '\0';
		if (strrchr(rest, ':') == NULL || end[-1] == ']')
			return refuse(p, "missing port number: %s", url);
	}
	p->words[0] = rest;
	if (urls[i].act == ACT_COUNT)
		return 0;
	p->seen[urls[i].act] = true;
	p->row = p->dialect->table->rows;
	while (p->row->act != urls[i].act)
		p->row++;
	return set_field(p, NULL);
}

/*
 * Without operands, --chat and a command line of nothing but a chat's options
 * mean the chat server.
 */
static int
native_complete(struct parse *p)
{
	static const enum act	of_chats[] = { ACT_CHAT, ACT_NAME,
	    ACT_TIMESTAMPS, ACT_BELL, ACT_RAW_TEXT, ACT_LOG, ACT_VERBOSE,
	    ACT_EXPLAIN };
	bool			others[ACT_COUNT];

	if (p->nwords > 0)
		return native_url(p);
	if (p->plan->mode != PLAN_CONNECT)
		return 0;
	memcpy(others, p->seen, sizeof(others));
	for (size_t i = 0; i < sizeof(of_chats) / sizeof(of_chats[0]); i++)
		others[of_chats[i]] = false;
	if (!p->seen[ACT_CHAT] &&
	    memchr(others, true, sizeof(others)) != NULL)
		return 0;
	p->plan->near = PLAN_CHAT;
	p->plan->mode = PLAN_LISTEN;
	p->plan->chat.implied = !p->seen[ACT_CHAT];
	p->seen[ACT_CHAT] = p->seen[ACT_LISTEN] = true;
	return 0;
}

/* ":80" is a port: 80. */
static char *
native_port(char *word)
{
	return word + (*word == ':' && word[1] != '\0' && word[1] != ':');
}

/* *host is NULL before a port alone. */
static int
native_cut_word(struct parse *p, char *word, char **host, char **port)
{
	*host = word;
	*port = NULL;
	if (*word == '\0')
		return refuse(p, "empty host or port");
	if (native_port(word) != word) {
		*host = NULL;
		*port = word + 1;
		return 0;
	}
	if (*word == ':' || (*word != '[' && strchr(word, ':') == NULL))
		return 0;
	if ((p->plan->cut = strdup(word)) == NULL)
		return refuse_memory(p);
	return address_cut(p->plan->cut, host, port) && **host != '\0' ? 0 :
	    refuse(p, "not an address: %s", word);
}

/* Refuses a command line without a port; the port may stand in the word. */
static int
native_no_port(const struct parse *p, const char *word)
{
	const char	*port = strrchr(word, ':');
	char		 host[INET6_ADDRSTRLEN + IF_NAMESIZE] = "";
	struct addr	 a;
	uint16_t	 number;

	if (port == NULL || (size_t)(port - word) >= sizeof(host) ||
	    port_value(p->plan, port + 1, 0, &number) != NULL)
		return refuse(p, "missing port number");
	memcpy(host, word, (size_t)(port - word));
	if (!addr_numeric(&a, host, AF_INET6))
		return refuse(p, "missing port number");
	return refuse(p, "missing port number: an IPv6 address before a port "
	    "has brackets: [%s]%s, or %s %s", host, port, host, port + 1);
}

static int
native_unix(struct parse *p)
{
	bool	listening = p->plan->mode == PLAN_LISTEN;

	if (p->seen[ACT_SOURCE_PORT])
		return refuse(p, "-p has no meaning with -U");
	if (p->nwords > 1)
		return refuse(p, "only one path allowed: %s", p->words[1]);
	if (p->nwords == 1)
		path_set(p, p->words[0]);
	else if (listening && p->seen[ACT_SOURCE])
		path_set(p, p->plan->local_host);
	if (p->plan->host == NULL || *p->plan->host == '\0')
		return refuse(p, "missing path of the Unix socket");
	return 0;
}

static int
native_listen(struct parse *p)
{
	char	*host = NULL, *port = NULL;
	int	 rc, n = p->nwords;

	if (n > 0 && (rc = native_cut_word(p, p->words[0], &host,
	    &port)) != 0)
		return rc;
	if (n == 2 && port == NULL)
		port = native_port(p->words[1]);
	else if (n == 1 && port == NULL && !p->seen[ACT_SOURCE_PORT] &&
	    strchr(host, ':') != NULL)
		return native_no_port(p, host);
	else if (n == 1 && port == NULL && (!p->seen[ACT_SOURCE_PORT] ||
	    is_digits(host))) {
		port = host;
		host = NULL;
	} else if (n > 1)
		return refuse(p, "only one port allowed with -l: %s",
		    p->words[n - 1]);
	if (port != NULL && p->seen[ACT_SOURCE_PORT])
		return refuse(p, "two ports to listen on: %s and %s",
		    p->plan->local_port, port);
	if (host != NULL && p->seen[ACT_SOURCE])
		return refuse(p, "two addresses to listen on: %s and %s",
		    p->plan->local_host, host);
	if (port != NULL)
		p->plan->local_port = port;
	if (host != NULL)
		p->plan->local_host = host;
	if (p->plan->local_port == NULL && p->plan->near == PLAN_CHAT)
		p->plan->local_port = CHAT_PORT_TEXT;
	if (p->plan->local_port == NULL)
		return refuse(p, "missing port number");
	return check_local_port(p);
}

static int
native_operands(struct parse *p)
{
	char	*host, *port;
	int	 rc;

	if (operands_other(p, &rc))
		return rc;
	if (p->plan->family == FAMILY_UNIX)
		return native_unix(p);
	if (socat_refuse(p, &rc))
		return rc;
	if (p->plan->mode == PLAN_LISTEN)
		return native_listen(p);
	if (p->nwords == 0)
		return refuse(p, "missing host and port");
	if ((rc = native_cut_word(p, p->words[0], &host, &port)) != 0 ||
	    (rc = check_local_port(p)) != 0)
		return rc;
	p->plan->host = host != NULL ? host : "localhost";
	if (p->nwords > 1 && port != NULL)
		return refuse(p, "two ports: %s and %s", port, p->words[1]);
	if (p->nwords > 2 && p->plan->near == PLAN_CHAT)
		return refuse(p, "only one port allowed with --chat: %s",
		    p->words[2]);
	if (port != NULL)
		return ports_read(p, &port, 1);
	if (p->nwords == 1 && p->plan->near == PLAN_CHAT) {
		if ((rc = ports_make(p, 1)) == 0)
			ports_add(p, CHAT_PORT, CHAT_PORT, CHAT_PORT_TEXT);
		return rc;
	}
	if (p->nwords == 1)
		return native_no_port(p, host);
	for (int i = 1; i < p->nwords; i++)
		p->words[i] = native_port(p->words[i]);
	return ports_read(p, p->words + 1, p->nwords - 1);
}

/* ---- Sealing ------------------------------------------------------------ */

static int
native_seal(struct parse *p)
{
	struct plan		*plan = p->plan;
	struct end_policy	*end = &plan->end;

	if (plan->family == FAMILY_INET6)
		plan->v6_only = true;
	/* -z and --wait-for close each connection at once. */
	if ((plan->mode == PLAN_SCAN || plan->mode == PLAN_WAIT) &&
	    !plan->sock.keepalive_given)
		plan->sock.keepalive = 0;
	/* -w takes the place of the default limits. */
	if (end->idle >= 0)
		end->far_limit[RULE_SHARED] = end->far_limit[RULE_EXCHANGED] =
		    end->far_limit[RULE_SILENT] = end->idle;
	/* A client may take its time, and a lost peer comes again. */
	if (plan->mode == PLAN_LISTEN || plan->retry.reconnect)
		end->null_wait = 0;
	else if (end->idle >= 0)
		end->null_wait = end->idle;
	/* Who asks for the input's end to be told waits for that end. */
	if (p->seen[ACT_HALF_CLOSE])
		end->far_limit[RULE_RECEIVED] = -1;
	/* Datagrams have no end: answers may come for this time. */
	if (plan->type == TYPE_DGRAM && plan->mode == PLAN_CONNECT &&
	    plan->near == PLAN_STDIO && !p->seen[ACT_QUIT])
		end->answer_wait = end->idle >= 0 ? end->idle : NSEC_PER_SEC;
	/* Joined clients share the input: each may still wait for input. */
	if (plan->serve.concurrent && plan->near == PLAN_STDIO) {
		end->far_eof = FAR_BY_INPUT;
		/* A client that only receives may have gone for good. */
		end->far_limit[RULE_SENDING] = end->far_limit[RULE_EXCHANGED];
		end->far_limit[RULE_RECEIVED] = 0;
	}
	return 0;
}

const struct dialect	dialect_native = {
	.name = "native",
	.called = (const char *const []){ "sockcat", "sockcat-static", NULL },
	.table = &table_native,
	.defaults = &defaults, .messages = &messages_native,
	.texts = texts, .pairs = pairs,
	.npairs = sizeof(pairs) / sizeof(pairs[0]),
	.usage_status = 1, .tail = "", .stop = "",
	.strict = true, .rules = true, .traces = true, .own_getopt = true,
	.bad_value = native_bad_value,
	.complete = native_complete, .operands = native_operands,
	.seal = native_seal
};
