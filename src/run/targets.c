/*
 * Where to connect to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/neterr.h"
#include "run/targets.h"

static bool
targets_is_unix(const struct plan *plan)
{
	return plan->family == FAMILY_UNIX;
}

static void
targets_shuffle(uint16_t *ports, size_t n)
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
targets_range_size(const struct plan_ports *range)
{
	return (size_t)(range->hi - range->lo) + 1;
}

/* The address says it all, or there is no port. */
static bool
targets_is_whole(const struct plan *plan)
{
	return !plan_has_ports(plan) || plan->family == FAMILY_VSOCK;
}

/* The next one as it was asked; there is one. */
static uint16_t
targets_walk(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	const struct plan_ports *range = &plan->ports[t->range];
	size_t i = t->within++;

	if (t->within == targets_range_size(range)) {
		t->range++;
		t->within = 0;
	}
	return (uint16_t)(plan->descending ? range->hi - i : range->lo + i);
}

/* Only a random order has to be written out. */
static int
targets_list_ports(struct targets *t)
{
	size_t i;

	t->ports = calloc(t->nports, sizeof(*t->ports));
	if (t->ports == NULL)
		return -1;
	for (i = 0; i < t->nports; i++)
		t->ports[i] = targets_walk(t);
	targets_shuffle(t->ports, t->nports);
	return 0;
}

/* A whole address counts as one port. */
static int
targets_count_ports(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	size_t i;

	t->nports = targets_is_whole(plan) ? 1 : 0;
	for (i = 0; i < plan->nports && !targets_is_whole(plan); i++)
		t->nports += targets_range_size(&plan->ports[i]);
	return plan->random_ports && !targets_is_whole(plan) ?
	    targets_list_ports(t) : 0;
}

static void
targets_fail_lookup(struct targets *t, const char *host, const char *port,
    const struct error *err, bool passive)
{
	struct run *r = t->run;

	run_stop(r, r->voice->resolve_failed(r->plan, host, port, err,
	    passive));
}

/* With a proxy, it is the proxy that is dialled. */
static bool
targets_has_proxy(const struct plan *plan)
{
	return plan->proxy.kind != PROXY_NONE;
}

static bool
targets_may_complain(struct run *r)
{
	return r->near_ops != NULL && r->near_ops->may_complain != NULL &&
	    r->near_ops->may_complain(r);
}

static void
targets_tell_trying(struct run *r)
{
	if (r->near_ops != NULL && r->near_ops->tell_trying != NULL)
		r->near_ops->tell_trying(r);
}

/* A host is not found, ours or the proxy: again, if there are tries left. */
static void
targets_fail_host(struct targets *t, const char *host, const char *port,
    const struct error *err)
{
	struct run *r = t->run;
	const struct plan *plan = r->plan;
	struct error named = *err;
	bool said;

	if (plan->again.busy_only || !again_may(&t->again)) {
		targets_fail_lookup(t, host, port, err, false);
		return;
	}
	said = plan->verbose > 0 || targets_may_complain(r);
	if (said)
		(void)r->voice->resolve_failed(plan, host, port, err, false);
	if (said)
		targets_tell_trying(r);
	(void)snprintf(named.object, sizeof(named.object), "%s", host);
	again_later(&t->again, &named);
}

/* The host that is talked to in the end. */
static void
targets_fail_goal(void *arg, const struct error *err)
{
	struct targets *t = arg;
	const struct plan *plan = t->run->plan;
	char port[ADDR_PORT_MAX];

	if (plan->nports > 0)
		(void)snprintf(port, sizeof(port), "%u",
		    (unsigned)plan->ports[0].lo);
	targets_fail_host(t, plan->host, plan->nports > 0 ? port : NULL, err);
}

static void
targets_fail_remote(struct targets *t, const struct error *err)
{
	const struct plan *plan = t->run->plan;

	if (targets_has_proxy(plan))
		targets_fail_host(t, plan->proxy.host, plan->proxy.port, err);
	else
		targets_fail_goal(t, err);
}

/* ---- The limit of a lookup ---------------------------------------------- */

/*
 * The thread may come back much later. Its answer serves the next try, which
 * sends out no other: there is never more than one.
 */
static void
targets_on_limit(void *arg)
{
	struct targets *t = arg;
	const struct plan *plan = t->run->plan;
	struct error err;

	error_set(&err, ETIMEDOUT, "look up", "%s", t->asks_local ?
	    plan->local_host : targets_has_proxy(plan) ? plan->proxy.host :
	    plan->host);
	if (t->asks_local)
		targets_fail_lookup(t, plan->local_host, plan->local_port, &err,
		    true);
	else
		targets_fail_remote(t, &err);
}

static void
targets_set_limit(struct targets *t, bool local)
{
	const struct plan *plan = t->run->plan;

	t->asks_local = local;
	if (plan->again.names && plan->connect_timeout > 0)
		timer_set(t->run->loop, &t->limit,
		    loop_now(t->run->loop) + plan->connect_timeout);
}

/* ---- Lookups ------------------------------------------------------------ */

static void
targets_on_goal(void *arg)
{
	struct targets *t = arg;

	t->found(t->arg);
}

static void
targets_on_remote(void *arg, struct addr_list *list, const struct error *err)
{
	struct targets *t = arg;

	t->resolve = NULL;
	timer_clear(t->run->loop, &t->limit);
	if (err->num != 0 || err->gai != 0) {
		/* One that comes too late has been counted already. */
		if (!again_is_pausing(&t->again))
			targets_fail_remote(t, err);
		return;
	}
	again_stop(&t->again);
	addr_list_free(&t->remote);
	t->remote = *list;
	goal_find(&t->goal, t->run, targets_on_goal, targets_fail_goal, t);
}

static int
targets_find_remote(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	const char *port = plan->family == FAMILY_VSOCK ?
	    plan->ports[0].word : NULL;
	struct error err;

	targets_set_limit(t, false);
	if (t->resolve == NULL && targets_has_proxy(plan))
		t->resolve = resolve_start(t->run->loop, plan,
		    plan->proxy.host, plan->proxy.port, false,
		    targets_on_remote, t);
	else if (t->resolve == NULL)
		t->resolve = resolve_start(t->run->loop, plan, plan->host,
		    port, false, targets_on_remote, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", targets_has_proxy(plan) ?
	    plan->proxy.host : plan->host);
	return t->run->voice->failed(plan, &err);
}

static void
targets_on_route(void *arg, struct addr_list *hops, const char *host,
    const struct error *err)
{
	struct targets *t = arg;
	struct error why = *err;
	int status;

	t->route = NULL;
	if (err->num != 0 || err->gai != 0) {
		why.op = "route";
		targets_fail_lookup(t, host, NULL, &why, false);
		return;
	}
	t->hops = *hops;
	if ((status = targets_find_remote(t)) != 0)
		run_stop(t->run, status);
}

/* The hops come first, as for the tools that have them. */
static int
targets_find_way(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	struct error err;

	if (plan->nhops == 0)
		return targets_find_remote(t);
	t->route = route_find(t->run->loop, plan, targets_on_route, t);
	if (t->route != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->hops[0]);
	return t->run->voice->failed(plan, &err);
}

static void
targets_on_local(void *arg, struct addr_list *list, const struct error *err)
{
	struct targets *t = arg;
	const struct plan *plan = t->run->plan;
	int status;

	t->resolve = NULL;
	timer_clear(t->run->loop, &t->limit);
	if (err->num != 0 || err->gai != 0) {
		targets_fail_lookup(t, plan->local_host, plan->local_port, err,
		    true);
		return;
	}
	t->local = *list;
	if ((status = targets_find_way(t)) != 0)
		run_stop(t->run, status);
}

static int
targets_find_local(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	struct error err;

	targets_set_limit(t, true);
	t->resolve = resolve_start(t->run->loop, plan, plan->local_host,
	    plan->local_port, true, targets_on_local, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->local_host);
	return t->run->voice->failed(plan, &err);
}

/* A Unix datagram client can only be answered if it has a name. */
static int
targets_temporary_name(struct targets *t)
{
	struct error err;

	t->local.v = calloc(1, sizeof(*t->local.v));
	if (t->local.v == NULL)
		error_set(&err, errno, "make", "a temporary socket");
	else if (run_temp_socket(t->run, t->local.v, &err) == 0) {
		t->local.n = 1;
		t->run->voice->listening(t->run->plan, t->local.v);
		return targets_find_remote(t);
	}
	return t->run->voice->failed(t->run->plan, &err);
}

static void
targets_look_again(void *arg)
{
	struct targets *t = arg;
	int status = targets_find_remote(t);

	if (status != 0)
		run_stop(t->run, status);
}

int
targets_find(struct targets *t, struct run *run, void (*found)(void *),
    void *arg)
{
	const struct plan *plan = run->plan;
	struct error err;

	t->run = run;
	t->found = found;
	t->arg = arg;
	t->limit = (struct timer){ .fire = targets_on_limit, .arg = t };
	again_init(&t->again, run, targets_look_again, t);
	if (targets_count_ports(t) == -1) {
		error_set(&err, errno, "list", "ports");
		return run->voice->failed(plan, &err);
	}
	if (targets_is_unix(plan) && plan->type == TYPE_DGRAM &&
	    plan->local_host == NULL)
		return targets_temporary_name(t);
	if (plan->local_host != NULL || plan->local_port != NULL)
		return targets_find_local(t);
	return targets_find_way(t);
}

bool
targets_next(struct targets *t, unsigned *port)
{
	if (t->once_more) {
		t->once_more = false;
		*port = t->port;
		return true;
	}
	again_fresh(&t->again, t->run->plan->again.retries);
	deadline_blame(t->run, NULL);
	if (t->next == t->nports)
		return false;
	if (targets_is_whole(t->run->plan))
		t->port = 0;
	else
		t->port = t->ports != NULL ? t->ports[t->next] :
		    targets_walk(t);
	*port = t->port;
	t->next++;
	return true;
}

/* Somebody else has the address that we were to come from. */
static bool
targets_is_busy(const struct error *err)
{
	return err->num == EADDRINUSE && strcmp(err->op, "bind") == 0;
}

bool
targets_may_retry(const struct targets *t, const struct error *err)
{
	if (t->run->plan->again.busy_only)
		return targets_is_busy(err) && again_may(&t->again);
	/* What failed before that would fail again. */
	return !neterr_is_ours(err) && again_may(&t->again);
}

void
targets_claim(struct targets *t)
{
	char path[ADDR_HOST_MAX];

	if (t->run->unlink_path == NULL && t->local.n > 0 &&
	    addr_family(t->local.v) == AF_UNIX)
		run_unlink_later(t->run,
		    addr_host(t->local.v, path, sizeof(path)));
}

void
targets_claim_failed(struct targets *t, const struct error *err)
{
	if (strcmp(err->op, "connect to") == 0)
		targets_claim(t);
}

int
targets_failed(struct targets *t, const struct target *target,
    const struct error *err, bool last, bool again)
{
	struct run *r = t->run;
	const struct target own = { .addr = t->local.v };
	int status;

	targets_claim_failed(t, err);
	if (again && targets_is_busy(err) && r->voice->busy != NULL) {
		r->voice->busy(r->plan, &own, err);
		return 1;
	}
	if (again && r->plan->verbose == 0 && !targets_may_complain(r))
		return 1;
	status = r->voice->connect_failed(r->plan, target, err, last &&
	    (!again || r->chat != NULL));
	if (again)
		targets_tell_trying(r);
	return status;
}

void
targets_retry(struct targets *t, const struct error *err)
{
	again_later(&t->again, err);
	t->once_more = true;
	run_unlink_now(t->run);
}

bool
targets_return(struct targets *t)
{
	/* This pause is not one of the tries. */
	again_fresh(&t->again, -1);
	if (!again_may(&t->again))
		return false;
	targets_retry(t, NULL);
	again_fresh(&t->again, t->run->plan->again.returns);
	return true;
}

void
targets_refresh(struct targets *t)
{
	targets_look_again(t);
}

size_t
targets_left(const struct targets *t)
{
	return t->nports - t->next;
}

void
targets_free(struct targets *t)
{
	if (t->resolve != NULL)
		resolve_cancel(t->resolve);
	goal_free(&t->goal);
	route_cancel(t->route);
	if (t->run != NULL) {
		timer_clear(t->run->loop, &t->limit);
		again_stop(&t->again);
	}
	addr_list_free(&t->hops);
	addr_list_free(&t->remote);
	addr_list_free(&t->local);
	free(t->ports);
}
