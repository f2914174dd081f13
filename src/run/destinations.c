/*
 * Where to connect to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/neterr.h"
#include "run/destinations.h"

static bool
destinations_is_unix(const struct plan *plan)
{
	return plan->family == FAMILY_UNIX;
}

static void
destinations_shuffle(uint16_t *ports, size_t n)
{
	uint16_t swap;
	size_t i, j;

	for (i = n; i > 1; i--) {
		j = arc4random_uniform((uint32_t)i);
		swap = ports[i - 1];
		ports[i - 1] = ports[j];
		ports[j] = swap;
	}
}

static size_t
destinations_range_size(const struct port_range *range)
{
	return (size_t)(range->hi - range->lo) + 1;
}

/* The address says it all, or there is no port. */
static bool
destinations_is_whole(const struct plan *plan)
{
	return !plan_has_ports(plan) || plan->family == FAMILY_VSOCK;
}

/* The next one as it was asked; there is one. */
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

/* Only a random order has to be written out. */
static int
destinations_list_ports(struct destinations *t)
{
	size_t i;

	t->ports = calloc(t->nports, sizeof(*t->ports));
	if (t->ports == NULL)
		return -1;
	for (i = 0; i < t->nports; i++)
		t->ports[i] = destinations_walk(t);
	destinations_shuffle(t->ports, t->nports);
	return 0;
}

/* A whole address counts as one port. */
static int
destinations_count_ports(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	size_t i;

	t->nports = destinations_is_whole(plan) ? 1 : 0;
	for (i = 0; i < plan->nports && !destinations_is_whole(plan); i++)
		t->nports += destinations_range_size(&plan->ports[i]);
	return plan->random_ports && !destinations_is_whole(plan) ?
	    destinations_list_ports(t) : 0;
}

static void
destinations_fail_lookup(struct destinations *t, const char *host,
    const char *port, const struct error *err, bool passive)
{
	struct run *r = t->run;

	run_stop(r, r->messages->resolve_failed(r->plan, host, port, err,
	    passive));
}

/* With a proxy, it is the proxy that is dialled. */
static bool
destinations_has_proxy(const struct plan *plan)
{
	return plan->proxy.kind != PROXY_NONE;
}

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

/* A host is not found, ours or the proxy: again, if there are tries left. */
static void
destinations_fail_host(struct destinations *t, const char *host,
    const char *port, const struct error *err)
{
	struct run *r = t->run;
	const struct plan *plan = r->plan;
	struct error named = *err;
	bool said;

	if (plan->retry.busy_only || !retry_may(&t->retry)) {
		destinations_fail_lookup(t, host, port, err, false);
		return;
	}
	said = plan->verbose > 0 || destinations_may_complain(r);
	if (said)
		(void)r->messages->resolve_failed(plan, host, port, err, false);
	if (said)
		destinations_tell_trying(r);
	(void)snprintf(named.object, sizeof(named.object), "%s", host);
	retry_later(&t->retry, &named);
}

/* The host that is talked to in the end. */
static void
destinations_fail_proxy_target(void *arg, const struct error *err)
{
	struct destinations *t = arg;
	const struct plan *plan = t->run->plan;
	char port[ADDR_PORT_MAX];

	if (plan->nports > 0)
		(void)snprintf(port, sizeof(port), "%u",
		    (unsigned)plan->ports[0].lo);
	destinations_fail_host(t, plan->host, plan->nports > 0 ? port : NULL,
	    err);
}

static void
destinations_fail_remote(struct destinations *t, const struct error *err)
{
	const struct plan *plan = t->run->plan;

	if (destinations_has_proxy(plan))
		destinations_fail_host(t, plan->proxy.host, plan->proxy.port,
		    err);
	else
		destinations_fail_proxy_target(t, err);
}

/* ---- The limit of a lookup ---------------------------------------------- */

/*
 * The thread may come back much later. Its answer serves the next try, which
 * sends out no other: there is never more than one.
 */
static void
destinations_on_limit(void *arg)
{
	struct destinations *t = arg;
	const struct plan *plan = t->run->plan;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", t->asks_local ?
	    plan->local_host : destinations_has_proxy(plan) ? plan->proxy.host :
	    plan->host);
	if (t->asks_local)
		destinations_fail_lookup(t, plan->local_host, plan->local_port,
		    &err, true);
	else
		destinations_fail_remote(t, &err);
}

static void
destinations_set_limit(struct destinations *t, bool local)
{
	const struct plan *plan = t->run->plan;

	t->asks_local = local;
	if (plan->retry.names && plan->connect_timeout > 0)
		timer_set(t->run->loop, &t->limit,
		    loop_now(t->run->loop) + plan->connect_timeout);
}

/* ---- Lookups ------------------------------------------------------------ */

static void
destinations_on_proxy_target(void *arg)
{
	struct destinations *t = arg;

	t->found(t->arg);
}

static void
destinations_on_remote(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct destinations *t = arg;

	t->resolve = NULL;
	timer_clear(t->run->loop, &t->limit);
	if (err->num != 0 || err->gai != 0) {
		/* One that comes too late has been counted already. */
		if (!retry_is_pausing(&t->retry))
			destinations_fail_remote(t, err);
		return;
	}
	retry_stop(&t->retry);
	addr_list_free(&t->remote);
	t->remote = *list;
	proxy_target_find(&t->proxy_target, t->run,
	    destinations_on_proxy_target, destinations_fail_proxy_target, t);
}

static int
destinations_find_remote(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const char *port = plan->family == FAMILY_VSOCK ?
	    plan->ports[0].word : NULL;
	const struct resolve_options opt = net_resolve_options(plan);
	struct error err;

	destinations_set_limit(t, false);
	if (t->resolve == NULL && destinations_has_proxy(plan))
		t->resolve = resolve_start(t->run->loop, &opt,
		    plan->proxy.host, plan->proxy.port, false,
		    destinations_on_remote, t);
	else if (t->resolve == NULL)
		t->resolve = resolve_start(t->run->loop, &opt, plan->host,
		    port, false, destinations_on_remote, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", destinations_has_proxy(plan) ?
	    plan->proxy.host : plan->host);
	return t->run->messages->failed(plan, &err);
}

static void
destinations_on_route(void *arg, struct addr_list *hops, const char *host,
    const struct error *err)
{
	struct destinations *t = arg;
	struct error why = *err;
	int status;

	t->route = NULL;
	if (err->num != 0 || err->gai != 0) {
		why.op = "route";
		destinations_fail_lookup(t, host, NULL, &why, false);
		return;
	}
	t->hops = *hops;
	if ((status = destinations_find_remote(t)) != 0)
		run_stop(t->run, status);
}

/* The hops come first, as for the tools that have them. */
static int
destinations_find_way(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const struct route_options opt = net_route_options(plan);
	struct error err;

	if (plan->nhops == 0)
		return destinations_find_remote(t);
	t->route = route_find(t->run->loop, &opt, destinations_on_route, t);
	if (t->route != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->hops[0]);
	return t->run->messages->failed(plan, &err);
}

static void
destinations_on_local(void *arg, struct addr_list *list,
    const struct error *err)
{
	struct destinations *t = arg;
	const struct plan *plan = t->run->plan;
	int status;

	t->resolve = NULL;
	timer_clear(t->run->loop, &t->limit);
	if (err->num != 0 || err->gai != 0) {
		destinations_fail_lookup(t, plan->local_host, plan->local_port,
		    err, true);
		return;
	}
	t->local = *list;
	if ((status = destinations_find_way(t)) != 0)
		run_stop(t->run, status);
}

static int
destinations_find_local(struct destinations *t)
{
	const struct plan *plan = t->run->plan;
	const struct resolve_options opt = net_resolve_options(plan);
	struct error err;

	destinations_set_limit(t, true);
	t->resolve = resolve_start(t->run->loop, &opt, plan->local_host,
	    plan->local_port, true, destinations_on_local, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->local_host);
	return t->run->messages->failed(plan, &err);
}

/* A Unix datagram client can only be answered if it has a name. */
static int
destinations_temporary_name(struct destinations *t)
{
	struct error err;

	t->local.v = calloc(1, sizeof(*t->local.v));
	if (t->local.v == NULL)
		error_set(&err, errno, "make", "a temporary socket");
	else if (run_temp_socket(t->run, t->local.v, &err) == 0) {
		t->local.n = 1;
		t->run->messages->listening(t->run->plan, t->local.v);
		return destinations_find_remote(t);
	}
	return t->run->messages->failed(t->run->plan, &err);
}

static void
destinations_look_again(void *arg)
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
	struct error err;

	t->run = run;
	t->found = found;
	t->arg = arg;
	t->limit = (struct timer){ .fire = destinations_on_limit, .arg = t };
	retry_init(&t->retry, run, destinations_look_again, t);
	if (destinations_count_ports(t) == -1) {
		error_set(&err, errno, "list", "ports");
		return run->messages->failed(plan, &err);
	}
	if (destinations_is_unix(plan) && plan->type == TYPE_DGRAM &&
	    plan->local_host == NULL)
		return destinations_temporary_name(t);
	if (plan->local_host != NULL || plan->local_port != NULL)
		return destinations_find_local(t);
	return destinations_find_way(t);
}

bool
destinations_next(struct destinations *t, unsigned *port)
{
	if (t->once_more) {
		t->once_more = false;
		*port = t->port;
		return true;
	}
	retry_fresh(&t->retry, t->run->plan->retry.retries);
	deadline_blame(t->run, NULL);
	if (t->next == t->nports)
		return false;
	if (destinations_is_whole(t->run->plan))
		t->port = 0;
	else
		t->port = t->ports != NULL ? t->ports[t->next] :
		    destinations_walk(t);
	*port = t->port;
	t->next++;
	return true;
}

struct dial_options
destinations_dial_options(const struct destinations *t, unsigned port)
{
	struct dial_options o = net_dial_options(t->run->plan);

	o.to = &t->remote;
	o.port = port;
	o.local = &t->local;
	o.hops = &t->hops;
	o.target = &t->proxy_target.list;
	return o;
}

/* Somebody else has the address that we were to come from. */
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
	/* What failed before that would fail again. */
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
	/* This pause is not one of the tries. */
	retry_fresh(&t->retry, -1);
	if (!retry_may(&t->retry))
		return false;
	destinations_retry(t, NULL);
	retry_fresh(&t->retry, t->run->plan->retry.returns);
	return true;
}

void
destinations_refresh(struct destinations *t)
{
	destinations_look_again(t);
}

size_t
destinations_left(const struct destinations *t)
{
	return t->nports - t->next;
}

void
destinations_free(struct destinations *t)
{
	if (t->resolve != NULL)
		resolve_cancel(t->resolve);
	proxy_target_free(&t->proxy_target);
	route_cancel(t->route);
	if (t->run != NULL) {
		timer_clear(t->run->loop, &t->limit);
		retry_stop(&t->retry);
	}
	addr_list_free(&t->hops);
	addr_list_free(&t->remote);
	addr_list_free(&t->local);
	free(t->ports);
}
