/*
 * What went wrong with a proxy, in the words of each personality.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "message/messages_util.h"

#define SOCKS4_CODE	90	/* the first of its codes */
/* Bytes of a line that is no reply. */
#define NO_HTTP_MAX	60

struct words {
	const char *const	*text;
	size_t			 n;
};

#define WORDS(list)	{ list, sizeof(list) / sizeof((list)[0]) }

/* What a SOCKS code means; NULL: nobody knows. */
static const char *
proxy_words_code_text(const struct proxy_error *s, const struct words *five,
    const struct words *four)
{
	const struct words *w = s->kind == PROXY_SOCKS4 ? four : five;
	unsigned code = s->kind == PROXY_SOCKS4 ? s->code - SOCKS4_CODE :
	    s->code;

	return code < w->n ? w->text[code] : NULL;
}

/* What stopped a read or write; nothing: the other side has left. */
static const char *
proxy_words_system_text(const struct error *e, int none)
{
	return reason_text(e->num != 0 ? e->num : none);
}

bool
messages_is_proxy_target(const struct plan *p, const char *host)
{
	return p->proxy.kind != PROXY_NONE && host == p->host;
}

struct target
messages_dialled(const struct plan *p, const struct target *t)
{
	struct target to = *t;

	if (p->proxy.kind != PROXY_NONE && t->addr != NULL) {
		to.host = p->proxy.host;
		to.port = addr_port(t->addr);
		to.addr = NULL;
	}
	return to;
}

struct target
messages_met(const struct plan *p, const struct target *t)
{
	struct target met = *t;

	if (p->proxy.kind != PROXY_NONE)
		met.addr = NULL;
	return met;
}

bool
messages_is_refusal(const struct error *e)
{
	return e->proxy.fault == PROXY_REFUSED ||
	    (e->proxy.fault == PROXY_STATUS && e->proxy.code != 0);
}

/* ---- Ours -------------------------------------------------------------- */

static const char *const native5[] = { "", "it has failed",
    "it does not allow that", "network unreachable", "host unreachable",
    "connection refused", "time to live expired",
    "it does not know the command", "it does not know this type of address" };
static const char *const native4[] = { "", "refused or failed",
    "it cannot ask identd here", "identd here says another user" };

static const char *
proxy_words_native_refused(const struct proxy_error *s)
{
	static const struct words five = WORDS(native5);
	static const struct words four = WORDS(native4);
	const char *text = proxy_words_code_text(s, &five, &four);

	return text != NULL ? text : "refused, for a reason that is not known";
}

static const char *
proxy_words_native_login(const struct plan *p, const struct proxy_error *s)
{
	if (p->proxy.login.user == NULL)
		return "it wants to know who asks (-P, --proxy-auth)";
	return s->fault == PROXY_NO_METHOD ? "it takes no password" :
	    "it wants a kind of login that is not known here";
}

/* What it said instead may tell what it is; the beginning is enough. */
static const char *
proxy_words_native_no_http(const struct error *e, char buf[MESSAGES_TEXT_MAX])
{
	int len = (int)strnlen(e->why, NO_HTTP_MAX + 1);

	(void)snprintf(buf, MESSAGES_TEXT_MAX, "its reply is not HTTP%s%.*s%s",
	    len > 0 ? ": " : "", NO_HTTP_MAX, e->why,
	    len > NO_HTTP_MAX ? "..." : "");
	return buf;
}

static const char *
proxy_words_native_reason(const struct plan *p, const struct error *e,
    char buf[MESSAGES_TEXT_MAX])
{
	const struct proxy_error *s = &e->proxy;

	switch (s->fault) {
	case PROXY_READ:
	case PROXY_WRITE:
		return e->num == 0 ? "it closed the connection" :
		    reason_text(e->num);
	case PROXY_VERSION:
		return s->kind == PROXY_SOCKS4 ? "it does not speak SOCKS 4" :
		    "it does not speak SOCKS 5";
	case PROXY_NO_METHOD:
	case PROXY_ODD_METHOD:
	case PROXY_NO_SCHEME:
		return proxy_words_native_login(p, s);
	case PROXY_REFUSED:
		return proxy_words_native_refused(s);
	case PROXY_ADDRESS:
		return "its reply has an address of no known type";
	case PROXY_LONG:
		return "the header of its reply does not end";
	case PROXY_DENIED:
		return "wrong user or password";
	case PROXY_PASSWORD:
		return "it wants a password, and there is none";
	case PROXY_TRIES:
		return "too many wrong passwords";
	case PROXY_STATUS:
		if (s->code == 0)
			return proxy_words_native_no_http(e, buf);
		/* FALLTHROUGH */
	default:
		return error_reason(e);	/* its own words, or the system's */
	}
}

void
messages_native_proxy(const struct plan *p, const struct target *t,
    const struct error *e)
{
	char host[ADDR_HOST_MAX], why[MESSAGES_TEXT_MAX];

	diag_warnx("connect to %s port %u (%s) through %s port %u failed: %s",
	    t->host, t->port, plan_proto(p),
	    addr_host(t->addr, host, sizeof(host)), addr_port(t->addr),
	    proxy_words_native_reason(p, e, why));
}

/* ---- OpenBSD's --------------------------------------------------------- */

static const char *const openbsd5[] = { "Succeeded",
    "General SOCKS server failure", "Connection not allowed by ruleset",
    "Network unreachable", "Host unreachable", "Connection refused",
    "TTL expired", "Command not supported", "Address type not supported" };
static const char *const openbsd4[] = { "Succeeded",
    "Request rejected or failed",
    "SOCKS server cannot connect to identd on the client",
    "Client program and identd report different user-ids" };

static void
proxy_words_openbsd_refused(const struct proxy_error *s)
{
	static const struct words five = WORDS(openbsd5);
	static const struct words four = WORDS(openbsd4);
	const char *text = proxy_words_code_text(s, &five, &four);

	diag_warnx("connection failed, SOCKSv%d error: %s",
	    s->kind == PROXY_SOCKS4 ? 4 : 5,
	    text != NULL ? text : "Unknown error");
}

/* It says that three bytes of a greeting's answer were wanted. */
static void
proxy_words_openbsd_system(const struct error *e)
{
	const struct proxy_error *s = &e->proxy;

	if (s->kind == PROXY_HTTP)
		diag_warnx("proxy %s: %s", s->fault == PROXY_WRITE ? "write" :
		    "read", proxy_words_system_text(e, EPIPE));
	else if (s->want == 0)
		diag_warnx("read failed: %s",
		    proxy_words_system_text(e, EPIPE));
	else
		diag_warnx("%s failed (%u/%u): %s",
		    s->fault == PROXY_WRITE ? "write" : "read", s->got,
		    s->step == PROXY_GREETING ? 3 : s->want,
		    proxy_words_system_text(e, EPIPE));
}

void
messages_openbsd_proxy(const struct error *e, bool last)
{
	const struct proxy_error *s = &e->proxy;

	switch (s->fault) {
	case PROXY_READ:
	case PROXY_WRITE:
	case PROXY_LATE:
		proxy_words_openbsd_system(e);
		break;
	case PROXY_VERSION:
		diag_warnx("connection failed, not a SOCKSv%d server",
		    s->kind == PROXY_SOCKS4 ? 4 : 5);
		break;
	case PROXY_REFUSED:
		proxy_words_openbsd_refused(s);
		break;
	case PROXY_ADDRESS:
		diag_warnx("connection failed, unsupported address type");
		break;
	case PROXY_LONG:
		diag_warnx("proxy read too long");
		break;
	case PROXY_PASSWORD:
		diag_warnx("Unable to read proxy passphrase");
		break;
	case PROXY_TRIES:
		diag_warnx("Too many authentication failures");
		break;
	default:
		if (!last)
			diag_plain("Proxy authentication failed");
		else if (s->kind == PROXY_HTTP)
			diag_warnx("Proxy error: \"%s\"", e->why);
		else
			diag_warnx("authentication method negotiation failed");
	}
}

/* ---- ncat's ------------------------------------------------------------ */

static const char *const ncat5[] = { "", "general SOCKS server failure",
    "connection not allowed by ruleset", "Network unreachable",
    "Host unreachable", "Connection refused", "TTL expired",
    "Command not supported", "Address type not supported" };

static const char *
proxy_words_ncat_step(const struct proxy_error *s)
{
	return s->step == PROXY_GREETING ? "connect" :
	    s->step == PROXY_LOGIN ? "authentication" : "request";
}

static void
proxy_words_ncat_system(const struct error *e)
{
	const struct proxy_error *s = &e->proxy;

	if (s->fault == PROXY_WRITE)
		diag_plain("Ncat: Error sending proxy request: %s.",
		    reason_text(e->num));
	else if (s->kind == PROXY_HTTP)
		diag_plain("Ncat: Error reading proxy response Status-Line.");
	else if (s->kind == PROXY_SOCKS4)
		diag_plain("Ncat: Error: short response from proxy.");
	else
		diag_plain("Ncat: Error: malformed %s response from proxy.",
		    proxy_words_ncat_step(s));
}

static void
proxy_words_ncat_refused(const struct proxy_error *s)
{
	static const struct words five = WORDS(ncat5);
	const char *text = proxy_words_code_text(s, &five, &five);

	if (s->kind == PROXY_SOCKS4)
		diag_plain("Ncat: Proxy connection failed.");
	else
		diag_plain("Ncat: Error: %s.", text != NULL ? text :
		    "unassigned value in the reply");
}

/* What is about who asks, and about HTTP. */
static void
proxy_words_ncat_login(const struct proxy_error *s)
{
	if (s->fault == PROXY_NO_SCHEME)
		diag_plain("Ncat: Unknown authentication type. QUITTING.");
	else if (s->kind == PROXY_HTTP)
		diag_plain("Ncat: Proxy returned status code %d.",
		    s->code != 0 ? (int)s->code : -1);
	else if (s->fault == PROXY_PASSWORD)
		diag_plain("Ncat: Error: invalid username:password combo.");
	else
		diag_plain("Ncat: Error: authentication failed.");
}

static bool
proxy_words_is_number(const char *host)
{
	struct in6_addr in6;

	return inet_pton(AF_INET6, host, &in6) == 1 ||
	    inet_pton(AF_INET, host, &in6) == 1;
}

/* What it tells on its way. */
static void
proxy_words_ncat_steps(const struct plan *p, const struct target *t, bool asked)
{
	char host[ADDR_HOST_MAX];

	if (p->verbose == 0)
		return;
	if (p->proxy.kind != PROXY_HTTP)
		diag_plain("Ncat: Connected to proxy %s:%u",
		    addr_host(t->addr, host, sizeof(host)),
		    addr_port(t->addr));
	if (asked && p->proxy.dns == DNS_REMOTE &&
	    !proxy_words_is_number(t->host))
		diag_plain("Ncat: Host %s will be resolved by the proxy.",
		    t->host);
}

void
messages_ncat_proxy(const struct plan *p, const struct target *t,
    const struct error *e)
{
	const struct proxy_error *s = &e->proxy;

	proxy_words_ncat_steps(p, t, s->step >= PROXY_REQUEST);
	switch (s->fault) {
	case PROXY_READ:
	case PROXY_WRITE:
		proxy_words_ncat_system(e);
		break;
	case PROXY_LATE:
		diag_plain("Ncat: TIMEOUT.");
		break;
	case PROXY_VERSION:
		diag_plain("Ncat: Error: wrong SOCKS version in %s response.",
		    proxy_words_ncat_step(s));
		break;
	case PROXY_NO_METHOD:
		diag_plain("Ncat: Error: no acceptable authentication method "
		    "proposed.");
		break;
	case PROXY_ODD_METHOD:
		diag_plain("Ncat: Error: proxy selected invalid "
		    "authentication method.");
		break;
	case PROXY_REFUSED:
		proxy_words_ncat_refused(s);
		break;
	case PROXY_ADDRESS:
		diag_plain("Ncat: Error: invalid proxy bind address type.");
		break;
	case PROXY_LONG:
		diag_plain("Ncat: Error: proxy response header too long.");
		break;
	default:
		proxy_words_ncat_login(s);
	}
}

void
messages_ncat_met(const struct plan *p, const struct target *t)
{
	proxy_words_ncat_steps(p, t, true);
	if (p->verbose > 0 && p->proxy.kind == PROXY_SOCKS5)
		diag_plain("Ncat: connection succeeded.");
}
