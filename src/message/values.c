#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <net/if.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/diag.h"
#include "message/rows.h"

/* The values of the places in the texts of rows. */

/* The lowest port that every user may bind. */
#define PORT_UNPRIVILEGED	1024
/* Shown bytes of a line that is not an HTTP reply. */
#define NO_HTTP_MAX	60
#define NO_NAME		"(UNKNOWN)"

/* A line for each place: its name, and how its value is made. */
#define V(place, value) \
	if (strcmp(name, (place)) == 0) \
		return (value)

static const char *
value_put(struct shown *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(t->s, sizeof(t->s), fmt, ap);
	va_end(ap);
	return t->s;
}

/* Writes the number of an address, or the path of a Unix socket. */
static const char *
value_host(const struct addr *a, struct shown *t)
{
	return addr_host(a, t->s, sizeof(t->s));
}

static const char *
value_or(const char *text, const char *otherwise)
{
	return text != NULL ? text : otherwise;
}

bool
messages_is_unix(const struct addr *a)
{
	return a != NULL && a->len != 0 && addr_family(a) == AF_UNIX;
}

bool
messages_is_proxy_target(const struct plan *p, const char *host)
{
	return p->proxy.kind != PROXY_NONE && host == p->host;
}

/* ---- Failures ------------------------------------------------------------ */

const char *
messages_option(const char *name)
{
	static const struct {
		char	name[20], text[32];
	} options[] = {
		{ "IP_TOS", "set IP ToS: " },
		{ "IPV6_TCLASS", "set IPv6 traffic class: " },
		{ "SO_RCVBUF", "set TCP receive buffer size: " },
		{ "SO_SNDBUF", "set TCP send buffer size: " },
		{ "IP_TTL", "set IP TTL: " },
		{ "IP_MINTTL", "set IP min TTL: " },
		{ "IPV6_UNICAST_HOPS", "set IPv6 unicast hops: " },
		{ "IPV6_MINHOPCOUNT", "set IPv6 min hop count: " },
		{ "SO_DEBUG", "" }, { "TCP_MD5SIG", "" }
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(name, options[i].name) == 0)
			return options[i].text;
	return NULL;
}

/* "-l 5000 6000": of two numbers, the first is taken for an address. */
static bool
value_is_number(const struct plan *p, const char *host)
{
	return p->mode == PLAN_LISTEN && host != NULL &&
	    p->family != FAMILY_VSOCK &&
	    host[strspn(host, "0123456789")] == '\0';
}

enum hint
messages_hint(const struct say *s)
{
	const struct plan *p = s->p;
	const char *host = s->r->host;
	long long port = s->t->port;
	bool ports = plan_has_ports(p) && !messages_is_unix(s->t->addr);

	_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == 108,
	    "the numbers in the texts of these hints are those of Linux");
	if (s->event == EVENT_RESOLVE_FAILED && host == NULL)
		return HINT_NONE;
	if (s->event == EVENT_RESOLVE_FAILED)
		return p->numeric && s->e->gai == EAI_NONAME ? HINT_NUMERIC :
		    s->r->passive && value_is_number(p, host) ? HINT_NUMBERS :
		    p->family != FAMILY_UNIX || s->num != ENAMETOOLONG ?
		    HINT_NONE : *host == '@' ? HINT_ABSTRACT : HINT_PATH;
	if (s->event == EVENT_OVERRAN)
		return p->sock.rcvbuf != 0 ? HINT_BUFFER : HINT_NONE;
	if (s->e->holder[0] != '\0')
		return HINT_HOLDER;
	if (s->facts & IF(HANDSHAKE))
		return s->num == ETIMEDOUT && p->tls.on ? HINT_TLS : HINT_NONE;
	if (s->event == EVENT_LISTEN_FAILED && s->num == EADDRNOTAVAIL)
		return ports && value_is_number(p, p->local_host) ?
		    HINT_NUMBERS : HINT_NONE;
	if (s->num != EACCES)
		return HINT_NONE;
	/* connect(2) to a broadcast address fails with this errno. */
	if (s->event != EVENT_LISTEN_FAILED && !(s->facts & IF(BIND)))
		return p->type == TYPE_DGRAM && !p->sock.broadcast &&
		    p->family != FAMILY_UNIX ? HINT_BROADCAST : HINT_NONE;
	if (s->event != EVENT_LISTEN_FAILED && (p->local_port == NULL ||
	    num_int(p->local_port, 0, UINT16_MAX, &port) != NULL))
		port = 0;
	return ports && port > 0 && port < PORT_UNPRIVILEGED ? HINT_PORT :
	    HINT_NONE;
}

static const char *
value_of_failure(const struct say *s, const char *name, struct shown *t)
{
	const struct error *e = s->e;

	V("op", e->op);
	V("object", e->object);
	V("what", value_put(t, "%s%s%s", e->op,
	    e->object[0] != '\0' ? " " : "", e->object));
	V("why", s->r->error == NULL ? reason_text(s->num) : error_reason(e));
	V("sys", reason_text(s->num));
	V("advice", e->hint == NULL ? "" : value_put(t, " (%s)", e->hint));
	V("option", value_or(messages_option(e->object), ""));
	V("holder", e->holder);
	return NULL;
}

/* ---- Proxies and targets ------------------------------------------------- */

static const char *
value_of_proxy(const struct say *s, const char *name, struct shown *t)
{
	const struct proxy_error *x = &s->e->proxy;
	const char *why = s->e->why;
	int len = (int)strnlen(why, NO_HTTP_MAX + 1);

	V("rw", x->fault == PROXY_WRITE ? "write" : "read");
	V("io", reason_text(s->num != 0 ? s->num : EPIPE));
	V("got", value_put(t, "%u", x->got));
	/* OpenBSD's nc counts three bytes for the reply to a greeting. */
	V("want", value_put(t, "%u", x->step == PROXY_GREETING ? 3 : x->want));
	V("socksv", x->kind == PROXY_SOCKS4 ? "4" : "5");
	V("step", x->step == PROXY_GREETING ? "connect" :
	    x->step == PROXY_LOGIN ? "authentication" : "request");
	V("status", value_put(t, "%d", x->code != 0 ? (int)x->code : -1));
	V("line", why);
	/* The first bytes of a line that is not HTTP may identify a service. */
	V("nohttp", value_put(t, "%s%.*s%s", len > 0 ? ": " : "", NO_HTTP_MAX,
	    why, len > NO_HTTP_MAX ? "..." : ""));
	return NULL;
}

/* Returns the host as given, and the host's address if that differs. */
static const char *
value_target(const struct target *to, struct shown *t)
{
	char host[ADDR_HOST_MAX];

	if (to->addr == NULL)
		return value_or(to->host, "any address");
	if (to->host == NULL ||
	    strcmp(to->host, addr_host(to->addr, host, sizeof(host))) == 0)
		return value_host(to->addr, t);
	return value_put(t, "%.300s (%.200s)", to->host, host);
}

/* Returns the port of a target; a port of vsock has 32 bits. */
static unsigned
value_port(const struct target *t)
{
	return t->addr != NULL && t->port == 0 ? addr_port(t->addr) : t->port;
}

/* "ADDRESS:PORT" or the path; an IPv4-mapped address as IPv4. */
static const char *
value_address(const struct addr *a, bool port, struct shown *t)
{
	struct addr shown = *a;

	addr_unmap(&shown);
	return port && !messages_is_unix(a) ? value_put(t, "%s:%u",
	    messages_host(&shown).s, addr_port(a)) : value_host(&shown, t);
}

static const char *
value_service(const struct plan *p, unsigned port, const char *otherwise)
{
	struct servent *sv = getservbyport(htons((uint16_t)port),
	    p->type == TYPE_DGRAM ? "udp" : "tcp");

	return sv != NULL ? sv->s_name : otherwise;
}

/* Returns the name in the hosts file, unless -n forbids names. */
static const char *
value_name(const struct plan *p, const struct addr *a, const char *otherwise,
    struct shown *t)
{
	if (p->numeric || a == NULL || messages_is_unix(a))
		return value_put(t, "%s", otherwise);
	*t = messages_hosts_name(a, otherwise);
	return t->s;
}

static const char *
value_of_target(const struct say *s, const char *name, struct shown *t)
{
	const struct plan *p = s->p;
	const struct addr *a = s->t->addr;
	bool proxy = p->proxy.kind != PROXY_NONE;
	/* The host that is dialled (the proxy), and the peer behind it. */
	struct target dialled = *s->t, met = *s->t;
	char host[ADDR_HOST_MAX] = "";

	if (a != NULL)
		(void)addr_host(a, host, sizeof(host));
	if (proxy && a != NULL)
		dialled = (struct target){ .host = p->proxy.host,
		    .port = addr_port(a) };
	/* Behind a proxy, the target's address is not known. */
	if (proxy)
		met.addr = NULL;
	else if (p->messages->shows_given && p->numeric &&
	    s->t->host != NULL && !messages_is_unix(a)) {
		met.port = value_port(s->t);
		met.addr = NULL;
		dialled = met;
	}
	V("proxy", dialled.host != s->t->host ? "proxy " : "");
	V("dialled", value_target(&dialled, t));
	V("dport", value_put(t, "%u", value_port(&dialled)));
	V("reached", value_target(&met, t));
	V("rport", value_put(t, "%u", value_port(&met)));
	V("host", value_or(s->t->host, ""));
	V("port", value_put(t, "%u", s->t->port));
	V("service", p->family == FAMILY_VSOCK || p->numeric ||
	    p->numeric_service ? "*" : value_service(p, s->t->port, "*"));
	V("known", value_service(p, s->t->port, "?"));
	/* The path of a client is empty as a rule. */
	V("path", s->t->host == NULL && *host == '\0' ? "a client" :
	    value_put(t, "%s", value_or(s->t->host, host)));
	V("addr", value_put(t, "%s", host));
	V("bound", value_put(t, "%s", a != NULL ? host : "0.0.0.0"));
	V("addrport", value_put(t, "%u", a != NULL ? addr_port(a) : 0));
	V("address", a != NULL ? value_address(a, true, t) :
	    value_or(s->t->host, "?"));
	V("plainaddr", a != NULL ? value_address(a, false, t) :
	    value_or(s->t->host, "?"));
	V("hostname", s->t->host != NULL && !p->numeric &&
	    strcmp(s->t->host, host) != 0 ? s->t->host :
	    p->verbose > 0 ? value_name(p, a, NO_NAME, t) : NO_NAME);
	return NULL;
}

/* ---- Peers --------------------------------------------------------------- */

struct shown
messages_host(const struct addr *a)
{
	struct shown text;

	(void)addr_host(a, text.s, sizeof(text.s));
	return text;
}

struct shown
messages_hosts_name(const struct addr *a, const char *otherwise)
{
	const struct shown host = messages_host(a);
	const char *name = NULL;
	struct shown text;
	char *line = NULL, *word, *rest;
	size_t room = 0;
	FILE *fp = fopen("/etc/hosts", "re");

	/* The first name of a line that begins with the number. */
	while (fp != NULL && name == NULL && getline(&line, &room, fp) != -1) {
		line[strcspn(line, "#\r\n")] = '\0';
		word = strtok_r(line, " \t", &rest);
		if (word != NULL && strcmp(word, host.s) == 0)
			name = strtok_r(NULL, " \t", &rest);
	}
	(void)snprintf(text.s, sizeof(text.s), "%s", value_or(name, otherwise));
	free(line);
	if (fp != NULL)
		(void)fclose(fp);
	return text;
}

/* Raw and Unix sockets have no port. */
static const char *
value_end_port(const struct plan *p, const struct addr *a, struct shown *t)
{
	return !plan_has_ports(p) || messages_is_unix(a) ? "" :
	    value_put(t, " %u", addr_port(a));
}

/* The addresses of this machine that other machines can reach. */
static const char *
value_own(const struct plan *p, struct shown *t)
{
	struct ifaddrs *all, *i;
	struct addr a;

	t->s[0] = '\0';
	if (getifaddrs(&all) == -1)
		return t->s;
	for (i = all; i != NULL; i = i->ifa_next) {
		int family = i->ifa_addr == NULL ? 0 : i->ifa_addr->sa_family;

		if ((family != AF_INET && family != AF_INET6) ||
		    (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP) ||
		    (family == AF_INET6 && p->family == FAMILY_INET) ||
		    (family == AF_INET && p->family == FAMILY_INET6))
			continue;
		a.len = family == AF_INET ? sizeof(a.u.in) : sizeof(a.u.in6);
		memcpy(&a.u, i->ifa_addr, a.len);
		if (t->s[0] != '\0')
			(void)strlcat(t->s, ", ", sizeof(t->s));
		(void)strlcat(t->s, messages_host(&a).s, sizeof(t->s));
	}
	freeifaddrs(all);
	return t->s;
}

static const char *
value_of_peer(const struct say *s, const char *name, struct shown *t)
{
	const struct plan *p = s->p;
	struct shown own;

	V("peer", value_host(&s->peer, t));
	V("peername", value_name(p, &s->peer, messages_host(&s->peer).s, t));
	V("knownpeer", value_name(p, &s->peer, NO_NAME, t));
	V("peerport", value_put(t, "%u", addr_port(&s->peer)));
	V("pport", value_end_port(p, &s->peer, t));
	V("peeraddr", value_address(&s->peer, true, t));
	V("plainpeer", value_address(&s->peer, false, t));
	V("local", value_host(&s->local, t));
	V("localname", value_name(p, &s->local, messages_host(&s->local).s, t));
	V("lport", value_end_port(p, &s->local, t));
	V("lnum", value_put(t, "%u", addr_port(&s->local)));
	V("localaddr", value_address(&s->local, true, t));
	V("opens", p->near == PLAN_HUB ? "a room is open" :
	    "waiting for one peer");
	V("own", *value_own(p, &own) == '\0' ?
	    "this machine has no address for other machines" :
	    value_put(t, "this machine's addresses: %s", own.s));
	return NULL;
}

static const char *
value_of_access(const struct say *s, const char *name, struct shown *t)
{
	const struct access_error *a = s->r->access;
	const char *list;

	if (a == NULL)
		return NULL;
	list = a->rule->deny ? "deny" : "allow";
	V("where", !a->rule->file || a->fault == ACCESS_FILE ?
	    value_put(t, "--%s%s", list, a->rule->file ? "file" : "") :
	    value_put(t, "--%sfile: %s line %u", list, a->rule->spec, a->line));
	V("most", value_put(t, "%u", a->most));
	V("word", a->word);
	V("colonword", *a->word == '\0' ? "" : value_put(t, ": %s", a->word));
	V("looked", value_put(t, "%.*s", (int)strcspn(a->word, "/"), a->word));
	V("op", a->err.op);
	V("why", error_reason(&a->err));
	V("spec", a->rule->spec);
	V("firstspec", value_put(t, "%.*s", (int)strcspn(a->rule->spec, ","),
	    a->rule->spec));
	return NULL;
}

/* ---- TLS ----------------------------------------------------------------- */

/* Writes a fingerprint: "0001 0203 ...", or as --tls-pin takes it. */
static const char *
value_fingerprint(const unsigned char *digest, size_t n, bool pin,
    struct shown *t)
{
	char *at = t->s + strlcpy(t->s, pin ? "SHA256:" : "", sizeof(t->s));

	for (size_t i = 0; i < n; i++)
		at += snprintf(at, sizeof("00 "), pin ? "%02x" :
		    i % 2 == 0 || i + 1 == n ? "%02X" : "%02X ", digest[i]);
	return t->s;
}

static const char *
value_of_cert(const struct tls_cert *c, const char *name, struct shown *t)
{
	V("subject", c->subject[0] != '\0' ? c->subject : "(no subject)");
	V("issued", c->self_signed ? "self-signed" :
	    value_put(t, "issued by %s", c->issuer));
	V("issuer", c->issuer);
	V("expires", c->not_after);
	V("org", c->org[0] == '\0' ? "" : value_put(t, " %s", c->org));
	V("sha1", value_fingerprint(c->sha1, TLS_SHA1, false, t));
	V("sha256", value_fingerprint(c->sha256, TLS_SHA256, true, t));
	return NULL;
}

static const char *
value_of_tls(const struct say *s, const char *name, struct shown *t)
{
	const struct tls_facts *f = s->r->tls;
	const struct tls_distrust *d = f != NULL ? f->distrust :
	    s->e->distrust;

	if (d != NULL && strncmp(name, "bad", 3) == 0) {
		V("badsubject", d->cert.subject);
		V("badwhy", d->why);
		V("badname", d->name);
		return value_of_cert(&d->cert, name + 3, t);
	}
	V("tlsname", value_or(s->p->tls.name, value_or(s->p->host, "")));
	/* Through a proxy, the address is not known. */
	V("tlshost", s->p->proxy.kind != PROXY_NONE || s->t->addr == NULL ?
	    value_or(s->t->host, "") : value_address(s->t->addr, false, t));
	if (s->r->cert != NULL)
		return value_of_cert(s->r->cert, name, t);
	if (f == NULL)
		return NULL;
	V("version", f->version);
	V("cipher", f->cipher);
	V("alpn", f->alpn[0] == '\0' ? "" : value_put(t, ", ALPN %s", f->alpn));
	V("trust", !f->verified ? f->pinned ? "pinned" : "not verified" :
	    f->pinned ? "verified and pinned" : "verified");
	return value_of_cert(&f->cert, name, t);
}

/* ---- Other events -------------------------------------------------------- */

static const char *
value_of_event(const struct say *s, const char *name, struct shown *t)
{
	const struct plan *p = s->p;
	const struct report *r = s->r;

	V("name", value_or(r->host, value_or(r->port, "")));
	V("lookedup", value_or(r->host, value_or(r->port, "the address")));
	V("lookup", value_or(r->port, "0"));
	V("portword", value_or(r->port, ""));
	V("first", value_put(t, "%u", p->nports > 0 ? p->ports[0].lo : 0));
	V("toproxy", p->proxy.kind != PROXY_NONE && !r->passive &&
	    !messages_is_proxy_target(p, r->host) ? "proxy " : "");
	V("proto", plan_proto(p));
	V("localhost", value_or(p->local_host, "0.0.0.0"));
	V("localport", value_or(p->local_port, "0"));
	V("places", value_put(t, "%d", p->serve.max_conns));
	V("text", value_or(r->text, ""));
	V("n", value_put(t, "%u", r->n));
	V("pause", value_put(t, "%g",
	    (double)r->pause / (double)NSEC_PER_SEC));
	V("left", r->left < 0 ? "" : value_put(t, ", %d %s left", r->left,
	    r->left == 1 ? "try" : "tries"));
	V("elapsed", r->scan == NULL ? "" : value_put(t, "%.2f",
	    (double)r->scan->elapsed / (double)NSEC_PER_SEC));
	V("drops", r->drops == NULL ? "" : value_put(t, "%s%" PRIu64,
	    r->drops->at_least ? "at least " : "", r->drops->n));
	if (r->policy == NULL)
		return NULL;
	V("rule", policy_far_text(r->policy, r->rule, t->s));
	V("nullwait", value_put(t, "%.10g",
	    (double)r->policy->null_wait / (double)NSEC_PER_SEC));
	return NULL;
}

const char *
messages_value(const struct say *s, const char *name, struct shown *t)
{
	static const char *(*const values[])(const struct say *, const char *,
	    struct shown *) = {
		value_of_event, value_of_access, value_of_tls,
		value_of_failure, value_of_proxy, value_of_peer,
		value_of_target
	};
	const char *value = NULL;

	for (size_t i = 0; value == NULL &&
	    i < sizeof(values) / sizeof(values[0]); i++)
		value = values[i](s, name, t);
	return value;
}
