/*
 * The words of the traditional netcat: a host is "NAME [ADDRESS] PORT
 * (SERVICE)", a reason stands behind " : ", and -vv adds the counts.
 */
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/reason.h"
#include "message/messages_util.h"

#define NO_NAME	"(UNKNOWN)"

/* Failures of one port are always told, those of a scan on request. */
static bool
traditional_one_port(const struct plan *p)
{
	return p->nports == 1 && p->ports[0].lo == p->ports[0].hi;
}

static void
traditional_say_counts(const struct plan *p, uint64_t sent, uint64_t received)
{
	if (p->verbose > 1)
		diag_plain(" sent %" PRIu64 ", rcvd %" PRIu64, sent,
		    received);
}

static const char *
traditional_peer_name(const struct plan *p, const struct addr *a, char *buf,
    size_t size)
{
	if (!p->numeric && messages_hosts_name(a, buf, size) != NULL)
		return buf;
	return NO_NAME;
}

/* "NAME [ADDRESS] PORT (SERVICE)"; only -v looks for an address's name. */
static const char *
traditional_describe(const struct plan *p, const struct target *t, char *buf,
    size_t size)
{
	char host[ADDR_HOST_MAX] = "", name[ADDR_HOST_MAX];
	const char *shown = NO_NAME, *service;

	if (t->addr != NULL)
		addr_host(t->addr, host, sizeof(host));
	if (t->host != NULL && !p->numeric && strcmp(t->host, host) != 0)
		shown = t->host;
	else if (t->addr != NULL && p->verbose > 0)
		shown = traditional_peer_name(p, t->addr, name, sizeof(name));
	service = messages_service(p, t->port);
	snprintf(buf, size, "%s [%s] %u (%s)", shown, host, t->port,
	    service != NULL ? service : "?");
	return buf;
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

/* An address in use has been tried for a while, and no reason is given. */
static int
traditional_say_no_bind(const char *host, const char *port,
    const struct error *e)
{
	if (e->num == EADDRINUSE)
		diag_plain("Can't grab %s:%s with bind", host, port);
	else
		diag_plain("Can't grab %s:%s with bind : %s", host, port,
		    error_reason(e));
	return 1;
}

/* Who listens names no address, and who connects the one of -s. */
static void
traditional_busy(const struct plan *p, const struct target *t,
    const struct error *e)
{
	char host[ADDR_HOST_MAX];

	addr_host(t->addr, host, sizeof(host));
	if (p->verbose > 0)
		diag_plain("retrying local %s:%u : %s", host,
		    addr_port(t->addr), error_reason(e));
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
	char text[MESSAGES_TEXT_MAX];

	if (strcmp(e->object, "IP_OPTIONS") == 0) {
		diag_plain("srcrt setsockopt fuxored : %s", error_reason(e));
		return 1;
	}
	if (strcmp(e->op, "set") == 0)
		return traditional_failed(p, e);
	if (strcmp(e->op, "bind") == 0)
		return traditional_say_no_bind(p->local_host != NULL ?
		    p->local_host :
		    "0.0.0.0", p->local_port != NULL ? p->local_port : "0",
		    e);
	/* The original asks one address, and has one line for a port. */
	if (p->mode == PLAN_SCAN && (p->verbose == 0 || !last))
		return 1;
	if (p->verbose > 1 || (last && traditional_one_port(p)) ||
	    (p->verbose > 0 && e->num != ECONNREFUSED))
		diag_plain("%s : %s",
		    traditional_describe(p, t, text, sizeof(text)),
		    error_reason(e));
	if (last && traditional_one_port(p) && p->mode != PLAN_SCAN)
		traditional_say_counts(p, 0, 0);
	return traditional_one_port(p);
}

static void
traditional_connected(const struct plan *p, const struct target *t)
{
	char text[MESSAGES_TEXT_MAX];

	if (p->verbose > 0)
		diag_plain("%s open",
		    traditional_describe(p, t, text, sizeof(text)));
}

static void
traditional_probed(const struct plan *p, const struct target *t, bool open,
    int errnum)
{
	char text[MESSAGES_TEXT_MAX];

	if (p->verbose == 0)
		return;
	if (open || errnum == 0)
		traditional_connected(p, t);
	else if (traditional_one_port(p) || p->verbose > 1 ||
	    errnum != ECONNREFUSED)
		diag_plain("%s : %s",
		    traditional_describe(p, t, text, sizeof(text)),
		    reason_text(errnum));
}

/* Several ports are a success, whatever became of them. */
static int
traditional_scanned(const struct plan *p, const struct scan_outcome *o)
{
	traditional_say_counts(p, 0, 0);
	return traditional_one_port(p) && !o->last_open;
}

/* Of several ports none could be connected to. */
static void
traditional_none_reached(const struct plan *p)
{
	if (!traditional_one_port(p))
		traditional_say_counts(p, 0, 0);
}

static int
traditional_listen_failed(const struct plan *p, const struct target *t,
    const struct error *e)
{
	char host[ADDR_HOST_MAX] = "0.0.0.0", port[ADDR_PORT_MAX];

	if (strcmp(e->op, "set") == 0)
		return traditional_failed(p, e);
	if (t->addr != NULL)
		addr_host(t->addr, host, sizeof(host));
	snprintf(port, sizeof(port), "%u", t->port);
	return traditional_say_no_bind(host, port, e);
}

static void
traditional_listening(const struct plan *p, const struct addr *a)
{
	char host[ADDR_HOST_MAX];

	if (p->verbose == 0)
		return;
	addr_host(a, host, sizeof(host));
	if (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0)
		snprintf(host, sizeof(host), "any");
	diag_plain("listening on [%s] %u ...", host, addr_port(a));
}

static void
traditional_say_peer(const struct plan *p, const char *what,
    const struct addr *peer, const struct addr *local)
{
	char here[ADDR_HOST_MAX], there[ADDR_HOST_MAX], name[ADDR_HOST_MAX];

	diag_plain("%s to [%s] from %s [%s] %u", what,
	    addr_host(local, here, sizeof(here)),
	    traditional_peer_name(p, peer, name, sizeof(name)),
	    addr_host(peer, there, sizeof(there)), addr_port(peer));
}

static void
traditional_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	if (p->verbose > 0)
		traditional_say_peer(p, "connect", peer, local);
}

static int
traditional_accept_timeout(const struct plan *p)
{
	(void)p;
	diag_plain("no connection : %s", reason_text(ETIMEDOUT));
	return 1;
}

static int
traditional_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	traditional_say_peer(p, "invalid connection", peer, local);
	return 1;
}

static int
traditional_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_bad(&o->near_read);
	bool bad_write = messages_bad(&o->near_write);

	if (bad_read)
		traditional_failed(p, &o->near_read);
	if (!bad_write)
		messages_losses(diag_name(), 0, o->lost_in);
	else if (p->verbose > 0 || o->near_write.num != EPIPE)
		diag_plain("too many output retries : %s",
		    error_reason(&o->near_write));
	return bad_read || bad_write || o->lost_in != 0;
}

/* A reset is a plain end; a peer that takes no more is not, but unsaid. */
static int
traditional_far_end(const struct outcome *o)
{
	if (messages_bad(&o->far_write))
		return 1;
	if (!messages_bad(&o->far_read))
		messages_losses(diag_name(), o->lost_out, 0);
	return o->lost_out != 0;
}

static int
traditional_ended(const struct plan *p, const struct outcome *o, bool last)
{
	int status = 1;

	(void)last;
	if (o->cause != OUTCOME_SIGNAL) {
		status = traditional_near_end(p, o);
		status |= traditional_far_end(o);
	}
	if (o->cause == OUTCOME_TOTAL) {
		diag_plain("time limit reached");
		status = 1;
	}
	traditional_say_counts(p, o->sent, o->received);
	return status;
}

const struct messages messages_traditional = {
	.name = "traditional",
	.usage_status = 1,
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
	.dropped = messages_dropped,
	.ended = traditional_ended,
	.failed = traditional_failed,
};
