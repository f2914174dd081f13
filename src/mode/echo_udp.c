/*
 * An echo of datagrams.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>

#include "base/fd_batch.h"
#include "base/num.h"
#include "mode/echo_udp.h"
#include "net/loopguard.h"

/* The largest datagram: of UDP, and of a Unix socket as it usually is. */
#define ROOM_INET	((size_t)64 << 10)
#define ROOM_UNIX	((size_t)256 << 10)
/* A turn's share of batches. */
#define TURN_BATCHES	8
/*
 * No poller tells when there is room in the queue of one Unix socket, or in
 * a device (ENOBUFS). One that takes nothing for so many pauses is given up:
 * the others wait as well.
 */
#define PAUSE		(20 * NSEC_PER_MSEC)
#define PAUSES		10

struct ear {
	struct echo_udp	*of;
	struct fd	 fd;
	struct watch	 watch;
	struct timer	 retry;
	struct batch	*batch;		/* NULL: nothing waits */
	struct addr	 bound;
	unsigned	 pauses;	/* for the one at the head */
	bool		 again;		/* it was tried again at once */
};

struct echo_udp {
	struct conn		 conn;
	bool			(*admits)(void *, const struct addr *,
				    const struct addr *);
	void			*arg;
	struct loopguard	*guard;
	struct timer		 timer;
	bool			 one_peer;	/* answer peer alone */
	bool			 over;
	enum outcome_cause	 cause;
	struct addr		 peer;		/* the last one */
	unsigned		 reads_left;	/* 0: no limit */
	int			 warned;	/* the errno told of last */
	int64_t			 started, active;
	int64_t			 until;		/* 0: open */
	uint64_t		 received, sent, lost;
	size_t			 n;
	struct ear		 ears[];
};

static struct loop *
loop_of(const struct echo_udp *u)
{
	return u->conn.run->loop;
}

static void
close_ear(struct ear *e)
{
	struct loop *loop = loop_of(e->of);

	loop_unwatch(loop, &e->watch);
	timer_clear(loop, &e->retry);
	fd_close(&e->fd);
	batch_free(e->batch);
	e->batch = NULL;
}

static void
dispose(struct echo_udp *u)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		close_ear(&u->ears[i]);
	timer_clear(loop_of(u), &u->timer);
	loopguard_free(u->guard);
	free(u);
}

/* Over; told from the next turn. */
static void
end(struct echo_udp *u, enum outcome_cause cause)
{
	if (u->over)
		return;
	u->over = true;
	u->cause = cause;
	timer_set(loop_of(u), &u->timer, loop_now(loop_of(u)));
}

static void
finish(struct echo_udp *u)
{
	struct conn *c = &u->conn;
	const struct run *r = c->run;
	struct outcome o = { .cause = u->cause, .sent = u->sent,
	    .received = u->received, .lost_out = u->lost,
	    .elapsed = loop_now(r->loop) - u->started,
	    .idle = r->plan->end.idle, .listener = r->listener };

	c->over(c->arg, c, r->signo != 0 ? 0 :
	    r->voice->ended(r->plan, &o, true));
	dispose(u);
}

/* The dates of the one peer; many have none. */
static void
arm(struct echo_udp *u)
{
	int64_t idle = u->conn.run->plan->end.idle;
	int64_t when = u->until;

	if (!u->one_peer || u->over)
		return;
	if (idle >= 0 && (when == 0 || u->active + idle < when))
		when = u->active + idle;
	if (when != 0)
		timer_set(loop_of(u), &u->timer, when);
}

static void
on_timer(void *arg)
{
	struct echo_udp *u = arg;
	int64_t now = loop_now(loop_of(u));
	int64_t idle = u->conn.run->plan->end.idle;

	if (u->over)
		finish(u);
	else if (u->until != 0 && now >= u->until)
		end(u, OUTCOME_TOTAL);
	else if (idle >= 0 && now >= u->active + idle)
		end(u, OUTCOME_IDLE);
	else
		arm(u);
}

/* From now on there is one peer, and time counts. */
static void
settle(struct echo_udp *u, const struct addr *peer)
{
	const struct plan *plan = u->conn.run->plan;

	u->one_peer = true;
	u->peer = *peer;
	u->started = u->active = loop_now(loop_of(u));
	u->reads_left = plan->end.max_reads;
	if (plan->end.total >= 0)
		u->until = u->started + plan->end.total;
	arm(u);
}

static void
say_accepted(const struct echo_udp *u, const struct ear *e,
    const struct dgram *d)
{
	const struct run *r = u->conn.run;
	struct addr peer = d->peer, local = d->local;

	if (local.len == 0)
		local = e->bound;
	else
		addr_set_port(&local, addr_port(&e->bound));
	if (!r->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	r->voice->accepted(r->plan, &peer, &local);
}

/*
 * A socket for any of our addresses gets one of them for good when it is
 * connected. Were it not the one that was spoken to, the peer would be heard
 * no more; another socket shows which it would be.
 */
static bool
may_connect(const struct dgram *d)
{
	struct addr got, local = d->local;
	struct fd trial;
	bool same;

	if (local.len == 0)
		return true;
	if (fd_socket(&trial, addr_family(&d->peer), SOCK_DGRAM, 0) == -1)
		return false;
	same = connect(trial.num, &d->peer.u.sa, d->peer.len) == 0 &&
	    addr_local(&got, trial.num) == 0;
	fd_close(&trial);
	if (!same)
		return false;
	addr_set_port(&local, addr_port(&got));
	return addr_equal(&local, &got);
}

/* The others learn from their system that they are not heard. */
static void
choose(struct echo_udp *u, const struct ear *e, const struct dgram *d)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		if (&u->ears[i] != e)
			close_ear(&u->ears[i]);
	if (may_connect(d))
		(void)connect(e->fd.num, &d->peer.u.sa, d->peer.len);
	settle(u, &d->peer);
}

/* We hear ourselves, by whichever of our addresses it was. */
static bool
is_self(const struct ear *e, const struct dgram *d)
{
	struct addr local = d->local;

	if (addr_equal(&d->peer, &e->bound))
		return true;
	if (local.len == 0)
		return false;
	addr_set_port(&local, addr_port(&e->bound));
	return addr_equal(&d->peer, &local);
}

static bool
is_welcome(const struct echo_udp *u, const struct ear *e,
    const struct dgram *d)
{
	if (d->peer.len == 0 || is_self(e, d))
		return false;
	if (u->one_peer)
		return addr_equal(&d->peer, &u->peer);
	return u->admits == NULL || u->admits(u->arg, &d->peer, &d->local);
}

static void
greet(struct echo_udp *u, const struct ear *e, const struct dgram *d)
{
	if (addr_equal(&d->peer, &u->peer))
		return;
	say_accepted(u, e, d);
	if (!u->conn.run->plan->keep_open)
		choose(u, e, d);
	u->peer = d->peer;
}

/* One line an errno, and only for the curious: it is one client's trouble. */
static void
warn(struct echo_udp *u, int num, const char *op)
{
	const struct run *r = u->conn.run;
	struct error err;

	if (r->plan->verbose == 0 || r->voice->warn == NULL ||
	    num == u->warned)
		return;
	u->warned = num;
	error_set(&err, num, op, "%s", "the datagram socket");
	r->voice->warn(r->plan, &err);
}

static bool
keep(void *arg, const struct dgram *d)
{
	struct ear *e = arg;
	struct echo_udp *u = e->of;
	int64_t now = loop_now(loop_of(u));

	if (u->over || !is_welcome(u, e, d))
		return false;
	greet(u, e, d);
	u->received += d->len;
	u->active = now;
	if (u->reads_left != 0 && --u->reads_left == 0)
		end(u, OUTCOME_LIMIT);
	if (d->cut) {
		warn(u, EMSGSIZE, "read from");
		u->lost += d->len;
		return false;
	}
	if (!loopguard_passes(u->guard, &d->peer, d->data, d->len, now))
		return false;
	loopguard_answered(u->guard, &d->peer, d->data, d->len, now);
	return true;
}

static void
pause_ear(struct ear *e)
{
	struct loop *loop = loop_of(e->of);

	timer_set(loop, &e->retry, loop_now(loop) + PAUSE);
}

static void
next_head(struct ear *e)
{
	e->pauses = 0;
	e->again = false;
}

/* What the network says of an earlier datagram, and no fault of this one. */
static bool
is_soft(int num)
{
	switch (num) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENETDOWN:
	case ECONNRESET:
		return true;
	default:
		return false;
	}
}

/* A failed send; false: wait before the next one. */
static bool
mend(struct ear *e, int num)
{
	struct echo_udp *u = e->of;

	if ((num == EAGAIN || num == ENOBUFS) && e->pauses++ < PAUSES) {
		pause_ear(e);
		return false;
	}
	/* It may have told of an earlier one. */
	if (is_soft(num) && !e->again) {
		e->again = true;
		return true;
	}
	/* The source that it was to have cannot be one: a broadcast. */
	if ((num == EINVAL || num == EADDRNOTAVAIL) &&
	    batch_forget_local(e->batch))
		return true;
	warn(u, num, "write to");
	if (is_soft(num) || num == ENOENT)
		(void)batch_drop(e->batch);
	else
		u->lost += batch_drop(e->batch);
	next_head(e);
	return true;
}

/* Send what waits; false: it has to wait longer. */
static bool
flush(struct ear *e)
{
	size_t n;

	while (batch_left(e->batch) > 0) {
		switch (batch_write(e->batch, &e->fd, &n)) {
		case IO_OK:
			e->of->sent += n;
			next_head(e);
			continue;
		case IO_AGAIN:
			if (addr_family(&e->bound) != AF_UNIX)
				return false;
			errno = EAGAIN;
			break;
		case IO_EOF:
		case IO_FAIL:
			break;
		}
		if (!mend(e, errno))
			return false;
	}
	return true;
}

/* Read a batch; false: there is nothing for now. */
static bool
fill(struct ear *e)
{
	switch (batch_read(e->batch, &e->fd)) {
	case IO_OK:
		batch_sift(e->batch, keep, e);
		return true;
	case IO_AGAIN:
	case IO_EOF:
		return false;
	case IO_FAIL:
		break;
	}
	if (is_soft(errno))
		return true;
	warn(e->of, errno, "read from");
	pause_ear(e);
	return false;
}

static void
echo(struct ear *e)
{
	int turns = TURN_BATCHES;

	if (e->batch == NULL)
		e->batch = batch_new(addr_family(&e->bound) == AF_UNIX ?
		    ROOM_UNIX : ROOM_INET);
	if (e->batch == NULL) {
		pause_ear(e);
		return;
	}
	while (flush(e) && !e->of->over && turns-- > 0 && fill(e))
		;
	if (batch_left(e->batch) == 0) {
		batch_free(e->batch);
		e->batch = NULL;
	}
}

static unsigned
want(void *arg)
{
	const struct ear *e = arg;

	if (e->retry.slot != 0 || e->of->over)
		return 0;
	return e->batch != NULL ? LOOP_OUT : LOOP_IN;
}

static void
on_ready(void *arg, unsigned what)
{
	(void)what;
	echo(arg);
}

static void
on_retry(void *arg)
{
	struct ear *e = arg;

	echo(e);
	loop_touch(loop_of(e->of), &e->watch);
}

static void
stop(struct conn *c, bool now)
{
	struct echo_udp *u = (struct echo_udp *)c;

	if (now)
		dispose(u);
	else
		end(u, OUTCOME_SIGNAL);
}

static const struct conn_ops echo_udp_ops = { stop };

static bool
is_any(const struct addr *a)
{
	switch (addr_family(a)) {
	case AF_INET:
		return a->u.in.sin_addr.s_addr == htonl(INADDR_ANY);
	case AF_INET6:
		return IN6_IS_ADDR_UNSPECIFIED(&a->u.in6.sin6_addr);
	default:
		return false;
	}
}

static int
open_ear(struct echo_udp *u, struct ear *e)
{
	(void)addr_local(&e->bound, e->fd.num);
	if (is_any(&e->bound))
		batch_ask_local(&e->fd, addr_family(&e->bound));
	e->watch.fd = e->fd.num;
	if (loop_watch(loop_of(u), &e->watch) == 0)
		return 0;
	e->watch.fd = -1;
	return -1;
}

static struct echo_udp *
make(const struct conn_start *start, const struct echo_sockets *s)
{
	struct echo_udp *u = calloc(1, sizeof(*u) + s->n * sizeof(u->ears[0]));
	struct ear *e;

	if (u == NULL)
		return NULL;
	u->conn = (struct conn){ .run = start->run, .ops = &echo_udp_ops,
	    .over = start->over, .arg = start->arg };
	u->admits = s->admits;
	u->arg = s->arg;
	u->timer = (struct timer){ .fire = on_timer, .arg = u };
	u->started = loop_now(start->run->loop);
	u->guard = loopguard_new();
	for (; u->n < s->n; u->n++) {
		e = &u->ears[u->n];
		*e = (struct ear){ .of = u, .fd = s->fds[u->n],
		    .watch = { .fd = -1, .want = want, .ready = on_ready,
		    .arg = e }, .retry = { .fire = on_retry, .arg = e } };
	}
	return u;
}

static void
close_all(const struct echo_sockets *s)
{
	struct fd fd;
	size_t i;

	for (i = 0; i < s->n; i++) {
		fd = s->fds[i];
		fd_close(&fd);
	}
}

struct conn *
conn_echo_sockets(const struct conn_start *start,
    const struct echo_sockets *s, int *status)
{
	struct echo_udp *u = make(start, s);
	struct error err;
	size_t i = 0;

	if (u != NULL && u->guard != NULL)
		while (i < u->n && open_ear(u, &u->ears[i]) == 0)
			i++;
	if (u != NULL && i == u->n) {
		if (start->peer != NULL)
			settle(u, start->peer);
		return &u->conn;
	}
	error_set(&err, errno, "watch", "the datagram socket");
	*status = start->run->voice->failed(start->run->plan, &err);
	if (u != NULL)
		dispose(u);
	else
		close_all(s);
	return NULL;
}
