#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "plan/plan.h"

void
plan_free(struct plan *plan)
{
	free(plan->ports);
	free(plan->access);
	free(plan->inputs);
	free(plan->sock.named);
	free(plan->sock.mcast.joins);
	free(plan->cut);
	free(plan->proxy.cut);
	secret_free(plan->proxy.secret);
	free(plan->tls.pins);
	free(plan->forward.tls.pins);
	free(plan->forward.listen_tls.pins);
	free(plan->exec.interpreter);
	for (size_t i = 0; i < plan->forward.n; i++)
		free(plan->forward.targets[i].cut);
	free(plan->forward.targets);
	for (size_t i = 0; i < plan->proxy_server.ncut; i++)
		free(plan->proxy_server.cut[i]);
	free(plan->proxy_server.cut);
	free(plan->proxy_server.targets);
	free(plan->service.tcp_info);
	memset(plan, 0, sizeof(*plan));
}

/* ---- What follows from several fields ----------------------------------- */

bool
plan_has_ports(const struct plan *plan)
{
	return plan->family != FAMILY_UNIX && plan->socket.type != SOCK_RAW;
}

bool
plan_has_connections(const struct plan *plan)
{
	return plan->type == TYPE_STREAM || plan->tls.on;
}

bool
plan_echoes_in_batches(const struct plan *plan)
{
	const struct plan_taps	*t = &plan->taps;

	return plan->near == PLAN_ECHO && !plan_has_connections(plan) &&
	    !plan->crlf && plan->interval <= 0 && t->delay <= 0 &&
	    t->dump == NULL && t->dump_bare == NULL && t->output == NULL &&
	    !faults_any(&plan->faults);
}

bool
plan_dials_for_clients(const struct plan *plan)
{
	return plan->near == PLAN_FORWARD || plan->near == PLAN_PROXY_SERVER;
}

bool
plan_is_tls_server(const struct plan *plan)
{
	enum plan_mode	mode = plan->mode == PLAN_EXPLAIN ? plan->subject :
			    plan->mode;

	return mode == PLAN_LISTEN || mode == PLAN_INHERIT;
}

const char *
plan_proto(const struct plan *plan)
{
	if (plan->socket.word != NULL)
		return plan->socket.word;
	if (plan->family == FAMILY_UNIX)
		return plan->type == TYPE_DGRAM ? "unix-dgram" : "unix";
	return plan->type == TYPE_DGRAM ? "udp" : "tcp";
}
