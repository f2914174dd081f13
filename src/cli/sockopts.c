#include <sys/socket.h>

#include <ctype.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "cli/option.h"

/*
 * --sockopt: which options there are, by the names of the system's headers
 * in any case, and the meaning of their values.
 *
 * Missing on purpose, for they would break a law: SO_RCVLOWAT (data is there
 * and the socket is not readable), SO_RCVTIMEO and SO_SNDTIMEO (no call waits
 * here), TCP_FASTOPEN_CONNECT (connected without an answer), IP_RECVERR
 * (readable without data), UDP_CORK (several datagrams in one).
 */

#define BUFFER_MAX	(65535LL << 14)
/* RFC 4340; the C library has no names for these. */
#define LEVEL_DCCP	269
#define DCCP_SERVICE	2
/* Bytes of the name of a congestion control, tcp(7). */
#define CONGESTION_MAX	15

#define ROW(level, name, kind, min, max, of, when, help)		\
	{ #name, level, name, SOCKOPT_##kind, min, max, SOCKOPT_##of,	\
	    SOCKOPT_##when, help }

const struct sockopt_row sockopt_rows[] = {
	ROW(SOL_SOCKET, SO_BINDTODEVICE, TEXT, 1, IFNAMSIZ - 1, INET, ANY,
	    "only this interface"),
	ROW(SOL_SOCKET, SO_BROADCAST, FLAG, 0, 1, INET, ANY,
	    "allow broadcast, as -b"),
	ROW(SOL_SOCKET, SO_BUSY_POLL, NUMBER, 0, INT_MAX, INET, ANY,
	    "microseconds to poll a device"),
	ROW(SOL_SOCKET, SO_DEBUG, FLAG, 0, 1, ALL, ANY,
	    "debugging, as -D"),
	ROW(SOL_SOCKET, SO_DONTROUTE, FLAG, 0, 1, INET, ANY,
	    "only to hosts on the same link"),
	ROW(SOL_SOCKET, SO_KEEPALIVE, FLAG, 0, 1, INET, ANY,
	    "probe an idle peer, as --keepalive"),
	ROW(SOL_SOCKET, SO_LINGER, LINGER, 0, INT_MAX, ALL, ANY,
	    "how long unsent data lives; 0 resets"),
	ROW(SOL_SOCKET, SO_MARK, NUMBER, INT_MIN, UINT_MAX, INET, ANY,
	    "mark of packets, for routing"),
	ROW(SOL_SOCKET, SO_MAX_PACING_RATE, NUMBER, 0, UINT_MAX, INET, ANY,
	    "most bytes a second"),
	ROW(SOL_SOCKET, SO_OOBINLINE, FLAG, 0, 1, INET, ANY,
	    "urgent data stays in the stream"),
	ROW(SOL_SOCKET, SO_PRIORITY, NUMBER, 0, INT_MAX, ALL, ANY,
	    "priority of packets"),
	ROW(SOL_SOCKET, SO_RCVBUF, NUMBER, 1, BUFFER_MAX, ALL, ANY,
	    "bytes of the receive buffer, as -I"),
	ROW(SOL_SOCKET, SO_RCVBUFFORCE, NUMBER, 1, BUFFER_MAX, ALL, ANY,
	    "the same beyond the limit"),
	ROW(SOL_SOCKET, SO_REUSEADDR, FLAG, 0, 1, INET, ANY,
	    "bind to an address of the recent past"),
	ROW(SOL_SOCKET, SO_REUSEPORT, FLAG, 0, 1, INET, ANY,
	    "share a port with others"),
	ROW(SOL_SOCKET, SO_SNDBUF, NUMBER, 1, BUFFER_MAX, ALL, ANY,
	    "bytes of the send buffer, as -O"),
	ROW(SOL_SOCKET, SO_SNDBUFFORCE, NUMBER, 1, BUFFER_MAX, ALL, ANY,
	    "the same beyond the limit"),
	ROW(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, FLAG, 0, 1, IP, ANY,
	    "choose the port when connecting"),
	ROW(IPPROTO_IP, IP_FREEBIND, FLAG, 0, 1, IP, ANY,
	    "bind to an address that is not here"),
	ROW(IPPROTO_IP, IP_MINTTL, NUMBER, 0, 255, IP, ANY,
	    "least TTL of what comes, as -m"),
	ROW(IPPROTO_IP, IP_MTU_DISCOVER, NUMBER, 0, 5, IP, ANY,
	    "0 fragment; 2 never; 1, 3 to 5: ip(7)"),
	ROW(IPPROTO_IP, IP_MULTICAST_LOOP, FLAG, 0, 1, IP, ANY,
	    "hear one's own multicast"),
	ROW(IPPROTO_IP, IP_MULTICAST_TTL, NUMBER, 0, 255, IP, ANY,
	    "TTL of multicast"),
	ROW(IPPROTO_IP, IP_TOS, NUMBER, 0, 255, IP, ANY,
	    "type of service, as -T"),
	ROW(IPPROTO_IP, IP_TRANSPARENT, FLAG, 0, 1, IP, ANY,
	    "transparent proxying"),
	ROW(IPPROTO_IP, IP_TTL, NUMBER, 1, 255, IP, ANY,
	    "TTL of what is sent, as -M"),
	ROW(IPPROTO_IPV6, IPV6_FREEBIND, FLAG, 0, 1, IPV6, ANY,
	    "bind to an address that is not here"),
	ROW(IPPROTO_IPV6, IPV6_MINHOPCOUNT, NUMBER, 0, 255, IPV6, ANY,
	    "least hop limit of what comes"),
	ROW(IPPROTO_IPV6, IPV6_MTU_DISCOVER, NUMBER, 0, 5, IPV6, ANY,
	    "as IP_MTU_DISCOVER"),
	ROW(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, NUMBER, -1, 255, IPV6, ANY,
	    "hop limit of multicast"),
	ROW(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, FLAG, 0, 1, IPV6, ANY,
	    "hear one's own multicast"),
	ROW(IPPROTO_IPV6, IPV6_TCLASS, NUMBER, 0, 255, IPV6, ANY,
	    "traffic class"),
	ROW(IPPROTO_IPV6, IPV6_TRANSPARENT, FLAG, 0, 1, IPV6, ANY,
	    "transparent proxying"),
	ROW(IPPROTO_IPV6, IPV6_UNICAST_HOPS, NUMBER, -1, 255, IPV6, ANY,
	    "hop limit of what is sent"),
	ROW(IPPROTO_IPV6, IPV6_V6ONLY, FLAG, 0, 1, IPV6, ANY,
	    "no IPv4 on this socket"),
	ROW(IPPROTO_TCP, TCP_CONGESTION, TEXT, 1, CONGESTION_MAX, TCP, ANY,
	    "way of congestion control: cubic, reno ..."),
	ROW(IPPROTO_TCP, TCP_CORK, FLAG, 0, 1, TCP, ANY,
	    "send full packets, or after 200 ms"),
	ROW(IPPROTO_TCP, TCP_DEFER_ACCEPT, SECONDS, 0, INT_MAX, TCP,
	    LISTENER, "take clients when they have sent"),
	ROW(IPPROTO_TCP, TCP_FASTOPEN, NUMBER, 0, INT_MAX, TCP, LISTENER,
	    "data may come with the first packet; queue"),
	ROW(IPPROTO_TCP, TCP_KEEPCNT, NUMBER, 1, 127, TCP, ANY,
	    "keepalive probes before giving up"),
	ROW(IPPROTO_TCP, TCP_KEEPIDLE, SECONDS, 1, 32767, TCP, ANY,
	    "silence before the first probe"),
	ROW(IPPROTO_TCP, TCP_KEEPINTVL, SECONDS, 1, 32767, TCP, ANY,
	    "time between probes"),
	ROW(IPPROTO_TCP, TCP_LINGER2, SECONDS, 0, INT_MAX, TCP, ANY,
	    "how long a closed socket waits for the peer"),
	ROW(IPPROTO_TCP, TCP_MAXSEG, NUMBER, 88, 32767, TCP, ANY,
	    "most bytes of a segment"),
	ROW(IPPROTO_TCP, TCP_NODELAY, FLAG, 0, 1, TCP, ANY,
	    "send small pieces at once"),
	ROW(IPPROTO_TCP, TCP_NOTSENT_LOWAT, NUMBER, 0, INT_MAX, TCP, ANY,
	    "most unsent bytes to hold"),
	ROW(IPPROTO_TCP, TCP_SYNCNT, NUMBER, 1, 127, TCP, ANY,
	    "tries to connect"),
	ROW(IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS, FLAG, 0, 1, TCP, ANY,
	    "for streams of few packets"),
	ROW(IPPROTO_TCP, TCP_USER_TIMEOUT, MSECS, 0, INT_MAX, TCP, ANY,
	    "how long sent data may stay unacknowledged"),
	ROW(IPPROTO_TCP, TCP_WINDOW_CLAMP, NUMBER, 0, INT_MAX, TCP, ANY,
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

static const char *
sockopts_values_text(const struct sockopt_row *row, char *buf, size_t size)
{
	static const char	*const words[] = {
		[SOCKOPT_FLAG] = "on|off", [SOCKOPT_SECONDS] = "time",
		[SOCKOPT_MSECS] = "time", [SOCKOPT_LINGER] = "time|off",
		[SOCKOPT_TEXT] = "name"
	};

	if (row->kind != SOCKOPT_NUMBER && row->kind != SOCKOPT_BIG_ENDIAN)
		return words[row->kind];
	if (row->min < -1)
		return "number";
	if (row->max > UINT16_MAX)
		snprintf(buf, size, "%lld..", row->min);
	else
		snprintf(buf, size, "%lld..%lld", row->min, row->max);
	return buf;
}

void
sockopt_list(void)
{
	char	buf[48];

	for (size_t i = 0; i < sockopt_nrows; i++)
		printf("%-24s %-10s %s\n", sockopt_rows[i].name,
		    sockopts_values_text(&sockopt_rows[i], buf, sizeof(buf)),
		    sockopt_rows[i].help);
}

/* ---- Values ------------------------------------------------------------- */

static const char *
sockopts_flag_value(const char *word, int *value)
{
	static const char	*const words[] = {
		"0", "1", "off", "on", "no", "yes", NULL
	};
	int			 i = word_value(words, word);

	if (i == -1)
		return "neither on nor off";
	*value = i % 2;
	return NULL;
}

/* A time in the option's own unit, without a fraction. */
static const char *
sockopts_time_value(const struct sockopt_row *row, const char *word, int *value)
{
	int64_t		 unit, t;
	const char	*why;

	unit = row->kind == SOCKOPT_MSECS ? NSEC_PER_MSEC : NSEC_PER_SEC;
	if ((why = num_time(word, &t)) != NULL)
		return why;
	if (t % unit != 0)
		return unit == NSEC_PER_SEC ? "not in whole seconds" :
		    "not in whole milliseconds";
	if (t / unit < row->min || t / unit > row->max)
		return t / unit < row->min ? "too small" : "too large";
	*value = (int)(t / unit);
	return NULL;
}

static const char *
sockopts_hex_value(const char *digits, long long min, long long max,
    long long *n)
{
	char	*end;

	/* More than fits is LLONG_MAX, and beyond any bound. */
	*n = strtoll(digits, &end, 16);
	if (!isxdigit((unsigned char)*digits) || *end != '\0')
		return "invalid";
	return *n < min ? "too small" : *n > max ? "too large" : NULL;
}

/* A number in decimal, or in hexadecimal after 0x. */
static const char *
sockopts_number_value(const struct sockopt_row *row, const char *word,
    int *value)
{
	const char	*why;
	long long	 n;

	why = strncasecmp(word, "0x", 2) == 0 ?
	    sockopts_hex_value(word + 2, row->min, row->max, &n) :
	    num_int(word, row->min, row->max, &n);
	if (why == NULL)
		*value = (int)(unsigned)n;
	return why;
}

static const char *
sockopts_read_value(struct sockopt_value *o, const char *word)
{
	size_t	len = strlen(word);

	o->text = word;
	o->value = -1;
	switch (o->row->kind) {
	case SOCKOPT_FLAG:
		return sockopts_flag_value(word, &o->value);
	case SOCKOPT_NUMBER:
	case SOCKOPT_BIG_ENDIAN:
		return sockopts_number_value(o->row, word, &o->value);
	case SOCKOPT_LINGER:
		if (strcmp(word, "off") == 0)
			return NULL;
		/* FALLTHROUGH */
	case SOCKOPT_SECONDS:
	case SOCKOPT_MSECS:
		return sockopts_time_value(o->row, word, &o->value);
	case SOCKOPT_TEXT:
		break;
	}
	return len < (size_t)o->row->min ? "empty" :
	    len > (size_t)o->row->max ? "too long" : NULL;
}

static int
sockopts_keep(struct parse *p, const struct sockopt_value *o)
{
	struct plan		*plan = p->plan;
	struct sockopt_value	*v;

	v = reallocarray(plan->sock.named, plan->sock.nnamed + 1, sizeof(*v));
	if (v == NULL)
		return refuse_memory(p);
	plan->sock.named = v;
	v[plan->sock.nnamed++] = *o;
	return 0;
}

/* A name without its prefix counts as near, too: NODELAY is TCP_NODELAY. */
static int
sockopts_refuse_name(const struct parse *p, const char *name,
    size_t len)
{
	struct nearest	 near = { .word = name, .len = len };
	const char	*meant, *part;

	for (size_t i = 0; i < sockopt_nrows; i++) {
		nearest_try(&near, sockopt_rows[i].name, sockopt_rows[i].name);
		part = strchr(sockopt_rows[i].name, '_') + 1;
		nearest_try(&near, sockopt_rows[i].name, part);
	}
	meant = nearest_name(&near);
	return refuse(p, "--sockopt: no such option: %.*s (%s%s%s"
	    "--sockopt=help lists them)", (int)len, name,
	    meant != NULL ? "the nearest is " : "",
	    meant != NULL ? meant : "", meant != NULL ? "; " : "");
}

static bool
sockopts_is_time(const struct sockopt_row *row)
{
	return row->kind == SOCKOPT_SECONDS || row->kind == SOCKOPT_MSECS ||
	    row->kind == SOCKOPT_LINGER;
}

/* NAME=VALUE; a flag may go without the value. */
int
set_sockopt(struct parse *p, const char *arg)
{
	struct sockopt_value	 o;
	size_t			 len = strcspn(arg, "=");
	const char		*why, *word = arg + len;

	if (strcasecmp(arg, "help") == 0) {
		p->plan->mode = PLAN_HELP;
		p->plan->list_sockopts = true;
		return 0;
	}
	if ((o.row = sockopt_named(arg, len)) == NULL)
		return sockopts_refuse_name(p, arg, len);
	if (*word == '=')
		word++;
	else if (o.row->kind == SOCKOPT_FLAG)
		word = "on";
	else
		return refuse(p, "--sockopt: %s needs a value", o.row->name);
	if ((why = sockopts_read_value(&o, word)) != NULL)
		return refuse(p, "--sockopt: value of %s %s: %s%s",
		    o.row->name, why, word, sockopts_is_time(o.row) &&
		    strcmp(why, "invalid") == 0 ? TIME_FORMS : "");
	return sockopts_keep(p, &o);
}

/* ---- Sealing ------------------------------------------------------------ */

static bool
sockopts_fits(const struct plan *plan, const struct sockopt_row *row)
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

int
seal_sockopts(struct parse *p)
{
	const struct plan	*plan = p->plan;

	for (size_t i = 0; i < plan->sock.nnamed; i++) {
		const struct sockopt_row	*row = plan->sock.named[i].row;

		if (!sockopts_fits(plan, row))
			return refuse(p, "--sockopt: this kind of socket (%s) "
			    "has no %s", plan_proto(plan), row->name);
		if (row->when == SOCKOPT_LISTENER && plan->mode != PLAN_LISTEN)
			return refuse(p, "must use -l with --sockopt %s",
			    row->name);
	}
	return 0;
}
