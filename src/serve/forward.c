/*
 * The targets of --forward. Each client is led to the first that can be
 * reached, by lookups and a dial of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/num.h"
#include "hub/hub.h"
#include "net/own_addrs.h"
#include "net/socket.h"
#include "peers/next_address.h"
#include "reach/dial.h"
#include "reach/lookups.h"
#include "run/net_options.h"
#include "run/retry.h"
#include "serve/forward.h"
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

/* A place that is looked up and dialled; its ops get arg. */
struct forward_dial {
	struct forward		*of;
	size_t			 i;		/* of the place */
	struct lookups		 lookups;
	struct dial		*dial;		/* NULL: not dialling */
	const struct dial_ops	*ops;
	void			*arg;
	const struct proxyp_ends *announced;	/* by --send-proxy */
};

/* A client that has no target yet. */
struct forward_call {
	struct forward_dial	 to;
	struct conn		*conn;
	struct retry		 retry;		/* of all targets */
	struct addr		 peer;
	struct addr		 at;		/* of the target, connected */
	struct proxyp_ends	 announced;
};

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

int
forward_open(struct forward **forward, struct run *run)
{
	const struct plan *plan = run->plan;
	const struct plan_forward *to = &plan->forward;
	struct forward *f = calloc(1, sizeof(*f) +
	    to->n * sizeof(f->places[0]));
	struct addresses_options proxy;
	struct error err;

	if ((*forward = f) == NULL)
		return run_failed(run, "forward to", to->targets[0].host);
	f->run = run;
	for (; f->n < to->n; f->n++) {
		const struct forward_target *t = &to->targets[f->n];

		f->places[f->n].target = t;
		if (forward_open_place(f, &f->places[f->n]) == -1)
			return run_failed(run, "forward to", t->host);
		if (t->tls && to->tls.npins == 0 &&
		    to->tls.verify == TLS_VERIFY_NONE)
			messages_forward_insecure(f->places[f->n].name);
	}
	if (to->source != NULL &&
	    addr_numeric(&f->source, to->source, AF_UNSPEC))
		f->local = (struct addr_list){ .v = &f->source, .n = 1 };
	if (forward_has_proxy(f)) {
		proxy = forward_lookup(f, plan->proxy.host, plan->proxy.port);
		addresses_init(&f->proxy, run->loop, &proxy);
	}
	if (!to->tls.on)
		return 0;
	run_begin_reading(run);
	f->tls = tls_context_new(&to->tls, TLS_CLIENT, false, &err);
	if (run_end_reading(run))
		return 1;
	return f->tls != NULL ? 0 : messages_failed(plan, &err);
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

/* ---- Lookups and a dial ------------------------------------------------- */

static struct dial_options
forward_dial_options(const struct forward *f, size_t i)
{
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

static void
forward_on_found(void *arg)
{
	struct forward_dial *d = arg;
	struct dial_options opt = forward_dial_options(d->of, d->i);
	struct error err;

	opt.announced = d->announced;
	d->dial = dial_start(d->of->run->loop, &opt, d->ops, d->arg);
	if (d->dial != NULL)
		return;
	error_set(&err, errno, "connect to", "%s", d->of->places[d->i].name);
	d->ops->failed(d->arg, NULL, &err, true);
}

static void
forward_on_not_found(void *arg, const struct addresses *a,
    const struct error *err)
{
	struct forward_dial *d = arg;

	(void)a;
	d->ops->failed(d->arg, NULL, err, true);
}

/* Without threads or memory, failed() is called at once. */
static void
forward_begin_dial(struct forward_dial *d)
{
	const struct forward_place *p = &d->of->places[d->i];

	d->lookups.found = forward_on_found;
	d->lookups.failed = forward_on_not_found;
	d->lookups.arg = d;
	lookups_start(&d->lookups, p->steps, p->nsteps);
}

static void
forward_end_dial(struct forward_dial *d)
{
	lookups_stop(&d->lookups);
	dial_cancel(d->dial);
	d->dial = NULL;
}

/* ---- Copies: a layer that writes to further targets, too ---------------- */

/* Bytes that wait for a target, with their overhead. */
#define MIRROR_ROOM	((size_t)1 << 20)
/* Reads in a turn from a target. */
#define MIRROR_READS	16

/* A target: a member of the mirror's hub, also while it is dialled. */
struct mirror_way {
	struct mirror		*of;
	struct forward_dial	 to;
	struct endpoint		 ep;		/* while open */
	struct hub_member	 m;
	bool			 open, over;
	bool			 dgram;
};

struct mirror {
	struct layer		 layer;
	struct run		*run;
	struct hub		 hub;
	struct timer		 wake;		/* of the endpoint, for shut */
	int64_t			 limit;		/* of shut; 0: not begun */
	size_t			 n;
	struct mirror_way	 ways[];
};

/* Lets the endpoint's flow ask again whether all has ended. */
static void
mirror_wake(struct mirror *m)
{
	if (m->limit != 0)
		timer_set(m->run->loop, &m->wake, loop_now(m->run->loop));
}

/* A stream without all bytes is reset: its end would look like all of them. */
static void
mirror_end_way(struct mirror_way *w)
{
	forward_end_dial(&w->to);
	hub_remove(&w->m);
	if (w->open) {
		if (!w->dgram && w->m.lost > 0)
			fd_reset(&w->ep.in_bottom.fd);
		else
			endpoint_end(&w->ep);
		run_count_drops(w->of->run, &w->ep.in_bottom.fd, NULL);
		endpoint_close(&w->ep);
	}
	w->open = false;
	w->over = true;
}

/* The target gets no more copies. why: instead of the errno; or NULL. */
static void
mirror_fail(struct mirror_way *w, int num, const char *why)
{
	const struct run *r = w->of->run;
	struct error err;

	error_set(&err, num, "copy to", "%s",
	    w->to.of->places[w->to.i].name);
	if (why != NULL)
		(void)strlcpy(err.why, why, sizeof(err.why));
	(void)messages_failed(r->plan, &err);
	mirror_end_way(w);
	mirror_wake(w->of);
}

static void
mirror_on_output_ended(struct hub_member *member, int num)
{
	struct mirror_way *w = member->arg;

	if (num != 0)
		mirror_fail(w, num, num == ENOBUFS ?
		    "it is too slow" : NULL);
	else
		mirror_wake(w->of);
}

/* Datagrams that found no room are lost without a word, as in a network. */
static void
mirror_on_missed(struct hub_member *member, uint64_t n)
{
	(void)member, (void)n;
}

/* What a target sends is discarded. */
static void
mirror_on_ready(void *arg)
{
	struct mirror_way *w = arg;
	size_t n;

	for (int i = 0; i < MIRROR_READS && w->ep.in.state != HALF_ENDED;
	    i++) {
		if (half_discard(&w->ep.in, &n) != IO_FAIL)
			break;
		/* A refused datagram is followed by others. */
		if (!w->dgram || !errclass_is(errno, ERRCLASS_REPORT)) {
			mirror_fail(w, errno, NULL);
			return;
		}
	}
	hub_wake(&w->m);
	if (!w->open)
		return;
	if (hub_has_all(&w->m))
		mirror_wake(w->of);
	endpoint_touch(&w->ep);
}

static bool
mirror_wants_in(const void *arg)
{
	const struct mirror_way *w = arg;

	return w->ep.in.state != HALF_ENDED;
}

static void
mirror_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct mirror_way *w = arg;
	const struct dial_options opt = forward_dial_options(w->to.of,
	    w->to.i);

	w->to.dial = NULL;
	if (endpoint_socket(&w->ep, w->of->run->loop, fd, w->dgram,
	    NULL) == -1) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		mirror_fail(w, errno, NULL);
		return;
	}
	if (tls != NULL)
		endpoint_wrap(&w->ep, tls);
	if (w->dgram)
		(void)next_address_watch(&w->ep, &opt, addr, NULL,
		    NULL);
	w->ep.notify = mirror_on_ready;
	w->ep.user = w;
	w->ep.in.wants = mirror_wants_in;
	w->ep.in.user = w;
	w->ep.out.ready = true;
	w->open = true;
	hub_watch(&w->m);
	hub_wake(&w->m);
}

static void
mirror_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct mirror_way *w = arg;

	(void)addr;
	if (!last)
		return;
	w->to.dial = NULL;
	mirror_fail(w, err->num, error_reason(err));
}

static enum io
mirror_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	return l->below->ops->read(l->below, iov, cnt, n);
}

static enum io
mirror_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct mirror *m = (struct mirror *)l;
	enum io io = l->below->ops->write(l->below, iov, cnt, n);

	if (io != IO_OK)
		return io;
	if (fanout_add(&m->hub.ring, NULL, iov, cnt, *n) == 0) {
		hub_push_all(&m->hub);
		return io;
	}
	for (size_t i = 0; i < m->n; i++)
		if (!m->ways[i].dgram && !m->ways[i].over)
			mirror_fail(&m->ways[i], ENOMEM, NULL);
	return io;
}

/* The endpoint's own end does not wait for the other targets. */
static enum io
mirror_shut(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;
	enum io io = m->limit != 0 ? IO_OK : layer_shut(l->below);
	bool busy = false;

	if (io == IO_AGAIN)
		return io;
	for (size_t i = 0; i < m->n; i++) {
		struct mirror_way *w = &m->ways[i];

		/* A datagram socket has no end to pass on. */
		if (!w->dgram && m->limit == 0)
			hub_finish(&w->m, NULL);
		hub_wake(&w->m);
		busy = busy || (!w->over && (w->dgram ? !w->open ||
		    !hub_has_all(&w->m) : w->m.hearing != HUB_DEAF));
	}
	if (m->limit == 0) {
		m->limit = loop_now(m->run->loop) + DRAIN_TIME;
		timer_set(m->run->loop, &m->wake, m->limit);
	}
	return busy && loop_now(m->run->loop) < m->limit ? IO_AGAIN : io;
}

static void
mirror_close(struct layer *l)
{
	struct mirror *m = (struct mirror *)l;

	for (size_t i = 0; i < m->n; i++)
		mirror_end_way(&m->ways[i]);
	timer_clear(m->run->loop, &m->wake);
	hub_free(&m->hub);
	free(m);
}

static const struct layer_ops mirror_ops = {
	.read = mirror_read,
	.write = mirror_write,
	.shut = mirror_shut,
	.close = mirror_close
};

void
forward_copy(struct forward *f, struct endpoint *ep, size_t first)
{
	static const struct dial_ops ops = { .connected = mirror_on_connected,
	    .failed = mirror_on_failed };
	const struct hub_options opt = { .ring = MIRROR_ROOM };
	size_t n = f->n - first;
	struct mirror *m = calloc(1, sizeof(*m) + n * sizeof(m->ways[0]));

	if (m == NULL) {
		(void)run_failed(f->run, "copy to", "further targets");
		return;
	}
	m->layer.ops = &mirror_ops;
	m->run = f->run;
	m->n = n;
	hub_init(&m->hub, f->run->loop, &opt);
	m->wake = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	endpoint_wrap(ep, &m->layer);
	for (struct mirror_way *w = m->ways; w < m->ways + n; w++) {
		w->of = m;
		w->to = (struct forward_dial){ .of = f, .ops = &ops,
		    .i = first + (size_t)(w - m->ways), .arg = w };
		w->dgram = f->places[w->to.i].target->dgram;
		endpoint_init(&w->ep, f->run->loop);
		w->m = (struct hub_member){ .out = &w->ep.out, .arg = w,
		    .stays = w->dgram, .output_ended = mirror_on_output_ended,
		    .missed = mirror_on_missed };
		hub_add(&m->hub, &w->m);
		hub_join(&w->m);
		forward_begin_dial(&w->to);
	}
}

/* ---- A client that gets a target ---------------------------------------- */

/* Reports why the client gets no target; returns the exit status. */
static int
forward_report(const struct forward_call *call, const struct addr *addr,
    const struct error *err)
{
	const struct run *r = call->to.of->run;
	const struct forward_target *t =
	    call->to.of->places[call->to.i].target;
	const struct target target = { .host = t->host, .port = t->number,
	    .addr = addr };
	char client[ENDPOINT_NAME_MAX];
	struct error named = *err;

	/* The proxy's reasons have words of their own. */
	if (err->proxy.fault != PROXY_FINE)
		return REPORT(r->plan, EVENT_CONNECT_FAILED, .target = &target,
		    .error = err, .last = true);
	run_peer_name(r->plan, NULL, &call->peer, client, sizeof(client));
	(void)snprintf(named.object, sizeof(named.object), "%.90s for %.95s",
	    err->object, client);
	return messages_failed(r->plan, &named);
}

/* This target has failed. addr: of a proxy; or NULL. */
static void
forward_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool over)
{
	struct forward_call *call = arg;
	struct forward *f = call->to.of;
	bool verbose = f->run->plan->verbose > 0;
	bool last = call->to.i + 1 == f->n || f->run->plan->forward.all;
	/* Our own end, and a certificate, would fail again. */
	bool retry = last && retry_may(&call->retry) && err->num != EPROTO &&
	    err->num != ELOOP && !neterr_is_ours(err);
	int status = 1;

	if (!over) {
		if (verbose)
			(void)forward_report(call, addr, err);
		return;
	}
	call->to.dial = NULL;
	addresses_renew(&f->places[call->to.i].addresses);
	if (forward_has_proxy(f))
		addresses_renew(&f->proxy);
	if (((last && !retry) || verbose) &&
	    !(err->num == ELOOP && f->reported_own))
		status = forward_report(call, addr, err);
	f->reported_own |= err->num == ELOOP;
	if (last && !retry) {
		relay_refuse(call->conn, status);
		return;
	}
	call->to.i = last ? 0 : call->to.i + 1;
	if (retry)
		retry_later(&call->retry, NULL);
	else
		forward_begin_dial(&call->to);
}

/* --forward-all: answers come from the first target. */
static void
forward_wrap(void *arg, struct endpoint *ep)
{
	struct forward_call *call = arg;
	struct forward *f = call->to.of;
	struct dial_options opt = forward_dial_options(f, call->to.i);

	if (f->places[call->to.i].target->dgram)
		(void)next_address_watch(ep, &opt, &call->at, NULL, NULL);
	if (f->run->plan->forward.all && f->n > 1)
		forward_copy(f, ep, 1);
}

static void
forward_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct forward_call *call = arg;
	const struct run *r = call->to.of->run;
	const char *name = call->to.of->places[call->to.i].name;
	struct conn *c = call->conn;
	const struct relay_target target = { .fd = fd, .tls = tls,
	    .addr = addr, .name = name, .wrap = forward_wrap, .arg = call };
	struct tls_facts facts;

	call->to.dial = NULL;
	call->at = *addr;
	if (r->plan->verbose > 0)
		messages_forwarded(r->plan, c->ep.in.name, name);
	if (tls != NULL && r->plan->verbose > 0) {
		(void)layer_facts(tls, &facts);
		messages_forward_secured(r->plan, name, &facts);
	}
	relay_join(call->conn, &target);
}

static void
forward_again(void *arg)
{
	forward_begin_dial(&((struct forward_call *)arg)->to);
}

static void
forward_dispose(void *arg)
{
	struct forward_call *call = arg;

	forward_end_dial(&call->to);
	retry_stop(&call->retry);
	free(call);
}

struct conn *
conn_forward(const struct conn_start *start, int *status)
{
	static const struct relay_setup setup = { .dispose = forward_dispose };
	static const struct dial_ops ops = { .connected = forward_on_connected,
	    .failed = forward_on_failed };
	struct forward_call *call = malloc(sizeof(*call));
	struct conn *conn;

	if (call == NULL)
		return conn_fail(NULL, start, status);
	*call = (struct forward_call){ .peer = *start->peer,
	    .announced = { .source = *start->peer, .dest = *start->local },
	    .to = { .of = start->common, .ops = &ops, .arg = call,
	    .announced = &call->announced } };
	retry_init(&call->retry, start->run, forward_again, call);
	call->conn = conn = relay_new(start, &setup, call, status);
	if (conn == NULL) {
		free(call);
		return NULL;
	}
	/* The call may be over and freed after this. */
	forward_begin_dial(&call->to);
	return conn;
}
