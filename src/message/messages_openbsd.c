/*
 * The words of OpenBSD's nc, as Debian builds it: silent about the network
 * unless asked, and then about every address.
 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "message/messages_util.h"

/* Of a range only the port that comes first is looked up. */
static int
openbsd_resolve_failed(const struct plan *p, const char *host, const char *port,
    const struct error *e, bool passive)
{
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
		if (p->proxy.kind == PROXY_NONE && p->nports > 0 &&
		    p->ports[0].lo != p->ports[0].hi) {
			snprintf(first, sizeof(first), "%u", p->ports[0].lo);
			port = first;
		}
		diag_warnx("getaddrinfo for host \"%s\" port %s: %s", host,
		    port != NULL ? port : "0", error_reason(e));
	}
	return 1;
}

static void
openbsd_unix_not_connected(const struct target *t, int errnum)
{
	char path[ADDR_HOST_MAX];

	diag_warnx("%s: %s", messages_path(t, path, sizeof(path)),
	    reason_text(errnum));
}

/* What stands there for the options that this tool has a letter for. */
static void
openbsd_say_not_set(const struct error *e)
{
	static const struct {
		const char	*name, *words;
	} texts[] = {
		{ "IP_TOS", "IP ToS" }, { "IPV6_TCLASS", "IPv6 traffic class" },
		{ "SO_RCVBUF", "TCP receive buffer size" },
		{ "SO_SNDBUF", "TCP send buffer size" },
		{ "IP_TTL", "IP TTL" }, { "IP_MINTTL", "IP min TTL" },
		{ "IPV6_UNICAST_HOPS", "IPv6 unicast hops" },
		{ "IPV6_MINHOPCOUNT", "IPv6 min hop count" },
	};
	size_t i;

	if (strcmp(e->object, "SO_DEBUG") == 0 ||
	    strcmp(e->object, "TCP_MD5SIG") == 0) {
		diag_warnx("%s", error_reason(e));
		return;
	}
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcmp(e->object, texts[i].name) == 0) {
			diag_warnx("set %s: %s", texts[i].words,
			    error_reason(e));
			return;
		}
	diag_error(e);
}

/* Of the secret of -S no reason is given. */
static void
openbsd_say_not_read(const struct error *e)
{
	diag_warnx("Unable to read %s", e->object);
}

static int
openbsd_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	if (e->proxy.fault != PROXY_FINE)
		messages_openbsd_proxy(e, last);
	else if (strcmp(e->op, "bind") == 0 && e->num == EAFNOSUPPORT)
		diag_warnx("getaddrinfo: %s", reason_resolver(EAI_ADDRFAMILY));
	else if (strcmp(e->op, "bind") == 0)
		diag_warnx("bind failed: %s", error_reason(e));
	else if (strcmp(e->op, "set") == 0)
		openbsd_say_not_set(e);
	else if (strcmp(e->op, "read") == 0)
		openbsd_say_not_read(e);
	else if (p->family == FAMILY_UNIX || messages_is_unix(t->addr))
		openbsd_unix_not_connected(t, e->num);
	else
		messages_bsd_not_connected(p, t, e->num);
	return 1;
}

/* A port that gives no answer to a datagram counts as open here. */
static void
openbsd_probed(const struct plan *p, const struct target *t, bool open,
    int errnum)
{
	if (open || errnum == 0)
		messages_bsd_connected(p, t);
	else if (p->family == FAMILY_UNIX || messages_is_unix(t->addr))
		openbsd_unix_not_connected(t, errnum);
	else if (p->type == TYPE_STREAM)
		messages_bsd_not_connected(p, t, errnum);
}

/* Of datagram ports, the last one decides. */
static int
openbsd_scanned(const struct plan *p, const struct scan_outcome *o)
{
	return !(p->type == TYPE_DGRAM ? o->last_open : o->open > 0);
}

static int
openbsd_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	(void)p;
	(void)t;
	if (strcmp(e->op, "set") == 0)
		openbsd_say_not_set(e);
	else if (strcmp(e->op, "read") == 0)
		openbsd_say_not_read(e);
	else	/* the system's reason, not ours */
		diag_warnx("%s", strcmp(e->op, "bind") == 0 ?
		    reason_text(e->num) : error_reason(e));
	return 1;
}

/* A receiver of everybody's datagrams names nobody. */
static void
openbsd_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->type == TYPE_STREAM || !p->keep_open)
		messages_bsd_accepted(p, peer, local);
}

static int
openbsd_accept_timeout(const struct plan *p)
{
	(void)p;
	diag_warnx("no connection: %s", reason_text(ETIMEDOUT));
	return 1;
}

static int
messages_openbsd_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	char host[ADDR_HOST_MAX];

	(void)local;
	if (p->verbose > 0)
		diag_warnx("refused %s %u",
		    messages_addr(p, peer, host, sizeof(host)),
		    addr_port(peer));
	return 1;
}

/* What the near sink could not take; a closed pipe is a plain end here. */
static int
openbsd_near_end(const struct outcome *o)
{
	if (messages_bad(&o->near_write)) {
		if (o->near_write.num == EPIPE)
			return 0;
		messages_failure(&o->near_write, o->lost_in);
		return 1;
	}
	messages_losses(diag_name(), 0, o->lost_in);
	return o->lost_in != 0;
}

/* The far end may fail as it likes; bytes lost without that are told. */
static int
openbsd_ended(const struct plan *p, const struct outcome *o, bool last)
{
	int status;

	(void)last;
	if (o->cause == OUTCOME_SIGNAL)
		return 1;
	status = openbsd_near_end(o);
	if (messages_bad(&o->near_read)) {
		diag_error(&o->near_read);
		status = 1;
	}
	/* What it sent made no sense: that is not how it ended. */
	if (o->far_read.why[0] != '\0') {
		messages_failure(&o->far_read, o->lost_out);
		status = 1;
	}
	/* An option of ours has a word of ours. */
	if (o->lost_out != 0 && (p->retry.reconnect ||
	    (!messages_bad(&o->far_read) && !messages_bad(&o->far_write)))) {
		messages_losses(diag_name(), o->lost_out, 0);
		status = 1;
	}
	if (o->cause == OUTCOME_TOTAL) {
		diag_warnx("the time limit ended the session");
		status = 1;
	}
	return status;
}

static int
openbsd_exec_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_error(e);
	return 1;
}

static int
openbsd_pass_failed(const struct plan *p, int errnum)
{
	(void)p;
	diag_warnx("sendmsg: %s", reason_text(errnum));
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

const struct messages messages_openbsd = {
	.name = "openbsd",
	.usage_status = 1,
	.resolve_failed = openbsd_resolve_failed,
	.connect_failed = openbsd_connect_failed,
	.connected = messages_bsd_connected,
	.probed = openbsd_probed,
	.scanned = openbsd_scanned,
	.listen_failed = openbsd_listen_failed,
	.listening = messages_bsd_listening,
	.access_failed = messages_access_failed,
	.accepted = openbsd_accepted,
	.multipath = messages_multipath,
	.urgent = messages_urgent,
	.accept_timeout = openbsd_accept_timeout,
	.refused = messages_openbsd_refused,
	.trying_again = messages_trying_again,
	.deadline = messages_deadline,
	.exec_failed = openbsd_exec_failed,
	.pass_failed = openbsd_pass_failed,
	.dropped = messages_dropped,
	.ended = openbsd_ended,
	.failed = openbsd_failed,
};
