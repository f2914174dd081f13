#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/secret.h"
#include "net/socket.h"
#include "reach/dial.h"
#include "reach/handshake.h"
#include "reach/proxy_dial.h"
#include "reach/proxyp.h"

/* Bytes of a source route before the addresses: type, length and pointer. */
#define ROUTE_HEAD	3

/* Between tries while a Unix listener's backlog is full. */
#define RETRY_MIN	NSEC_PER_MSEC
#define RETRY_MAX	(100 * NSEC_PER_MSEC)

/* A try to connect to one address. */
struct attempt {
	struct dial	*of;
	struct watch	 watch;
	struct timer	 timer;		/* deadline, or the next try */
	struct fd	 fd;
	int64_t		 deadline;	/* 0: none */
	int64_t		 pause;		/* ns before the next try */
	bool		 reused;	/* fd has been refused before */
	struct addr	 to;
};

struct dial {
	struct loop		*loop;
	struct dial_options	 opt;
	const struct dial_ops	*ops;
	void			*arg;
	char			*secret;	/* of -S; NULL: not asked yet */
	struct task		 task;		/* the next start, or the end */
	struct timer		 race;
	struct proxy_dial	*proxy;		/* NULL: directly */
	struct handshake	*handshake;	/* with the target; or NULL */
	bool			 announces;	/* by a header of the PROXY
						   protocol, before TLS */
	struct addr		 won;		/* that answered */
	int64_t			 since;		/* start of that connection */
	size_t			 tried;		/* next, when the handshake
						   began */
	bool			 over;		/* until the end of the turn */
	size_t			 live;		/* attempts under way */
	size_t			 next;		/* attempt to start */
	size_t			 n;
	struct attempt		 v[];
};

static void
dial_attempt_end(struct attempt *a)
{
	struct loop *loop = a->of->loop;

	loop_unwatch(loop, &a->watch);
	timer_clear(loop, &a->timer);
	fd_close(&a->fd);
}

static void
dial_die(void *arg)
{
	struct dial *d = arg;

	secret_free(d->secret);
	free(d);
}

static void
dial_stop_attempts(struct dial *d)
{
	timer_clear(d->loop, &d->race);
	while (d->next > 0)
		dial_attempt_end(&d->v[--d->next]);
	d->live = 0;
	loop_unpost(d->loop, &d->task);
}

/* Ends all but the memory, which lives until the end of the turn. */
static void
dial_end(struct dial *d)
{
	d->over = true;
	dial_stop_attempts(d);
	if (d->proxy != NULL)
		proxy_dial_end(d->proxy);
	handshake_cancel(d->handshake);
	d->handshake = NULL;
	d->task.run = dial_die;
	loop_defer(d->loop, &d->task);
}

void
dial_cancel(struct dial *d)
{
	if (d != NULL && !d->over)
		dial_end(d);
}

/* A task starts the next address, however many fail at once. */
static void
dial_attempt_failed(struct attempt *a, const struct error *err)
{
	struct dial *d = a->of;
	bool last;

	dial_attempt_end(a);
	d->since = loop_now(d->loop);
	last = --d->live == 0 && d->next == d->n;
	if (last)
		dial_end(d);
	else if (d->next < d->n) {
		timer_clear(d->loop, &d->race);
		loop_post(d->loop, &d->task);
	}
	d->ops->failed(d->arg, &a->to, err, last);
}

static void
dial_attempt_fail(struct attempt *a, int num)
{
	struct error err = { .op = "connect to", .num = num };

	if (a->of->opt.reuse == NULL)
		neterr_refusal(&err, num, &a->of->opt.kind, &a->to);
	dial_attempt_failed(a, &err);
}

/* ---- Handshakes with the target ----------------------------------------- */

/*
 * Datagrams have no connection: the handshake shows that an address is not
 * served, and then the next address is tried.
 */
static void
dial_on_not_shaken(void *arg, const struct error *why)
{
	struct dial *d = arg;
	bool last = d->announces || d->opt.kind.type != SOCK_DGRAM ||
	    why->num != ECONNREFUSED || d->tried == d->n;
	struct error err;

	d->handshake = NULL;
	neterr_set(&err, why->num, d->announces ? "send PROXY header to" :
	    "TLS handshake with", &d->opt.kind, &d->won);
	/* The target, though the address may be the proxy's. */
	if (d->opt.proxy != NULL && d->opt.proxy->kind != PROXY_NONE)
		(void)snprintf(err.object, sizeof(err.object), "%s port %u",
		    d->opt.host, d->opt.port);
	memcpy(err.why, why->why, sizeof(err.why));
	if (why->num == EPROTO && !d->announces)
		err.distrust = tls_context_distrust(d->opt.tls);
	if (last)
		dial_end(d);
	else {
		d->next = d->tried;
		d->since = loop_now(d->loop);
		loop_post(d->loop, &d->task);
	}
	d->ops->failed(d->arg, &d->won, &err, last);
}

static void	dial_on_shaken(void *, struct fd *, struct layer *);

/* Starts the next handshake with the target: of the header, or of TLS. */
static void
dial_shake(struct dial *d, const struct fd *fd)
{
	static const struct handshake_ops ops = { dial_on_shaken,
	    dial_on_not_shaken };
	const struct dial_options *o = &d->opt;
	struct proxyp_ends own = { .dgram = false };
	struct error err = { .num = 0 };
	struct layer *layer;
	int64_t until = 0;

	if (o->timeout != -1)
		until = d->since + o->timeout;
	else if (o->handshake != 0)
		until = loop_now(d->loop) + o->handshake;
	if (d->announces) {
		if (o->announced == NULL && (addr_local(&own.source,
		    fd->num) == -1 || addr_peer(&own.dest, fd->num) == -1))
			own.source.len = 0;
		layer = proxyp_sender(o->send_proxy,
		    o->announced != NULL ? o->announced : &own);
	} else {
		if (d->ops->securing != NULL)
			d->ops->securing(d->arg, &d->won);
		layer = layer_tls(o->tls, o->tls_name);
	}
	d->handshake = handshake_start(d->loop, fd, layer, until, &ops, d);
	if (d->handshake != NULL)
		return;
	err.num = errno;
	dial_on_not_shaken(d, &err);
}

static void
dial_on_shaken(void *arg, struct fd *fd, struct layer *tls)
{
	struct dial *d = arg;
	bool secures = d->announces && d->opt.tls != NULL;

	d->handshake = NULL;
	d->announces = false;
	if (secures) {
		dial_shake(d, fd);
		return;
	}
	dial_end(d);
	d->ops->connected(d->arg, fd, &d->won, tls);
}

/* Takes the descriptor of a connection to the target. */
static void
dial_reached(struct dial *d, struct fd *fd)
{
	d->tried = d->next;
	dial_stop_attempts(d);
	d->announces = d->opt.send_proxy != 0;
	if (d->announces || d->opt.tls != NULL)
		dial_shake(d, fd);
	else
		dial_on_shaken(d, fd, NULL);
}

/* ---- Source routes ------------------------------------------------------ */

size_t
route_build(const struct addr_list *hops, const struct addr *to, int pointer,
    unsigned char buf[ROUTE_MAX])
{
	size_t len = ROUTE_HEAD;
	const struct addr *a;

	if (hops->n >= (ROUTE_MAX - ROUTE_HEAD) / sizeof(a->u.in.sin_addr))
		return 0;
	for (size_t i = 0; i <= hops->n; i++) {
		a = i < hops->n ? &hops->v[i] : to;
		if (addr_family(a) != AF_INET)
			return 0;
		memcpy(buf + len, &a->u.in.sin_addr, sizeof(a->u.in.sin_addr));
		len += sizeof(a->u.in.sin_addr);
	}
	buf[0] = IPOPT_LSRR;
	buf[1] = (unsigned char)len;
	buf[2] = (unsigned char)pointer;
	buf[len] = IPOPT_NOOP;
	return len + 1;
}

static int
route_set(const struct fd *fd, const struct addr_list *hops,
    const struct addr *to, int pointer, struct error *err)
{
	unsigned char buf[ROUTE_MAX];
	size_t len = route_build(hops, to, pointer, buf);

	if (len == 0)
		errno = EAFNOSUPPORT;
	else if (setsockopt(fd->num, IPPROTO_IP, IP_OPTIONS, buf,
	    (socklen_t)len) == 0)
		return 0;
	error_set(err, errno, "set", "IP_OPTIONS");
	return -1;
}

/* ---- Attempts ----------------------------------------------------------- */

static void
dial_attempt_won(struct attempt *a)
{
	struct dial *d = a->of;
	struct fd fd = a->fd;

	if (socket_meets_itself(&a->fd, &a->to)) {
		dial_attempt_fail(a, ECONNREFUSED);
		return;
	}
	if (addr_is_inet(&a->to))
		sockopt_limit_unacked(&d->opt.sock, &fd);
	loop_unwatch(d->loop, &a->watch);
	a->fd.num = -1;
	d->won = a->to;
	if (d->proxy != NULL) {
		dial_stop_attempts(d);
		proxy_dial_handshake(d->proxy, &fd, d->since);
		return;
	}
	if (a->deadline != 0)
		d->since = a->deadline - d->opt.timeout;
	dial_reached(d, &fd);
}

/* 0: connected; EINPROGRESS: wait; EAGAIN: retry later; else an error. */
static int
dial_try_connect(const struct attempt *a)
{
	/* A scan only asks whether a connection is possible. */
	int num = a->of->opt.reuse != NULL ?
	    fd_connect(&a->fd, &a->to.u.sa, a->to.len) :
	    fd_connect_gently(&a->fd, &a->to.u.sa, a->to.len);

	/* Unix sockets: the backlog is full; others: no port is left. */
	if (num == EAGAIN && addr_family(&a->to) != AF_UNIX)
		return EADDRNOTAVAIL;
	return num;
}

/* when: of the next try; 0: none. */
static void
dial_wait_until(struct attempt *a, int64_t when)
{
	when = timer_earlier(when, a->deadline);
	if (when != 0)
		timer_set(a->of->loop, &a->timer, when);
}

static void
dial_attempt_came_to(struct attempt *a, int num)
{
	const struct dial_options *o = &a->of->opt;

	if (num == EINPROGRESS && a->watch.fd == -1) {
		a->watch.fd = a->fd.num;
		if (loop_watch(a->of->loop, &a->watch) == -1) {
			num = errno;
			a->watch.fd = -1;
		}
	}
	switch (num) {
	case 0:
		dial_attempt_won(a);
		break;
	case EINPROGRESS:
		dial_wait_until(a, 0);
		break;
	case EAGAIN:
		dial_wait_until(a, loop_now(a->of->loop) + a->pause);
		a->pause = a->pause * 2 < RETRY_MAX ? a->pause * 2 : RETRY_MAX;
		break;
	case ECONNREFUSED:
		/*
		 * A socket that is bound, or was watched until it failed, is
		 * not reused.
		 */
		if (o->reuse != NULL && o->reuse->fd.num == -1 &&
		    o->local == NULL && !o->sock.md5 &&
		    a->fd.kind == FD_STREAM && a->watch.fd == -1) {
			*o->reuse = (struct dial_socket_reuse){ .fd = a->fd,
			    .family = addr_family(&a->to) };
			a->fd.num = -1;
		}
		/* FALLTHROUGH */
	default:
		dial_attempt_fail(a, num);
	}
}

/* The outcome of a connection that was in progress. */
static int
dial_answer(const struct attempt *a)
{
	int num;

	if (a->of->opt.reuse == NULL)
		return fd_connect_outcome(&a->fd, &a->to.u.sa, a->to.len);
	num = fd_error(&a->fd);
	return num != 0 ? num : dial_try_connect(a);
}

static void
dial_attempt_ready(void *arg, unsigned what)
{
	struct attempt *a = arg;

	(void)what;
	dial_attempt_came_to(a, dial_answer(a));
}

static void
dial_attempt_timer(void *arg)
{
	struct attempt *a = arg;
	int num;

	if (a->deadline == 0 || loop_now(a->of->loop) < a->deadline) {
		dial_attempt_came_to(a, dial_try_connect(a));
		return;
	}
	/* An answer may have come while other watches had their turn. */
	num = a->watch.fd != -1 ? dial_answer(a) : EINPROGRESS;
	dial_attempt_came_to(a, num == EINPROGRESS ? ETIMEDOUT : num);
}

static const struct addr *
dial_local_for(const struct dial *d, int family)
{
	const struct addr_list *local = d->opt.local;

	for (size_t i = 0; local != NULL && i < local->n; i++)
		if (addr_family(&local->v[i]) == family)
			return &local->v[i];
	return NULL;
}

static int
dial_attempt_open(struct attempt *a, struct error *err)
{
	struct dial *d = a->of;
	const struct dial_options *o = &d->opt;
	int family = addr_family(&a->to);
	const struct addr *local = dial_local_for(d, family);

	if (o->reuse != NULL && o->reuse->fd.num != -1 &&
	    o->reuse->family == family) {
		a->fd = o->reuse->fd;
		o->reuse->fd.num = -1;
		a->reused = true;
		return 0;
	}
	if (fd_socket(&a->fd, family, o->kind.type, o->kind.protocol) == -1) {
		a->fd.num = -1;
		neterr_set(err, errno, "socket", &o->kind, &a->to);
		return -1;
	}
	if (sockopt_apply(&o->sock, &a->fd, family, err) == -1)
		return -1;
	/* nc asks for the secret even if the secret is of no use. */
	if (o->sock.md5 && d->secret == NULL &&
	    (d->secret = sockopt_md5_secret(err)) == NULL)
		return -1;
	if (o->sock.md5 && a->fd.kind == FD_STREAM && addr_is_inet(&a->to) &&
	    sockopt_md5(&a->fd, &a->to, d->secret, err) == -1)
		return -1;
	if (o->hops != NULL && o->hops->n > 0 && route_set(&a->fd, o->hops,
	    &a->to, o->hop_pointer, err) == -1)
		return -1;
	errno = EAFNOSUPPORT;
	if (o->local == NULL || (local != NULL && socket_bind_own(&o->kind,
	    &o->sock, &a->fd, local) == 0))
		return 0;
	neterr_set(err, errno, "bind", &o->kind, local != NULL ? local :
	    &o->local->v[0]);
	return -1;
}

static void
dial_attempt_start(struct attempt *a)
{
	const struct dial_options *o = &a->of->opt;
	struct error err;
	struct addr peer;
	int num;

	if (o->avoid != NULL && own_addrs_have(o->avoid, &a->to)) {
		neterr_set(&err, ELOOP, "connect to", &o->kind, &a->to);
		(void)strlcpy(err.why, "the relay itself listens there",
		    sizeof(err.why));
		dial_attempt_failed(a, &err);
		return;
	}
	for (;;) {
		if (dial_attempt_open(a, &err) == -1) {
			dial_attempt_failed(a, &err);
			return;
		}
		num = dial_try_connect(a);
		if (!a->reused || num == EINPROGRESS || num == ECONNREFUSED ||
		    (num == 0 && addr_peer(&peer, a->fd.num) == 0 &&
		    addr_port(&peer) == addr_port(&a->to)))
			break;
		/* A new socket may not fail in this way. */
		fd_close(&a->fd);
		a->reused = false;
	}
	dial_attempt_came_to(a, num);
}

static void
dial_start_next(void *arg)
{
	struct dial *d = arg;
	struct attempt *a;

	if (d->next == d->n)
		return;
	if (d->since == 0)
		d->since = loop_now(d->loop);
	a = &d->v[d->next++];
	d->live++;
	if (d->opt.timeout != -1)
		a->deadline = loop_now(d->loop) + d->opt.timeout;
	if (d->opt.race_delay >= 0 && d->next < d->n)
		timer_set(d->loop, &d->race,
		    loop_now(d->loop) + d->opt.race_delay);
	dial_attempt_start(a);
}

static void
dial_add_attempt(struct dial *d, const struct addr *to)
{
	struct attempt *a = &d->v[d->n++];

	*a = (struct attempt){ .of = d, .fd.num = -1, .pause = RETRY_MIN,
	    .to = *to, .timer = { .fire = dial_attempt_timer, .arg = a },
	    .watch = { .fd = -1, .want = loop_want_out,
	    .ready = dial_attempt_ready, .arg = a } };
	if (d->opt.port != 0 && d->proxy == NULL)
		addr_set_port(&a->to, d->opt.port);
}

/* ---- Through a proxy ---------------------------------------------------- */

static void
dial_on_agreed(void *arg, struct fd *fd)
{
	struct dial *d = arg;

	proxy_dial_end(d->proxy);
	d->proxy = NULL;
	dial_reached(d, fd);
}

static void
dial_on_objection(void *arg, const struct error *why, bool last)
{
	struct dial *d = arg;
	struct error err;

	neterr_set(&err, why->num, "connect through", &d->opt.kind, &d->won);
	memcpy(err.why, why->why, sizeof(err.why));
	err.proxy = why->proxy;
	if (last)
		dial_end(d);
	d->ops->failed(d->arg, &d->won, &err, last);
}

/* The clock is read once a turn: loop_now stood still while the user typed. */
static void
dial_wait_a_turn(void *arg)
{
	struct dial *d = arg;

	d->since = 0;
	d->task.run = dial_start_next;
	loop_post(d->loop, &d->task);
}

static void
dial_on_redial(void *arg, bool typed)
{
	struct dial *d = arg;

	d->n = 0;
	dial_add_attempt(d, &d->won);
	d->task.run = typed ? dial_wait_a_turn : dial_start_next;
	loop_post(d->loop, &d->task);
}

static const struct proxy_dial_ops dial_proxy_ops = { dial_on_agreed,
    dial_on_objection, dial_on_redial };

/* ---- Starting ----------------------------------------------------------- */

struct dial *
dial_start(struct loop *loop, const struct dial_options *opt,
    const struct dial_ops *ops, void *arg)
{
	struct dial *d = calloc(1, sizeof(*d) + opt->to->n * sizeof(d->v[0]));

	if (d == NULL)
		return NULL;
	*d = (struct dial){ .loop = loop, .opt = *opt, .ops = ops, .arg = arg,
	    .since = loop_now(loop),
	    .task = { .run = dial_start_next, .arg = d },
	    .race = { .fire = dial_start_next, .arg = d } };
	if (opt->local != NULL && opt->local->n == 0)
		d->opt.local = NULL;
	if (opt->proxy != NULL && opt->proxy->kind != PROXY_NONE &&
	    (d->proxy = proxy_dial_new(loop, opt->proxy, opt->host, opt->port,
	    opt->target != NULL && opt->target->n > 0 ? opt->target->v : NULL,
	    &dial_proxy_ops, d)) == NULL) {
		free(d);
		return NULL;
	}
	/*
	 * Leaves out families without a local address, unless none would be
	 * left.
	 */
	for (size_t i = 0; i < opt->to->n; i++)
		if (dial_local_for(d, addr_family(&opt->to->v[i])) != NULL)
			dial_add_attempt(d, &opt->to->v[i]);
	for (size_t i = 0, none = d->n == 0; none && i < opt->to->n; i++)
		dial_add_attempt(d, &opt->to->v[i]);
	loop_post(loop, &d->task);
	return d;
}
