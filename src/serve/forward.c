/*
 * The targets of --forward, their addresses, and the dial of each client.
 */
#include <sys/queue.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/dial.h"
#include "run/net_options.h"
#include "serve/forward.h"
#include "serve/relay.h"

/* How long the addresses of a name are used. */
#define FORWARD_FRESH	(30 * NSEC_PER_SEC)

TAILQ_HEAD(forward_calls, forward_call);

struct forward_place {
	const struct forward_target *target;	/* of the plan */
	struct forward		*of;
	struct addr_list	 list;
	bool			 fixed;		/* no name */
	int64_t			 until;		/* the list is used; 0: not */
	struct resolve		*resolve;	/* NULL: no lookup runs */
	struct forward_calls	 waiting;	/* for the lookup */
	char			 name[ENDPOINT_NAME_MAX];
};

struct forward {
	struct run		*run;
	size_t			 n;
	struct forward_place	 places[];
};

/* A client that has no target yet. */
struct forward_call {
	TAILQ_ENTRY(forward_call) link;
	struct forward		*of;
	struct relay		*relay;
	struct forward_place	*place;		/* that is tried */
	struct dial		*dial;		/* NULL: not dialling */
	struct addr		 peer;
	struct proxyp_ends	 announced;	/* by --send-proxy */
	bool			 waits;		/* in the place's list */
};

/* ---- The targets -------------------------------------------------------- */

/* Fills the address of a target that is no name; -1 with errno, or 0. */
static int
forward_read_address(struct forward_place *p)
{
	const struct forward_target *t = p->target;
	struct addr a;

	p->fixed = t->family != FAMILY_ANY;
	if (t->family == FAMILY_UNIX && addr_unix(&a, t->host) == -1)
		return -1;
	if (t->family == FAMILY_VSOCK && addr_vsock(&a, t->host,
	    t->port) == -1)
		return -1;
	if (t->family == FAMILY_ANY) {
		p->fixed = addr_numeric(&a, t->host, AF_UNSPEC);
		if (p->fixed)
			addr_set_port(&a, t->number);
	}
	if (!p->fixed)
		return 0;
	if ((p->list.v = malloc(sizeof(a))) == NULL)
		return -1;
	*p->list.v = a;
	p->list.n = 1;
	return 0;
}

static int
forward_open_place(struct forward_place *p)
{
	const struct forward_target *t = p->target;

	TAILQ_INIT(&p->waiting);
	if (t->family == FAMILY_UNIX)
		(void)snprintf(p->name, sizeof(p->name), "%s", t->host);
	else if (t->family == FAMILY_VSOCK)
		(void)snprintf(p->name, sizeof(p->name), "%s port %s (vsock)",
		    t->host, t->port);
	else
		(void)snprintf(p->name, sizeof(p->name), "%.100s port %u (tcp)",
		    t->host, t->number);
	return forward_read_address(p);
}

int
forward_open(struct forward **forward, struct run *run)
{
	const struct plan_forward *plan = &run->plan->forward;
	struct forward *f = calloc(1, sizeof(*f) +
	    plan->n * sizeof(f->places[0]));

	if ((*forward = f) == NULL)
		return run_failed(run, "forward to",
		    plan->targets[0].host);
	f->run = run;
	for (; f->n < plan->n; f->n++) {
		f->places[f->n].of = f;
		f->places[f->n].target = &plan->targets[f->n];
		if (forward_open_place(&f->places[f->n]) == -1)
			return run_failed(run, "forward to",
			    plan->targets[f->n].host);
	}
	return 0;
}

void
forward_close(struct forward *f)
{
	for (size_t i = 0; f != NULL && i < f->n; i++) {
		resolve_cancel(f->places[i].resolve);
		addr_list_free(&f->places[i].list);
	}
	free(f);
}

/* ---- A client without a target ------------------------------------------ */

/* Reports why the client gets no target; returns the exit status. */
static int
forward_report(const struct forward_call *call, const struct error *err)
{
	const struct run *r = call->of->run;
	char client[ENDPOINT_NAME_MAX], object[sizeof(err->object)];
	struct error named = *err;

	run_peer_name(r->plan, NULL, &call->peer, client, sizeof(client));
	(void)strlcpy(object, err->object, sizeof(object));
	(void)snprintf(named.object, sizeof(named.object), "%.90s for %.95s",
	    object, client);
	return r->messages->failed(r->plan, &named);
}

static void
forward_fail(struct forward_call *call, const struct error *err)
{
	relay_refuse(call->relay, forward_report(call, err));
}

static void
forward_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct forward_call *call = arg;
	const struct run *r = call->of->run;
	struct conn *c = relay_conn(call->relay);
	const struct relay_target target = { .fd = fd, .tls = tls,
	    .addr = addr, .name = call->place->name };

	call->dial = NULL;
	if (c->ep.name != NULL)
		messages_forwarded(r->plan, c->ep.name, call->place->name);
	relay_join(call->relay, &target);
}

static void
forward_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct forward_call *call = arg;

	(void)addr;
	if (!last)
		return;
	call->dial = NULL;
	call->place->until = 0;
	forward_fail(call, err);
}

/* ---- The dial ----------------------------------------------------------- */

static struct socket_kind
forward_kind(const struct forward_target *t)
{
	return (struct socket_kind){ .type = SOCK_STREAM,
	    .name = t->family == FAMILY_UNIX ? "unix" :
	    t->family == FAMILY_VSOCK ? "vsock" : "tcp",
	    .has_ports = t->family != FAMILY_UNIX };
}

static void
forward_dial(struct forward_call *call)
{
	static const struct dial_ops ops = { forward_on_connected,
	    forward_on_failed };
	const struct run *r = call->of->run;
	const struct forward_place *p = call->place;
	struct dial_options opt = net_dial_options(r->plan);
	struct error err;

	opt.kind = forward_kind(p->target);
	opt.to = &p->list;
	opt.proxy = NULL;
	opt.host = p->target->host;
	opt.announced = &call->announced;
	call->dial = dial_start(r->loop, &opt, &ops, call);
	if (call->dial != NULL)
		return;
	error_set(&err, errno, "connect to", "%s", p->name);
	forward_fail(call, &err);
}

static void
forward_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct forward_place *p = arg;
	const struct run *r = p->of->run;
	bool failed = err->num != 0 || err->gai != 0;
	struct error named = *err;
	struct forward_call *call;

	p->resolve = NULL;
	named.op = "look up";
	(void)strlcpy(named.object, p->target->host, sizeof(named.object));
	if (!failed) {
		addr_list_free(&p->list);
		p->list = *list;
		p->until = loop_now(r->loop) + FORWARD_FRESH;
	}
	while ((call = TAILQ_FIRST(&p->waiting)) != NULL) {
		TAILQ_REMOVE(&p->waiting, call, link);
		call->waits = false;
		if (failed)
			forward_fail(call, &named);
		else
			forward_dial(call);
	}
}

static void
forward_look_up(struct forward_call *call)
{
	struct forward_place *p = call->place;
	const struct run *r = call->of->run;
	struct resolve_options opt = net_resolve_options(r->plan);
	char port[ADDR_PORT_MAX];
	struct error err;

	opt.family = AF_UNSPEC;
	opt.dgram = false;
	opt.wildcard = WILDCARD_BOTH;
	(void)snprintf(port, sizeof(port), "%u", p->target->number);
	if (p->resolve == NULL)
		p->resolve = resolve_start(r->loop, &opt, p->target->host,
		    port, false, forward_on_resolved, p);
	if (p->resolve == NULL) {
		error_set(&err, errno, "look up", "%s", p->target->host);
		forward_fail(call, &err);
		return;
	}
	TAILQ_INSERT_TAIL(&p->waiting, call, link);
	call->waits = true;
}

static void
forward_try(struct forward_call *call)
{
	const struct forward_place *p = call->place;

	if (p->fixed || loop_now(call->of->run->loop) < p->until)
		forward_dial(call);
	else
		forward_look_up(call);
}

/* ---- The beginning ------------------------------------------------------ */

static void
forward_dispose(void *arg)
{
	struct forward_call *call = arg;

	dial_cancel(call->dial);
	if (call->waits)
		TAILQ_REMOVE(&call->place->waiting, call, link);
	free(call);
}

struct conn *
conn_forward(const struct conn_start *start, int *status)
{
	static const struct relay_setup setup = { .dispose = forward_dispose };
	struct forward *f = start->common;
	struct forward_call *call = malloc(sizeof(*call));

	if (call == NULL)
		return conn_fail(NULL, start, status);
	*call = (struct forward_call){ .of = f, .place = &f->places[0],
	    .peer = *start->peer, .announced = { .source = *start->peer,
	    .dest = *start->local } };
	call->relay = relay_new(start, &setup, call, status);
	if (call->relay == NULL) {
		free(call);
		return NULL;
	}
	forward_try(call);
	return relay_conn(call->relay);
}
