#include <errno.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <readpassphrase.h>
#include <stdlib.h>
#include <string.h>

#include "net/kind.h"
#include "net/sockopt.h"

/* An option that is a number. */
struct option {
	int		 level;
	int		 name;
	const char	*word;		/* for messages */
};

static const struct option
	opt_debug = { SOL_SOCKET, SO_DEBUG, "SO_DEBUG" },
	opt_broadcast = { SOL_SOCKET, SO_BROADCAST, "SO_BROADCAST" },
	opt_keepalive = { SOL_SOCKET, SO_KEEPALIVE, "SO_KEEPALIVE" },
	opt_rcvbuf = { SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF" },
	opt_sndbuf = { SOL_SOCKET, SO_SNDBUF, "SO_SNDBUF" },
	opt_reuseaddr = { SOL_SOCKET, SO_REUSEADDR, "SO_REUSEADDR" },
	opt_v6only = { IPPROTO_IPV6, IPV6_V6ONLY, "IPV6_V6ONLY" };

/* What a packet carries, under its two names. */
struct twin {
	struct option	 v4, v6;
};

static const struct twin
	opt_tos = {
		{ IPPROTO_IP, IP_TOS, "IP_TOS" },
		{ IPPROTO_IPV6, IPV6_TCLASS, "IPV6_TCLASS" }
	},
	opt_ttl = {
		{ IPPROTO_IP, IP_TTL, "IP_TTL" },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS" }
	},
	opt_min_ttl = {
		{ IPPROTO_IP, IP_MINTTL, "IP_MINTTL" },
		{ IPPROTO_IPV6, IPV6_MINHOPCOUNT, "IPV6_MINHOPCOUNT" }
	};

static int
sockopt_set(const struct fd *fd, const struct option *o, int value,
    struct error *err)
{
	if (setsockopt(fd->num, o->level, o->name, &value, sizeof(value)) == 0)
		return 0;
	error_set(err, errno, "set", "%s", o->word);
	return -1;
}

static void
sockopt_try_to_set(const struct fd *fd, int level, int name, int value)
{
	(void)setsockopt(fd->num, level, name, &value, sizeof(value));
}

/*
 * An IPv6 socket may carry IPv4 (mapped addresses), whose packets obey the
 * IPv4 option; where it cannot, that does no harm. Unix sockets have none.
 */
static int
sockopt_set_twin(const struct fd *fd, int family, const struct twin *o,
    int value, struct error *err)
{
	if (family == AF_INET)
		return sockopt_set(fd, &o->v4, value, err);
	if (family != AF_INET6)
		return 0;
	sockopt_try_to_set(fd, o->v4.level, o->v4.name, value);
	return sockopt_set(fd, &o->v6, value, err);
}

/* The kernel keeps many datagrams for us, as far as it may. */
static void
sockopt_make_roomy(const struct fd *fd)
{
	int size = 0, wide = 4 << 20;
	socklen_t len = sizeof(size);

	if (getsockopt(fd->num, SOL_SOCKET, SO_RCVBUF, &size, &len) == -1 ||
	    size >= wide)
		return;
	/* Who may go beyond the system's limit does. */
	if (setsockopt(fd->num, SOL_SOCKET, SO_RCVBUFFORCE, &wide,
	    sizeof(wide)) == -1)
		sockopt_try_to_set(fd, SOL_SOCKET, SO_RCVBUF, wide);
}

/*
 * Of no use to a Unix socket, and not always allowed. Urgent data that does
 * not stay in the stream would be lost without a word; but a command that is
 * given the socket reads it as it likes.
 */
static int
sockopt_apply_flags(const struct plan *plan, const struct fd *fd,
    struct error *err)
{
	const struct sockopt_set *s = &plan->sock;

	if (s->debug && sockopt_set(fd, &opt_debug, 1, err) == -1)
		return -1;
	if (s->broadcast && sockopt_set(fd, &opt_broadcast, 1, err) == -1)
		return -1;
	if (s->keepalive && sockopt_set(fd, &opt_keepalive, 1, err) == -1)
		return -1;
	if (fd->kind == FD_STREAM && plan->mode != PLAN_SCAN &&
	    !plan->exec.handover &&
	    (s->oob_inline || plan->urgent.shown))
		sockopt_try_to_set(fd, SOL_SOCKET, SO_OOBINLINE, 1);
	return 0;
}

static int
sockopt_set_named(const struct fd *fd, const struct sockopt_value *o)
{
	const struct sockopt_row *row = o->row;
	struct linger linger = { .l_onoff = o->value != -1,
	    .l_linger = o->value != -1 ? o->value : 0 };
	uint32_t code = htonl((uint32_t)o->value);

	switch (row->kind) {
	case SOCKOPT_LINGER:
		return setsockopt(fd->num, row->level, row->num, &linger,
		    sizeof(linger));
	case SOCKOPT_BIG_ENDIAN:
		return setsockopt(fd->num, row->level, row->num, &code,
		    sizeof(code));
	case SOCKOPT_TEXT:
		return setsockopt(fd->num, row->level, row->num, o->text,
		    (socklen_t)strlen(o->text));
	default:
		return setsockopt(fd->num, row->level, row->num, &o->value,
		    sizeof(o->value));
	}
}

/* What the user named comes last, and wins. */
static int
sockopt_apply_named(const struct plan *plan, const struct fd *fd, int family,
    struct error *err)
{
	const struct sockopt_value *o;
	size_t i;

	for (i = 0; i < plan->sock.nnamed; i++) {
		o = &plan->sock.named[i];
		/* The peer may have addresses of both families. */
		if (o->row->of == SOCKOPT_IPV6 && family != AF_INET6)
			continue;
		if (sockopt_set_named(fd, o) == 0)
			continue;
		error_set(err, errno, "set", "%s", o->row->name);
		return -1;
	}
	return 0;
}

int
sockopt_apply(const struct plan *plan, const struct fd *fd, int family,
    struct error *err)
{
	const struct sockopt_set *s = &plan->sock;

	if (family != AF_UNIX && sockopt_apply_flags(plan, fd, err) == -1)
		return -1;
	if (s->rcvbuf != 0 && sockopt_set(fd, &opt_rcvbuf, s->rcvbuf,
	    err) == -1)
		return -1;
	if (s->rcvbuf == 0 && fd->kind == FD_DGRAM && family != AF_UNIX)
		sockopt_make_roomy(fd);
	if (s->sndbuf != 0 && sockopt_set(fd, &opt_sndbuf, s->sndbuf,
	    err) == -1)
		return -1;
	if (s->tos != -1 &&
	    sockopt_set_twin(fd, family, &opt_tos, s->tos, err) == -1)
		return -1;
	if (s->ttl != -1 &&
	    sockopt_set_twin(fd, family, &opt_ttl, s->ttl, err) == -1)
		return -1;
	if (s->min_ttl != -1 &&
	    sockopt_set_twin(fd, family, &opt_min_ttl, s->min_ttl, err) == -1)
		return -1;
	return sockopt_apply_named(plan, fd, family, err);
}

static bool
sockopt_is_named(const struct plan *plan, int level, int num)
{
	size_t i;

	for (i = 0; i < plan->sock.nnamed; i++)
		if (plan->sock.named[i].row->level == level &&
		    plan->sock.named[i].row->num == num)
			return true;
	return false;
}

int
sockopt_listener(const struct plan *plan, const struct fd *fd,
    const struct addr *addr, bool v6only, struct error *err)
{
	int family = addr_family(addr);

	if (!addr_is_inet(addr))
		return 0;
	/*
	 * For connections of the past, which datagrams have not: two
	 * receivers on one port would take each other's datagrams. But each
	 * member of a multicast group hears every datagram.
	 */
	if ((kind_connects(plan) || addr_is_group(addr)) &&
	    !sockopt_is_named(plan, SOL_SOCKET, SO_REUSEADDR) &&
	    sockopt_set(fd, &opt_reuseaddr, 1, err) == -1)
		return -1;
	if (plan->sock.reuseport)
		sockopt_try_to_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (family != AF_INET6 || kind_type(plan) == SOCK_RAW ||
	    sockopt_is_named(plan, IPPROTO_IPV6, IPV6_V6ONLY))
		return 0;
	return sockopt_set(fd, &opt_v6only, v6only, err);
}

void
sockopt_nodelay(const struct plan *plan, const struct fd *fd)
{
	if (!fd->nodelay && !sockopt_is_named(plan, IPPROTO_TCP, TCP_NODELAY))
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

/* Sign what goes to and comes from addr/prefix. */
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

/* Anyone, of the socket's own family; an IPv6 one may serve both. */
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
	else if (peer == NULL || peer->len == 0)
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
	char buf[TCP_MD5SIG_MAXKEYLEN + 2];
	char *secret = NULL;

	if (readpassphrase("TCP MD5SIG password: ", buf, sizeof(buf),
	    RPP_REQUIRE_TTY) != NULL)
		secret = strdup(buf);
	if (secret == NULL)
		error_set(err, errno, "read", "TCP MD5SIG password");
	explicit_bzero(buf, sizeof(buf));
	return secret;
}
