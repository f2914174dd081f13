#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/dial.h"
#include "net/kind.h"
#include "net/neterr.h"
#include "net/route.h"
#include "net/sockopt.h"

/* Between tries while a Unix listener's backlog is full. */
#define RETRY_MIN	NSEC_PER_MSEC
#define RETRY_MAX	(100 * NSEC_PER_MSEC)

/* One address. */
struct attempt {
	struct dial	*of;
	struct watch	 watch;
	struct timer	 timer;		/* deadline, or the next try */
	struct fd	 fd;
	int64_t		 deadline;	/* -1: none */
	int64_t		 pause;		/* before the next try */
	bool		 socket_reuse;		/* fd has been refused before */
	struct addr	 to;
};

struct dial {
	struct loop		*loop;
	const struct plan	*plan;
	const struct dial_ops	*ops;
	void			*arg;
	struct dial_socket_reuse *socket_reuse;	/* NULL: none is lent */
	char			*secret;	/* of -S; NULL: not asked yet */
	struct addr		*local;
	size_t			 nlocal;
	const struct addr_list	*hops;		/* of -g, or NULL */
	struct task		 task;		/* the next start, or the end */
	struct timer		 race;
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

	if (d->secret != NULL)
		freezero(d->secret, strlen(d->secret));
	free(d->local);
	free(d);
}

/* Everything but the memory, which lives until the end of the turn. */
static void
dial_end(struct dial *d)
{
	size_t i;

	d->over = true;
	timer_clear(d->loop, &d->race);
	for (i = 0; i < d->next; i++)
		dial_attempt_end(&d->v[i]);
	loop_unpost(d->loop, &d->task);
	d->task.run = dial_die;
	loop_defer(d->loop, &d->task);
}

void
dial_cancel(struct dial *d)
{
	if (d != NULL && !d->over)
		dial_end(d);
}

/*
 * The next address is started from a task: however many fail at once, the
 * stack stays flat and others get their turn.
 */
static void
dial_attempt_failed(struct attempt *a, const struct error *err)
{
	struct dial *d = a->of;
	bool last;

	dial_attempt_end(a);
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

	if (a->of->socket_reuse == NULL)
		neterr_refusal(&err, num, a->of->plan, &a->to);
	dial_attempt_failed(a, &err);
}

/*
 * A socket that is bound stays so, and one that was waited for has given
 * its error away otherwise than by connect(2).
 */
static void
dial_keep_socket_reuse(struct attempt *a)
{
	struct dial *d = a->of;

	if (d->socket_reuse == NULL || d->socket_reuse->fd.num != -1 ||
	    d->nlocal != 0 || d->plan->sock.md5 || a->fd.kind != FD_STREAM ||
	    a->watch.fd != -1 || !fd_connects_again())
		return;
	d->socket_reuse->fd = a->fd;
	d->socket_reuse->family = addr_family(&a->to);
	a->fd.num = -1;
}

static bool
dial_take_socket_reuse(struct attempt *a)
{
	struct dial_socket_reuse *socket_reuse = a->of->socket_reuse;

	if (socket_reuse == NULL || socket_reuse->fd.num == -1 ||
	    socket_reuse->family != addr_family(&a->to))
		return false;
	a->fd = socket_reuse->fd;
	socket_reuse->fd.num = -1;
	a->socket_reuse = true;
	return true;
}

/*
 * A port of the range that connecting sockets get theirs from can meet
 * itself (simultaneous open, RFC 9293): nobody is there but us.
 */
static bool
dial_meets_itself(const struct attempt *a)
{
	struct addr local, peer;

	if (a->fd.kind != FD_STREAM || !addr_is_inet(&a->to) ||
	    addr_local(&local, a->fd.num) == -1 ||
	    addr_port(&local) != addr_port(&a->to))
		return false;
	return addr_peer(&peer, a->fd.num) == 0 && addr_equal(&local, &peer);
}

static void
dial_attempt_won(struct attempt *a)
{
	struct dial *d = a->of;
	struct fd fd = a->fd;

	if (dial_meets_itself(a)) {
		dial_attempt_fail(a, ECONNREFUSED);
		return;
	}
	loop_unwatch(d->loop, &a->watch);
	a->fd.num = -1;
	dial_end(d);
	d->ops->connected(d->arg, &fd, &a->to);
}

/* 0: connected; EINPROGRESS: wait; EAGAIN: try again later; else why not. */
static int
dial_try_connect(const struct attempt *a)
{
	int num = fd_connect(&a->fd, &a->to.u.sa, a->to.len);

	/* The backlog is full; of others: no port is left. */
	if (num == EAGAIN && addr_family(&a->to) != AF_UNIX)
		return EADDRNOTAVAIL;
	return num;
}

static void
dial_wait_until(struct attempt *a, int64_t when)
{
	if (a->deadline != -1 && (when == -1 || when > a->deadline))
		when = a->deadline;
	if (when != -1)
		timer_set(a->of->loop, &a->timer, when);
}

static void
dial_attempt_came_to(struct attempt *a, int num)
{
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
		dial_wait_until(a, -1);
		break;
	case EAGAIN:
		dial_wait_until(a, loop_now(a->of->loop) + a->pause);
		a->pause = a->pause * 2 < RETRY_MAX ? a->pause * 2 : RETRY_MAX;
		break;
	case ECONNREFUSED:
		dial_keep_socket_reuse(a);
		/* FALLTHROUGH */
	default:
		dial_attempt_fail(a, num);
	}
}

/* What became of a connection that was waited for. */
static int
dial_answer(const struct attempt *a)
{
	int num = fd_error(&a->fd);

	return num != 0 ? num : dial_try_connect(a);
}

static unsigned
dial_attempt_want(void *arg)
{
	(void)arg;
	return LOOP_OUT;
}

static void
dial_attempt_ready(void *arg, unsigned what)
{
	struct attempt *a = arg;

	(void)what;
	dial_attempt_came_to(a, dial_answer(a));
}

/* The answer may have come while others had their turn. */
static void
dial_attempt_late(struct attempt *a)
{
	int num = a->watch.fd != -1 ? dial_answer(a) : ETIMEDOUT;

	dial_attempt_came_to(a, num == EINPROGRESS ? ETIMEDOUT : num);
}

static void
dial_attempt_timer(void *arg)
{
	struct attempt *a = arg;

	if (a->deadline != -1 && loop_now(a->of->loop) >= a->deadline)
		dial_attempt_late(a);
	else
		dial_attempt_came_to(a, dial_try_connect(a));
}

static const struct addr *
dial_local_for(const struct dial *d, int family)
{
	size_t i;

	for (i = 0; i < d->nlocal; i++)
		if (addr_family(&d->local[i]) == family)
			return &d->local[i];
	return NULL;
}

static int
dial_bind_local(const struct attempt *a, struct error *err)
{
	const struct dial *d = a->of;
	const struct addr *local = dial_local_for(d, addr_family(&a->to));

	if (d->nlocal == 0)
		return 0;
	if (local == NULL) {
		neterr_set(err, EAFNOSUPPORT, "bind", d->plan, &d->local[0]);
		return -1;
	}
	kind_ease_bind(&a->fd, local);
	if (bind(a->fd.num, &local->u.sa, local->len) == 0)
		return 0;
	neterr_set(err, errno, "bind", d->plan, local);
	return -1;
}

static int
dial_sign(const struct attempt *a, struct error *err)
{
	struct dial *d = a->of;

	if (!d->plan->sock.md5)
		return 0;
	/* nc asks for it even where it is of no use. */
	if (d->secret == NULL &&
	    (d->secret = sockopt_md5_secret(err)) == NULL)
		return -1;
	if (a->fd.kind != FD_STREAM || !addr_is_inet(&a->to))
		return 0;
	return sockopt_md5(&a->fd, &a->to, d->secret, err);
}

static int
dial_attempt_open(struct attempt *a, struct error *err)
{
	const struct plan *plan = a->of->plan;
	int family = addr_family(&a->to);
	const struct addr_list *hops = a->of->hops;

	if (dial_take_socket_reuse(a))
		return 0;
	if (kind_open(plan, family, &a->fd) == -1) {
		a->fd.num = -1;
		neterr_set(err, errno, "socket", plan, &a->to);
		return -1;
	}
	if (sockopt_apply(plan, &a->fd, family, err) == -1 ||
	    dial_sign(a, err) == -1)
		return -1;
	if (hops != NULL && hops->n > 0 && route_set(&a->fd, hops, &a->to,
	    plan->hop_pointer, err) == -1)
		return -1;
	return dial_bind_local(a, err);
}

static bool
dial_reached(const struct attempt *a)
{
	struct addr peer;

	return addr_peer(&peer, a->fd.num) == 0 &&
	    addr_port(&peer) == addr_port(&a->to);
}

/* A spare socket is not worth an error: a new one has none of its past. */
static bool
dial_is_stale(struct attempt *a, int num)
{
	if (!a->socket_reuse || num == EINPROGRESS || num == ECONNREFUSED ||
	    (num == 0 && dial_reached(a)))
		return false;
	fd_close(&a->fd);
	a->socket_reuse = false;
	return true;
}

static void
dial_attempt_start(struct attempt *a)
{
	struct error err;
	int num;

	do {
		if (dial_attempt_open(a, &err) == -1) {
			dial_attempt_failed(a, &err);
			return;
		}
		num = dial_try_connect(a);
	} while (dial_is_stale(a, num));
	dial_attempt_came_to(a, num);
}

static void
dial_start_next(void *arg)
{
	struct dial *d = arg;
	struct attempt *a;

	if (d->next == d->n)
		return;
	a = &d->v[d->next++];
	d->live++;
	if (a->deadline != -1)
		a->deadline += loop_now(d->loop);
	if (d->plan->race_delay >= 0 && d->next < d->n)
		timer_set(d->loop, &d->race,
		    loop_now(d->loop) + d->plan->race_delay);
	dial_attempt_start(a);
}

/*
 * Addresses that no local one fits are left out as long as another is left
 * (-s 127.0.0.1 localhost); the user asked where to come from.
 */
static void
dial_take_addresses(struct dial *d, const struct addr_list *to, unsigned port)
{
	bool any = d->nlocal == 0;
	struct attempt *a;
	size_t i;

	for (i = 0; i < to->n && !any; i++)
		any = dial_local_for(d, addr_family(&to->v[i])) != NULL;
	for (i = 0; i < to->n; i++) {
		if (any && d->nlocal != 0 &&
		    dial_local_for(d, addr_family(&to->v[i])) == NULL)
			continue;
		a = &d->v[d->n++];
		a->of = d;
		a->fd.num = -1;
		a->deadline = d->plan->connect_timeout;
		a->pause = RETRY_MIN;
		a->timer = (struct timer){ .fire = dial_attempt_timer,
		    .arg = a };
		a->watch = (struct watch){ .fd = -1, .want = dial_attempt_want,
		    .ready = dial_attempt_ready, .arg = a };
		a->to = to->v[i];
		if (port != 0)
			addr_set_port(&a->to, port);
	}
}

void
dial_by(struct dial *d, const struct addr_list *hops)
{
	d->hops = hops;
}

void
dial_lend(struct dial *d, struct dial_socket_reuse *socket_reuse)
{
	d->socket_reuse = socket_reuse;
}

static int
dial_take_local(struct dial *d, const struct addr_list *local)
{
	if (local == NULL || local->n == 0)
		return 0;
	d->local = calloc(local->n, sizeof(*d->local));
	if (d->local == NULL)
		return -1;
	memcpy(d->local, local->v, local->n * sizeof(*d->local));
	d->nlocal = local->n;
	return 0;
}

struct dial *
dial_start(struct loop *loop, const struct plan *plan,
    const struct addr_list *to, unsigned port, const struct addr_list *local,
    const struct dial_ops *ops, void *arg)
{
	struct dial *d;

	if (to->n == 0) {
		errno = EDESTADDRREQ;
		return NULL;
	}
	d = calloc(1, sizeof(*d) + to->n * sizeof(d->v[0]));
	if (d == NULL)
		return NULL;
	if (dial_take_local(d, local) == -1) {
		free(d);
		return NULL;
	}
	d->loop = loop;
	d->plan = plan;
	d->ops = ops;
	d->arg = arg;
	d->task = (struct task){ .run = dial_start_next, .arg = d };
	d->race = (struct timer){ .fire = dial_start_next, .arg = d };
	dial_take_addresses(d, to, port);
	loop_post(loop, &d->task);
	return d;
}
