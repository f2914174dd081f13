#include <unistd.h>

#include "net/socket.h"
#include "run/net_options.h"

struct socket_kind
net_socket_kind(const struct plan *plan)
{
	int type = plan->type == TYPE_STREAM ? SOCK_STREAM : SOCK_DGRAM;

	return (struct socket_kind){ .protocol = plan->socket.protocol,
	    .type = plan->socket.type != 0 ? plan->socket.type : type,
	    .name = plan_proto(plan), .has_ports = plan_has_ports(plan) };
}

/*
 * A plan that listens gets the wildcard that the plan names; a plan that
 * connects binds the wildcard of the destination's family.
 */
struct resolve_options
net_resolve_options(const struct plan *plan)
{
	return (struct resolve_options){ .family = (int)plan->family,
	    .dgram = plan->type == TYPE_DGRAM, .numeric = plan->numeric,
	    .numeric_service = plan->numeric_service,
	    .repeats = plan->repeat_addrs,
	    .interleaves = plan->race_delay >= 0, .wildcard = plan->mode ==
	    PLAN_LISTEN ? plan->wildcard : WILDCARD_BOTH };
}

/*
 * Urgent data that does not stay in the stream would be lost silently; but a
 * command that is given the socket reads urgent data in any way.
 */
static struct sockopt_set
net_sockopts(const struct plan *plan)
{
	struct sockopt_set s = plan->sock;

	s.oob_inline = (s.oob_inline || plan->urgent.shown) &&
	    plan->mode != PLAN_SCAN && !plan->exec.handover;
	/* To a script, a name would be a line like any other. */
	if (plan->near == PLAN_CHAT && plan->mode == PLAN_CONNECT &&
	    s.tos == -1 && !plan->no_stdin && isatty(STDIN_FILENO))
		s.tos = CHAT_TOS;
	return s;
}

int64_t
net_patience(const struct plan *plan)
{
	return sockopt_patience(&plan->sock);
}

struct dial_options
net_dial_options(const struct plan *plan)
{
	return (struct dial_options){ .kind = net_socket_kind(plan),
	    .sock = net_sockopts(plan), .timeout = plan->connect_timeout,
	    .handshake = plan->handshake, .race_delay = plan->race_delay,
	    .hop_pointer = plan->hop_pointer,
	    .proxy = &plan->proxy, .host = plan->host,
	    .send_proxy = (unsigned)plan->proxyp.send,
	    .tls_name = plan->tls.name != NULL ? plan->tls.name :
	    plan->family == FAMILY_UNIX ? NULL : plan->host };
}

struct listen_options
net_listen_options(const struct plan *plan)
{
	return (struct listen_options){ .kind = net_socket_kind(plan),
	    .sock = net_sockopts(plan),
	    .leave_dead_socket = plan->leave_dead_socket };
}

/* A rule is for both families, whichever is listened on. */
struct access_options
net_access_options(const struct plan *plan)
{
	struct access_options o = { .rules = plan->access,
	    .nrules = plan->naccess, .loose = plan->access_loose,
	    .is_unix = plan->family == FAMILY_UNIX,
	    .resolve = net_resolve_options(plan) };

	if (plan->peer_filter) {
		o.host = plan->host;
		o.ports = plan->ports;
		o.nports = plan->nports;
	} else
		o.resolve.family = AF_UNSPEC;
	return o;
}

void
net_error(struct error *err, int num, const char *op, const struct plan *plan,
    const struct addr *addr)
{
	const struct socket_kind kind = net_socket_kind(plan);

	neterr_set(err, num, op, &kind, addr);
}
