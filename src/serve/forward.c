/*
 * The targets of --forward. Each client is led to the first that can be
 * reached, by lookups and a dial of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/neterr.h"
#include "net/own_addrs.h"
#include "peers/next_address.h"
#include "reach/dial.h"
#include "reach/lookups.h"
#include "run/net_options.h"
#include "run/retry.h"
#include "serve/forward.h"
#include "serve/mirror.h"
#include "serve/relay.h"

/* How long the addresses of a name are used. */
#define FORWARD_FRESH	(30 * NSEC_PER_SEC)

struct forward_place {
	const struct forward_target *target;	/* of the plan */
	struct addresses	 addresses;
	struct lookups_step	 steps[2];	/* the proxy, the target */
	size_t			 nsteps;
	char			 port[ADDR_PORT_MAX];
	char			 name[ENDPOINT_NAME_MAX];
};

struct forward {
	struct run		*run;
	struct tls_context	*tls;		/* NULL: no target has TLS */
	struct addresses	 proxy;		/* if there is one */
	struct addr		 source;	/* of the dials */
	struct addr_list	 local;		/* the same; n 0: any */
	struct own_addrs	 own;		/* where clients come */
	bool			 reported_own;	/* that a target is there */
	size_t			 n;
	struct forward_place	 places[];
};

/* A client that has no target yet. */
struct forward_call {
	struct forward		*of;
	struct relay		*relay;
	size_t			 i;		/* of the place */
	struct lookups		 lookups;
	struct dial		*dial;		/* NULL: not dialling */
	struct retry		 retry;		/* of all targets */
	struct addr		 peer;
	struct addr		 at;		/* of the target, connected */
	struct proxyp_ends	 announced;	/* by --send-proxy */
};

static void	forward_go(void *);

/* ---- The targets -------------------------------------------------------- */

static bool
forward_has_proxy(const struct forward *f)
{
	return f->run->plan->proxy.kind != PROXY_NONE;
}

static struct addresses_options
forward_lookup(const struct forward *f, const char *host, const char *port)
{
	const struct plan *plan = f->run->plan;
	struct addresses_options opt = { .host = host, .port = port,
	    .resolve = net_resolve_options(plan), .fresh = FORWARD_FRESH,
	    .limit = plan->retry.names && plan->connect_timeout > 0 ?
	    plan->connect_timeout : -1 };

	opt.resolve.family = AF_UNSPEC;
	opt.resolve.dgram = false;
	opt.resolve.wildcard = WILDCARD_BOTH;
	return opt;
}

/* -1 with errno. */
static int
forward_open_place(struct forward *f, struct forward_place *p)
{
	const struct forward_target *t = p->target;
	const struct proxy_options *proxy = &f->run->plan->proxy;
	struct addresses_options opt = forward_lookup(f, t->host, p->port);
	struct addr a;

	(void)snprintf(p->name, sizeof(p->name), "%.100s port %u (%s)",
	    t->host, t->number, t->tls ? "tls" : t->dgram ? "udp" : "tcp");
	(void)snprintf(p->port, sizeof(p->port), "%u", t->number);
	opt.resolve.family = (int)t->family;
	if (t->family == FAMILY_UNIX) {
		(void)snprintf(p->name, sizeof(p->name), "%s", t->host);
		if (addr_unix(&a, t->host) == -1)
			return -1;
	} else if (t->family == FAMILY_VSOCK) {
		(void)snprintf(p->name, sizeof(p->name), "%s port %s (vsock)",
		    t->host, t->port);
		opt.port = t->port;
		if (addr_vsock(&a, t->host, t->port) == -1)
			return -1;
	} else if (proxy->kind == PROXY_SOCKS4)
		opt.resolve.family = AF_INET;
	opt.resolve.numeric |= forward_has_proxy(f) && proxy->dns == DNS_NONE;
	addresses_init(&p->addresses, f->run->loop, &opt);
	if (forward_has_proxy(f))
		p->steps[p->nsteps++].of = &f->proxy;
	/* The proxy may be given the name instead. */
	if (!forward_has_proxy(f) || proxy->dns != DNS_REMOTE)
		p->steps[p->nsteps++] = (struct lookups_step){
		    .of = &p->addresses, .optional = forward_has_proxy(f) &&
		    proxy->dns == DNS_BOTH };
	return 0;
}

/* Returns 0, or the exit status after a report. */
static int
forward_open_ways(struct forward *f)
{
	const struct plan *plan = f->run->plan;
	const struct addresses_options proxy = forward_lookup(f,
	    plan->proxy.host, plan->proxy.port);
	struct error err;

	if (plan->forward.source != NULL && addr_numeric(&f->source,
	    plan->forward.source, AF_UNSPEC))
		f->local = (struct addr_list){ .v = &f->source, .n = 1 };
	if (forward_has_proxy(f))
		addresses_init(&f->proxy, f->run->loop, &proxy);
	if (!plan->forward.tls.on)
		return 0;
	run_begin_reading(f->run);
	f->tls = tls_context_new(&plan->forward.tls, TLS_CLIENT, false, &err);
	if (run_end_reading(f->run))
		return 1;
	return f->tls != NULL ? 0 : messages_failed(plan, &err);
}

int
forward_open(struct forward **forward, struct run *run)
{
	const struct plan_forward *plan = &run->plan->forward;
	struct forward *f = calloc(1, sizeof(*f) +
	    plan->n * sizeof(f->places[0]));

	if ((*forward = f) == NULL)
		return run_failed(run, "forward to", plan->targets[0].host);
	f->run = run;
	for (; f->n < plan->n; f->n++) {
		f->places[f->n].target = &plan->targets[f->n];
		if (forward_open_place(f, &f->places[f->n]) == -1)
			return run_failed(run, "forward to",
			    plan->targets[f->n].host);
		if (plan->targets[f->n].tls && plan->tls.npins == 0 &&
		    plan->tls.verify == TLS_VERIFY_NONE)
			messages_forward_insecure(f->places[f->n].name);
	}
	return forward_open_ways(f);
}

void
forward_listen(struct forward *f, const struct fd *fds, size_t n)
{
	struct addr a;

	for (size_t i = 0; i < n; i++)
		if (addr_local(&a, fds[i].num) == 0)
			own_addrs_add(&f->own, &a);
}

void
forward_close(struct forward *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->n; i++)
		addresses_free(&f->places[i].addresses);
	addresses_free(&f->proxy);
	own_addrs_free(&f->own);
	tls_context_free(f->tls);
	free(f);
}

/* ---- Targets that cannot be reached ------------------------------------- */

/* Reports why the client gets no target; returns the exit status. */
static int
forward_report(const struct forward_call *call, const struct addr *addr,
    const struct error *err)
{
	const struct run *r = call->of->run;
	const struct forward_target *t = call->of->places[call->i].target;
	const struct target target = { .host = t->host, .port = t->number,
	    .addr = addr };
	char client[ENDPOINT_NAME_MAX];
	struct error named = *err;

	/* The proxy's reasons have words of their own. */
	if (err->proxy.fault != PROXY_FINE)
		return messages_report(r->plan, &(struct report){
		    EVENT_CONNECT_FAILED, .target = &target, .error = err,
		    .last = true });
	run_peer_name(r->plan, NULL, &call->peer, client, sizeof(client));
	(void)snprintf(named.object, sizeof(named.object), "%.90s for %.95s",
	    err->object, client);
	return messages_failed(r->plan, &named);
}

/* This target has failed. addr: of a proxy; or NULL. */
static void
forward_failed(struct forward_call *call, const struct addr *addr,
    const struct error *err)
{
	struct forward *f = call->of;
	bool last = call->i + 1 == f->n || f->run->plan->forward.all;
	/* Our own end, and a certificate, would fail again. */
	bool retry = last && retry_may(&call->retry) && err->num != EPROTO &&
	    err->num != ELOOP && !neterr_is_ours(err);
	int status = 1;

	addresses_renew(&f->places[call->i].addresses);
	if (forward_has_proxy(f))
		addresses_renew(&f->proxy);
	if (((last && !retry) || f->run->plan->verbose > 0) &&
	    !(err->num == ELOOP && f->reported_own))
		status = forward_report(call, addr, err);
	f->reported_own |= err->num == ELOOP;
	if (last && !retry) {
		relay_refuse(call->relay, status);
		return;
	}
	call->i = last ? 0 : call->i + 1;
	if (retry)
		retry_later(&call->retry, NULL);
	else
		forward_go(call);
}

/* ---- The dial ----------------------------------------------------------- */

static struct dial_options
forward_dial_options(const void *arg, size_t i)
{
	const struct forward *f = arg;
	const struct forward_place *p = &f->places[i];
	const struct plan *plan = f->run->plan;
	const struct forward_target *t = p->target;
	struct dial_options opt = net_dial_options(plan);

	opt.kind = (struct socket_kind){
	    .type = t->dgram ? SOCK_DGRAM : SOCK_STREAM,
	    .name = t->family == FAMILY_UNIX ? "unix" :
	    t->family == FAMILY_VSOCK ? "vsock" : t->dgram ? "udp" : "tcp",
	    .has_ports = t->family != FAMILY_UNIX };
	opt.sock.md5 = false;
	opt.to = forward_has_proxy(f) ? &f->proxy.list : &p->addresses.list;
	opt.port = t->number;
	opt.host = t->host;
	opt.target = &p->addresses.list;
	opt.local = t->family == FAMILY_ANY ? &f->local : NULL;
	/* A client's bytes would come back as those of another client. */
	opt.avoid = !forward_has_proxy(f) &&
	    t->dgram == (plan->type == TYPE_DGRAM) ? &f->own : NULL;
	opt.tls = t->tls ? f->tls : NULL;
	opt.tls_name = plan->forward.tls.name != NULL ?
	    plan->forward.tls.name : t->host;
	return opt;
}

/* --forward-all: answers come from the first target. */
static void
forward_wrap(void *arg, struct endpoint *ep)
{
	struct forward_call *call = arg;
	struct forward *f = call->of;
	struct dial_options opt = forward_dial_options(f, call->i);

	if (f->places[call->i].target->dgram)
		(void)next_address_watch(ep, &opt, &call->at, NULL, NULL);
	if (f->run->plan->forward.all && f->n > 1)
		forward_copy(f, ep, 1);
}

static void
forward_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct forward_call *call = arg;
	const struct run *r = call->of->run;
	const char *name = call->of->places[call->i].name;
	struct conn *c = relay_conn(call->relay);
	const struct relay_target target = { .fd = fd, .tls = tls,
	    .addr = addr, .name = name, .wrap = forward_wrap,
	    .arg = call };
	struct tls_facts facts;

	call->dial = NULL;
	call->at = *addr;
	if (r->plan->verbose > 0)
		messages_forwarded(r->plan, c->ep.in.name, name);
	if (tls != NULL && r->plan->verbose > 0) {
		layer_tls_facts(tls, &facts);
		messages_forward_secured(r->plan, name, &facts);
	}
	relay_join(call->relay, &target);
}

static void
forward_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct forward_call *call = arg;

	if (!last) {
		if (call->of->run->plan->verbose > 0)
			(void)forward_report(call, addr, err);
		return;
	}
	call->dial = NULL;
	forward_failed(call, addr, err);
}

static void
forward_dial(void *arg)
{
	static const struct dial_ops ops = { .connected = forward_on_connected,
	    .failed = forward_on_failed };
	struct forward_call *call = arg;
	const struct forward_place *p = &call->of->places[call->i];
	struct dial_options opt = forward_dial_options(call->of,
	    call->i);
	struct error err;

	opt.announced = &call->announced;
	call->dial = dial_start(call->of->run->loop, &opt, &ops, call);
	if (call->dial != NULL)
		return;
	error_set(&err, errno, "connect to", "%s", p->name);
	forward_failed(call, NULL, &err);
}

/* ---- The beginning and the end ------------------------------------------ */

static void
forward_on_not_found(void *arg, const struct addresses *a,
    const struct error *err)
{
	(void)a;
	forward_failed(arg, NULL, err);
}

static void
forward_go(void *arg)
{
	struct forward_call *call = arg;
	const struct forward_place *p = &call->of->places[call->i];

	lookups_start(&call->lookups, p->steps, p->nsteps);
}

static void
forward_dispose(void *arg)
{
	struct forward_call *call = arg;

	dial_cancel(call->dial);
	lookups_stop(&call->lookups);
	retry_stop(&call->retry);
	free(call);
}

struct conn *
conn_forward(const struct conn_start *start, int *status)
{
	static const struct relay_setup setup = { .dispose = forward_dispose };
	struct forward *f = start->common;
	struct forward_call *call = malloc(sizeof(*call));
	struct relay *relay;

	if (call == NULL)
		return conn_fail(NULL, start, status);
	*call = (struct forward_call){ .of = f, .peer = *start->peer,
	    .announced = { .source = *start->peer, .dest = *start->local },
	    .lookups = { .found = forward_dial, .failed = forward_on_not_found,
	    .arg = call } };
	retry_init(&call->retry, f->run, forward_go, call);
	call->relay = relay = relay_new(start, &setup, call, status);
	if (relay == NULL) {
		free(call);
		return NULL;
	}
	/* Without threads or memory, the call is over and freed by then. */
	forward_go(call);
	return relay_conn(relay);
}

/* ---- Copies ------------------------------------------------------------- */

static const char *
forward_name(const void *arg, size_t i)
{
	return ((const struct forward *)arg)->places[i].name;
}

static bool
forward_takes_datagrams(const void *arg, size_t i)
{
	return ((const struct forward *)arg)->places[i].target->dgram;
}

static const struct lookups_step *
forward_steps(const void *arg, size_t i, size_t *n)
{
	const struct forward *f = arg;
	const struct forward_place *p = &f->places[i];

	*n = p->nsteps;
	return p->steps;
}

void
forward_copy(struct forward *f, struct endpoint *ep, size_t first)
{
	const struct mirror_targets to = { .run = f->run, .arg = f,
	    .first = first, .n = f->n - first, .name = forward_name,
	    .dgram = forward_takes_datagrams, .steps = forward_steps,
	    .dial = forward_dial_options };

	mirror_wrap(&to, ep);
}
