/*
 * The targets of --forward, and the dial of each client.
 *
 * The steps of a client; a failure leads to the next target, or to the next
 * try, or to the end:
 *
 *	PROXY --> TARGET --> DIAL --> relay_join
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/neterr.h"
#include "net/own_addrs.h"
#include "reach/dial.h"
#include "run/net_options.h"
#include "serve/addresses.h"
#include "serve/forward.h"
#include "serve/mirror.h"
#include "serve/relay.h"
#include "serve/udp_next.h"

enum forward_step {
	FORWARD_PROXY,		/* the proxy's addresses are looked up */
	FORWARD_TARGET,		/* the target's are */
	FORWARD_DIAL,
	FORWARD_PAUSE		/* before another try */
};

struct forward_place {
	const struct forward_target *target;	/* of the plan */
	struct addresses	 addresses;
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
	enum forward_step	 step;
	struct addresses_ask	 ask;
	struct dial		*dial;		/* NULL: not dialling */
	int			 left;		/* tries; -1: no limit */
	int64_t			 pause, resume_at;	/* of tries */
	struct addr		 peer;
	struct addr		 at;		/* of the target, connected */
	struct proxyp_ends	 announced;	/* by --send-proxy */
};

static void	forward_go(struct forward_call *);

/* ---- The targets -------------------------------------------------------- */

static bool
forward_has_proxy(const struct forward *f)
{
	return f->run->plan->proxy.kind != PROXY_NONE;
}

/* -1 with errno. */
static int
forward_open_place(struct forward *f, struct forward_place *p)
{
	const struct forward_target *t = p->target;
	char port[ADDR_PORT_MAX];
	struct addr a;

	if (t->family == FAMILY_UNIX) {
		(void)snprintf(p->name, sizeof(p->name), "%s", t->host);
		return addr_unix(&a, t->host) == -1 ? -1 :
		    addresses_init_fixed(&p->addresses, f->run, &a);
	}
	if (t->family == FAMILY_VSOCK) {
		(void)snprintf(p->name, sizeof(p->name), "%s port %s (vsock)",
		    t->host, t->port);
		return addr_vsock(&a, t->host, t->port) == -1 ? -1 :
		    addresses_init_fixed(&p->addresses, f->run, &a);
	}
	(void)snprintf(p->name, sizeof(p->name), "%.100s port %u (%s)",
	    t->host, t->number, t->tls ? "tls" : t->dgram ? "udp" : "tcp");
	(void)snprintf(port, sizeof(port), "%u", t->number);
	addresses_init(&p->addresses, f->run, t->host, port);
	if (f->run->plan->proxy.kind == PROXY_SOCKS4)
		p->addresses.family = AF_INET;
	p->addresses.numeric |= forward_has_proxy(f) &&
	    f->run->plan->proxy.dns == DNS_NONE;
	return 0;
}

/* Returns 0, or the exit status after a report. */
static int
forward_open_ways(struct forward *f)
{
	const struct plan *plan = f->run->plan;
	struct error err;

	if (plan->forward.source != NULL && addr_numeric(&f->source,
	    plan->forward.source, AF_UNSPEC))
		f->local = (struct addr_list){ .v = &f->source, .n = 1 };
	if (forward_has_proxy(f))
		addresses_init(&f->proxy, f->run, plan->proxy.host,
		    plan->proxy.port);
	if (!plan->forward.tls.on)
		return 0;
	run_begin_reading(f->run);
	f->tls = tls_context_new(&plan->forward.tls, TLS_CLIENT, false, &err);
	if (run_end_reading(f->run))
		return 1;
	return f->tls != NULL ? 0 : f->run->messages->failed(plan, &err);
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

/* The proxy's reasons have words of their own. */
static int
forward_report_proxy(const struct forward_call *call, const struct addr *proxy,
    const struct error *err)
{
	const struct run *r = call->of->run;
	const struct forward_target *t = call->of->places[call->i].target;
	const struct target target = { .host = t->host, .port = t->number,
	    .addr = proxy };

	return r->messages->connect_failed(r->plan, &target, err, true);
}

/* Reports why the client gets no target; returns the exit status. */
static int
forward_report(const struct forward_call *call, const struct addr *addr,
    const struct error *err)
{
	const struct run *r = call->of->run;
	char client[ENDPOINT_NAME_MAX];
	struct error named = *err;

	if (err->proxy.fault != PROXY_FINE)
		return forward_report_proxy(call, addr, err);
	run_peer_name(r->plan, NULL, &call->peer, client, sizeof(client));
	(void)snprintf(named.object, sizeof(named.object), "%.90s for %.95s",
	    err->object, client);
	return r->messages->failed(r->plan, &named);
}

/* Whether all targets are tried again after this failure of the last. */
static bool
forward_may_retry(const struct forward_call *call, const struct error *err)
{
	/* Our own end, and a certificate, would fail again. */
	return call->left != 0 && err->num != EPROTO && err->num != ELOOP &&
	    !neterr_is_ours(err);
}

static void
forward_pause(struct forward_call *call)
{
	const struct run *r = call->of->run;
	int64_t most = r->plan->retry.delay_most;

	if (r->messages->trying_again != NULL)
		r->messages->trying_again(r->plan, call->pause, call->left);
	if (call->left > 0)
		call->left--;
	call->step = FORWARD_PAUSE;
	call->resume_at = loop_now(r->loop) + call->pause;
	call->pause = call->pause < most / 2 ? 2 * call->pause : most;
	relay_redate(call->relay);
}

/* This target has failed. addr: of a proxy; or NULL. */
static void
forward_failed(struct forward_call *call, const struct addr *addr,
    const struct error *err)
{
	struct forward *f = call->of;
	bool last = call->i + 1 == f->n || f->run->plan->forward.all;
	bool retry = last && forward_may_retry(call, err);
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
	call->step = forward_has_proxy(f) ? FORWARD_PROXY : FORWARD_TARGET;
	if (retry)
		forward_pause(call);
	else
		forward_go(call);
}

/* ---- The dial ----------------------------------------------------------- */

static struct socket_kind
forward_kind(const struct forward_target *t)
{
	return (struct socket_kind){
	    .type = t->dgram ? SOCK_DGRAM : SOCK_STREAM,
	    .name = t->family == FAMILY_UNIX ? "unix" :
	    t->family == FAMILY_VSOCK ? "vsock" : t->dgram ? "udp" : "tcp",
	    .has_ports = t->family != FAMILY_UNIX };
}

static struct dial_options
forward_dial_options(const void *arg, size_t i)
{
	const struct forward *f = arg;
	const struct forward_place *p = &f->places[i];
	const struct plan *plan = f->run->plan;
	const struct forward_target *t = p->target;
	struct dial_options opt = net_dial_options(plan);

	opt.kind = forward_kind(t);
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
		udp_next_watch(ep, &opt, &call->at);
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
forward_dial(struct forward_call *call)
{
	static const struct dial_ops ops = { .connected = forward_on_connected,
	    .failed = forward_on_failed };
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

/* ---- The steps ---------------------------------------------------------- */

/* The addresses that this step needs; NULL: none. */
static struct addresses *
forward_needed(const struct forward_call *call)
{
	struct forward *f = call->of;

	if (call->step == FORWARD_PROXY)
		return &f->proxy;
	if (call->step == FORWARD_TARGET && (!forward_has_proxy(f) ||
	    f->run->plan->proxy.dns != DNS_REMOTE))
		return &f->places[call->i].addresses;
	return NULL;
}

static void
forward_go(struct forward_call *call)
{
	struct addresses *needed;

	while (call->step < FORWARD_DIAL) {
		needed = forward_needed(call);
		if (needed != NULL && !addresses_get(needed, &call->ask))
			return;
		call->step++;
	}
	forward_dial(call);
}

/* If the name may also be given to the proxy, a failure does not matter. */
static void
forward_on_answered(void *arg, const struct error *err)
{
	struct forward_call *call = arg;
	const struct forward *f = call->of;
	bool needs = call->step == FORWARD_PROXY || !forward_has_proxy(f) ||
	    f->run->plan->proxy.dns != DNS_BOTH;

	if (err != NULL && needs) {
		forward_failed(call, NULL, err);
		return;
	}
	call->step++;
	forward_go(call);
}

/* ---- The beginning and the end ------------------------------------------ */

static int64_t
forward_date(const void *arg)
{
	const struct forward_call *call = arg;

	return call->step == FORWARD_PAUSE ? call->resume_at : 0;
}

static void
forward_review(void *arg, struct relay *relay)
{
	struct forward_call *call = arg;

	(void)relay;
	call->step = forward_has_proxy(call->of) ? FORWARD_PROXY :
	    FORWARD_TARGET;
	forward_go(call);
}

static void
forward_dispose(void *arg)
{
	struct forward_call *call = arg;
	struct addresses *needed = forward_needed(call);

	dial_cancel(call->dial);
	if (needed != NULL)
		addresses_leave(needed, &call->ask);
	free(call);
}

struct conn *
conn_forward(const struct conn_start *start, int *status)
{
	static const struct relay_setup setup = { .date = forward_date,
	    .review = forward_review, .dispose = forward_dispose };
	struct forward *f = start->common;
	const struct plan_retry *retry = &f->run->plan->retry;
	struct forward_call *call = malloc(sizeof(*call));
	struct relay *relay;

	if (call == NULL)
		return conn_fail(NULL, start, status);
	*call = (struct forward_call){ .of = f, .left = retry->retries,
	    .pause = retry->delay, .peer = *start->peer,
	    .announced = { .source = *start->peer, .dest = *start->local },
	    .step = forward_has_proxy(f) ? FORWARD_PROXY : FORWARD_TARGET,
	    .ask = { .answered = forward_on_answered, .arg = call } };
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

static struct addresses *
forward_addresses(void *arg, size_t i)
{
	return &((struct forward *)arg)->places[i].addresses;
}

void
forward_copy(struct forward *f, struct endpoint *ep, size_t first)
{
	const struct mirror_targets to = { .run = f->run, .arg = f,
	    .first = first, .n = f->n - first, .name = forward_name,
	    .dgram = forward_takes_datagrams, .addresses = forward_addresses,
	    .dial = forward_dial_options };

	mirror_wrap(&to, ep);
}
