#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/port_holder.h"
#include "net/socket.h"
#include "run/destinations.h"
#include "run/net_options.h"

/* ---- Ports -------------------------------------------------------------- */

static size_t
destinations_range_size(const struct port_range *range)
{
	return (size_t)(range->hi - range->lo) + 1;
}

/* Returns whether the address has a port, or needs none. */
static bool
destinations_is_whole(const struct plan *plan)
{
	return !plan_has_ports(plan) || plan->family == FAMILY_VSOCK;
}

/* Takes the next port in the order of the plan; a port must be left. */
static uint16_t
destinations_walk(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const struct port_range *range = &plan->ports[t->range];
	size_t i = t->within++;

	if (t->within == destinations_range_size(range)) {
		t->range++;
		t->within = 0;
	}
	return (uint16_t)(plan->descending ? range->hi - i : range->lo + i);
}

/*
 * Counts the ports; a whole address counts as one. Makes a list in a random
 * order, if that is asked for; no other order needs a list.
 */
static int
destinations_count_ports(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	size_t i, j;

	if (destinations_is_whole(plan)) {
		t->nports = 1;
		return 0;
	}
	for (i = 0; i < plan->nports; i++)
		t->nports += destinations_range_size(&plan->ports[i]);
	if (!plan->random_ports)
		return 0;
	if ((t->ports = calloc(t->nports, sizeof(*t->ports))) == NULL)
		return -1;
	for (i = 0; i < t->nports; i++) {
		j = arc4random_uniform((uint32_t)i + 1);
		t->ports[i] = t->ports[j];
		t->ports[j] = destinations_walk(t);
	}
	return 0;
}

bool
destinations_next(struct destinations *t, unsigned *port)
{
	if (!t->once_more) {
		retry_fresh(&t->retry, t->run->plan->retry.retries);
		deadline_blame(t->run, NULL);
		if (t->next == t->nports)
			return false;
		t->port = destinations_is_whole(t->run->plan) ? 0 :
		    t->ports != NULL ? t->ports[t->next] :
		    destinations_walk(t);
		t->next++;
	}
	t->once_more = false;
	*port = t->port;
	return true;
}

size_t
destinations_left(const struct destinations *t)
{
	return t->nports - t->next;
}

struct dial_options
destinations_dial_options(const struct destinations *t, unsigned port)
{
	struct dial_options opt = net_dial_options(t->run->plan);

	opt.to = &t->remote.list;
	opt.port = port;
	opt.local = &t->local.list;
	opt.hops = &t->hops;
	opt.target = &t->target.list;
	opt.tls = t->run->tls;
	return opt;
}

/* ---- Lookups ------------------------------------------------------------ */

/* Whether this failed try is to be reported to a person. */
static bool
destinations_may_complain(struct run *r)
{
	return r->near_ops.may_complain != NULL &&
	    r->near_ops.may_complain(r);
}

/*
 * Reports a lookup that has failed. That of the host or of the proxy is tried
 * again, if the plan allows.
 */
static void
destinations_on_not_found(void *arg, const struct addresses *a,
    const struct error *err)
{
	struct destinations *t = arg;
	struct run *r = t->run;
	const struct plan *plan = r->plan;
	bool again = (a == &t->remote || a == &t->target) &&
	    !plan->retry.busy_only && retry_may(&t->retry);
	char first[ADDR_PORT_MAX];
	const char *port = a->opt.port;
	struct error why = *err;

	if (a >= t->route && a < t->route + HOPS_MAX)
		why.op = "route";
	else if (!a->opt.passive && a->opt.host == plan->host &&
	    plan->nports > 0) {
		(void)snprintf(first, sizeof(first), "%u", plan->ports[0].lo);
		port = first;
	}
	if (!again) {
		run_stop(r, REPORT(plan, EVENT_RESOLVE_FAILED,
		    .host = a->opt.host, .port = port, .error = &why,
		    .passive = a->opt.passive));
		return;
	}
	if (plan->verbose > 0 || destinations_may_complain(r)) {
		(void)REPORT(plan, EVENT_RESOLVE_FAILED, .host = a->opt.host,
		    .port = port, .error = &why);
		if (r->near_ops.tell_trying != NULL)
			r->near_ops.tell_trying(r);
	}
	retry_later(&t->retry, &why);
}

static void
destinations_on_found(void *arg)
{
	struct destinations *t = arg;

	for (size_t i = 0; i < t->run->plan->nhops; i++)
		t->hop[i] = t->route[i].list.v[0];
	t->hops = (struct addr_list){ .v = t->hop, .n = t->run->plan->nhops };
	t->found(t->arg);
}

/* Adds a lookup to the steps, which come in the order of the copied tools. */
static void
destinations_add(struct destinations *t, struct addresses *a,
    const char *host, const char *port, const struct addresses_options *like)
{
	struct addresses_options opt = *like;

	opt.host = host;
	opt.port = port;
	addresses_init(a, t->run->loop, &opt);
	t->steps[t->nsteps++].of = a;
}

static void
destinations_add_steps(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	bool proxy = plan->proxy.kind != PROXY_NONE;
	struct addresses_options opt = {
		.resolve = net_resolve_options(plan),
		.limit = plan->retry.names && plan->connect_timeout > 0 ?
		    plan->connect_timeout : -1
	}, hop = opt;

	opt.passive = true;
	if (plan->local_host != NULL || plan->local_port != NULL)
		destinations_add(t, &t->local, plan->local_host,
		    plan->local_port, &opt);
	opt.passive = false;
	hop.resolve.family = AF_INET;
	for (size_t i = 0; i < plan->nhops; i++)
		destinations_add(t, &t->route[i], plan->hops[i], NULL, &hop);
	t->again = t->nsteps;
	destinations_add(t, &t->remote, proxy ? plan->proxy.host : plan->host,
	    proxy ? plan->proxy.port : plan->family == FAMILY_VSOCK ?
	    plan->ports[0].word : NULL, &opt);
	if (!proxy || plan->proxy.dns == DNS_REMOTE)
		return;
	/* The proxy may be given the name instead. */
	t->steps[t->nsteps].optional = plan->proxy.dns == DNS_BOTH;
	opt.limit = plan->proxy.timeout;
	opt.resolve.numeric |= plan->proxy.dns == DNS_NONE;
	if (plan->proxy.kind == PROXY_SOCKS4)
		opt.resolve.family = AF_INET;
	destinations_add(t, &t->target, plan->host, NULL, &opt);
}

void
destinations_refresh(void *arg)
{
	struct destinations *t = arg;

	lookups_start(&t->lookups, t->steps + t->again, t->nsteps - t->again);
}

/* Other processes are not seen from within the sandbox. */
static void
destinations_look_at_port(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const struct socket_kind kind = net_socket_kind(plan);
	struct addr at;

	if (!plan->service.native || plan->local_port == NULL ||
	    !addr_usual(&at, plan->local_host != NULL ? plan->local_host :
	    plan->family == FAMILY_INET6 ? "::" : "0.0.0.0", AF_UNSPEC))
		return;
	addr_set_port(&at, (unsigned)strtonum(plan->local_port, 0, UINT16_MAX,
	    NULL));
	if (addr_port(&at) != 0)
		port_holder(&kind, &at, t->holder, sizeof(t->holder));
}

int
destinations_find(struct destinations *t, struct run *run,
    void (*found)(void *), void *arg)
{
	const struct plan *plan = run->plan;
	struct addr_list *local = &t->local.list;
	struct error err;

	t->run = run;
	t->found = found;
	t->arg = arg;
	t->lookups = (struct lookups){ .found = destinations_on_found,
	    .failed = destinations_on_not_found, .arg = t };
	retry_init(&t->retry, run, destinations_refresh, t);
	if (destinations_count_ports(t) == -1)
		return run_failed(run, "list", "ports");
	destinations_add_steps(t);
	/* A Unix datagram client without a name gets no answers. */
	if (plan->family == FAMILY_UNIX && plan->type == TYPE_DGRAM &&
	    plan->local_host == NULL) {
		if ((local->v = calloc(1, sizeof(*local->v))) == NULL)
			return run_failed(run, "make", "a temporary socket");
		if (run_temp_socket(run, local->v, &err) == -1)
			return messages_failed(plan, &err);
		local->n = 1;
		(void)REPORT(plan, EVENT_LISTENING, .local = local->v);
	}
	destinations_look_at_port(t);
	if (!run_confine(run, CONFINE_DIALING))
		return run->status;
	lookups_start(&t->lookups, t->steps, t->nsteps);
	return 0;
}

/* ---- Connections that fail or end --------------------------------------- */

/* Returns whether another socket has the local address. */
static bool
destinations_is_busy(const struct error *err)
{
	return err->num == EADDRINUSE && strcmp(err->op, "bind") == 0;
}

bool
destinations_may_retry(const struct destinations *t, const struct error *err)
{
	if (t->run->plan->retry.busy_only)
		return destinations_is_busy(err) && retry_may(&t->retry);
	/* So would a certificate that does not fit, unless that is awaited. */
	if (err->num == EPROTO && t->run->tls != NULL &&
	    t->run->plan->mode != PLAN_WAIT)
		return false;
	/* A failure before connect(2) would happen again. */
	return !neterr_is_ours(err) && retry_may(&t->retry);
}

void
destinations_claim(struct destinations *t)
{
	char path[ADDR_HOST_MAX];

	if (t->run->unlink_path == NULL && t->local.list.n > 0 &&
	    addr_family(t->local.list.v) == AF_UNIX)
		run_unlink_later(t->run,
		    addr_host(t->local.list.v, path, sizeof(path)));
}

void
destinations_claim_failed(struct destinations *t, const struct error *err)
{
	if (strcmp(err->op, "connect to") == 0)
		destinations_claim(t);
}

int
destinations_failed(struct destinations *t, const struct target *target,
    const struct error *err, bool last, bool retry)
{
	struct run *r = t->run;
	const struct target own = { .addr = t->local.list.v };
	struct error named = *err;
	int status;

	destinations_claim_failed(t, err);
	if (retry && destinations_is_busy(err) && r->messages->tells_busy) {
		REPORT(r->plan, EVENT_BUSY, .target = &own, .error = err);
		return 1;
	}
	if (retry && r->plan->verbose == 0 && !destinations_may_complain(r))
		return 1;
	if (destinations_is_busy(err))
		(void)strlcpy(named.holder, t->holder, sizeof(named.holder));
	status = REPORT(r->plan, EVENT_CONNECT_FAILED, .target = target,
	    .error = &named, .last = last && (!retry || r->chat != NULL));
	if (retry && r->near_ops.tell_trying != NULL)
		r->near_ops.tell_trying(r);
	return status;
}

void
destinations_retry(struct destinations *t, const struct error *err)
{
	retry_later(&t->retry, err);
	t->once_more = true;
	run_unlink_now(t->run);
}

bool
destinations_return(struct destinations *t)
{
	/* The pause after a connection that has ended is no try. */
	retry_fresh(&t->retry, -1);
	if (!retry_may(&t->retry))
		return false;
	destinations_retry(t, NULL);
	retry_fresh(&t->retry, t->run->plan->retry.returns);
	return true;
}

void
destinations_free(struct destinations *t)
{
	if (t->run != NULL) {
		lookups_stop(&t->lookups);
		retry_stop(&t->retry);
	}
	for (size_t i = 0; i < HOPS_MAX; i++)
		addresses_free(&t->route[i]);
	addresses_free(&t->local);
	addresses_free(&t->remote);
	addresses_free(&t->target);
	free(t->ports);
}
