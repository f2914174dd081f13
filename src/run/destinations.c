#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/neterr.h"
#include "run/destinations.h"

/* Whether the program connects to a proxy. */
static bool
destinations_has_proxy(const struct destinations *t)
{
	return t->run->plan->proxy.kind != PROXY_NONE;
}

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

/* Makes a list in a random order; no other order needs a list. */
static int
destinations_list_ports(struct destinations *t)
{
	size_t i, j;

	t->ports = calloc(t->nports, sizeof(*t->ports));
	if (t->ports == NULL)
		return -1;
	for (i = 0; i < t->nports; i++) {
		j = arc4random_uniform((uint32_t)i + 1);
		t->ports[i] = t->ports[j];
		t->ports[j] = destinations_walk(t);
	}
	return 0;
}

/* A whole address counts as a single port. */
static int
destinations_count_ports(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	bool whole = destinations_is_whole(plan);

	t->nports = whole ? 1 : 0;
	for (size_t i = 0; i < plan->nports && !whole; i++)
		t->nports += destinations_range_size(&plan->ports[i]);
	return plan->random_ports && !whole ? destinations_list_ports(t) : 0;
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

	opt.to = &t->remote;
	opt.port = port;
	opt.local = &t->local;
	opt.hops = &t->hops;
	opt.target = &t->target;
	opt.tls = t->run->tls;
	return opt;
}

/* ---- Lookups that fail -------------------------------------------------- */

/* Whether this failed try is to be reported to a person. */
static bool
destinations_may_complain(struct run *r)
{
	return r->near_ops != NULL && r->near_ops->may_complain != NULL &&
	    r->near_ops->may_complain(r);
}

static void
destinations_tell_trying(struct run *r)
{
	if (r->near_ops != NULL && r->near_ops->tell_trying != NULL)
		r->near_ops->tell_trying(r);
}

static void
destinations_fail_lookup(struct destinations *t, const char *host,
    const char *port, const struct error *err, bool passive)
{
	struct run *r = t->run;

	run_stop(r, r->messages->resolve_failed(r->plan, host, port, err,
	    passive));
}

/* Tries the lookup of the host or of the proxy again, if the plan allows. */
static void
destinations_fail_host(struct destinations *t, const struct error *err)
{
	struct run *r = t->run;
	const struct plan *plan = r->plan;
	bool proxy = destinations_has_proxy(t) && t->lookup == LOOKUP_REMOTE;
	const char *host = proxy ? plan->proxy.host : plan->host;
	char first[ADDR_PORT_MAX] = "";
	const char *port = proxy ? plan->proxy.port :
	    plan->nports > 0 ? first : NULL;
	struct error named = *err;

	if (plan->nports > 0)
		(void)snprintf(first, sizeof(first), "%u", plan->ports[0].lo);
	if (plan->retry.busy_only || !retry_may(&t->retry)) {
		destinations_fail_lookup(t, host, port, err, false);
		return;
	}
	if (plan->verbose > 0 || destinations_may_complain(r)) {
		(void)r->messages->resolve_failed(plan, host, port, err, false);
		destinations_tell_trying(r);
	}
	(void)strlcpy(named.object, host, sizeof(named.object));
	retry_later(&t->retry, &named);
}

/* If the name may also be given to the proxy, a failure does not matter. */
static void
destinations_fail_target(struct destinations *t, const struct error *err)
{
	if (t->run->plan->proxy.dns == DNS_BOTH)
		t->found(t->arg);
	else
		destinations_fail_host(t, err);
}

static void
destinations_on_limit(void *arg)
{
	struct destinations *t = arg;
	const struct plan *plan = t->run->plan;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s",
	    t->lookup == LOOKUP_LOCAL ? plan->local_host :
	    t->lookup == LOOKUP_REMOTE && destinations_has_proxy(t) ?
	    plan->proxy.host : plan->host);
	/*
	 * The thread of a remote lookup may return much later. The thread's
	 * answer serves the next try, so that there is at most one thread.
	 */
	if (t->lookup == LOOKUP_LOCAL)
		destinations_fail_lookup(t, plan->local_host, plan->local_port,
		    &err, true);
	else if (t->lookup == LOOKUP_REMOTE)
		destinations_fail_host(t, &err);
	else {
		resolve_cancel(t->resolve);
		t->resolve = NULL;
		destinations_fail_target(t, &err);
	}
}

/* ---- Lookups ------------------------------------------------------------ */

/* Starts a lookup, if none runs. Returns 0, or the status after a report. */
static int
destinations_look_up(struct destinations *t, enum lookup lookup,
    const char *host, const char *port,
    void (*done)(void *, struct addr_list *, const struct error *))
{
	struct run *r = t->run;
	const struct plan *plan = r->plan;
	struct resolve_options opt = net_resolve_options(plan);
	int64_t limit = lookup == LOOKUP_TARGET ? plan->proxy.timeout :
	    plan->retry.names && plan->connect_timeout > 0 ?
	    plan->connect_timeout : -1;

	t->lookup = lookup;
	if (lookup == LOOKUP_TARGET) {
		opt.numeric |= plan->proxy.dns == DNS_NONE;
		if (plan->proxy.kind == PROXY_SOCKS4)
			opt.family = AF_INET;
	}
	if (limit >= 0)
		timer_set(r->loop, &t->limit, loop_now(r->loop) + limit);
	if (t->resolve == NULL)
		t->resolve = resolve_start(r->loop, &opt, host, port,
		    lookup == LOOKUP_LOCAL, done, t);
	return t->resolve != NULL ? 0 : run_failed(r, "look up",
	    host != NULL ? host : "the local address");
}

/* Returns whether the lookup that is done has failed. */
static bool
destinations_end_lookup(struct destinations *t, const struct error *err)
{
	t->resolve = NULL;
	timer_clear(t->run->loop, &t->limit);
	return err->num != 0 || err->gai != 0;
}

static void
destinations_on_target(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct destinations *t = arg;

	if (destinations_end_lookup(t, err)) {
		destinations_fail_target(t, err);
		return;
	}
	t->target = *list;
	t->found(t->arg);
}

/* Looks up the host that a proxy is to reach, if the plan says so. */
static int
destinations_find_target(struct destinations *t)
{
	const struct plan *plan = t->run->plan;

	addr_list_free(&t->target);
	if (!destinations_has_proxy(t) || plan->proxy.dns == DNS_REMOTE) {
		t->found(t->arg);
		return 0;
	}
	return destinations_look_up(t, LOOKUP_TARGET, plan->host, NULL,
	    destinations_on_target);
}

static void
destinations_on_remote(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct destinations *t = arg;
	int status;

	if (destinations_end_lookup(t, err)) {
		/* The limit has counted a failure that comes too late. */
		if (!retry_is_pausing(&t->retry))
			destinations_fail_host(t, err);
		return;
	}
	retry_stop(&t->retry);
	addr_list_free(&t->remote);
	t->remote = *list;
	if ((status = destinations_find_target(t)) != 0)
		run_stop(t->run, status);
}

static int
destinations_find_remote(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	bool proxy = destinations_has_proxy(t);

	return destinations_look_up(t, LOOKUP_REMOTE,
	    proxy ? plan->proxy.host : plan->host, proxy ? plan->proxy.port :
	    plan->family == FAMILY_VSOCK ? plan->ports[0].word : NULL,
	    destinations_on_remote);
}

static void
destinations_on_route(void *arg, struct addr_list *hops, const char *host,
    const struct error *err)
{
	struct destinations *t = arg;
	struct error why = *err;

	t->route = NULL;
	if (err->num != 0 || err->gai != 0) {
		why.op = "route";
		destinations_fail_lookup(t, host, NULL, &why, false);
		return;
	}
	t->hops = *hops;
	destinations_refresh(t);
}

/* The copied tools look the hops up before the host. */
static int
destinations_find_way(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const struct route_options opt = net_route_options(plan);

	if (plan->nhops == 0)
		return destinations_find_remote(t);
	t->route = route_find(t->run->loop, &opt, destinations_on_route, t);
	return t->route != NULL ? 0 :
	    run_failed(t->run, "look up", plan->hops[0]);
}

static void
destinations_on_local(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct destinations *t = arg;
	const struct plan *plan = t->run->plan;
	int status;

	if (destinations_end_lookup(t, err)) {
		destinations_fail_lookup(t, plan->local_host, plan->local_port,
		    err, true);
		return;
	}
	t->local = *list;
	if ((status = destinations_find_way(t)) != 0)
		run_stop(t->run, status);
}

/* A Unix datagram client without a name gets no answers. */
static int
destinations_temporary_name(struct destinations *t)
{
	struct error err;

	t->local.v = calloc(1, sizeof(*t->local.v));
	if (t->local.v == NULL)
		return run_failed(t->run, "make", "a temporary socket");
	if (run_temp_socket(t->run, t->local.v, &err) == -1)
		return t->run->messages->failed(t->run->plan, &err);
	t->local.n = 1;
	t->run->messages->listening(t->run->plan, t->local.v);
	return run_confine(t->run, CONFINE_DIALING) ?
	    destinations_find_remote(t) : t->run->status;
}

void
destinations_refresh(void *arg)
{
	struct destinations *t = arg;
	int status = destinations_find_remote(t);

	if (status != 0)
		run_stop(t->run, status);
}

int
destinations_find(struct destinations *t, struct run *run,
    void (*found)(void *), void *arg)
{
	const struct plan *plan = run->plan;

	t->run = run;
	t->found = found;
	t->arg = arg;
	t->limit = (struct timer){ .fire = destinations_on_limit, .arg = t };
	retry_init(&t->retry, run, destinations_refresh, t);
	if (destinations_count_ports(t) == -1)
		return run_failed(run, "list", "ports");
	if (plan->family == FAMILY_UNIX && plan->type == TYPE_DGRAM &&
	    plan->local_host == NULL)
		return destinations_temporary_name(t);
	if (!run_confine(run, CONFINE_DIALING))
		return run->status;
	if (plan->local_host == NULL && plan->local_port == NULL)
		return destinations_find_way(t);
	return destinations_look_up(t, LOOKUP_LOCAL, plan->local_host,
	    plan->local_port, destinations_on_local);
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

	if (t->run->unlink_path == NULL && t->local.n > 0 &&
	    addr_family(t->local.v) == AF_UNIX)
		run_unlink_later(t->run,
		    addr_host(t->local.v, path, sizeof(path)));
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
	const struct target own = { .addr = t->local.v };
	int status;

	destinations_claim_failed(t, err);
	if (retry && destinations_is_busy(err) && r->messages->busy != NULL) {
		r->messages->busy(r->plan, &own, err);
		return 1;
	}
	if (retry && r->plan->verbose == 0 && !destinations_may_complain(r))
		return 1;
	status = r->messages->connect_failed(r->plan, target, err, last &&
	    (!retry || r->chat != NULL));
	if (retry)
		destinations_tell_trying(r);
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
	if (t->resolve != NULL)
		resolve_cancel(t->resolve);
	route_cancel(t->route);
	if (t->run != NULL) {
		timer_clear(t->run->loop, &t->limit);
		retry_stop(&t->retry);
	}
	addr_list_free(&t->hops);
	addr_list_free(&t->remote);
	addr_list_free(&t->local);
	addr_list_free(&t->target);
	free(t->ports);
}
