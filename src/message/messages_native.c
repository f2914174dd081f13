/*
 * The words of sockcat itself. Good news is worded as OpenBSD's nc words it,
 * for scripts look for that, and only at -v; bad news always is one line.
 */
#include <sys/un.h>
#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/reason.h"
#include "message/messages_util.h"

/* The exit status when datagrams were neither answered nor refused. */
#define NO_ANSWER	2

/* An IPv4 peer of a socket for both families is shown as what it is. */
static struct addr
native_unmapped(const struct addr *a)
{
	struct addr copy = *a;

	addr_unmap(&copy);
	return copy;
}

/* ---- Hints behind a reason, "" or with a blank before them -------------- */

#define PORT_PRIVILEGED	1024
/* Bytes of a path that a socket's address has room for, with its NUL. */
#define PATH_ROOM	(sizeof(((struct sockaddr_un *)0)->sun_path))

/* "-l 5000 6000": a number alone is an address, and seldom the one meant. */
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
	return num == EACCES && port > 0 && port < PORT_PRIVILEGED ?
	    " (a port below 1024 needs root or CAP_NET_BIND_SERVICE)" : "";
}

/* connect(2) of a datagram socket refuses a broadcast address so. */
static const char *
native_hint_broadcast(const struct plan *p, int num)
{
	return num == EACCES && p->type == TYPE_DGRAM && !p->sock.broadcast &&
	    p->family != FAMILY_UNIX ?
	    " (a broadcast address needs -b)" : "";
}

static const char *
native_hint_path(const struct error *e, const char *path, char *buf,
    size_t size)
{
	*buf = '\0';
	if (e->num == ENAMETOOLONG && path != NULL)
		(void)snprintf(buf, size, " (a Unix socket's path has at most "
		    "%zu bytes)", PATH_ROOM - (path[0] != '@'));
	return buf;
}

static int
native_resolve_failed(const struct plan *p, const char *host, const char *port,
    const struct error *e, bool passive)
{
	bool forbidden = p->numeric && host != NULL && e->gai == EAI_NONAME;
	bool proxy = p->proxy.kind != PROXY_NONE && !passive &&
	    !messages_is_proxy_target(p, host);

	char path[80];

	diag_warnx("look up %s%s failed: %s%s%s%s", proxy ? "proxy " : "",
	    host != NULL ? host : port != NULL ? port : "the address",
	    error_reason(e), forbidden ? " (-n allows no names)" : "",
	    passive && !forbidden ? native_hint_numbers(p, host) : "",
	    p->family != FAMILY_UNIX ? "" :
	    native_hint_path(e, host, path, sizeof(path)));
	return 1;
}

/* "NAME: OP HOST port P (tcp) failed: REASON (HINT)" */
static void
native_target_failed(const struct plan *p, const char *op,
    const struct target *t, const char *why, const char *hint)
{
	struct target to = messages_dialled(p, t);
	char text[MESSAGES_TEXT_MAX];

	if (p->family == FAMILY_UNIX || messages_is_unix(t->addr))
		diag_warnx("%s %s failed: %s%s", op,
		    messages_path(t, text, sizeof(text)), why, hint);
	else if (!plan_has_ports(p))
		diag_warnx("%s %s (%s) failed: %s%s", op,
		    messages_target(t, text, sizeof(text)), plan_proto(p), why,
		    hint);
	else
		diag_warnx("%s %s%s port %u (%s) failed: %s%s", op,
		    to.port != t->port || to.host != t->host ? "proxy " : "",
		    messages_target(&to, text, sizeof(text)),
		    messages_target_port(&to), plan_proto(p), why, hint);
}

static void
native_error(const struct error *e, const char *hint)
{
	bool own = e->hint != NULL;

	diag_warnx("%s%s%s failed: %s%s%s%s%s", e->op,
	    e->object[0] != '\0' ? " " : "", e->object, error_reason(e), hint,
	    own ? " (" : "", own ? e->hint : "", own ? ")" : "");
}

/* The port of -p as a number; 0: none, or a service. */
static unsigned
native_bound_port(const struct plan *p)
{
	long long n;

	return p->local_port != NULL && num_int(p->local_port, 0, UINT16_MAX,
	    &n) == NULL ? (unsigned)n : 0;
}

/*
 * The addresses before the last are of interest only to the curious. To a
 * scan, a closed port is a finding and no failure.
 */
static int
native_connect_failed(const struct plan *p, const struct target *t,
    const struct error *e, bool last)
{
	int level = p->mode == PLAN_SCAN;

	if (e->proxy.fault != PROXY_FINE) {
		if (p->verbose >= level || !messages_is_refusal(e))
			messages_native_proxy(p, t, e);
		return 1;
	}
	/* Only the connecting itself is worded from the target. */
	if (strcmp(e->op, "bind") == 0 && plan_has_ports(p))
		native_error(e, native_hint_port(e->num, native_bound_port(p)));
	else if (strcmp(e->op, "bind") == 0 || strcmp(e->op, "set") == 0 ||
	    strcmp(e->op, "read") == 0)
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
	char text[MESSAGES_TEXT_MAX];

	if (open)
		messages_bsd_connected(p, t);
	else if (p->verbose > 0 && errnum == 0)
		diag_warnx("no answer from %s port %u (%s)",
		    messages_target(t, text, sizeof(text)), t->port,
		    plan_proto(p));
	else if (p->verbose > 0)
		native_target_failed(p, "connect to", t, reason_text(errnum),
		    native_hint_broadcast(p, errnum));
}

/* That nobody could be asked is not to be taken for "closed". */
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
	if (strcmp(e->op, "set") == 0 || strcmp(e->op, "read") == 0 ||
	    strcmp(e->op, "join") == 0)
		diag_error(e);
	else
		native_target_failed(p, "listen on", t, error_reason(e),
		    messages_is_unix(t->addr) || !plan_has_ports(p) ? "" :
		    e->num == EACCES ? native_hint_port(e->num, t->port) :
		    e->num == EADDRNOTAVAIL ?
		    native_hint_numbers(p, p->local_host) : "");
	return 1;
}

static void
native_accepted(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	struct addr a = native_unmapped(peer);

	if (p->near == PLAN_CHAT)
		messages_chat_accepted(p, &a);
	else
		messages_bsd_accepted(p, &a, local);
}

static void
native_listening(const struct plan *p, const struct addr *a)
{
	if (p->near == PLAN_CHAT ||
	    (p->near == PLAN_HUB && p->hub == HUB_TALK))
		messages_chat_listening(p, a);
	else
		messages_bsd_listening(p, a);
}

static void
native_connected(const struct plan *p, const struct target *t)
{
	if (p->near == PLAN_CHAT)
		messages_chat_connected(p, t);
	else
		messages_bsd_connected(p, t);
}

static int
native_accept_timeout(const struct plan *p)
{
	(void)p;
	diag_warnx("wait for a connection failed: %s", reason_text(ETIMEDOUT));
	return 1;
}

static int
messages_native_refused(const struct plan *p, const struct addr *peer,
    const struct addr *local)
{
	struct addr a = native_unmapped(peer);
	char host[ADDR_HOST_MAX];

	(void)local;
	if (p->verbose > 0)
		diag_warnx("refused %s %u",
		    messages_addr(p, &a, host, sizeof(host)), addr_port(&a));
	return 1;
}

/* A peer that resets may be asked to count as one that ends. */
static bool
native_far_bad(const struct plan *p, const struct error *e)
{
	if (p->quiet_reset && (e->num == ECONNRESET || e->num == EPIPE))
		return false;
	return messages_bad(e);
}

/* A reset shows in both directions; one line is enough. */
static int
native_far_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = native_far_bad(p, &o->far_read);
	bool bad_write = native_far_bad(p, &o->far_write);

	if (bad_read && !o->warned && o->lost_out == 0)
		native_error(&o->far_read, "");
	else if (bad_read && !o->warned)
		messages_failure(&o->far_read, o->lost_out);
	else if (bad_write)
		messages_failure(&o->far_write, o->lost_out);
	else
		messages_losses(diag_name(), o->lost_out, 0);
	return bad_read || bad_write || o->lost_out != 0;
}

static int
native_near_end(const struct plan *p, const struct outcome *o)
{
	bool bad_read = messages_bad(&o->near_read);
	bool bad_write = messages_bad(&o->near_write);

	if (bad_read && !o->near_warned)
		diag_error(&o->near_read);
	/* Who leaves with all that there was has left for a reason. */
	if (bad_write && o->reader_left && p->verbose == 0)
		return 1;
	if (bad_write)
		messages_failure(&o->near_write, o->lost_in);
	else
		messages_losses(diag_name(), 0, o->lost_in);
	return bad_read || bad_write || o->lost_in != 0;
}

static int
native_ended(const struct plan *p, const struct outcome *o, bool last)
{
	int status = 1;

	(void)last;
	if (o->cause != OUTCOME_SIGNAL) {
		status = native_near_end(p, o);
		status |= native_far_end(p, o);
	}
	if (o->silent) {
		diag_warnx("nothing was exchanged: the peer has ended, and "
		    "standard input gave no data in time (-w waits longer)");
		status = 1;
	}
	if (o->cause == OUTCOME_TOTAL) {
		diag_warnx("the time limit ended the session");
		status = 1;
	}
	if (p->verbose > 1)
		diag_warnx("sent %" PRIu64 ", received %" PRIu64
		    " bytes in %.3f seconds", o->sent, o->received,
		    (double)o->elapsed / (double)NSEC_PER_SEC);
	return status;
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

static void
native_warn(const struct plan *p, const struct error *e)
{
	(void)p;
	native_error(e, "");
}

static int
native_exec_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_error(e);
	return 1;
}

static int
native_pass_failed(const struct plan *p, int errnum)
{
	(void)p;
	diag_warnx("pass the socket to standard output failed: %s",
	    reason_text(errnum));
	return 1;
}

static int
native_failed(const struct plan *p, const struct error *e)
{
	(void)p;
	diag_error(e);
	return 1;
}

const struct messages messages_native = {
	.name = "native",
	.usage_status = 1,
	.resolve_failed = native_resolve_failed,
	.connect_failed = native_connect_failed,
	.connected = native_connected,
	.probed = native_probed,
	.scanned = native_scanned,
	.listen_failed = native_listen_failed,
	.listening = native_listening,
	.access_failed = messages_access_failed,
	.accepted = native_accepted,
	.multipath = messages_multipath,
	.urgent = messages_urgent,
	.accept_timeout = native_accept_timeout,
	.refused = messages_native_refused,
	.trying_again = messages_trying_again,
	.deadline = messages_deadline,
	.turned_away = messages_chat_turned_away,
	.left = messages_chat_left,
	.exec_failed = native_exec_failed,
	.pass_failed = native_pass_failed,
	.dropped = messages_dropped,
	.ended = native_ended,
	.ruled = native_ruled,
	.warn = native_warn,
	.failed = native_failed,
};
