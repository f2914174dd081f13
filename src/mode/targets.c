/*
 * Where to connect to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mode/targets.h"

static bool
is_unix(const struct plan *plan)
{
	return plan->family == FAMILY_UNIX;
}

static void
shuffle(uint16_t *ports, size_t n)
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
range_size(const struct plan_ports *range)
{
	return (size_t)(range->hi - range->lo) + 1;
}

/* The address says it all, or there is no port. */
static bool
is_whole(const struct plan *plan)
{
	return !plan_has_ports(plan) || plan->family == FAMILY_VSOCK;
}

/* The next one as it was asked; there is one. */
static uint16_t
walk(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	const struct plan_ports *range = &plan->ports[t->range];
	size_t i = t->within++;

	if (t->within == range_size(range)) {
		t->range++;
		t->within = 0;
	}
	return (uint16_t)(plan->descending ? range->hi - i : range->lo + i);
}

/* Only a random order has to be written out. */
static int
list_ports(struct targets *t)
{
	size_t i;

	t->ports = calloc(t->nports, sizeof(*t->ports));
	if (t->ports == NULL)
		return -1;
	for (i = 0; i < t->nports; i++)
		t->ports[i] = walk(t);
	shuffle(t->ports, t->nports);
	return 0;
}

/* A whole address counts as one port. */
static int
count_ports(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	size_t i;

	t->nports = is_whole(plan) ? 1 : 0;
	for (i = 0; i < plan->nports && !is_whole(plan); i++)
		t->nports += range_size(&plan->ports[i]);
	return plan->random_ports && !is_whole(plan) ? list_ports(t) : 0;
}

static void
fail_lookup(struct targets *t, const char *host, const char *port,
    const struct error *err, bool passive)
{
	struct run *r = t->run;

	run_stop(r, r->voice->resolve_failed(r->plan, host, port, err,
	    passive));
}

/* With a proxy, it is the proxy that is dialled. */
static bool
has_proxy(const struct plan *plan)
{
	return plan->proxy.kind != PROXY_NONE;
}

static void
on_remote(void *arg, struct addr_list *list, const struct error *err)
{
	struct targets *t = arg;
	const struct plan *plan = t->run->plan;
	char port[ADDR_PORT_MAX];

	t->resolve = NULL;
	if (err->num != 0 || err->gai != 0) {
		if (plan->nports > 0)
			(void)snprintf(port, sizeof(port), "%u",
			    (unsigned)plan->ports[0].lo);
		fail_lookup(t, has_proxy(plan) ? plan->proxy.host : plan->host,
		    has_proxy(plan) ? plan->proxy.port :
		    plan->nports > 0 ? port : NULL, err, false);
		return;
	}
	t->remote = *list;
	goal_find(&t->goal, t->run, t->found, t->arg);
}

static int
find_remote(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	const char *port = plan->family == FAMILY_VSOCK ?
	    plan->ports[0].word : NULL;
	struct error err;

	if (has_proxy(plan))
		t->resolve = resolve_start(t->run->loop, plan,
		    plan->proxy.host, plan->proxy.port, false, on_remote, t);
	else
		t->resolve = resolve_start(t->run->loop, plan, plan->host,
		    port, false, on_remote, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", has_proxy(plan) ?
	    plan->proxy.host : plan->host);
	return t->run->voice->failed(plan, &err);
}

static void
on_route(void *arg, struct addr_list *hops, const char *host,
    const struct error *err)
{
	struct targets *t = arg;
	struct error why = *err;
	int status;

	t->route = NULL;
	if (err->num != 0 || err->gai != 0) {
		why.op = "route";
		fail_lookup(t, host, NULL, &why, false);
		return;
	}
	t->hops = *hops;
	if ((status = find_remote(t)) != 0)
		run_stop(t->run, status);
}

/* The hops come first, as for the tools that have them. */
static int
find_way(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	struct error err;

	if (plan->nhops == 0)
		return find_remote(t);
	t->route = route_find(t->run->loop, plan, on_route, t);
	if (t->route != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->hops[0]);
	return t->run->voice->failed(plan, &err);
}

static void
on_local(void *arg, struct addr_list *list, const struct error *err)
{
	struct targets *t = arg;
	const struct plan *plan = t->run->plan;
	int status;

	t->resolve = NULL;
	if (err->num != 0 || err->gai != 0) {
		fail_lookup(t, plan->local_host, plan->local_port, err, true);
		return;
	}
	t->local = *list;
	if ((status = find_way(t)) != 0)
		run_stop(t->run, status);
}

static int
find_local(struct targets *t)
{
	const struct plan *plan = t->run->plan;
	struct error err;

	t->resolve = resolve_start(t->run->loop, plan, plan->local_host,
	    plan->local_port, true, on_local, t);
	if (t->resolve != NULL)
		return 0;
	error_set(&err, errno, "look up", "%s", plan->local_host);
	return t->run->voice->failed(plan, &err);
}

/* A Unix datagram client can only be answered if it has a name. */
static int
temporary_name(struct targets *t)
{
	struct error err;

	t->local.v = calloc(1, sizeof(*t->local.v));
	if (t->local.v != NULL && run_temp_socket(t->run, t->local.v) == 0) {
		t->local.n = 1;
		t->run->voice->listening(t->run->plan, t->local.v);
		return find_remote(t);
	}
	error_set(&err, errno, "make", "a temporary socket");
	return t->run->voice->failed(t->run->plan, &err);
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
	if (count_ports(t) == -1) {
		error_set(&err, errno, "list", "ports");
		return run->voice->failed(plan, &err);
	}
	if (is_unix(plan) && plan->type == TYPE_DGRAM &&
	    plan->local_host == NULL)
		return temporary_name(t);
	if (plan->local_host != NULL || plan->local_port != NULL)
		return find_local(t);
	return find_way(t);
}

bool
targets_next(struct targets *t, unsigned *port)
{
	if (t->next == t->nports)
		return false;
	if (is_whole(t->run->plan))
		*port = 0;
	else
		*port = t->ports != NULL ? t->ports[t->next] : walk(t);
	t->next++;
	return true;
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
	addr_list_free(&t->hops);
	addr_list_free(&t->remote);
	addr_list_free(&t->local);
	free(t->ports);
}
