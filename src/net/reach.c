#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readpassphrase.h>

#include "layer/layer_http.h"
#include "layer/layer_socks.h"
#include "net/neterr.h"
#include "net/reach.h"

/* How often a wrong password may be typed, and new connections made. */
#define TYPED_MAX	3
#define DIALS_MAX	8

struct reach {
	struct loop		*loop;
	const struct plan	*plan;
	const struct dial_ops	*ops;
	void			*arg;
	struct dial		*dial;		/* NULL: none is out */
	struct addr_list	 local;
	const struct addr_list	*hops;		/* NULL: straight */
	struct addr		 proxy;		/* the one that was dialled */
	int64_t			 since;		/* when that began */
	struct timer		 timer;
	struct watch		 watch;
	struct task		 task;		/* the next dial, or the end */
	bool			 over;		/* until the end of the turn */

	/* The handshake. */
	struct addr		 proxy_target;
	struct proxy_ask	 udp_probe;
	struct proxy_login	 login;
	char			*typed;		/* the password; NULL: none */
	unsigned		 ntyped, ndials;
	struct http_challenge	 challenge;
	struct error		 err;
	struct layer_fd		 bottom;
	union {
		struct layer		 layer;
		struct layer_socks	 socks;
		struct layer_http	 http;
	} setup;
	struct layer		*top;		/* NULL: there is none */
};

static void
reach_forget_password(struct reach *r)
{
	if (r->typed != NULL)
		freezero(r->typed, strlen(r->typed));
	r->typed = NULL;
	r->login.password = r->plan->proxy.login.password;
}

static void
reach_die(void *arg)
{
	struct reach *r = arg;

	http_challenge_free(&r->challenge);
	addr_list_free(&r->local);
	freezero(r, sizeof(*r));
}

/* The connection to the proxy, with what was said over it. */
static void
reach_hang_up(struct reach *r)
{
	loop_unwatch(r->loop, &r->watch);
	timer_clear(r->loop, &r->timer);
	if (r->top != NULL)
		layer_close(r->top);
	r->top = NULL;
}

/* Everything but the memory, which lives until the end of the turn. */
static void
reach_end(struct reach *r)
{
	r->over = true;
	dial_cancel(r->dial);
	r->dial = NULL;
	reach_hang_up(r);
	reach_forget_password(r);
	loop_unpost(r->loop, &r->task);
	r->task.run = reach_die;
	loop_defer(r->loop, &r->task);
}

void
reach_cancel(struct reach *r)
{
	if (r != NULL && !r->over)
		reach_end(r);
}

/* ---- What the proxy says ----------------------------------------------- */

static void
reach_failed(struct reach *r, bool last)
{
	struct error err;

	neterr_set(&err, r->err.num, "connect through", r->plan, &r->proxy);
	memcpy(err.why, r->err.why, sizeof(err.why));
	err.proxy = r->err.proxy;
	if (last)
		reach_end(r);
	r->ops->failed(r->arg, &r->proxy, &err, last);
}

static void
reach_fail(struct reach *r, enum proxy_fault fault)
{
	r->err.proxy.kind = r->udp_probe.kind;
	r->err.proxy.fault = fault;
	reach_failed(r, true);
}

/* Ask whoever sits at the terminal; false: nobody answers. */
static bool
reach_type_password(struct reach *r)
{
	char prompt[PROXY_LOGIN_MAX + ADDR_HOST_MAX + 64];
	char buf[PROXY_LOGIN_MAX + 2];
	bool there;

	if (!r->plan->proxy.asks)
		return false;
	reach_forget_password(r);
	(void)snprintf(prompt, sizeof(prompt),
	    "Proxy password for %.*s@%.*s: ", (int)r->login.len,
	    r->login.user, ADDR_HOST_MAX, r->plan->proxy.host);
	there = readpassphrase(prompt, buf, sizeof(buf),
	    RPP_REQUIRE_TTY) != NULL;
	if (there)
		r->typed = strdup(buf);
	r->err.num = there ? 0 : errno;
	explicit_bzero(buf, sizeof(buf));
	r->login.password = r->typed;
	return r->typed != NULL && proxy_login(r->udp_probe.kind, &r->login) ==
	    PROXY_NAME_FINE;
}

static void	reach_dial_proxy(void *);

static void
reach_dial_again(struct reach *r)
{
	if (++r->ndials > DIALS_MAX)
		reach_fail(r, PROXY_TRIES);
	else
		loop_post(r->loop, &r->task);
}

/* The clock is read once a turn, and stood still while somebody typed. */
static void
reach_in_next_turn(void *arg)
{
	struct reach *r = arg;

	r->since = 0;
	r->task.run = reach_dial_proxy;
	loop_post(r->loop, &r->task);
}

static void
reach_ask_again(struct reach *r)
{
	reach_hang_up(r);
	if (r->ntyped++ == TYPED_MAX)
		reach_fail(r, PROXY_TRIES);
	else if (!reach_type_password(r))
		reach_fail(r, PROXY_PASSWORD);
	else {
		r->task.run = reach_in_next_turn;
		reach_dial_again(r);
	}
}

static void
reach_object(struct reach *r)
{
	switch (r->err.proxy.fault) {
	case PROXY_PASSWORD:
		reach_ask_again(r);
		return;
	case PROXY_AGAIN:
		reach_hang_up(r);
		reach_dial_again(r);
		return;
	case PROXY_DENIED:
		if (r->typed == NULL)
			break;
		reach_failed(r, false);
		if (!r->over)
			reach_ask_again(r);
		return;
	default:
		break;
	}
	reach_failed(r, true);
}

/* ---- The handshake ----------------------------------------------------- */

static unsigned
reach_setup_want(void *arg)
{
	const struct reach *r = arg;

	return layer_want(r->top, LOOP_IN);
}

static void
reach_setup_step(struct reach *r)
{
	struct fd fd;

	switch (layer_handshake(&r->top)) {
	case IO_OK:
		break;
	case IO_AGAIN:
		loop_touch(r->loop, &r->watch);
		return;
	default:
		reach_object(r);
		return;
	}
	/* The layer has popped itself: what is left is the descriptor. */
	fd = *layer_fd(r->top);
	r->top = NULL;
	reach_end(r);
	r->ops->connected(r->arg, &fd, &r->proxy);
}

static void
reach_setup_ready(void *arg, unsigned what)
{
	(void)what;
	reach_setup_step(arg);
}

static void
reach_setup_late(void *arg)
{
	struct reach *r = arg;

	r->err.num = ETIMEDOUT;
	reach_fail(r, PROXY_LATE);
}

static void
reach_setup_start(struct reach *r, const struct fd *fd)
{
	int64_t limit = r->plan->proxy.timeout;

	memset(&r->err, 0, sizeof(r->err));
	layer_fd_init(&r->bottom, fd);
	if (r->udp_probe.kind == PROXY_HTTP)
		layer_http_init(&r->setup.http, &r->bottom.layer, &r->udp_probe,
		    &r->challenge, &r->err);
	else
		layer_socks_init(&r->setup.socks, &r->bottom.layer,
		    &r->udp_probe, &r->err);
	r->top = &r->setup.layer;
	r->watch.fd = fd->num;
	if (loop_watch(r->loop, &r->watch) == -1) {
		r->watch.fd = -1;
		r->err.num = errno;
		reach_fail(r, PROXY_WRITE);
		return;
	}
	if (limit >= 0)
		timer_set(r->loop, &r->timer, r->since + limit);
	reach_setup_step(r);
}

/* ---- The dial ---------------------------------------------------------- */

static void
reach_on_connected(void *arg, struct fd *fd, const struct addr *addr)
{
	struct reach *r = arg;

	r->dial = NULL;
	r->proxy = *addr;
	if (r->udp_probe.kind != PROXY_NONE) {
		reach_setup_start(r, fd);
		return;
	}
	reach_end(r);
	r->ops->connected(r->arg, fd, &r->proxy);
}

static void
reach_on_failed(void *arg, const struct addr *addr, const struct error *err,
    bool last)
{
	struct reach *r = arg;

	r->since = loop_now(r->loop);
	if (last) {
		r->dial = NULL;
		reach_end(r);
	}
	r->ops->failed(r->arg, addr, err, last);
}

static const struct dial_ops dial_ops = { reach_on_connected, reach_on_failed };

/* The proxy that asked for more is the one to be given it. */
static void
reach_dial_proxy(void *arg)
{
	struct reach *r = arg;
	struct addr_list to = { &r->proxy, 1 };

	if (r->since == 0)
		r->since = loop_now(r->loop);
	r->dial = dial_start(r->loop, r->plan, &to, 0, &r->local, &dial_ops,
	    r);
	if (r->dial == NULL) {
		r->err.num = errno;
		reach_fail(r, PROXY_WRITE);
	} else if (r->hops != NULL)
		dial_by(r->dial, r->hops);
}

/* A number is no name, however it is written. */
static bool
reach_is_number(const struct plan *plan, struct addr *addr)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST,
	    .ai_socktype = SOCK_STREAM }, *found;

	if (plan->proxy.kind == PROXY_SOCKS4)
		hints.ai_family = AF_INET;
	if (getaddrinfo(plan->host, NULL, &hints, &found) != 0)
		return false;
	addr->len = found->ai_addrlen;
	memcpy(&addr->u, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

/* HTTP is told the number as the user wrote it. */
static void
reach_fill_ask(struct reach *r, unsigned port,
    const struct addr_list *proxy_target)
{
	const struct proxy_options *p = &r->plan->proxy;

	r->login = p->login;
	r->udp_probe = (struct proxy_ask){ .kind = p->kind,
	    .host = r->plan->host, .port = port, .any_2xx = p->any_2xx,
	    .login = &r->login };
	if (proxy_target != NULL && proxy_target->n > 0) {
		r->proxy_target = proxy_target->v[0];
		r->udp_probe.addr = &r->proxy_target;
	} else if (p->kind != PROXY_NONE && p->kind != PROXY_HTTP &&
	    reach_is_number(r->plan, &r->proxy_target))
		r->udp_probe.addr = &r->proxy_target;
}

static int
reach_take_local(struct reach *r, const struct addr_list *local)
{
	if (local == NULL || local->n == 0)
		return 0;
	r->local.v = calloc(local->n, sizeof(*r->local.v));
	if (r->local.v == NULL)
		return -1;
	memcpy(r->local.v, local->v, local->n * sizeof(*r->local.v));
	r->local.n = local->n;
	return 0;
}

struct reach *
reach_start(struct loop *loop, const struct plan *plan,
    const struct addr_list *to, unsigned port, const struct addr_list *local,
    const struct addr_list *proxy_target, const struct dial_ops *ops, void *arg)
{
	struct reach *r = calloc(1, sizeof(*r));
	int num;

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->plan = plan;
	r->ops = ops;
	r->arg = arg;
	r->since = loop_now(loop);
	r->task = (struct task){ .run = reach_dial_proxy, .arg = r };
	r->timer = (struct timer){ .fire = reach_setup_late, .arg = r };
	r->watch = (struct watch){ .fd = -1, .want = reach_setup_want,
	    .ready = reach_setup_ready, .arg = r };
	reach_fill_ask(r, port, proxy_target);
	if (reach_take_local(r, local) == 0)
		r->dial = dial_start(loop, plan, to,
		    r->udp_probe.kind == PROXY_NONE ? port : 0, local,
		    &dial_ops, r);
	if (r->dial != NULL)
		return r;
	num = errno;
	reach_die(r);
	errno = num;
	return NULL;
}

void
reach_by(struct reach *r, const struct addr_list *hops)
{
	if (r == NULL)
		return;
	r->hops = hops;
	dial_by(r->dial, hops);
}
