#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/secret.h"
#include "net/group.h"
#include "net/socket.h"
#include "net/unix_path.h"

/* A numeric option, of IPv4 and perhaps under another name of IPv6. */
struct option {
	int		 level, num;
	const char	*name;		/* for messages */
	int		 num6;		/* of IPPROTO_IPV6; 0: none */
	const char	*name6;
};

static const struct option
	opt_debug = { SOL_SOCKET, SO_DEBUG, "SO_DEBUG", 0, NULL },
	opt_broadcast = { SOL_SOCKET, SO_BROADCAST, "SO_BROADCAST", 0, NULL },
	opt_keepalive = { SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE", 0, NULL },
	opt_rcvbuf = { SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF", 0, NULL },
	opt_sndbuf = { SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF", 0, NULL },
	opt_reuseaddr = { SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR", 0, NULL },
	opt_v6only = { IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY", 0, NULL },
	opt_tos = { IPPROTO_IP, IP_TOS, "IP_TOS", IPV6_TCLASS, "IPV6_TCLASS" },
	opt_ttl = { IPPROTO_IP, IP_TTL, "IP_TTL",
	    IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS" },
	opt_min_ttl = { IPPROTO_IP, IP_MINTTL, "IP_MINTTL",
	    IPV6_MINHOPCOUNT, "IPV6_MINHOPCOUNT" };

bool
socket_connects(const struct socket_kind *kind)
{
	return kind->type != SOCK_DGRAM && kind->type != SOCK_RAW;
}

bool
socket_meets_itself(const struct fd *fd, const struct addr *to)
{
	struct addr local, peer;

	if (fd->kind != FD_STREAM || !addr_is_inet(to) ||
	    addr_local(&local, fd->num) == -1 ||
	    addr_port(&local) != addr_port(to))
		return false;
	return addr_peer(&peer, fd->num) == 0 && addr_equal(&local, &peer);
}

static void
sockopt_try_to_set(const struct fd *fd, int level, int name, int value)
{
	(void)setsockopt(fd->num, level, name, &value, sizeof(value));
}

static int
sockopt_set(const struct fd *fd, const struct option *o, int value,
    struct error *err)
{
	if (setsockopt(fd->num, o->level, o->num, &value, sizeof(value)) == 0)
		return 0;
	error_set(err, errno, "set", "%s", o->name);
	return -1;
}

/* An IPv6 socket may carry IPv4 packets, which obey the IPv4 option. */
static int
sockopt_set_ip(const struct fd *fd, int family, const struct option *o,
    int value, struct error *err)
{
	const struct option v6 = { IPPROTO_IPV6, o->num6, o->name6, 0, NULL };

	if (value == -1 || (family != AF_INET && family != AF_INET6))
		return 0;
	if (family == AF_INET)
		return sockopt_set(fd, o, value, err);
	sockopt_try_to_set(fd, o->level, o->num, value);
	return sockopt_set(fd, &v6, value, err);
}

static bool
sockopt_is_named(const struct sockopt_set *s, int level, int num)
{
	for (size_t i = 0; i < s->nnamed; i++)
		if (s->named[i].row->level == level &&
		    s->named[i].row->num == num)
			return true;
	return false;
}

/* ---- Peers that vanish -------------------------------------------------- */

/* Probes without an answer after which a connection is over. */
#define PROBES		4
/* The pause between two probes: a quarter of the silence, and at most this. */
#define PROBE_PAUSE	15

static int
keepalive_pause(const struct sockopt_set *s)
{
	int pause = s->keepalive / PROBES;

	return pause < 1 ? 1 : pause > PROBE_PAUSE ? PROBE_PAUSE : pause;
}

/* Returns the limit in s; 0: none, or the user has set times of his own. */
static int
keepalive_limit(const struct sockopt_set *s)
{
	static const int names[] = { TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT,
	    TCP_USER_TIMEOUT };

	if (!s->gives_up || s->keepalive <= 0 ||
	    sockopt_is_named(s, SOL_SOCKET, SO_KEEPALIVE))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sockopt_is_named(s, IPPROTO_TCP, names[i]))
			return 0;
	return s->keepalive + PROBES * keepalive_pause(s);
}

void
sockopt_limit_unacked(const struct sockopt_set *s, const struct fd *fd)
{
	int limit = keepalive_limit(s);

	if (limit > 0 && fd->kind == FD_STREAM)
		sockopt_try_to_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
		    1000 * limit);
}

int64_t
sockopt_patience(const struct sockopt_set *s)
{
	return keepalive_limit(s) * NSEC_PER_SEC / 2;
}

void
sockopt_keepalive(const struct sockopt_set *s, const struct fd *fd)
{
	if (s->keepalive <= 0 || fd->kind != FD_STREAM)
		return;
	sockopt_try_to_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	/* Other streams than those of TCP do not know these. */
	if (setsockopt(fd->num, IPPROTO_TCP, TCP_KEEPIDLE, &s->keepalive,
	    sizeof(s->keepalive)) == -1)
		return;
	sockopt_try_to_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, keepalive_pause(s));
	sockopt_try_to_set(fd, IPPROTO_TCP, TCP_KEEPCNT, PROBES);
}

static int
sockopt_set_named(const struct fd *fd, const struct sockopt_value *o)
{
	const struct linger linger = { .l_onoff = o->value != -1,
	    .l_linger = o->value != -1 ? o->value : 0 };
	uint32_t code = htonl((uint32_t)o->value);
	const void *value = &o->value;
	socklen_t len = sizeof(o->value);

	if (o->row->kind == SOCKOPT_LINGER) {
		value = &linger;
		len = sizeof(linger);
	} else if (o->row->kind == SOCKOPT_BIG_ENDIAN)
		value = &code;
	else if (o->row->kind == SOCKOPT_TEXT) {
		value = o->text;
		len = (socklen_t)strlen(o->text);
	}
	return setsockopt(fd->num, o->row->level, o->row->num, value, len);
}

int
sockopt_apply(const struct sockopt_set *s, struct fd *fd, int family,
    struct error *err)
{
	int size = 0, wide = 16 << 20;
	socklen_t len = sizeof(size);

	fd->shuts_dgrams = s->shuts_dgrams;
	if (family == AF_INET || family == AF_INET6)
		sockopt_keepalive(s, fd);
	/* Room for 16 MiB of datagrams; root may exceed the system's limit. */
	if (s->rcvbuf == 0 && fd->kind == FD_DGRAM && family != AF_UNIX &&
	    getsockopt(fd->num, SOL_SOCKET, SO_RCVBUF, &size, &len) == 0 &&
	    size < wide && setsockopt(fd->num, SOL_SOCKET, SO_RCVBUFFORCE,
	    &wide, sizeof(wide)) == -1)
		sockopt_try_to_set(fd, SOL_SOCKET, SO_RCVBUF, wide);
	/* Unix sockets have no use for these, and do not always allow them. */
	if (family != AF_UNIX &&
	    ((s->debug && sockopt_set(fd, &opt_debug, 1, err) == -1) ||
	    (s->broadcast && sockopt_set(fd, &opt_broadcast, 1, err) == -1) ||
	    (s->keepalive == KEEPALIVE_BY_SYSTEM &&
	    sockopt_set(fd, &opt_keepalive, 1, err) == -1)))
		return -1;
	if (family != AF_UNIX && fd->kind == FD_STREAM && s->oob_inline)
		sockopt_try_to_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	if ((s->rcvbuf != 0 &&
	    sockopt_set(fd, &opt_rcvbuf, s->rcvbuf, err) == -1) ||
	    (s->sndbuf != 0 &&
	    sockopt_set(fd, &opt_sndbuf, s->sndbuf, err) == -1) ||
	    sockopt_set_ip(fd, family, &opt_tos, s->tos, err) == -1 ||
	    sockopt_set_ip(fd, family, &opt_ttl, s->ttl, err) == -1 ||
	    sockopt_set_ip(fd, family, &opt_min_ttl, s->min_ttl, err) == -1 ||
	    group_set_sending(&s->mcast, fd, family, err) == -1)
		return -1;
	for (const struct sockopt_value *o = s->named;
	    o < s->named + s->nnamed; o++) {
		/* The host may have addresses of both families. */
		if ((o->row->of == SOCKOPT_IPV6 && family != AF_INET6) ||
		    sockopt_set_named(fd, o) == 0)
			continue;
		error_set(err, errno, "set", "%s", o->row->name);
		return -1;
	}
	return 0;
}

int
sockopt_listener(const struct socket_kind *kind, const struct sockopt_set *s,
    const struct fd *fd, const struct addr *addr, bool v6only,
    struct error *err)
{
	if (!addr_is_inet(addr))
		return 0;
	/* Two receivers of datagrams share them, unless they are of a group. */
	if ((socket_connects(kind) || addr_is_group(addr) ||
	    s->mcast.njoins > 0) &&
	    !sockopt_is_named(s, SOL_SOCKET, SO_REUSEADDR) &&
	    sockopt_set(fd, &opt_reuseaddr, 1, err) == -1)
		return -1;
	if (socket_connects(kind))
		sockopt_limit_unacked(s, fd);
	if (s->reuseport)
		sockopt_try_to_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (addr_family(addr) != AF_INET6 || kind->type == SOCK_RAW ||
	    sockopt_is_named(s, IPPROTO_IPV6, IPV6_V6ONLY))
		return 0;
	return sockopt_set(fd, &opt_v6only, v6only, err);
}

int
socket_bind_own(const struct socket_kind *kind, const struct sockopt_set *s,
    const struct fd *fd, const struct addr *local)
{
	bool has_port = addr_port(local) != 0;

	if (fd->kind == FD_STREAM && addr_is_inet(local))
		sockopt_try_to_set(fd, has_port ? SOL_SOCKET : IPPROTO_IP,
		    has_port ? SO_REUSEADDR : IP_BIND_ADDRESS_NO_PORT, 1);
	/* Who connects a stream needs no name to be answered. */
	return socket_connects(kind) ?
	    bind(fd->num, &local->u.sa, local->len) :
	    unix_path_bind(fd, local, s->replaces_empty);
}

/* Of control messages; a socket of IPv6 may have a peer of IPv4. */
static int
sockopt_tos_in(struct msghdr *m)
{
	int tos = -1, value;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
	    c = CMSG_NXTHDR(m, c)) {
		value = *CMSG_DATA(c);		/* of datagrams: a byte */
		if (c->cmsg_len >= CMSG_LEN(sizeof(value)))
			memcpy(&value, CMSG_DATA(c), sizeof(value));
		if (((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_TCLASS)) && value > tos)
			tos = value;
	}
	return tos;
}

int
sockopt_peer_tos(const struct fd *fd, const struct addr *peer)
{
	union {
		struct cmsghdr	 align;
		unsigned char	 bytes[256];
	} u;
	struct msghdr m = { .msg_control = u.bytes,
	    .msg_controllen = sizeof(u.bytes) };
	socklen_t len = sizeof(u.bytes);
	bool v4 = addr_family(peer) == AF_INET;
	int level = v4 ? IPPROTO_IP : IPPROTO_IPV6, tos;
	int receive = v4 ? IP_RECVTOS : IPV6_RECVTCLASS;

	if (!addr_is_inet(peer))
		return -1;
	sockopt_try_to_set(fd, level, receive, 1);
	if (fd->kind == FD_STREAM) {
		m.msg_controllen = getsockopt(fd->num, level, v4 ?
		    IP_PKTOPTIONS : IPV6_2292PKTOPTIONS, u.bytes,
		    &len) == 0 ? len : 0;
		return sockopt_tos_in(&m);
	}
	tos = recvmsg(fd->num, &m, MSG_PEEK | MSG_DONTWAIT) != -1 ?
	    sockopt_tos_in(&m) : -1;
	sockopt_try_to_set(fd, level, receive, 0);
	return tos;
}

void
sockopt_nodelay(const struct sockopt_set *s, const struct fd *fd)
{
	if (!fd->nodelay && !sockopt_is_named(s, IPPROTO_TCP, TCP_NODELAY))
		sockopt_try_to_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

bool
sockopt_has_nodelay(const struct fd *fd)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd->num, IPPROTO_TCP, TCP_NODELAY, &value,
	    &len) == 0 && value != 0;
}

/* Signs segments to and from the peers of addr/prefix. */
static int
sockopt_sign(const struct fd *fd, const struct sockaddr *addr, socklen_t len,
    uint8_t prefix, const char *secret)
{
	struct tcp_md5sig sig;
	int name = TCP_MD5SIG;

	memset(&sig, 0, sizeof(sig));
	memcpy(&sig.tcpm_addr, addr, len);
	sig.tcpm_keylen = (uint16_t)strlen(secret);
	memcpy(sig.tcpm_key, secret, sig.tcpm_keylen);
	if (prefix != 128) {
		name = TCP_MD5SIG_EXT;
		sig.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
		sig.tcpm_prefixlen = prefix;
	}
	return setsockopt(fd->num, IPPROTO_TCP, name, &sig, sizeof(sig));
}

/* Signs for all peers; an IPv6 socket may have IPv4 peers, too. */
static int
sockopt_sign_all(const struct fd *fd, const char *secret)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr *sa4 = (struct sockaddr *)&in;
	struct sockaddr *sa6 = (struct sockaddr *)&in6;
	socklen_t len = sizeof(int);
	int family;

	if (getsockopt(fd->num, SOL_SOCKET, SO_DOMAIN, &family, &len) == -1)
		return -1;
	if (family == AF_INET)
		return sockopt_sign(fd, sa4, sizeof(in), 0, secret);
	if (sockopt_sign(fd, sa6, sizeof(in6), 0, secret) == -1)
		return -1;
	in6.sin6_addr.s6_addr[10] = in6.sin6_addr.s6_addr[11] = 0xff;
	(void)sockopt_sign(fd, sa6, sizeof(in6), 0, secret);
	return 0;
}

int
sockopt_md5(const struct fd *fd, const struct addr *peer, const char *secret,
    struct error *err)
{
	size_t len = strlen(secret);
	int rc = -1;

	if (len == 0 || len > TCP_MD5SIG_MAXKEYLEN)
		errno = EINVAL;
	else if (peer == NULL)
		rc = sockopt_sign_all(fd, secret);
	else
		rc = sockopt_sign(fd, &peer->u.sa, peer->len, 128, secret);
	if (rc == -1)
		error_set(err, errno, "set", "TCP_MD5SIG");
	return rc;
}

char *
sockopt_md5_secret(struct error *err)
{
	const size_t size = TCP_MD5SIG_MAXKEYLEN + 2;
	char *secret = secret_new(size);

	if (secret != NULL && readpassphrase("TCP MD5SIG password: ", secret,
	    size, RPP_REQUIRE_TTY) != NULL)
		return secret;
	error_set(err, errno, "read", "TCP MD5SIG password");
	secret_free(secret);
	return NULL;
}

/* ---- Failures ----------------------------------------------------------- */

void
neterr_set(struct error *err, int num, const char *op,
    const struct socket_kind *kind, const struct addr *addr)
{
	/* Of unix_path_bind: bind(2) fails if any file has that name. */
	bool no_socket = num == ENOTSOCK && strcmp(op, "bind") == 0;
	char host[ADDR_HOST_MAX];

	if (no_socket)
		num = EADDRINUSE;
	addr_host(addr, host, sizeof(host));
	if (addr_family(addr) == AF_UNIX)
		error_set(err, num, op, "%s", host);
	else if (!kind->has_ports)
		error_set(err, num, op, "%s (%s)", host, kind->name);
	else
		error_set(err, num, op, "%s port %u (%s)", host,
		    addr_port(addr), kind->name);
	if (no_socket)
		(void)strlcpy(err->why, "it exists and is not a socket",
		    sizeof(err->why));
}

void
neterr_refusal(struct error *err, int num, const struct socket_kind *kind,
    const struct addr *to)
{
	char path[ADDR_HOST_MAX];
	const char *why = "";
	struct stat st;

	if (num == ECONNREFUSED && addr_family(to) == AF_UNIX &&
	    stat(addr_host(to, path, sizeof(path)), &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		why = "not a socket";
	if (num == EINVAL && addr_family(to) == AF_INET6 &&
	    IN6_IS_ADDR_LINKLOCAL(&to->u.in6.sin6_addr) &&
	    to->u.in6.sin6_scope_id == 0)
		why = "add the interface: fe80::1%eth0";
	neterr_set(err, num, "connect to", kind, to);
	(void)strlcpy(err->why, why, sizeof(err->why));
}

const char *
neterr_other_loopback(int fd, const char *host)
{
	struct addr to;
	unsigned ip, port;
	bool found = false;
	FILE *f;

	if (addr_peer(&to, fd) == -1 || addr_family(&to) != AF_INET6 ||
	    !IN6_IS_ADDR_LOOPBACK(&to.u.in6.sin6_addr) ||
	    (f = fopen("/proc/net/udp", "re")) == NULL)
		return NULL;
	/* After a line of headings: "  12: 0100007F:1F90 ..." */
	while (!found && fscanf(f, "%*[^\n] %*u: %8x:%4x", &ip, &port) == 2)
		found = port == addr_port(&to) &&
		    (ip == htonl(INADDR_LOOPBACK) || ip == INADDR_ANY);
	(void)fclose(f);
	if (!found)
		return NULL;
	return host != NULL && strchr(host, ':') != NULL ?
	    "127.0.0.1 has a UDP server at this port" :
	    "127.0.0.1 has a UDP server at this port: try -4";
}

bool
neterr_is_ours(const struct error *err)
{
	return strcmp(err->op, "bind") == 0 || strcmp(err->op, "set") == 0 ||
	    strcmp(err->op, "read") == 0;
}
