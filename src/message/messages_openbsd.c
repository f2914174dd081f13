/*
 * The messages of OpenBSD's nc, as Debian builds it: nothing about the
 * network without -v, and a line for each address with -v.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "message/messages_util.h"

/* ---- Proxies ------------------------------------------------------------ */

static void
openbsd_proxy_refused(const struct proxy_error *s)
{
	static const char *const five[SOCKS5_CODES] = { "Succeeded",
	    "General SOCKS server failure",
	    "Connection not allowed by ruleset", "Network unreachable",
	    "Host unreachable", "Connection refused", "TTL expired",
	    "Command not supported", "Address type not supported" };
	static const char *const four[SOCKS4_CODES] = { "Succeeded",
	    "Request rejected or failed",
	    "SOCKS server cannot connect to identd on the client",
	    "Client program and identd report different user-ids" };
	const char *text = messages_socks(s, five, four);

	diag_warnx("connection failed, SOCKSv%d error: %s",
	    s->kind == PROXY_SOCKS4 ? 4 : 5,
	    text != NULL ? text : "Unknown error");
}

/* The tool counts three bytes for the reply to a greeting, which has two. */
static void
openbsd_proxy_io_failed(const struct error *e)
{
	const struct proxy_error *s = &e->proxy;
	const char *why = reason_text(e->num != 0 ? e->num : EPIPE);
	const char *op = s->fault == PROXY_WRITE ? "write" : "read";

	if (s->kind == PROXY_HTTP)
		diag_warnx("proxy %s: %s", op, why);
	else if (s->want == 0)
		diag_warnx("read failed: %s", why);
	else
		diag_warnx("%s failed (%u/%u): %s", op, s->got,
		    s->step == PROXY_GREETING ? 3 : s->want, why);
}

static void
openbsd_proxy_failed(const struct error *e, bool last)
{
	static const char *const texts[] = {
		[PROXY_ADDRESS] =
		    "connection failed, unsupported address type",
		[PROXY_LONG] = "proxy read too long",
		[PROXY_PASSWORD] = "Unable to read proxy passphrase",
		[PROXY_TRIES] = "Too many authentication failures",
		[PROXY_AGAIN] = NULL
	};
	const struct proxy_error *s = &e->proxy;

	if (s->fault == PROXY_READ || s->fault == PROXY_WRITE ||
	    s->fault == PROXY_LATE)
		openbsd_proxy_io_failed(e);
	else if (s->fault == PROXY_VERSION)
		diag_warnx("connection failed, not a SOCKSv%d server",
		    s->kind == PROXY_SOCKS4 ? 4 : 5);
	else if (s->fault == PROXY_REFUSED)
		openbsd_proxy_refused(s);
	else if (texts[s->fault] != NULL)
		diag_warnx("%s", texts[s->fault]);
	else if (!last)
		diag_plain("Proxy authentication failed");
	else if (s->kind == PROXY_HTTP)
		diag_warnx("Proxy error: \"%s\"", e->why);
	else
		diag_warnx("authentication method negotiation failed");
}

/* ---- Resolving, connecting, listening ----------------------------------- */

/* Of several ports, the tool looks up the first. */
static int
openbsd_resolve_failed(const struct plan *p, const char *host, const char *port,
    const struct error *e, bool passive)
{
	bool several = p->proxy.kind == PROXY_NONE && p->nports > 0 &&
	    p->ports[0].lo != p->ports[0].hi;
	char first[ADDR_PORT_MAX];

	if (messages_is_proxy_target(p, host))
		diag_warnx("getaddrinfo(\"%s\", \"%s\"): %s", host,
		    port != NULL ? port : "0", error_reason(e));
	else if (p->family == FAMILY_UNIX && !passive && host != NULL)
		diag_warnx("%s: %s", host, error_reason(e));
	else if (p->family == FAMILY_UNIX)
		diag_warnx("%s", error_reason(e));
	else if (passive || host == NULL)
		diag_warnx("getaddrinfo: %s", error_reason(e));
	else {
		(void)snprintf(first, sizeof(first), "%u",
		    several ? p->ports[0].lo : 0);
		diag_warnx("getaddrinfo for host \"%s\" port %s: %s", host,
		    several || port == NULL ? first : port, error_reason(e));
	}
	return 1;
}

/* The tool names the options for which it has a letter. */
static void
openbsd_set_failed(const struct error *e)
{
	static const struct {
		const char	*name, *text;
	} options[] = {
		{ "IP_TOS", "set IP ToS" },
		{ "IPV6_TCLASS", "set IPv6 traffic class" },
		{ "SO_RCVBUF", "set TCP receive buffer size" },
		{ "SO_SNDBUF", "set TCP send buffer size" },
		{ "IP_TTL", "set IP TTL" }, { "IP_MINTTL", "set IP min TTL" },
		{ "IPV6_UNICAST_HOPS", "set IPv6 unicast hops" },
		{ "IPV6_MINHOPCOUNT", "set IPv6 min hop count" },
		{ "SO_DEBUG", "" }, { "TCP_MD5SIG", "" },
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (strcmp(e->object, options[i].name) == 0) {
			diag_warnx("%s%s%s", options[i].text,
			    *options[i].text != '\0' ? ": " : "",
			    error_reason(e));
			return;
		}
	diag_error(e);
}

/* Prepares a socket: setting an option, or reading the secret of -S. */
static bool
openbsd_prepare_failed(const struct error *e)
{
	bool set = strcmp(e->op, "set") == 0;
	bool read = strcmp(e->op, "read") == 0;

	if (set)
		openbsd_set_failed(e);
	else if (read)
		diag_warnx("Unable to read %s", e->object);
	return set || read;
}

/* With -n, the tool has looked nothing up, and shows the host as given. */
static struct target
openbsd_as_given(const struct plan *p, const struct target *t)
{
	struct target given = *t;

	if (p->numeric && t->host != NULL && !messages_is_unix(t->addr)) {
		given.port = messages_target_port(t);
		given.addr = NULL;
	}
	return given;
}

static void
openbsd_connected(const struct plan *p, const struct target *t)
{
	const struct target given = openbsd_as_given(p, t);

	messages_bsd_connected(p, &given);
}

/*
 * If the time of -w has passed, the system is still trying: the tool prints
 * EINPROGRESS.
 */
static void
openbsd_not_connected(const struct plan *p, const struct target *t, int errnum)
{
	const struct target to = messages_dialled(p, t);
	const struct target given = openbsd_as_given(p, &to);
	bool late = errnum == ETIMEDOUT && t->timeout >= 0;

	if (p->family == FAMILY_UNIX || messages_is_unix(t->addr))
		diag_warnx("%s: %s", messages_path(t).s, reason_text(errnum));
	else if (p->verbose > 0)
		diag_warnx("connect to %s port %u (%s) %s: %s",
		    messages_target(&given).s, messages_target_port(&given),
		    plan_proto(p), late ? "timed out" : "failed",
		    reason_text(late ? EINPROGRESS : errnum));
}

static int
openbsd_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	if (e->proxy.fault != PROXY_FINE)
		openbsd_proxy_failed(e, last);
	else if (strcmp(e->op, "bind") == 0 && e->num == EAFNOSUPPORT)
		diag_warnx("getaddrinfo: %s", reason_text(EAI_ADDRFAMILY));
	else if (strcmp(e->op, "bind") == 0)
		diag_warnx("bind failed: %s", reason_text(e->num));
	else if (!openbsd_prepare_failed(e))
		openbsd_not_connected(p, t, e->num);
	return 1;
}

/* A datagram port that gives no answer counts as open. */
static void
openbsd_probed(const struct plan *p, const struct target *t, bool open,
    int errnum)
{
	if (open || errnum == 0)
		openbsd_connected(p, t);
	else if (p->type == TYPE_STREAM || p->family == FAMILY_UNIX ||
	    messages_is_unix(t->addr))
		openbsd_not_connected(p, t, errnum);
}

/* Of datagram ports, the last decides. */
static int
openbsd_scanned(const struct plan *p, const struct scan_outcome *o)
{
	return !(p->type == TYPE_DGRAM ? o->last_open : o->open > 0);
}

static int
openbsd_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	(void)p, (void)t;
	/* Of a failed bind(2), the errno is shown, not sockcat's reason. */
	if (!openbsd_prepare_failed(e))
		diag_warnx("%s", strcmp(e->op, "bind") == 0 ?
		    reason_text(e->num) : error_reason(e));
	return 1;
}

/* A receiver of datagrams from everybody names no sender. */
static void
openbsd_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->type == TYPE_STREAM || !p->keep_open)
		messages_bsd_accepted(p, peer, local);
}

static int
openbsd_accept_timeout(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_warnx("no connection: %s", error_reason(e));
	return 1;
}

/* ---- The end of a session ----------------------------------------------- */

/* An error of the peer is no failure; bytes lost without an error are. */
static int
openbsd_ended(const struct plan *p, const struct outcome *o)
{
	bool far_bad = messages_is_bad(&o->far_read) ||
	    messages_is_bad(&o->far_write);
	bool near_bad = messages_is_bad(&o->near_write);
	/* Standard output as a closed pipe is a plain end. */
	int status = near_bad ? o->near_write.num != EPIPE : o->lost_in != 0;

	if (o->cause == SESSION_INTERRUPTED)
		return 1;
	if (near_bad && status != 0)
		messages_failure(&o->near_write, o->lost_in);
	else if (!near_bad)
		messages_losses(p, 0, o->lost_in);
	if (messages_is_bad(&o->near_read)) {
		diag_error(&o->near_read);
		status = 1;
	}
	/* The peer's bytes had a fault: a framed message, for example. */
	if (o->far_read.why[0] != '\0') {
		messages_failure(&o->far_read, o->lost_out);
		status = 1;
	}
	/* --reconnect is sockcat's own, and reports losses as sockcat does. */
	if (o->lost_out != 0 && (p->retry.reconnect || !far_bad)) {
		messages_losses(p, o->lost_out, 0);
		status = 1;
	}
	return messages_total(o) | status;
}

static int
openbsd_pass_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_warnx("sendmsg: %s", error_reason(e));
	return 1;
}

static int
openbsd_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_warnx("%s: %s", e->object[0] != '\0' ? e->object : e->op,
	    error_reason(e));
	return 1;
}

/* Debian's nc has no TLS: the words are sockcat's. */
static void
openbsd_secured(const struct plan *p, const struct tls_facts *f,
    const struct target *peer)
{
	messages_native.secured(p, f, peer);
}

static void
openbsd_not_secured(const struct plan *p, const struct addr *peer,
    const struct error *e)
{
	messages_native.not_secured(p, peer, e);
}

static void
openbsd_made_cert(const struct plan *p, const struct tls_cert *cert)
{
	messages_native.made_cert(p, cert);
}

const struct messages messages_openbsd = {
	.temp_prefix = "nc", .temp_dir = "/tmp",
	.resolve_failed = openbsd_resolve_failed,
	.connect_failed = openbsd_connect_failed,
	.connected = openbsd_connected,
	.probed = openbsd_probed,
	.scanned = openbsd_scanned,
	.listen_failed = openbsd_listen_failed,
	.listening = messages_bsd_listening,
	.access_failed = messages_access_failed,
	.accepted = openbsd_accepted,
	.accept_timeout = openbsd_accept_timeout,
	.refused = messages_refused,
	.trying_again = messages_trying_again,
	.exec_failed = messages_failed,
	.pass_failed = openbsd_pass_failed,
	.ended = openbsd_ended,
	.secured = openbsd_secured,
	.not_secured = openbsd_not_secured,
	.made_cert = openbsd_made_cert,
	.tap_failed = openbsd_failed,
	.failed = openbsd_failed,
};
