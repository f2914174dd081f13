/*
 * The messages of Nmap's ncat, version 7.93: every line begins with "Ncat: ",
 * a line after which the program ends at once ends with "QUITTING.", and
 * status 2 means that the fault is on this side.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/reason.h"
#include "message/messages_util.h"

#define NETWORK_FAULT	1
#define LOCAL_FAULT	2

/* Scripts look for the first three words. */
static void
ncat_begin(const struct plan *p)
{
	if (p->verbose > 0)
		diag_plain("Ncat: Version 7.93 (as spoken by sockcat)");
	if (p->serve.warns_limit)
		diag_plain("Ncat: Warning: Maximum connections ignored, since "
		    "it does not take effect without -k or --broker.");
}

static struct shown
ncat_host(const struct addr *a)
{
	const struct addr shown = messages_unmapped(a);

	return messages_host(&shown);
}

/* Returns "ADDRESS:PORT" or the path. */
static struct shown
ncat_address(const struct addr *a)
{
	struct shown text = ncat_host(a);
	size_t n = strlen(text.s);

	if (!messages_is_unix(a))
		(void)snprintf(text.s + n, sizeof(text.s) - n, ":%u",
		    addr_port(a));
	return text;
}

/* ---- Proxies ------------------------------------------------------------ */

static const char *
ncat_proxy_step(const struct proxy_error *s)
{
	return s->step == PROXY_GREETING ? "connect" :
	    s->step == PROXY_LOGIN ? "authentication" : "request";
}

static void
ncat_proxy_io_failed(const struct error *e)
{
	const struct proxy_error *s = &e->proxy;

	if (s->fault == PROXY_WRITE)
		diag_plain("Ncat: Error sending proxy request: %s.",
		    reason_text(e->num));
	else if (s->kind == PROXY_SOCKS5)
		diag_plain("Ncat: Error: malformed %s response from proxy.",
		    ncat_proxy_step(s));
	else
		diag_plain(s->kind == PROXY_HTTP ?
		    "Ncat: Error reading proxy response Status-Line." :
		    "Ncat: Error: short response from proxy.");
}

static void
ncat_proxy_refused(const struct proxy_error *s)
{
	static const char *const five[SOCKS5_CODES] = { "",
	    "general SOCKS server failure",
	    "connection not allowed by ruleset", "Network unreachable",
	    "Host unreachable", "Connection refused", "TTL expired",
	    "Command not supported", "Address type not supported" };
	const char *text;

	if (s->kind == PROXY_SOCKS4) {
		diag_plain("Ncat: Proxy connection failed.");
		return;
	}
	text = messages_socks(s, five, NULL);
	diag_plain("Ncat: Error: %s.",
	    text != NULL ? text : "unassigned value in the reply");
}

/* Faults of logins and of HTTP. */
static void
ncat_proxy_login_failed(const struct proxy_error *s)
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

/* The tool prints these at -v before the proxy has replied. */
static void
ncat_proxy_steps(const struct plan *p, const struct target *t, bool asked)
{
	struct in6_addr in6;

	if (p->verbose == 0)
		return;
	if (p->proxy.kind != PROXY_HTTP)
		diag_plain("Ncat: Connected to proxy %s:%u",
		    messages_host(t->addr).s, addr_port(t->addr));
	if (asked && p->proxy.dns == DNS_REMOTE &&
	    inet_pton(AF_INET6, t->host, &in6) != 1 &&
	    inet_pton(AF_INET, t->host, &in6) != 1)
		diag_plain("Ncat: Host %s will be resolved by the proxy.",
		    t->host);
}

static void
ncat_proxy_fault(const struct error *e)
{
	static const char *const texts[] = {
		[PROXY_LATE] = "TIMEOUT",
		[PROXY_NO_METHOD] = "Error: no acceptable authentication "
		    "method proposed",
		[PROXY_ODD_METHOD] = "Error: proxy selected invalid "
		    "authentication method",
		[PROXY_ADDRESS] = "Error: invalid proxy bind address type",
		[PROXY_LONG] = "Error: proxy response header too long",
		[PROXY_AGAIN] = NULL
	};
	const struct proxy_error *s = &e->proxy;

	if (s->fault == PROXY_READ || s->fault == PROXY_WRITE)
		ncat_proxy_io_failed(e);
	else if (s->fault == PROXY_VERSION)
		diag_plain("Ncat: Error: wrong SOCKS version in %s response.",
		    ncat_proxy_step(s));
	else if (s->fault == PROXY_REFUSED)
		ncat_proxy_refused(s);
	else if (texts[s->fault] != NULL)
		diag_plain("Ncat: %s.", texts[s->fault]);
	else
		ncat_proxy_login_failed(s);
}

/* The steps of a proxy that has agreed. */
static void
ncat_proxy_agreed(const struct plan *p, const struct target *t)
{
	ncat_proxy_steps(p, t, true);
	if (p->verbose > 0 && p->proxy.kind == PROXY_SOCKS5)
		diag_plain("Ncat: connection succeeded.");
}

/* ---- TLS ---------------------------------------------------------------- */

static void
ncat_sha1(const struct tls_cert *cert)
{
	char text[TLS_SHA1 / 2 * 5 + 1];

	for (size_t i = 0; i < TLS_SHA1 / 2; i++)
		(void)snprintf(text + 5 * i, 6, "%02X%02X%s",
		    cert->sha1[2 * i], cert->sha1[2 * i + 1],
		    i < TLS_SHA1 / 2 - 1 ? " " : "");
	diag_plain("Ncat: SHA-1 fingerprint: %s", text);
}

/* Also where nothing is verified. */
static void
ncat_distrust(const struct plan *p, const struct tls_distrust *d)
{
	if (p->verbose == 0 || d->wrong_name)
		return;
	diag_plain("Ncat: Subject: %s", d->cert.subject);
	diag_plain("Ncat: Issuer: %s", d->cert.issuer);
	ncat_sha1(&d->cert);
	diag_plain("Ncat: Certificate verification failed (%s).", d->why);
}

static int
ncat_wrong_name(const struct plan *p, const struct tls_distrust *d)
{
	if (p->verbose > 0 && d->name[0] != '\0')
		diag_plain("Ncat: Certificate verification error: Connected to "
		    "\"%s\", but certificate is for \"%s\".",
		    p->tls.name != NULL ? p->tls.name : p->host, d->name);
	diag_plain("Ncat: Certificate verification error. QUITTING.");
	return LOCAL_FAULT;
}

/* -z without -v; with TLS, -z is a connection without input and output. */
static bool
ncat_is_quiet_probe(const struct plan *p)
{
	return p->verbose == 0 && (p->mode == PLAN_SCAN ||
	    (p->mode == PLAN_CONNECT && p->no_stdin && p->no_stdout));
}

static int
ncat_handshake_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	if (p->proxy.kind != PROXY_NONE)
		ncat_proxy_agreed(p, t);
	if (e->distrust != NULL && e->distrust->wrong_name)
		return ncat_wrong_name(p, e->distrust);
	if (e->distrust != NULL)
		ncat_distrust(p, e->distrust);
	if (!ncat_is_quiet_probe(p))
		diag_plain("Ncat: %s.", e->num == ETIMEDOUT ? "TIMEOUT" :
		    reason_text(EIO));
	return NETWORK_FAULT;
}

/* A server prints nothing. Through a proxy, the address is not known. */
static void
ncat_secured(const struct plan *p, const struct tls_facts *f,
    const struct target *t)
{
	struct shown host = ncat_host(t->addr);

	if (p->verbose == 0 || p->mode == PLAN_LISTEN)
		return;
	if (p->proxy.kind != PROXY_NONE)
		(void)strlcpy(host.s, t->host, sizeof(host.s));
	if (f->distrust != NULL)
		ncat_distrust(p, f->distrust);
	diag_plain("Ncat: SSL connection to %s:%u.%s%s", host.s, t->port,
	    f->cert.org[0] != '\0' ? " " : "", f->cert.org);
	ncat_sha1(&f->cert);
}

static void
ncat_not_secured(const struct plan *p, const struct addr *peer,
    const struct error *e)
{
	if (p->verbose > 0)
		diag_plain("Ncat: Failed SSL connection from %s: %s",
		    ncat_host(peer).s, error_reason(e));
}

static void
ncat_made_cert(const struct plan *p, const struct tls_cert *cert)
{
	if (p->verbose == 0)
		return;
	diag_plain("Ncat: Generating a temporary 2048-bit RSA key. "
	    "Use --ssl-key and --ssl-cert to use a permanent one.");
	ncat_sha1(cert);
}

/* ---- Resolving, connecting, listening ----------------------------------- */

static int
ncat_resolve_failed(const struct plan *p, const char *host, const char *port,
    const struct error *e, bool passive)
{
	const char *why = error_reason(e);

	if (e->op != NULL && strcmp(e->op, "route") == 0) {
		diag_plain("Ncat: Sorry, could not resolve source route hop "
		    "\"%s\": %s. QUITTING.", host, why);
		return LOCAL_FAULT;
	}
	if (p->proxy.kind == PROXY_NONE || passive) {
		diag_plain("Ncat: Could not resolve %s \"%s\": %s. QUITTING.",
		    passive && p->mode != PLAN_LISTEN ? "source address" :
		    "hostname", host != NULL ? host : port != NULL ? port : "",
		    why);
		return LOCAL_FAULT;
	}
	if (messages_is_proxy_target(p, host))
		diag_plain("Ncat: Error: Failed to resolve host %s locally.",
		    host);
	else
		diag_plain("Ncat: Could not resolve proxy \"%s\": %s.", host,
		    why);
	return NETWORK_FAULT;
}

static void
ncat_reason(int errnum)
{
	if (errnum == ETIMEDOUT)
		diag_plain("Ncat: TIMEOUT.");
	else
		diag_plain("Ncat: %s.", reason_text(errnum));
}

static void
ncat_full(const struct plan *p)
{
	if (p->verbose > 0)
		diag_plain("Ncat: New connection denied: connection limit "
		    "reached (%d)", p->serve.max_conns);
}

/* The original's child prints this: the exit status does not show it. */
static int
ncat_exec_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("exec: %s", reason_text(e->num));
	return 0;
}

static int
ncat_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("Ncat: %s%s%s: %s. QUITTING.", e->op,
	    e->object[0] != '\0' ? " " : "", e->object, error_reason(e));
	return LOCAL_FAULT;
}

/* The original prints nothing, and goes on. */
static int
ncat_tap_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("Ncat: %s %s: %s.", e->op, e->object, error_reason(e));
	return LOCAL_FAULT;
}

static int
ncat_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	if (strcmp(e->op, "set") == 0)
		return ncat_failed(p, e);
	/* The original connects from another address, without a message. */
	if (strcmp(e->op, "bind") == 0) {
		diag_plain("Ncat: bind to %s:%s: %s. QUITTING.",
		    p->local_host != NULL ? p->local_host : "0.0.0.0",
		    p->local_port != NULL ? p->local_port : "0",
		    error_reason(e));
		return LOCAL_FAULT;
	}
	if (e->proxy.fault != PROXY_FINE) {
		ncat_proxy_steps(p, t, e->proxy.step >= PROXY_REQUEST);
		ncat_proxy_fault(e);
		return e->proxy.fault == PROXY_NO_SCHEME ? LOCAL_FAULT :
		    NETWORK_FAULT;
	}
	if (messages_is_handshake(e))
		return ncat_handshake_failed(p, t, e);
	if (ncat_is_quiet_probe(p))
		return NETWORK_FAULT;
	if (last && p->proxy.kind != PROXY_NONE)
		diag_plain("Ncat: Proxy connection failed: %s.",
		    error_reason(e));
	else if (last)
		ncat_reason(e->num);
	else if (p->verbose > 0) {
		diag_plain("Ncat: Connection to %s failed: %s.",
		    t->addr != NULL ? ncat_host(t->addr).s : t->host,
		    e->num == ETIMEDOUT ? "TIMEOUT" : error_reason(e));
		diag_plain("Ncat: Trying next address...");
	}
	return NETWORK_FAULT;
}

static void
ncat_connected(const struct plan *p, const struct target *t)
{
	if (p->proxy.kind != PROXY_NONE)
		ncat_proxy_agreed(p, t);
	else if (p->verbose > 0 && t->addr != NULL && !p->tls.on)
		diag_plain("Ncat: Connected to %s.", ncat_address(t->addr).s);
}

static void
ncat_probed(const struct plan *p, const struct target *t, bool open, int errnum)
{
	ncat_connected(p, t);
	if (p->verbose == 0)
		return;
	if (!open && errnum != 0)
		ncat_reason(errnum);
	else if (p->type == TYPE_DGRAM)
		diag_plain("Ncat: UDP packet sent successfully");
}

static int
ncat_scanned(const struct plan *p, const struct scan_outcome *o)
{
	if (!o->last_open)
		return NETWORK_FAULT;
	if (p->verbose > 0)
		diag_plain("Ncat: %d bytes sent, 0 bytes received in %.2f "
		    "seconds.", p->type == TYPE_DGRAM,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return 0;
}

static int
ncat_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	if (strcmp(e->op, "set") == 0)
		return ncat_failed(p, e);
	if (strcmp(e->op, "socket") == 0) {
		diag_plain("Ncat: Unable to open any listening sockets. "
		    "QUITTING.");
		return LOCAL_FAULT;
	}
	diag_plain("Ncat: bind to %s: %s. QUITTING.",
	    t->addr != NULL ? ncat_address(t->addr).s :
	    t->host != NULL ? t->host : "?",
	    strcmp(e->op, "bind") == 0 ? reason_text(e->num) : error_reason(e));
	return LOCAL_FAULT;
}

static void
ncat_listening(const struct plan *p, const struct addr *a)
{
	if (p->verbose > 0)
		diag_plain("Ncat: Listening on %s", ncat_address(a).s);
}

static void
ncat_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	const struct shown host = ncat_host(peer);

	if (p->verbose == 0)
		return;
	if (host.s[0] == '\0' && messages_is_unix(local))
		diag_plain("Ncat: Connection from a client on Unix domain "
		    "socket.");
	else
		diag_plain("Ncat: Connection from %s.", host.s);
	if (p->type == TYPE_STREAM && !messages_is_unix(local))
		diag_plain("Ncat: Connection from %s.", ncat_address(peer).s);
}

static int
ncat_accept_timeout(const struct plan *p, const struct error *e)
{
	(void)p, (void)e;
	diag_plain("Ncat: TIMEOUT. QUITTING.");
	return LOCAL_FAULT;
}

static void
ncat_access_error(const struct access_error *s)
{
	int name = (int)strcspn(s->word, "/");

	if (s->fault == ACCESS_MASK)
		diag_plain("Ncat: Error parsing netmask in \"%s\".", s->word);
	else if (s->fault == ACCESS_BITS && s->plain)
		diag_plain("Ncat: Illegal netmask in \"%s\". Must be smaller "
		    "than address bit length.", s->word);
	else if (s->fault == ACCESS_BITS)
		diag_plain("Ncat: Illegal netmask in \"%s\". Must be between "
		    "0 and %u.", s->word, s->most);
	else
		diag_plain("Ncat: Error resolving name \"%.*s\": %s", name,
		    s->word, s->fault == ACCESS_NAME ? error_reason(&s->err) :
		    reason_text(EAI_NONAME));
}

/* The original names the first word of a list, whichever has the fault. */
static int
ncat_access_failed(const struct plan *p, const struct access_error *s)
{
	const char *spec = s->rule->spec;

	(void)p;
	if (s->fault == ACCESS_FILE) {
		diag_plain("Ncat: can't open %s: %s. QUITTING.", spec,
		    error_reason(&s->err));
		return LOCAL_FAULT;
	}
	ncat_access_error(s);
	if (s->rule->file)
		diag_plain("Ncat: error in hosts file %s. QUITTING.", spec);
	else
		diag_plain("Ncat: error in host specification \"%.*s\". "
		    "QUITTING.", (int)strcspn(spec, ","), spec);
	return LOCAL_FAULT;
}

static int
ncat_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->type == TYPE_STREAM)
		ncat_accepted(p, peer, local);
	if (p->verbose > 0)
		diag_plain("Ncat: New connection denied: not allowed");
	return NETWORK_FAULT;
}

static int
ncat_near_end(const struct plan *p, const struct outcome *o)
{
	int status = 0;

	if (messages_is_bad(&o->near_read)) {
		diag_plain("Ncat: %s.", error_reason(&o->near_read));
		status = NETWORK_FAULT;
	}
	if (messages_is_bad(&o->near_write)) {
		diag_plain("write: %s", error_reason(&o->near_write));
		status = LOCAL_FAULT;
	} else if (o->lost_in != 0) {
		messages_losses(p, 0, o->lost_in);
		status = LOCAL_FAULT;
	}
	return status;
}

/* A listener prints no failure of a client, but a refused datagram. */
static int
ncat_far_end(const struct plan *p, const struct outcome *o)
{
	const struct error *e = messages_is_bad(&o->far_read) ? &o->far_read :
	    &o->far_write;

	if (messages_is_bad(e)) {
		if (p->mode != PLAN_LISTEN || e->num == ECONNREFUSED)
			diag_plain("Ncat: %s.", p->tls.on && e->num == EPROTO ?
			    reason_text(EIO) : error_reason(e));
		return NETWORK_FAULT;
	}
	messages_losses(p, o->lost_out, 0);
	return o->lost_out != 0 ? NETWORK_FAULT : 0;
}

static int
ncat_ended(const struct plan *p, const struct outcome *o)
{
	bool listens = p->mode == PLAN_LISTEN;
	int far, status;

	if (o->cause == SESSION_INTERRUPTED)
		return NETWORK_FAULT;
	status = ncat_near_end(p, o);
	far = ncat_far_end(p, o);
	if (status == 0)
		status = far;
	if (o->cause == SESSION_IDLE && status == 0) {
		diag_plain("Ncat: Idle timeout expired (%" PRId64 " ms).%s",
		    o->idle / NSEC_PER_MSEC, listens ? " QUITTING." : "");
		return listens ? LOCAL_FAULT : NETWORK_FAULT;
	}
	if (o->cause == SESSION_TOTAL) {
		diag_plain("Ncat: TIMEOUT.");
		return status != 0 ? status : NETWORK_FAULT;
	}
	if (status == 0 && p->verbose > 0 && !listens && p->near != PLAN_EXEC)
		diag_plain("Ncat: %" PRIu64 " bytes sent, %" PRIu64
		    " bytes received in %.2f seconds.", o->sent, o->received,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return status;
}

const struct messages messages_ncat = {
	.name = "Ncat",
	.temp_prefix = "nc",
	.begin = ncat_begin,
	.resolve_failed = ncat_resolve_failed,
	.connect_failed = ncat_connect_failed,
	.connected = ncat_connected,
	.probed = ncat_probed,
	.scanned = ncat_scanned,
	.listen_failed = ncat_listen_failed,
	.listening = ncat_listening,
	.access_failed = ncat_access_failed,
	.accepted = ncat_accepted,
	.accept_timeout = ncat_accept_timeout,
	.refused = ncat_refused,
	.full = ncat_full,
	.secured = ncat_secured,
	.not_secured = ncat_not_secured,
	.made_cert = ncat_made_cert,
	.exec_failed = ncat_exec_failed,
	.ended = ncat_ended,
	.tap_failed = ncat_tap_failed,
	.failed = ncat_failed,
};
