#include <sys/socket.h>

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/num.h"
#include "cli/option.h"

/*
 * Kinds of sockets beside TCP, UDP and Unix ones: which exclude each other,
 * what they take as operands, and which socket that comes to.
 */

/* The port of ncat. */
#define NCAT_PORT	"31337"

/* ---- What cannot go together -------------------------------------------- */

#define MANY_OTHERS	16

/* One with any of the others; ACT_LATER ends the list. */
static const struct {
	enum act	 one;
	enum act	 others[MANY_OTHERS];
} exclusive[] = {
	{ ACT_SCTP, { ACT_UDP, ACT_UNIX, ACT_VSOCK } },
	{ ACT_MPTCP, { ACT_UDP, ACT_UNIX, ACT_VSOCK, ACT_SCTP, ACT_DCCP } },
	{ ACT_DCCP, { ACT_SCTP, ACT_VSOCK } },
	{ ACT_VSOCK, { ACT_UNIX, ACT_INET, ACT_INET6 } },
	{ ACT_SEQPACKET, { ACT_UDP, ACT_DCCP, ACT_SCTP, ACT_MPTCP } },
	{ ACT_RAW, { ACT_UDP, ACT_UNIX, ACT_VSOCK, ACT_DCCP, ACT_SCTP,
	    ACT_MPTCP, ACT_SEQPACKET, ACT_SCAN, ACT_EXEC, ACT_SH_EXEC,
	    ACT_ECHO, ACT_CHAT, ACT_TALK, ACT_BROKER } },
	{ ACT_SOURCE_HOP, { ACT_UNIX, ACT_VSOCK, ACT_INET6, ACT_LISTEN } },
	/* A socket that is there is of the kind that it is. */
	{ ACT_INETD, { ACT_INET, ACT_INET6, ACT_UNIX, ACT_VSOCK, ACT_SCTP,
	    ACT_DCCP, ACT_MPTCP, ACT_RAW } },
	{ ACT_PEER_FD, { ACT_INET, ACT_INET6, ACT_UNIX, ACT_VSOCK, ACT_SCTP,
	    ACT_DCCP, ACT_MPTCP, ACT_RAW } },
	/* Nothing is connected to. */
	{ ACT_CONNECT_TIMEOUT, { ACT_LISTEN, ACT_INETD, ACT_PEER_FD,
	    ACT_FILE } },
};

/* Urgent data is TCP's, and shown where the input and output are ours. */
static const enum act	not_urgent[] = {
	ACT_UDP, ACT_UNIX, ACT_VSOCK, ACT_RAW, ACT_DCCP, ACT_SCTP, ACT_MPTCP,
	ACT_EXEC, ACT_SH_EXEC, ACT_ECHO, ACT_CHAT, ACT_TALK, ACT_BROKER,
	ACT_SCAN, ACT_LATER
};

/* TCP-MD5 is TCP's. */
static const enum act	not_signed[] = {
	ACT_UDP, ACT_UNIX, ACT_VSOCK, ACT_RAW, ACT_DCCP, ACT_SCTP, ACT_MPTCP,
	ACT_LATER
};

const char *
text_of(const struct parse *p, enum act act, char buf[OPTION_TEXT_MAX])
{
	const struct option_table	*t = p->who->table;

	for (size_t i = 0; i < t->n; i++)
		if (t->rows[i].act == act)
			return option_text(&t->rows[i],
			    t->rows[i].letter != 0, buf);
	return "";
}

static int
kinds_refuse_both(const struct parse *p, enum act one, enum act other)
{
	char	a[OPTION_TEXT_MAX], b[OPTION_TEXT_MAX];

	return refuse(p, "cannot use %s and %s", text_of(p, one, a),
	    text_of(p, other, b));
}

static int
kinds_check_against(const struct parse *p, enum act one, const enum act *others)
{
	if (!p->seen[one])
		return 0;
	for (; *others != ACT_LATER; others++)
		if (p->seen[*others])
			return kinds_refuse_both(p, one, *others);
	return 0;
}

/* ncat knows fewer of them, has words of its own, and resolves before. */
static int
kinds_check_ncat(const struct parse *p)
{
	if (p->seen[ACT_SOURCE_HOP] && p->plan->family == FAMILY_UNIX)
		return refuse(p, "Loose source routing not allowed when using "
		    "Unix domain sockets.");
	if (p->seen[ACT_SOURCE_HOP] && p->plan->family == FAMILY_VSOCK)
		return refuse(p, "Loose source routing not allowed when using "
		    "vsock sockets.");
	if (p->seen[ACT_PROXY] && p->plan->family == FAMILY_VSOCK)
		return refuse(p, "Proxy option not supported when using vsock "
		    "sockets.");
	if (p->plan->nhops > 0 && p->plan->family != FAMILY_INET)
		return refuse(p, "Sorry, -g can only currently be used with "
		    "IPv4.");
	return 0;
}

int
check_kinds(const struct parse *p)
{
	int	rc = 0;

	if (p->plan->compat == COMPAT_NCAT)
		return kinds_check_ncat(p);
	if (p->plan->compat == COMPAT_TRADITIONAL)
		return 0;
	for (size_t i = 0; rc == 0 && i < sizeof(exclusive) /
	    sizeof(exclusive[0]); i++)
		rc = kinds_check_against(p, exclusive[i].one,
		    exclusive[i].others);
	if (rc == 0 && (rc = kinds_check_against(p, ACT_OOB, not_urgent)) == 0)
		rc = kinds_check_against(p, ACT_SEND_OOB, not_urgent);
	if (rc == 0 && p->plan->compat == COMPAT_NATIVE)
		rc = kinds_check_against(p, ACT_MD5, not_signed);
	/* UDP it is then, for nc. */
	if (rc == 0 && p->plan->compat == COMPAT_NATIVE &&
	    p->seen[ACT_DCCP] && p->seen[ACT_UDP])
		rc = kinds_refuse_both(p, ACT_DCCP, ACT_UDP);
	if (rc == 0 && p->seen[ACT_SEQPACKET] && !p->seen[ACT_UNIX] &&
	    !p->seen[ACT_VSOCK])
		rc = refuse(p, "must use -U or --vsock with --seqpacket");
	if (rc == 0 && p->seen[ACT_SOURCE_POINTER] &&
	    !p->seen[ACT_SOURCE_HOP])
		rc = refuse(p, "must use -g with -G");
	return rc;
}

/* ---- Values ------------------------------------------------------------- */

/* A system need not have the file of protocols. */
static int
kinds_protocol_value(const char *word)
{
	static const struct {
		const char	*word;
		int		 num;
	} known[] = {
		{ "icmp", IPPROTO_ICMP }, { "igmp", IPPROTO_IGMP },
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP },
		{ "gre", IPPROTO_GRE }, { "esp", IPPROTO_ESP },
		{ "ah", IPPROTO_AH }, { "icmpv6", IPPROTO_ICMPV6 },
		{ "ipv6-icmp", IPPROTO_ICMPV6 }, { "ospf", 89 },
		{ "sctp", IPPROTO_SCTP }
	};
	struct protoent	*entry;
	long long	 n;

	/* 0 is no protocol here, 255 one that nothing comes back of. */
	if (num_int(word, 1, 254, &n) == NULL)
		return (int)n;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(word, known[i].word) == 0)
			return known[i].num;
	entry = getprotobyname(word);
	return entry != NULL && entry->p_proto > 0 && entry->p_proto < 255 ?
	    entry->p_proto : -1;
}

int
set_raw(struct parse *p, const struct action *a, const char *arg)
{
	int	proto = kinds_protocol_value(arg);

	(void)a;
	if (proto == -1)
		return refuse(p, "--raw: no such protocol (a name, or 1 to "
		    "254): %s", arg);
	p->plan->type = TYPE_DGRAM;
	p->plan->socket = (struct plan_socket){ SOCK_RAW, proto, "raw" };
	return 0;
}

/* One byte of the input: itself, or \xHH. */
int
set_send_oob(struct parse *p, const struct action *a, const char *arg)
{
	unsigned char	*mark = &p->plan->urgent.mark;
	char		*end;

	(void)a;
	p->plan->urgent.sent = true;
	*mark = (unsigned char)arg[0];
	if (strlen(arg) == 1)
		return 0;
	if (strncmp(arg, "\\x", 2) == 0 && strlen(arg) == 4 &&
	    isxdigit((unsigned char)arg[2])) {
		*mark = (unsigned char)strtoul(arg + 2, &end, 16);
		if (*end == '\0')
			return 0;
	}
	return refuse(p, "--send-oob takes one character, or \\xHH: %s", arg);
}

/* ---- Source routes ------------------------------------------------------ */

static int
kinds_add_hop(struct parse *p, const char *host)
{
	struct plan	*plan = p->plan;

	if (plan->nhops == HOPS_MAX)
		return p->plan->compat == COMPAT_NCAT ?
		    refuse(p, "Sorry, you gave too many source route hops.") :
		    refuse(p, "too many -g hops");
	plan->hops[plan->nhops++] = host;
	return 0;
}

/* Traditional's hop is one name; elsewhere commas stand between several. */
int
set_hop(struct parse *p, const struct action *a, const char *arg)
{
	char	*at = (char *)(size_t)arg, *word;
	int	 rc = 0;

	(void)a;
	if (p->plan->compat == COMPAT_TRADITIONAL)
		return kinds_add_hop(p, arg);
	/* The words of a command line are ours to cut. */
	while (rc == 0 && (word = strsep(&at, ",")) != NULL)
		if (*word != '\0')
			rc = kinds_add_hop(p, word);
		else if (p->plan->compat != COMPAT_NCAT)
			rc = refuse(p, "-g: a hop is empty");
	return rc;
}

/* -G: the offset of one of at most eight hops. */
int
set_hop_pointer(struct parse *p, const struct action *a, const char *arg)
{
	long long	n = loose_value(arg);

	(void)a;
	p->plan->hop_pointer = (int)n;
	if (n > 0 && n <= 28 && n % 4 == 0)
		return 0;
	if (p->plan->compat == COMPAT_NCAT)
		return refuse(p, "Invalid source-route hop pointer %lld.", n);
	return refuse(p, "invalid hop pointer %lld, must be multiple of 4 "
	    "<= 28", n);
}

/* ---- Operands ----------------------------------------------------------- */

bool
has_own_operands(const struct plan *plan)
{
	return plan->family == FAMILY_VSOCK || plan->socket.type == SOCK_RAW;
}

static int
kinds_check_vsock(const struct parse *p, const char *cid, const char *port)
{
	struct addr	a;
	bool		ncat = p->plan->compat == COMPAT_NCAT;

	if (cid != NULL && (addr_vsock(&a, cid, NULL) == -1 ||
	    (ncat && !isdigit((unsigned char)*cid))))
		return ncat ? refuse(p, "Invalid CID \"%s\".", cid) :
		    refuse(p, "not a CID (a number, or any, local, host): %s",
		    cid);
	if (port != NULL && addr_vsock(&a, NULL, port) == -1)
		return ncat ? refuse(p, "Invalid port number \"%s\".", port) :
		    refuse(p, "port number invalid: %s", port);
	return 0;
}

static int
kinds_vsock_listen(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (p->nwords > 2 || (p->nwords > 0 && p->seen[ACT_SOURCE_PORT]) ||
	    (p->nwords > 1 && p->seen[ACT_SOURCE]))
		return refuse(p, "one port to listen on is enough: %s",
		    p->words[p->nwords - 1]);
	if (p->nwords > 0)
		plan->local_port = p->words[p->nwords - 1];
	if (p->nwords > 1)
		plan->local_host = p->words[0];
	if (plan->local_port == NULL && plan->compat == COMPAT_NCAT)
		plan->local_port = NCAT_PORT;
	if (plan->local_port == NULL)
		return refuse(p, "missing port number");
	return kinds_check_vsock(p, plan->local_host, plan->local_port);
}

/* A port has more bits than the table of ports has: it stays the word. */
static int
kinds_vsock_connect(struct parse *p)
{
	struct plan	*plan = p->plan;
	const char	*port = p->nwords > 1 ? p->words[1] : NULL;
	bool		 ncat = plan->compat == COMPAT_NCAT;
	int		 rc;

	if (p->nwords == 0)
		return ncat ? refuse(p, "You must specify a host to connect "
		    "to.") : refuse(p, "missing CID and port");
	if (p->nwords > 2)
		return refuse(p, "one port is enough: %s", p->words[2]);
	if (port == NULL && ncat)
		port = NCAT_PORT;
	if (port == NULL)
		return refuse(p, "missing port number");
	if ((rc = kinds_check_vsock(p, p->words[0], port)) != 0 ||
	    (rc = kinds_check_vsock(p, plan->local_host,
	    plan->local_port)) != 0)
		return rc;
	plan->host = p->words[0];
	if ((plan->ports = calloc(1, sizeof(plan->ports[0]))) == NULL)
		return refuse(p, "out of memory");
	plan->ports[0].word = port;
	plan->nports = 1;
	return 0;
}

/* A raw socket has no ports. */
static int
kinds_raw_operands(struct parse *p)
{
	struct plan	*plan = p->plan;

	if (p->seen[ACT_SOURCE_PORT])
		return refuse(p, "-p has no meaning with --raw");
	if (p->nwords > 1)
		return refuse(p, "--raw takes a host and no port: %s",
		    p->words[1]);
	if (plan->mode != PLAN_LISTEN && p->nwords == 0)
		return refuse(p, "missing host");
	if (plan->mode != PLAN_LISTEN)
		plan->host = p->words[0];
	else if (p->nwords > 0 && plan->local_host != NULL)
		return refuse(p, "two addresses to listen on: %s and %s",
		    plan->local_host, p->words[0]);
	else if (p->nwords > 0)
		plan->local_host = p->words[0];
	return 0;
}

int
operands_kind(struct parse *p)
{
	if (p->plan->family != FAMILY_VSOCK)
		return kinds_raw_operands(p);
	return p->plan->mode == PLAN_LISTEN ? kinds_vsock_listen(p) :
	    kinds_vsock_connect(p);
}

/* ---- What it comes to --------------------------------------------------- */

static struct plan_socket
kinds_socket_of(const struct parse *p)
{
	const struct plan	*plan = p->plan;
	bool			 vsock = plan->family == FAMILY_VSOCK;
	struct plan_socket	 s = plan->socket;

	if (s.type == SOCK_RAW)
		return s;
	if (vsock)
		s.word = "vsock";
	if (p->seen[ACT_SEQPACKET])
		return (struct plan_socket){ SOCK_SEQPACKET, 0, vsock ?
		    "vsock-seqpacket" : "unix-seqpacket" };
	if (plan->type != TYPE_STREAM || vsock ||
	    plan->family == FAMILY_UNIX)
		return s;
	if (p->seen[ACT_DCCP])
		return (struct plan_socket){ SOCK_DCCP, IPPROTO_DCCP,
		    "dccp" };
	if (p->seen[ACT_SCTP])
		return (struct plan_socket){ SOCK_STREAM, IPPROTO_SCTP,
		    "sctp" };
	if (p->seen[ACT_MPTCP])
		return (struct plan_socket){ SOCK_STREAM, IPPROTO_MPTCP,
		    "mptcp" };
	return s;
}

/* Source routes are IPv4's; of a name, the look-up will tell. */
static int
kinds_seal_route(struct parse *p)
{
	struct plan	*plan = p->plan;
	const char	*host;

	if (plan->mode != PLAN_CONNECT && plan->mode != PLAN_SCAN)
		plan->nhops = 0;
	for (size_t i = 0; i <= plan->nhops && plan->nhops > 0; i++) {
		/* The way to a proxy is routed, its own way is not. */
		host = i < plan->nhops ? plan->hops[i] :
		    plan->proxy.word == NULL ? plan->host : "";
		if (strchr(host, ':') != NULL &&
		    (plan->compat == COMPAT_NATIVE ||
		    plan->compat == COMPAT_OPENBSD))
			return refuse(p, "-g is for IPv4 only: %s", host);
	}
	if (plan->nhops > 0 && plan->family == FAMILY_ANY)
		plan->family = FAMILY_INET;
	if (plan->hop_pointer == 0)
		plan->hop_pointer = 4;
	return 0;
}

int
seal_kinds(struct parse *p)
{
	struct plan	*plan = p->plan;
	int		 rc;

	plan->socket = kinds_socket_of(p);
	/* A raw socket of IPv6 hears no IPv4. */
	if (plan->socket.type == SOCK_RAW && plan->family == FAMILY_ANY)
		plan->v4_only_any = true;
	if ((rc = kinds_seal_route(p)) != 0)
		return rc;
	/* A datagram of ncat's may go to everybody. */
	if (plan->compat == COMPAT_NCAT && plan->type == TYPE_DGRAM &&
	    plan->family != FAMILY_UNIX && plan->mode == PLAN_CONNECT)
		plan->sock.broadcast = true;
	return seal_sockopts(p);
}

bool
plan_has_ports(const struct plan *plan)
{
	return plan->family != FAMILY_UNIX && plan->socket.type != SOCK_RAW;
}

void
explain_kind(const struct plan *plan)
{
	const char	*gap = "route: ";

	for (size_t i = 0; i < plan->nhops; i++, gap = ", ")
		printf("%s%s", gap, plan->hops[i]);
	if (plan->nhops > 0)
		putchar('\n');
	for (size_t i = 0; i < plan->sock.nnamed; i++)
		printf("option: %s=%s\n", plan->sock.named[i].row->name,
		    plan->sock.named[i].text);
	if (plan->urgent.shown)
		printf("urgent data: told of, and left in its place\n");
	if (plan->urgent.sent)
		printf("urgent data: each byte 0x%02x of the input\n",
		    plan->urgent.mark);
}
