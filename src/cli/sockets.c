#include <sys/socket.h>

#include <ctype.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/addr.h"
#include "base/num.h"
#include "cli/subjects.h"

/*
 * Kinds of sockets beside TCP, UDP and Unix, and the resulting plan_socket;
 * urgent data, types of service, source routes, multicast; and --sockopt, whose
 * options have the names of the system's headers, in any case of letters.
 *
 * Missing there on purpose, for they would break a law: SO_RCVLOWAT (data is
 * there and the socket is not readable), SO_RCVTIMEO and SO_SNDTIMEO (no call
 * waits here), TCP_FASTOPEN_CONNECT (connected without an answer), IP_RECVERR
 * (readable without data), UDP_CORK (joins several datagrams).
 */

#define BUFFER_MAX	(65535LL << 14)
/* RFC 4340; the C library has no names for these. */
#define LEVEL_DCCP	269
#define DCCP_SERVICE	2
/* Bytes of the name of a congestion control, tcp(7). */
#define CONGESTION_MAX	15

#define ROW(word, level, name, kind, min, max, of, when, help)	\
	{ word, level, name, SOCKOPT_##kind, min, max, SOCKOPT_##of,	\
	    SOCKOPT_##when, help }
#define SOCK(name, kind, min, max, of, help) \
	ROW(#name, SOL_SOCKET, name, kind, min, max, of, ANY, help)
#define IP(name, kind, min, max, help) \
	ROW(#name, IPPROTO_IP, name, kind, min, max, IP, ANY, help)
#define IPV6(name, kind, min, max, help) \
	ROW(#name, IPPROTO_IPV6, name, kind, min, max, IPV6, ANY, help)
#define TCP(name, kind, min, max, when, help) \
	ROW(#name, IPPROTO_TCP, name, kind, min, max, TCP, when, help)

const struct sockopt_row sockopt_rows[] = {
	SOCK(SO_BINDTODEVICE, TEXT, 1, IFNAMSIZ - 1, INET,
	    "only this interface"),
	SOCK(SO_BROADCAST, FLAG, 0, 1, INET, "allow broadcast, as -b"),
	SOCK(SO_BUSY_POLL, NUMBER, 0, INT_MAX, INET,
	    "microseconds to poll a device"),
	SOCK(SO_DEBUG, FLAG, 0, 1, ALL, "debugging, as -D"),
	SOCK(SO_DONTROUTE, FLAG, 0, 1, INET, "only to hosts on the same link"),
	SOCK(SO_KEEPALIVE, FLAG, 0, 1, INET,
	    "probe an idle peer, as --keepalive"),
	SOCK(SO_LINGER, LINGER, 0, INT_MAX, ALL,
	    "how long unsent data lives; 0 resets"),
	SOCK(SO_MARK, NUMBER, INT_MIN, UINT_MAX, INET,
	    "mark of packets, for routing"),
	SOCK(SO_MAX_PACING_RATE, NUMBER, 0, UINT_MAX, INET,
	    "most bytes a second"),
	SOCK(SO_OOBINLINE, FLAG, 0, 1, INET, "urgent data stays in the stream"),
	SOCK(SO_PRIORITY, NUMBER, 0, INT_MAX, ALL, "priority of packets"),
	SOCK(SO_RCVBUF, NUMBER, 1, BUFFER_MAX, ALL,
	    "bytes of the receive buffer, as -I"),
	SOCK(SO_RCVBUFFORCE, NUMBER, 1, BUFFER_MAX, ALL,
	    "the same beyond the limit"),
	SOCK(SO_REUSEADDR, FLAG, 0, 1, INET,
	    "bind to an address of the recent past"),
	SOCK(SO_REUSEPORT, FLAG, 0, 1, INET, "share a port with others"),
	SOCK(SO_SNDBUF, NUMBER, 1, BUFFER_MAX, ALL,
	    "bytes of the send buffer, as -O"),
	SOCK(SO_SNDBUFFORCE, NUMBER, 1, BUFFER_MAX, ALL,
	    "the same beyond the limit"),
	IP(IP_BIND_ADDRESS_NO_PORT, FLAG, 0, 1,
	    "choose the port when connecting"),
	IP(IP_FREEBIND, FLAG, 0, 1, "bind to an address not on this host"),
	IP(IP_MINTTL, NUMBER, 0, 255, "least TTL of what comes, as -m"),
	IP(IP_MTU_DISCOVER, NUMBER, 0, 5,
	    "0 fragment; 2 never; 1, 3 to 5: ip(7)"),
	IP(IP_MULTICAST_LOOP, FLAG, 0, 1, "hear one's own multicast"),
	IP(IP_MULTICAST_TTL, NUMBER, 0, 255, "TTL of multicast"),
	IP(IP_TOS, NUMBER, 0, 255, "type of service, as -T"),
	IP(IP_TRANSPARENT, FLAG, 0, 1, "transparent proxying"),
	IP(IP_TTL, NUMBER, 1, 255, "TTL of what is sent, as -M"),
	IPV6(IPV6_FREEBIND, FLAG, 0, 1, "bind to an address not on this host"),
	IPV6(IPV6_MINHOPCOUNT, NUMBER, 0, 255, "least hop limit of what comes"),
	IPV6(IPV6_MTU_DISCOVER, NUMBER, 0, 5, "as IP_MTU_DISCOVER"),
	IPV6(IPV6_MULTICAST_HOPS, NUMBER, -1, 255, "hop limit of multicast"),
	IPV6(IPV6_MULTICAST_LOOP, FLAG, 0, 1, "hear one's own multicast"),
	IPV6(IPV6_TCLASS, NUMBER, 0, 255, "traffic class"),
	IPV6(IPV6_TRANSPARENT, FLAG, 0, 1, "transparent proxying"),
	IPV6(IPV6_UNICAST_HOPS, NUMBER, -1, 255, "hop limit of what is sent"),
	IPV6(IPV6_V6ONLY, FLAG, 0, 1, "no IPv4 on this socket"),
	TCP(TCP_CONGESTION, TEXT, 1, CONGESTION_MAX, ANY,
	    "way of congestion control: cubic, reno ..."),
	TCP(TCP_CORK, FLAG, 0, 1, ANY, "send full packets, or after 200 ms"),
	TCP(TCP_DEFER_ACCEPT, SECONDS, 0, INT_MAX, LISTENER,
	    "take clients when they have sent"),
	TCP(TCP_FASTOPEN, NUMBER, 0, INT_MAX, LISTENER,
	    "data may come with the first packet; queue"),
	TCP(TCP_KEEPCNT, NUMBER, 1, 127, ANY,
	    "keepalive probes before giving up"),
	TCP(TCP_KEEPIDLE, SECONDS, 1, 32767, ANY,
	    "silence before the first probe"),
	TCP(TCP_KEEPINTVL, SECONDS, 1, 32767, ANY, "time between probes"),
	TCP(TCP_LINGER2, SECONDS, 0, INT_MAX, ANY,
	    "how long a closed socket waits for the peer"),
	TCP(TCP_MAXSEG, NUMBER, 88, 32767, ANY, "most bytes of a segment"),
	TCP(TCP_NODELAY, FLAG, 0, 1, ANY, "send small pieces at once"),
	TCP(TCP_NOTSENT_LOWAT, NUMBER, 0, INT_MAX, ANY,
	    "most unsent bytes to hold"),
	TCP(TCP_SYNCNT, NUMBER, 1, 127, ANY, "tries to connect"),
	TCP(TCP_THIN_LINEAR_TIMEOUTS, FLAG, 0, 1, ANY,
	    "for streams of few packets"),
	TCP(TCP_USER_TIMEOUT, MSECS, 0, INT_MAX, ANY,
	    "how long sent data may stay unacknowledged"),
	TCP(TCP_WINDOW_CLAMP, NUMBER, 0, INT_MAX, ANY,
	    "largest window to offer"),
	{ "DCCP_SOCKOPT_SERVICE", LEVEL_DCCP, DCCP_SERVICE,
	    SOCKOPT_BIG_ENDIAN, 0, UINT_MAX - 1LL, SOCKOPT_DCCP, SOCKOPT_ANY,
	    "service code of DCCP" },
};

const size_t sockopt_nrows = sizeof(sockopt_rows) / sizeof(sockopt_rows[0]);

const struct sockopt_row *
sockopt_named(const char *name, size_t len)
{
	for (size_t i = 0; i < sockopt_nrows; i++)
		if (strncasecmp(sockopt_rows[i].name, name, len) == 0 &&
		    sockopt_rows[i].name[len] == '\0')
			return &sockopt_rows[i];
	return NULL;
}

void
sockopt_list(void)
{
	static const char	*const words[] = {
		[SOCKOPT_FLAG] = "on|off", [SOCKOPT_SECONDS] = "time",
		[SOCKOPT_MSECS] = "time", [SOCKOPT_LINGER] = "time|off",
		[SOCKOPT_TEXT] = "name"
	};
	char			 buf[48];

	for (const struct sockopt_row *row = sockopt_rows;
	    row < sockopt_rows + sockopt_nrows; row++) {
		const char	*values = buf;

		if (row->kind != SOCKOPT_NUMBER &&
		    row->kind != SOCKOPT_BIG_ENDIAN)
			values = words[row->kind];
		else if (row->min < -1)
			values = "number";
		else if (row->max > UINT16_MAX)
			snprintf(buf, sizeof(buf), "%lld..", row->min);
		else
			snprintf(buf, sizeof(buf), "%lld..%lld", row->min,
			    row->max);
		printf("%-24s %-10s %s\n", row->name, values, row->help);
	}
}

/* ---- Values of --sockopt ------------------------------------------------ */

/* A number in decimal, or in hexadecimal after 0x. */
static const char *
sockets_number_value(const char *word, long long *n)
{
	char	*end;

	if (strncasecmp(word, "0x", 2) != 0)
		return num_int(word, LLONG_MIN, LLONG_MAX, n);
	/* A number that does not fit is LLONG_MAX, beyond any bound. */
	*n = strtoll(word + 2, &end, 16);
	return !isxdigit((unsigned char)word[2]) || *end != '\0' ? "invalid" :
	    NULL;
}

/* A time has the option's own unit, without a fraction. */
static const char *
sockets_read_value(struct sockopt_value *o, const char *word)
{
	static const char	*const flags[] = {
		"0", "1", "off", "on", "no", "yes", NULL
	};
	const struct sockopt_row *row = o->row;
	int64_t			 t = 0, unit = row->kind == SOCKOPT_MSECS ?
				    NSEC_PER_MSEC : NSEC_PER_SEC;
	const char		*why = NULL;
	long long		 n = (long long)strlen(word);

	o->text = word;
	o->value = -1;
	switch (row->kind) {
	case SOCKOPT_FLAG:
		if ((n = word_value(flags, word)) == -1)
			return "neither on nor off";
		n %= 2;
		break;
	case SOCKOPT_NUMBER:
	case SOCKOPT_BIG_ENDIAN:
		why = sockets_number_value(word, &n);
		break;
	case SOCKOPT_LINGER:
		if (strcmp(word, "off") == 0)
			return NULL;
		/* FALLTHROUGH */
	case SOCKOPT_SECONDS:
	case SOCKOPT_MSECS:
		if ((why = num_time(word, &t)) == NULL && t % unit != 0)
			why = unit == NSEC_PER_SEC ? "not in whole seconds" :
			    "not in whole milliseconds";
		n = t / unit;
		break;
	case SOCKOPT_TEXT:
		return n < row->min ? "empty" : n > row->max ? "too long" :
		    NULL;
	}
	if (why == NULL && (n < row->min || n > row->max))
		why = n < row->min ? "too small" : "too large";
	if (why == NULL)
		o->value = (int)(unsigned)n;
	return why;
}

/* A name without the prefix counts as near, too: NODELAY is TCP_NODELAY. */
static int
sockets_refuse_name(const struct parse *p, const char *name, size_t len)
{
	struct nearest	 near = { .word = name, .len = len };
	const char	*meant;

	for (size_t i = 0; i < sockopt_nrows; i++) {
		const char	*full = sockopt_rows[i].name;

		nearest_try(&near, full, full);
		nearest_try(&near, full, strchr(full, '_') + 1);
	}
	meant = nearest_name(&near);
	return refuse(p, "--sockopt: no such option: %.*s (%s%s%s"
	    "--sockopt=help lists them)", (int)len, name,
	    meant != NULL ? "the nearest is " : "",
	    meant != NULL ? meant : "", meant != NULL ? "; " : "");
}

/* TCP_KEEPIDLE counts seconds. */
int
set_keepalive(struct parse *p, const char *arg)
{
	int		*keepalive = &p->plan->sock.keepalive;
	const char	*why;
	int64_t		 nsec;

	p->plan->sock.keepalive_given = true;
	*keepalive = arg == NULL ? KEEPALIVE_DEFAULT : 0;
	if (arg == NULL || strcmp(arg, "off") == 0)
		return 0;
	if ((why = num_time(arg, &nsec)) == NULL)
		why = nsec == 0 ? "too small" :
		    nsec > KEEPALIVE_MAX * NSEC_PER_SEC ? "too large" : NULL;
	if (why == NULL)
		*keepalive = (int)((nsec + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
	return refuse_value(p, why, arg);
}

/* NAME=VALUE; a flag may go without the value. */
int
set_sockopt(struct parse *p, const char *arg)
{
	struct sockopt_set	*set = &p->plan->sock;
	struct sockopt_value	 o, *named;
	size_t			 len = strcspn(arg, "=");
	const char		*why, *word = arg + len;

	if (strcasecmp(arg, "help") == 0) {
		p->plan->mode = PLAN_HELP;
		p->plan->list_sockopts = true;
		return 0;
	}
	if ((o.row = sockopt_named(arg, len)) == NULL)
		return sockets_refuse_name(p, arg, len);
	if (*word == '=')
		word++;
	else if (o.row->kind == SOCKOPT_FLAG)
		word = "on";
	else
		return refuse(p, "--sockopt: %s needs a value", o.row->name);
	if ((why = sockets_read_value(&o, word)) != NULL)
		return refuse(p, "--sockopt: value of %s %s: %s%s",
		    o.row->name, why, word, strcmp(why, "invalid") == 0 &&
		    (o.row->kind == SOCKOPT_SECONDS ||
		    o.row->kind == SOCKOPT_MSECS ||
		    o.row->kind == SOCKOPT_LINGER) ? TIME_FORMS : "");
	if ((named = reallocarray(set->named, set->nnamed + 1,
	    sizeof(*named))) == NULL)
		return refuse_memory(p);
	set->named = named;
	named[set->nnamed++] = o;
	return 0;
}

/* ---- Multicast ----------------------------------------------------------- */

/* "SOURCE@GROUP" without the interface, in pieces. */
#define GROUP_TEXT_MAX	128

/* Returns NULL, or the reason why the word is not a group. */
static const char *
sockets_read_group(struct mcast_join *j, const char *arg)
{
	char	text[GROUP_TEXT_MAX], *group = text, *at;
	size_t	len = strcspn(arg, "%");

	if (len >= sizeof(text))
		return "too long";
	memcpy(text, arg, len);
	text[len] = '\0';
	if (arg[len] == '%' && arg[len + 1] == '\0')
		return "no interface follows the %";
	j->interface = arg[len] == '%' ? arg + len + 1 : NULL;
	if ((at = strchr(text, '@')) != NULL) {
		*at = '\0';
		group = at + 1;
	}
	if (!addr_numeric(&j->group, group, AF_UNSPEC) ||
	    !addr_is_group(&j->group))
		return "not the address of a multicast group";
	if (at == NULL)
		return NULL;
	if (!addr_numeric(&j->source, text, AF_UNSPEC) ||
	    addr_is_group(&j->source))
		return "the source is not the address of a host";
	return addr_family(&j->source) == addr_family(&j->group) ? NULL :
	    "the source is of the other family";
}

int
set_mcast_join(struct parse *p, const char *arg)
{
	struct mcast_options	*o = &p->plan->sock.mcast;
	struct mcast_join	*joins = reallocarray(o->joins, o->njoins + 1,
				    sizeof(*joins));
	const char		*why;

	if (joins == NULL)
		return refuse_memory(p);
	o->joins = joins;
	joins[o->njoins] = (struct mcast_join){ .word = arg };
	if ((why = sockets_read_group(&joins[o->njoins], arg)) != NULL)
		return refuse(p, "--join: %s: %s", why, arg);
	o->njoins++;
	return 0;
}

/* ---- Kinds of sockets, urgent data, types of service -------------------- */

/* Most systems have a file of protocols; these are known without the file. */
int
set_raw(struct parse *p, const char *arg)
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
	const struct protoent	*entry;
	long long		 n = 0;
	bool			 number = num_int(arg, 0, 255, &n) == NULL;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(arg, known[i].word) == 0)
			n = known[i].num;
	if (!number && n == 0 && (entry = getprotobyname(arg)) != NULL)
		n = entry->p_proto;
	/* 0 is no protocol here, and nothing is received of 255. */
	if (n < 1 || n > 254)
		return refuse(p, "--raw: no such protocol (a name, or 1 to "
		    "254): %s", arg);
	p->plan->type = TYPE_DGRAM;
	p->plan->socket = (struct plan_socket){ SOCK_RAW, (int)n, "raw" };
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

/* The words of netcat-traditional come first. */
#define TOS_TRADITIONAL	5
const char *const	tos_names[] = {
	"Minimize-Delay", "Maximize-Throughput", "Maximize-Reliability",
	"Minimize-Cost", "Normal-Service", "af11", "af12", "af13", "af21",
	"af22", "af23", "af31", "af32", "af33", "af41", "af42", "af43", "cs0",
	"cs1", "cs2", "cs3", "cs4", "cs5", "cs6", "cs7", "critical", "ef",
	"inetcontrol", "lowcost", "lowdelay", "netcontrol", "reliability",
	"throughput", "va", NULL
};
static const int	tos_bytes[] = {
	0x10, 0x08, 0x04, 0x02, 0x00, 0x28, 0x30, 0x38, 0x48, 0x50, 0x58, 0x68,
	0x70, 0x78, 0x88, 0x90, 0x98, 0x00, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0,
	0xe0, 0xa0, 0xb8, 0xc0, 0x02, 0x10, 0xe0, 0x04, 0x08,
	0xb0
};

/*
 * A word or a byte. For the traditional tool, any other word is a number, whose
 * last byte counts; 0 sets nothing.
 */
int
set_tos(struct parse *p, const char *arg)
{
	int		*tos = &p->plan->sock.tos;
	int		 i = word_value(tos_names, arg);
	char		*end;
	long long	 n;

	if (p->row->act == ACT_TOS_LOOSE) {
		n = i != -1 && i < TOS_TRADITIONAL ? tos_bytes[i] :
		    loose_value(arg) & 0xff;
		*tos = n > 0 ? (int)n : -1;
		return 0;
	}
	n = strtol(arg, &end, strncasecmp(arg, "0x", 2) == 0 ? 16 : 10);
	*tos = i != -1 ? tos_bytes[i] : (int)n;
	return i != -1 || (*arg != '\0' && *end == '\0' && n >= 0 && n <= 255) ?
	    0 : refuse(p, "illegal tos value %s", arg);
}

int
set_rtable(struct parse *p, const char *arg)
{
	(void)arg;
	return refuse(p, p->dialect->strict ? "-V: this system has no routing "
	    "tables for sockets (--version tells the version)" :
	    "no alternate routing table support available");
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

static bool
sockets_fits(const struct plan *plan, const struct sockopt_row *row)
{
	bool	inet = plan->family != FAMILY_UNIX &&
		    plan->family != FAMILY_VSOCK;

	switch (row->of) {
	case SOCKOPT_ALL:
		return true;
	case SOCKOPT_INET:
		return inet;
	case SOCKOPT_IP:
		return inet && plan->family != FAMILY_INET6;
	case SOCKOPT_IPV6:
		return inet && plan->family != FAMILY_INET &&
		    !(plan->wildcard == WILDCARD_INET &&
		    plan->mode == PLAN_LISTEN && plan->local_host == NULL);
	case SOCKOPT_TCP:
		return inet && plan->type == TYPE_STREAM &&
		    (plan->socket.protocol == 0 ||
		    plan->socket.protocol == IPPROTO_MPTCP);
	case SOCKOPT_DCCP:
		return plan->socket.type == SOCK_DCCP;
	}
	return false;
}

static int
sockets_seal_options(struct parse *p)
{
	const struct plan		*plan = p->plan;
	const struct mcast_options	*groups = &plan->sock.mcast;

	for (size_t i = 0; i < plan->sock.nnamed; i++) {
		const struct sockopt_row	*row = plan->sock.named[i].row;

		if (!sockets_fits(plan, row))
			return refuse(p, "--sockopt: this kind of socket (%s) "
			    "has no %s", plan_proto(plan), row->name);
		if (row->when == SOCKOPT_LISTENER && plan->mode != PLAN_LISTEN)
			return refuse(p, "must use -l with --sockopt %s",
			    row->name);
	}
	for (size_t i = 0; i < groups->njoins; i++)
		if (plan->family != FAMILY_ANY &&
		    (int)plan->family != addr_family(&groups->joins[i].group))
			return refuse(p, "--join: the group is of the other "
			    "family: %s", groups->joins[i].word);
	return 0;
}

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
	return rc != 0 ? rc : sockets_seal_options(p);
}
