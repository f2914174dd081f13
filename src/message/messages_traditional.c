/*
 * The messages of the traditional netcat: a host is "NAME [ADDRESS] PORT
 * (SERVICE)", a reason follows " : ", and -vv adds the counts of bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "message/messages_util.h"

#define NO_NAME	"(UNKNOWN)"

/* Failures of a single port are always printed, those of several at -v. */
static bool
traditional_one_port(const struct plan *p)
{
	return p->nports == 1 && p->ports[0].lo == p->ports[0].hi;
}

static void
traditional_counts(const struct plan *p, uint64_t sent, uint64_t received)
{
	if (p->verbose > 1)
		diag_plain(" sent %" PRIu64 ", rcvd %" PRIu64, sent,
		    received);
}

/* Returns the address's name, which is looked for without -n only. */
static struct shown
traditional_name(const struct plan *p, const struct addr *a)
{
	return p->numeric ? (struct shown){ NO_NAME } :
	    messages_hosts_name(a, NO_NAME);
}

/* Returns "NAME [ADDRESS] PORT (SERVICE)"; an address has a name at -v. */
static struct shown
traditional_target(const struct plan *p, const struct target *t)
{
	const char *service = messages_service(p, t->port);
	struct shown text, host = { "" }, name = { NO_NAME };

	if (t->addr != NULL)
		host = messages_host(t->addr);
	if (t->host != NULL && !p->numeric && strcmp(t->host, host.s) != 0)
		(void)strlcpy(name.s, t->host, sizeof(name.s));
	else if (t->addr != NULL && p->verbose > 0)
		name = traditional_name(p, t->addr);
	(void)snprintf(text.s, sizeof(text.s), "%.250s [%.200s] %u (%.30s)",
	    name.s, host.s, t->port, service != NULL ? service : "?");
	return text;
}

static const char *
traditional_lookup_reason(const struct error *e)
{
	switch (e->gai) {
	case 0:
	case EAI_MEMORY:
	case EAI_SYSTEM:
		return error_reason(e);
	case EAI_AGAIN:
		return "Host name lookup failure";
	case EAI_FAIL:
		return "Unknown server error";
	}
	/* Also an address of the other family. */
	return "Unknown host";
}

static int
traditional_resolve_failed(const struct plan *p, const char *host,
    const char *port, const struct error *e, bool passive)
{
	(void)passive;
	if (host == NULL || e->gai == EAI_SERVICE)
		diag_plain("invalid port %s", port != NULL ? port : "");
	else if (p->numeric)
		diag_plain("Can't parse %s as an IP address", host);
	else
		diag_plain("%s: forward host lookup failed: %s", host,
		    traditional_lookup_reason(e));
	return 1;
}

/* An address in use has been retried for a while: no reason is given. */
static int
traditional_bind_failed(const char *host, const char *port,
    const struct error *e)
{
	if (e->num == EADDRINUSE)
		diag_plain("Can't grab %s:%s with bind", host, port);
	else
		diag_plain("Can't grab %s:%s with bind : %s", host, port,
		    error_reason(e));
	return 1;
}

static void
traditional_busy(const struct plan *p, const struct target *t,
    const struct error *e)
{
	if (p->verbose > 0)
		diag_plain("retrying local %s:%u : %s",
		    messages_host(t->addr).s, addr_port(t->addr),
		    error_reason(e));
}

static int
traditional_exec_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("exec %s failed : %s", e->object, reason_text(e->num));
	return 1;
}

static int
traditional_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("%s%s%s failed : %s", e->op,
	    e->object[0] != '\0' ? " " : "", e->object, error_reason(e));
	return 1;
}

static int
traditional_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	bool one = traditional_one_port(p);

	if (strcmp(e->object, "IP_OPTIONS") == 0) {
		diag_plain("srcrt setsockopt fuxored : %s", error_reason(e));
		return 1;
	}
	if (strcmp(e->op, "set") == 0)
		return traditional_failed(p, e);
	if (strcmp(e->op, "bind") == 0)
		return traditional_bind_failed(
		    p->local_host != NULL ? p->local_host : "0.0.0.0",
		    p->local_port != NULL ? p->local_port : "0", e);
	/* The original connects to one address, with a line for each port. */
	if (p->mode == PLAN_SCAN && (p->verbose == 0 || !last))
		return 1;
	if (p->verbose > 1 || (last && one) ||
	    (p->verbose > 0 && e->num != ECONNREFUSED))
		diag_plain("%s : %s", traditional_target(p, t).s,
		    error_reason(e));
	if (last && one && p->mode != PLAN_SCAN)
		traditional_counts(p, 0, 0);
	return one;
}

static void
traditional_connected(const struct plan *p, const struct target *t)
{
	if (p->verbose > 0)
		diag_plain("%s open", traditional_target(p, t).s);
}

static void
traditional_probed(const struct plan *p, const struct target *t, bool open,
    int errnum)
{
	if (open || errnum == 0)
		traditional_connected(p, t);
	else if (p->verbose > 1 || (p->verbose > 0 &&
	    (traditional_one_port(p) || errnum != ECONNREFUSED)))
		diag_plain("%s : %s", traditional_target(p, t).s,
		    reason_text(errnum));
}

/* A scan of several ports succeeds, also if no port is open. */
static int
traditional_scanned(const struct plan *p, const struct scan_outcome *o)
{
	traditional_counts(p, 0, 0);
	return traditional_one_port(p) && !o->last_open;
}

static void
traditional_none_reached(const struct plan *p)
{
	if (!traditional_one_port(p))
		traditional_counts(p, 0, 0);
}

static int
traditional_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	struct shown host = { "0.0.0.0" };
	char port[ADDR_PORT_MAX];

	if (strcmp(e->op, "set") == 0)
		return traditional_failed(p, e);
	if (t->addr != NULL)
		host = messages_host(t->addr);
	(void)snprintf(port, sizeof(port), "%u", t->port);
	return traditional_bind_failed(host.s, port, e);
}

static void
traditional_listening(const struct plan *p, const struct addr *a)
{
	const struct shown host = messages_host(a);
	bool any = strcmp(host.s, "0.0.0.0") == 0 || strcmp(host.s, "::") == 0;

	if (p->verbose > 0)
		diag_plain("listening on [%s] %u ...", any ? "any" : host.s,
		    addr_port(a));
}

static void
traditional_peer(const struct plan *p, const char *event,
    const struct addr *peer, const struct addr *local)
{
	diag_plain("%s to [%s] from %s [%s] %u", event, messages_host(local).s,
	    traditional_name(p, peer).s, messages_host(peer).s,
	    addr_port(peer));
}

static void
traditional_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->verbose > 0)
		traditional_peer(p, "connect", peer, local);
}

static int
traditional_accept_timeout(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_plain("no connection : %s", error_reason(e));
	return 1;
}

static int
traditional_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	traditional_peer(p, "invalid connection", peer, local);
	return 1;
}

static int
traditional_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_is_bad(&o->near_read);
	bool bad_write = messages_is_bad(&o->near_write);

	if (bad_read)
		traditional_failed(p, &o->near_read);
	if (!bad_write)
		messages_losses(p, 0, o->lost_in);
	else if (p->verbose > 0 || o->near_write.num != EPIPE)
		diag_plain("too many output retries : %s",
		    error_reason(&o->near_write));
	return bad_read || bad_write || o->lost_in != 0;
}

static int
traditional_ended(const struct plan *p, const struct outcome *o)
{
	/* A reset is a plain end; a failed write fails without a message. */
	bool bad_write = messages_is_bad(&o->far_write);
	int status = 1;

	if (o->cause != SESSION_INTERRUPTED) {
		status = traditional_near_end(p, o);
		if (!bad_write && !messages_is_bad(&o->far_read))
			messages_losses(p, o->lost_out, 0);
		status |= bad_write || o->lost_out != 0;
	}
	if (o->cause == SESSION_TOTAL) {
		diag_plain("time limit reached");
		status = 1;
	}
	traditional_counts(p, o->sent, o->received);
	return status;
}

const struct messages messages_traditional = {
	.temp_prefix = "nc",
	.interrupt_status = 1,
	.resolve_failed = traditional_resolve_failed,
	.connect_failed = traditional_connect_failed,
	.connected = traditional_connected,
	.probed = traditional_probed,
	.scanned = traditional_scanned,
	.none_reached = traditional_none_reached,
	.listen_failed = traditional_listen_failed,
	.busy = traditional_busy,
	.listening = traditional_listening,
	.access_failed = messages_access_failed,
	.accepted = traditional_accepted,
	.accept_timeout = traditional_accept_timeout,
	.refused = traditional_refused,
	.exec_failed = traditional_exec_failed,
	.ended = traditional_ended,
	.tap_failed = traditional_failed,
	.failed = traditional_failed,
};
