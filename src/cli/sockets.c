#include <sys/socket.h>

#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/num.h"
#include "cli/subjects.h"

/*
 * Kinds of sockets beside TCP, UDP and Unix: their values, their operands,
 * and the resulting plan_socket; source routes, and urgent data.
 */

/* ---- Values ------------------------------------------------------------- */

/* Most systems have a file of protocols; these are known without the file. */
static int
sockets_protocol_value(const char *word)
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

	/* 0 is no protocol here, and nothing is received of 255. */
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
set_raw(struct parse *p, const char *arg)
{
	int	proto = sockets_protocol_value(arg);

	if (proto == -1)
		return refuse(p, "--raw: no such protocol (a name, or 1 to "
		    "254): %s", arg);
	p->plan->type = TYPE_DGRAM;
	p->plan->socket = (struct plan_socket){ SOCK_RAW, proto, "raw" };
	return 0;
}

/* The urgent byte of the input: a character, or \xHH. */
int
set_send_oob(struct parse *p, const char *arg)
{
	unsigned char	*mark = &p->plan->urgent.mark;
	char		*end;

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

int
set_tos(struct parse *p, const char *arg)
{
	p->plan->sock.tos = tos_value(arg);
	return p->plan->sock.tos != -1 ? 0 :
	    refuse(p, "illegal tos value %s", arg);
}

/* The traditional tool sets nothing if the word is bad, and goes on. */
int
set_tos_loose(struct parse *p, const char *arg)
{
	p->plan->sock.tos = tos_traditional(arg);
	return 0;
}

int
set_rtable(struct parse *p, const char *arg)
{
	(void)arg;
	return refuse(p, "no alternate routing table support available");
}

/* ---- Source routes ------------------------------------------------------ */

int
set_gateway(struct parse *p, const char *arg)
{
	struct plan	*plan = p->plan;

	if (plan->nhops == HOPS_MAX)
		return refuse_as(p, TEXT_HOPS_MANY);
	plan->hops[plan->nhops++] = arg;
	return 0;
}

/* Several hops, with commas between them. */
int
set_hops(struct parse *p, const char *arg)
{
	char	*at = (char *)(size_t)arg, *word;
	int	 rc = 0;

	/* argv may be written to. */
	while (rc == 0 && (word = strsep(&at, ",")) != NULL)
		rc = *word != '\0' ? set_gateway(p, word) :
		    refuse_as(p, TEXT_HOP_EMPTY);
	return rc;
}

/* -G: the offset of a hop, of which there are at most eight. */
int
set_hop_pointer(struct parse *p, const char *arg)
{
	long long	n = loose_value(arg);

	p->plan->hop_pointer = (int)n;
	return n > 0 && n <= 28 && n % 4 == 0 ? 0 :
	    refuse_as(p, TEXT_HOP_POINTER, n);
}

/* ---- Sealing ------------------------------------------------------------ */

static struct plan_socket
sockets_chosen(const struct parse *p)
{
	static const struct {
		enum act		 act;
		struct plan_socket	 socket;
	} types[] = {
		{ ACT_DCCP, { SOCK_DCCP, IPPROTO_DCCP, "dccp" } },
		{ ACT_SCTP, { SOCK_STREAM, IPPROTO_SCTP, "sctp" } },
		{ ACT_MPTCP, { SOCK_STREAM, IPPROTO_MPTCP, "mptcp" } }
	};
	const struct plan	*plan = p->plan;
	bool			 vsock = plan->family == FAMILY_VSOCK;
	struct plan_socket	 s = plan->socket;

	if (s.type == SOCK_RAW)
		return s;
	if (p->seen[ACT_SEQPACKET])
		return (struct plan_socket){ SOCK_SEQPACKET, 0, vsock ?
		    "vsock-seqpacket" : "unix-seqpacket" };
	if (vsock)
		s.word = "vsock";
	if (plan->type != TYPE_STREAM || vsock || plan->family == FAMILY_UNIX)
		return s;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (p->seen[types[i].act])
			return types[i].socket;
	return s;
}

/* Source routes are IPv4's; the lookup refuses a name without IPv4. */
static int
sockets_seal_route(struct parse *p)
{
	struct plan	*plan = p->plan;
	const char	*host;
	int		 rc;

	if (plan->mode != PLAN_CONNECT && plan->mode != PLAN_SCAN)
		plan->nhops = 0;
	for (size_t i = 0; i <= plan->nhops && plan->nhops > 0; i++) {
		/* Only the way to a proxy is routed. */
		host = i < plan->nhops ? plan->hops[i] :
		    plan->proxy.word == NULL ? plan->host : "";
		if (strchr(host, ':') != NULL &&
		    (rc = refuse_as(p, TEXT_HOP_INET6, host)) != 0)
			return rc;
	}
	if (plan->nhops > 0 && plan->family == FAMILY_ANY)
		plan->family = FAMILY_INET;
	if (plan->hop_pointer == 0)
		plan->hop_pointer = HOP_POINTER;
	return 0;
}

int
seal_socket(struct parse *p)
{
	struct plan	*plan = p->plan;
	int		 rc;

	/* A listener's host name stands for the first address. */
	if ((plan->wildcard == WILDCARD_INET &&
	    plan->family == FAMILY_INET6) ||
	    (plan->wildcard == WILDCARD_BOTH && plan->local_host != NULL))
		plan->wildcard = WILDCARD_INET6;
	plan->socket = sockets_chosen(p);
	/* A raw socket of IPv6 receives no IPv4. */
	if (plan->socket.type == SOCK_RAW && plan->family == FAMILY_ANY)
		plan->wildcard = WILDCARD_INET;
	rc = sockets_seal_route(p);
	return rc != 0 ? rc : seal_sockopts(p);
}
