/*
 * The messages of sockcat itself. Successes are worded as by OpenBSD's nc,
 * because scripts match its lines, and are printed at -v only. A failure is
 * a single line.
 */
#include <sys/un.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "base/reason.h"
#include "message/messages_util.h"

/* The exit status when datagrams were neither answered nor refused. */
#define NO_ANSWER	2
/* The lowest port that every user may bind. */
#define PORT_UNPRIVILEGED	1024
/* Bytes that are shown of a line that is no HTTP reply. */
#define NO_HTTP_MAX	60

/* ---- Hints after a reason: "", or a text that begins with a blank ------- */

/* "-l 5000 6000": of two numbers, the first is taken for an address. */
static const char *
native_hint_numbers(const struct plan *p, const char *host)
{
	return p->mode == PLAN_LISTEN && host != NULL &&
	    p->family != FAMILY_VSOCK &&
	    host[strspn(host, "0123456789")] == '\0' ?
	    " (-l takes one port; the first of two numbers is an address)" :
	    "";
}

static const char *
native_hint_port(int num, unsigned port)
{
	return num == EACCES && port > 0 && port < PORT_UNPRIVILEGED ?
	    " (a port below 1024 needs root or CAP_NET_BIND_SERVICE)" : "";
}

/* connect(2) to a broadcast address fails with this errno. */
static const char *
native_hint_broadcast(const struct plan *p, int num)
{
	return num == EACCES && p->type == TYPE_DGRAM && !p->sock.broadcast &&
	    p->family != FAMILY_UNIX ?
	    " (a broadcast address needs -b)" : "";
}

static const char *
native_hint_path(const struct plan *p, const struct error *e, const char *path)
{
	_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == 108,
	    "the numbers below are those of Linux");

	if (p->family != FAMILY_UNIX || e->num != ENAMETOOLONG || path == NULL)
		return "";
	return path[0] == '@' ?
	    " (a Unix socket's path has at most 108 bytes)" :
	    " (a Unix socket's path has at most 107 bytes)";
}

/* ---- Proxies ------------------------------------------------------------ */

static const char *
native_proxy_refused(const struct proxy_error *s)
{
	static const char *const five[SOCKS5_CODES] = { "", "it has failed",
	    "it does not allow that", "network unreachable",
	    "host unreachable", "connection refused", "time to live expired",
	    "it does not know the command",
	    "it does not know this type of address" };
	static const char *const four[SOCKS4_CODES] = { "",
	    "refused or failed", "it cannot ask identd here",
	    "identd here says another user" };
	const char *text = messages_socks(s, five, four);

	return text != NULL ? text : "refused, for a reason that is not known";
}

/* The first bytes of a line that is not HTTP may identify the service. */
static const char *
native_proxy_no_http(const struct error *e, struct shown *text)
{
	int len = (int)strnlen(e->why, NO_HTTP_MAX + 1);

	(void)snprintf(text->s, sizeof(text->s),
	    "its reply is not HTTP%s%.*s%s", len > 0 ? ": " : "", NO_HTTP_MAX,
	    e->why, len > NO_HTTP_MAX ? "..." : "");
	return text->s;
}

static const char *
native_proxy_reason(const struct plan *p, const struct error *e,
    struct shown *text)
{
	static const char *const reasons[] = {
		[PROXY_ADDRESS] =
		    "its reply has an address of no known type",
		[PROXY_LONG] = "the header of its reply does not end",
		[PROXY_DENIED] = "wrong user or password",
		[PROXY_PASSWORD] = "it wants a password, and there is none",
		[PROXY_TRIES] = "too many wrong passwords",
		[PROXY_AGAIN] = NULL
	};
	const struct proxy_error *s = &e->proxy;

	if (s->fault == PROXY_READ || s->fault == PROXY_WRITE)
		return e->num == 0 ? "it closed the connection" :
		    reason_text(e->num);
	if (s->fault == PROXY_VERSION)
		return s->kind == PROXY_SOCKS4 ? "it does not speak SOCKS 4" :
		    "it does not speak SOCKS 5";
	if (s->fault == PROXY_NO_METHOD || s->fault == PROXY_ODD_METHOD ||
	    s->fault == PROXY_NO_SCHEME)
		return p->proxy.login.user == NULL ?
		    "it wants to know who asks (-P, --proxy-auth)" :
		    s->fault == PROXY_NO_METHOD ? "it takes no password" :
		    "it wants a kind of login that is not known here";
	if (s->fault == PROXY_REFUSED)
		return native_proxy_refused(s);
	if (s->fault == PROXY_STATUS && s->code == 0)
		return native_proxy_no_http(e, text);
	/* Otherwise, the proxy's own text, or the system's. */
	return reasons[s->fault] != NULL ? reasons[s->fault] : error_reason(e);
}

/* ---- Resolving, connecting, listening ----------------------------------- */

static int
native_resolve_failed(const struct plan *p, const char *host, const char *port,
    const struct error *e, bool passive)
{
	bool forbidden = p->numeric && host != NULL && e->gai == EAI_NONAME;
	bool proxy = p->proxy.kind != PROXY_NONE && !passive &&
	    !messages_is_proxy_target(p, host);

	diag_warnx("look up %s%s failed: %s%s%s%s", proxy ? "proxy " : "",
	    host != NULL ? host : port != NULL ? port : "the address",
	    error_reason(e), forbidden ? " (-n: numeric addresses only)" : "",
	    passive && !forbidden ? native_hint_numbers(p, host) : "",
	    native_hint_path(p, e, host));
	return 1;
}

/* Returns "HOST port P (tcp)" or the path, of a peer that was reached. */
static struct shown
native_far(const struct plan *p, const struct target *t)
{
	const struct target met = messages_met(p, t);
	struct shown text;

	if (p->family == FAMILY_UNIX || messages_is_unix(t->addr)) {
		text = messages_path(t);
		if (text.s[0] == '\0')
			(void)strlcpy(text.s, "a client", sizeof(text.s));
	} else
		(void)snprintf(text.s, sizeof(text.s), "%.400s port %u (%s)",
		    messages_target(&met).s, messages_target_port(&met),
		    plan_proto(p));
	return text;
}

/* "NAME: OP HOST port P (tcp) failed: REASON (HINT)" */
static void
native_target_failed(const struct plan *p, const char *op,
    const struct target *t, const char *why, const char *hint)
{
	const struct target to = messages_dialled(p, t);

	if (p->family == FAMILY_UNIX || messages_is_unix(t->addr))
		diag_warnx("%s %s failed: %s%s", op, messages_path(t).s, why,
		    hint);
	else if (!plan_has_ports(p))
		diag_warnx("%s %s (%s) failed: %s%s", op,
		    messages_target(t).s, plan_proto(p), why, hint);
	else
		diag_warnx("%s %s%s port %u (%s) failed: %s%s", op,
		    to.port != t->port || to.host != t->host ? "proxy " : "",
		    messages_target(&to).s, messages_target_port(&to),
		    plan_proto(p), why, hint);
}

static void
native_bind_failed(const struct plan *p, const struct error *e)
{
	long long port = 0;	/* of -p; 0: none, or a service's name */

	if (p->local_port != NULL && plan_has_ports(p))
		(void)num_int(p->local_port, 0, UINT16_MAX, &port);
	diag_warnx("%s %s failed: %s%s", e->op, e->object, error_reason(e),
	    native_hint_port(e->num, (unsigned)port));
}

/* The proxy, if there is one, has done its part. */
static void
native_handshake_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	diag_warnx("%s %s failed: %s%s", e->op, native_far(p, t).s,
	    error_reason(e), e->num == ETIMEDOUT && p->tls.on ?
	    " (is the peer a TLS server?)" : "");
}

/*
 * The addresses before the last are shown at -v only. To a scan, a closed
 * port is a result and no failure.
 */
static int
native_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	int level = p->mode == PLAN_SCAN;
	/* The proxy works, and refuses the request. */
	bool refused = e->proxy.fault == PROXY_REFUSED ||
	    (e->proxy.fault == PROXY_STATUS && e->proxy.code != 0);
	struct shown text;

	if (e->proxy.fault != PROXY_FINE) {
		if (p->verbose >= level || !refused)
			diag_warnx("connect to %s port %u (%s) through %s port "
			    "%u failed: %s", t->host, t->port, plan_proto(p),
			    messages_host(t->addr).s, addr_port(t->addr),
			    native_proxy_reason(p, e, &text));
	} else if (messages_is_handshake(e)) {
		if (p->verbose >= level)
			native_handshake_failed(p, t, e);
	} else if (strcmp(e->op, "bind") == 0)
		native_bind_failed(p, e);
	else if (strcmp(e->op, "set") == 0 || strcmp(e->op, "read") == 0)
		diag_error(e);
	else if (p->verbose > level || (last && p->verbose == level))
		native_target_failed(p, "connect to", t, error_reason(e),
		    native_hint_broadcast(p, e->num));
	return 1;
}

static void
native_probed(const struct plan *p, const struct target *t, bool open,
    int errnum)
{
	if (open)
		messages_bsd_connected(p, t);
	else if (p->verbose > 0 && errnum == 0)
		diag_warnx("no answer from %s port %u (%s)",
		    messages_target(t).s, t->port, plan_proto(p));
	else if (p->verbose > 0)
		native_target_failed(p, "connect to", t, reason_text(errnum),
		    native_hint_broadcast(p, errnum));
}

/* If no port could be asked, the reason is printed: status 1 means closed. */
static int
native_scanned(const struct plan *p, const struct scan_outcome *o)
{
	if (p->verbose == 0 && o->broken > 0 &&
	    o->open + o->refused + o->silent == 0)
		native_target_failed(p, "connect to", &o->broken_at,
		    reason_text(o->broken_num),
		    native_hint_broadcast(p, o->broken_num));
	if (o->open > 0)
		return 0;
	return p->type == TYPE_DGRAM && o->silent > 0 ? NO_ANSWER : 1;
}

static int
native_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	char holder[sizeof(e->holder) + 8] = "";

	if (e->holder[0] != '\0')
		(void)snprintf(holder, sizeof(holder), " (by %s)", e->holder);
	if (strcmp(e->op, "set") == 0 || strcmp(e->op, "read") == 0 ||
	    strcmp(e->op, "join") == 0)
		diag_error(e);
	else if (*holder != '\0')
		native_target_failed(p, "listen on", t, error_reason(e),
		    holder);
	else
		native_target_failed(p, "listen on", t, error_reason(e),
		    messages_is_unix(t->addr) || !plan_has_ports(p) ? "" :
		    e->num == EACCES ? native_hint_port(e->num, t->port) :
		    e->num == EADDRNOTAVAIL ?
		    native_hint_numbers(p, p->local_host) : "");
	return 1;
}

/* ---- TLS ---------------------------------------------------------------- */

static void
native_peer_cert(const struct tls_facts *f)
{
	const struct tls_cert *c = &f->cert;
	const char *subject = c->subject[0] != '\0' ? c->subject :
	    "(no subject)";

	if (c->self_signed)
		diag_warnx("peer certificate: %s, self-signed, expires %s",
		    subject, c->not_after);
	else
		diag_warnx("peer certificate: %s, issued by %s, expires %s",
		    subject, c->issuer, c->not_after);
	diag_warnx("peer certificate fingerprint %s (%s)",
	    messages_fingerprint(c).s, !f->verified ?
	    f->pinned ? "pinned" : "not verified" :
	    f->pinned ? "verified and pinned" : "verified");
}

/* That nothing is verified is said each time: the user may have forgotten. */
static void
native_secured(const struct plan *p, const struct tls_facts *f,
    const struct target *t)
{
	const struct shown peer = native_far(p, t);
	bool listens = plan_is_tls_server(p);

	if (!listens && p->tls.verify == TLS_VERIFY_NONE && !p->tls.words &&
	    p->tls.npins == 0 && p->chat.expect == NULL)
		diag_warnx("%s is not verified: could be anyone "
		    "(--tls-insecure)", peer.s);
	if (p->verbose == 0)
		return;
	diag_warnx("%s with %s, cipher %s%s%s", f->version, peer.s, f->cipher,
	    f->alpn[0] != '\0' ? ", ALPN " : "", f->alpn);
	if (f->has_cert)
		native_peer_cert(f);
	else if (!listens)
		diag_warnx("the server showed no certificate");
}

static void
native_not_secured(const struct plan *p, const struct addr *peer,
    const struct error *e)
{
	(void)p, (void)peer;
	diag_error(e);
}

/* The other side gives this text to --tls-pin. */
static void
native_made_cert(const struct plan *p, const struct tls_cert *c)
{
	(void)p;
	diag_warnx("made a certificate for this run, fingerprint %s",
	    messages_fingerprint(c).s);
}

/* ---- Chats: printed at -v, or where a person sees the messages ---------- */

static bool
native_tells_chat(const struct plan *p)
{
	return p->verbose > 0 || diag_is_redirected() ||
	    isatty(STDERR_FILENO);
}

/* Takes an address of this machine that other machines can reach. */
static bool
native_take_own(const struct plan *p, const struct ifaddrs *i, struct addr *a)
{
	int family = i->ifa_addr == NULL ? 0 : i->ifa_addr->sa_family;

	if ((family != AF_INET && family != AF_INET6) ||
	    (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP) ||
	    (family == AF_INET6 && p->family == FAMILY_INET) ||
	    (family == AF_INET && p->family == FAMILY_INET6))
		return false;
	a->len = family == AF_INET ? sizeof(a->u.in) : sizeof(a->u.in6);
	memcpy(&a->u, i->ifa_addr, a->len);
	return true;
}

/* Returns the addresses of this machine, with commas; "": there are none. */
static struct shown
native_own_addresses(const struct plan *p)
{
	struct shown list = { "" };
	struct ifaddrs *all, *i;
	struct addr a;

	if (getifaddrs(&all) == -1)
		return list;
	for (i = all; i != NULL; i = i->ifa_next) {
		if (!native_take_own(p, i, &a))
			continue;
		if (list.s[0] != '\0')
			(void)strlcat(list.s, ", ", sizeof(list.s));
		(void)strlcat(list.s, messages_host(&a).s, sizeof(list.s));
	}
	freeifaddrs(all);
	return list;
}

static void
native_chat_listening(const struct plan *p, const struct addr *a)
{
	const char *what = p->near == PLAN_HUB ? "a room is open" :
	    "waiting for one peer";
	const struct shown host = messages_host(a);
	struct shown own;

	if (messages_is_unix(a)) {
		diag_warnx("%s at %s", what, host.s);
		return;
	}
	if (!addr_is_any(a)) {
		diag_warnx("%s at %s port %u (%s)", what, host.s, addr_port(a),
		    plan_proto(p));
		return;
	}
	diag_warnx("%s on port %u (%s)", what, addr_port(a), plan_proto(p));
	own = native_own_addresses(p);
	diag_warnx(own.s[0] != '\0' ? "this machine's addresses: %s" :
	    "this machine has no address that others can reach", own.s);
}

static void
native_listening(const struct plan *p, const struct addr *a)
{
	if (p->near != PLAN_CHAT &&
	    (p->near != PLAN_HUB || p->hub != HUB_TALK))
		messages_bsd_listening(p, a);
	else if (native_tells_chat(p))
		native_chat_listening(p, a);
}

static void
native_connected(const struct plan *p, const struct target *t)
{
	const struct target met = messages_met(p, t);

	if (p->near != PLAN_CHAT)
		messages_bsd_connected(p, t);
	else if (native_tells_chat(p) && messages_is_unix(t->addr))
		diag_warnx("connected to %s", messages_path(t).s);
	else if (native_tells_chat(p))
		diag_warnx("%s %s port %u (%s)", p->type == TYPE_DGRAM ?
		    "talking to" : "connected to", messages_target(&met).s,
		    t->port, plan_proto(p));
}

static void
native_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	const struct addr a = messages_unmapped(peer);

	if (p->near != PLAN_CHAT)
		messages_bsd_accepted(p, &a, local);
	else if (native_tells_chat(p) && messages_is_unix(&a))
		diag_warnx("a peer is here");
	else if (native_tells_chat(p))
		diag_warnx("%s is here, from port %u", messages_host(&a).s,
		    addr_port(&a));
}

static void
native_turned_away(const struct plan *p, unsigned n)
{
	if (native_tells_chat(p))
		diag_warnx("%u other%s wanted in and %s turned away", n,
		    n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

static void
native_left(const struct plan *p, const char *peer)
{
	if (native_tells_chat(p))
		diag_warnx("%s has left", peer);
}

static int
native_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	const struct addr a = messages_unmapped(peer);

	return messages_refused(p, &a, local);
}

/* ---- The end of a session ----------------------------------------------- */

/* ETIMEDOUT is no message of the peer: our system has given the peer up. */
static void
native_far_failure(const struct error *e, uint64_t lost)
{
	struct error told = *e;

	if (e->num == ETIMEDOUT && e->why[0] == '\0')
		(void)snprintf(told.why, sizeof(told.why),
		    "%s: the peer no longer answers", reason_text(e->num));
	messages_failure(&told, lost);
}

/* A reset fails both directions: a single line is printed. */
static void
native_far_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_is_bad(&o->far_read);
	bool bad_write = messages_is_bad(&o->far_write);

	if (bad_read && !o->warned)
		native_far_failure(&o->far_read, o->lost_out);
	else if (bad_write)
		native_far_failure(&o->far_write, o->lost_out);
	else
		messages_losses(p, o->lost_out, 0);
}

static void
native_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_is_bad(&o->near_read);
	bool bad_write = messages_is_bad(&o->near_write);

	if (bad_read && !o->near_warned)
		diag_error(&o->near_read);
	/* A reader that has what it wanted: a shell tells of no SIGPIPE. */
	if (bad_write && o->reader_left && p->verbose == 0)
		return;
	if (bad_write)
		messages_failure(&o->near_write, o->lost_in);
	else
		messages_losses(p, 0, o->lost_in);
}

static int
native_ended(const struct plan *p, const struct outcome *o)
{
	if (o->cause != SESSION_INTERRUPTED) {
		native_near_end(p, o);
		native_far_end(p, o);
	}
	if (o->silent)
		diag_warnx("nothing was exchanged: the peer has ended, and "
		    "standard input gave no data in time (-w waits longer)");
	if (o->unread)
		diag_warnx("left 'stdin' unread (the peer has gone)");
	(void)messages_total(o);
	if (p->verbose > 0 && o->dropped_out + o->dropped_in > 0)
		diag_warnx("dropped by request: %" PRIu64 " bytes to the peer, "
		    "%" PRIu64 " bytes from it", o->dropped_out,
		    o->dropped_in);
	if (p->verbose > 1)
		diag_warnx("sent %" PRIu64 ", received %" PRIu64
		    " bytes in %.3f seconds", o->sent, o->received,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return outcome_status(o);
}

static void
native_ruled(const struct plan *p, const struct end_policy *policy,
    enum far_rule rule)
{
	char text[FAR_RULE_TEXT_MAX];

	if (p->verbose > 1)
		diag_warnx("the peer has ended; %s",
		    policy_far_text(policy, rule, text));
}

/* /dev/null on a terminal looks like a program that hangs. */
static void
native_looks(const struct plan *p, const struct end_policy *policy)
{
	if (p->verbose > 0 && policy->null_wait > 0)
		diag_warnx("nothing to send: leave after %.10g s without data "
		    "from the peer, or when it ends (-w waits longer)",
		    (double)policy->null_wait / (double)NSEC_PER_SEC);
	else if (p->verbose > 0)
		diag_warnx("nothing to send: leave when the peer ends");
}

static void
native_confined(const char *parts)
{
	diag_warnx("sandbox: %s", parts);
}

static void
native_limited(const struct plan *p, const struct bottleneck *b)
{
	char size[32] = "";
	const char *remedy = "a higher net.ipv4.tcp_rmem at the peer";

	if (b->size != 0)
		(void)snprintf(size, sizeof(size), " of %" PRIu64 " KiB",
		    b->size / 1024);
	if (b->kind == BOTTLENECK_SEND_BUFFER)
		remedy = p->sock.sndbuf != 0 ? "a larger -O" :
		    "a higher net.ipv4.tcp_wmem";
	else if (b->kind == BOTTLENECK_WINDOW)
		remedy = p->sock.rcvbuf != 0 ? "a larger -I" :
		    "a higher net.ipv4.tcp_rmem";
	diag_warnx("the %s%s limited this transfer over a round trip of "
	    "%.1f ms (%s may help)",
	    b->kind == BOTTLENECK_SEND_BUFFER ? "send buffer" :
	    b->kind == BOTTLENECK_WINDOW ? "receive window" :
	    "peer's receive window", size,
	    (double)b->round_trip / (double)NSEC_PER_MSEC, remedy);
}

static void
native_overran(const struct plan *p, const struct dgram_drops *d)
{
	diag_warnx("%s%" PRIu64 " datagram%s dropped by the kernel before %s "
	    "could be read%s", d->at_least ? "at least " : "", d->n,
	    d->n == 1 ? " was" : "s were", d->n == 1 ? "it" : "they",
	    p->sock.rcvbuf != 0 ? " (a larger -I may help)" : "");
}

const struct messages messages_native = {
	.temp_prefix = "sockcat",
	.resolve_failed = native_resolve_failed,
	.connect_failed = native_connect_failed,
	.connected = native_connected,
	.securing = native_connected,
	.probed = native_probed,
	.scanned = native_scanned,
	.listen_failed = native_listen_failed,
	.listening = native_listening,
	.access_failed = messages_access_failed,
	.accepted = native_accepted,
	.accept_timeout = messages_failed,
	.refused = native_refused,
	.turned_away = native_turned_away,
	.left = native_left,
	.trying_again = messages_trying_again,
	.exec_failed = messages_failed,
	.pass_failed = messages_failed,
	.ended = native_ended,
	.ruled = native_ruled,
	.looks = native_looks,
	.limited = native_limited,
	.warn = messages_failed,
	.secured = native_secured,
	.not_secured = native_not_secured,
	.made_cert = native_made_cert,
	.overran = native_overran,
	.confined = native_confined,
	.tap_failed = messages_failed,
	.failed = messages_failed,
};
