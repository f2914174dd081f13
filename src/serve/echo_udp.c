/*
 * An echo of datagrams.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>

#include "net/loopguard.h"
#include "net/reflect.h"
#include "run/metrics.h"
#include "run/stages.h"
#include "serve/echo_udp.h"
#include "serve/joined.h"

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
	struct addr		 told;		/* of whose broken frames */
	int64_t			 started, active;
	int64_t			 until;		/* 0: open */
	uint64_t		 received, lost;	/* bytes */
	size_t			 n;
	struct reflector	 ears[];
};

static struct loop *
echo_udp_loop_of(const struct echo_udp *u)
{
	return u->conn.run->loop;
}

static void
echo_udp_dispose(struct echo_udp *u)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		reflect_close(&u->ears[i]);
	timer_clear(echo_udp_loop_of(u), &u->timer);
	loopguard_free(u->guard);
	free(u);
}

/* Over; told from the next turn. */
static void
echo_udp_end(struct echo_udp *u, enum outcome_cause cause)
{
	size_t i;

	if (u->over)
		return;
	for (i = 0; i < u->n; i++)
		reflect_halt(&u->ears[i]);
	u->over = true;
	u->cause = cause;
	timer_set(echo_udp_loop_of(u), &u->timer,
	    loop_now(echo_udp_loop_of(u)));
}

/* How it ended; nothing is sent any more. */
static int
echo_udp_tell(struct echo_udp *u)
{
	const struct run *r = u->conn.run;
	struct outcome o = { .cause = u->cause, .received = u->received,
	    .lost_out = u->lost,
	    .elapsed = loop_now(r->loop) - u->started,
	    .idle = r->plan->end.idle };
	size_t i;

	for (i = 0; i < u->n; i++) {
		reflect_close(&u->ears[i]);
		o.sent += u->ears[i].sent;
		o.lost_out += u->ears[i].lost;
	}
	metrics_over(u->conn.run, u, &o);
	return r->signo != 0 ? 0 : r->messages->ended(r->plan, &o);
}

static void
echo_udp_finish(struct echo_udp *u)
{
	struct conn *c = &u->conn;

	c->over(c->arg, c, echo_udp_tell(u));
	echo_udp_dispose(u);
}

/* The dates of the one peer; many have none. */
static void
echo_udp_arm(struct echo_udp *u)
{
	int64_t idle = u->conn.run->plan->end.idle;
	int64_t when = u->until;

	if (!u->one_peer || u->over)
		return;
	if (idle >= 0 && (when == 0 || u->active + idle < when))
		when = u->active + idle;
	if (when != 0)
		timer_set(echo_udp_loop_of(u), &u->timer, when);
}

static void
echo_udp_on_timer(void *arg)
{
	struct echo_udp *u = arg;
	int64_t now = loop_now(echo_udp_loop_of(u));
	int64_t idle = u->conn.run->plan->end.idle;

	if (u->over)
		echo_udp_finish(u);
	else if (u->until != 0 && now >= u->until)
		echo_udp_end(u, OUTCOME_TOTAL);
	else if (idle >= 0 && now >= u->active + idle)
		echo_udp_end(u, OUTCOME_IDLE);
	else
		echo_udp_arm(u);
}

/* From now on there is one peer, and time counts. */
static void
echo_udp_settle(struct echo_udp *u, const struct addr *peer)
{
	const struct plan *plan = u->conn.run->plan;

	u->one_peer = true;
	u->peer = *peer;
	u->started = u->active = loop_now(echo_udp_loop_of(u));
	u->reads_left = plan->end.max_reads;
	if (plan->end.total >= 0)
		u->until = u->started + plan->end.total;
	echo_udp_arm(u);
}

/* Where it was sent to. */
static struct addr
echo_udp_local_of(const struct reflector *e, const struct dgram *d)
{
	struct addr local = d->local;

	if (local.len == 0)
		return e->bound;
	addr_set_port(&local, addr_port(&e->bound));
	return local;
}

static void
echo_udp_say_accepted(const struct echo_udp *u, const struct reflector *e,
    const struct dgram *d)
{
	const struct run *r = u->conn.run;
	struct addr peer = d->peer, local = echo_udp_local_of(e, d);

	if (!r->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	r->messages->accepted(r->plan, &peer, &local);
}

/*
 * A socket for any of our addresses gets one of them for good when it is
 * connected. Were it not the one that was spoken to, the peer would be heard
 * no more; another socket shows which it would be.
 */
static bool
echo_udp_may_connect(const struct dgram *d)
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
echo_udp_choose(struct echo_udp *u, const struct reflector *e,
    const struct dgram *d)
{
	size_t i;

	for (i = 0; i < u->n; i++)
		if (&u->ears[i] != e)
			reflect_close(&u->ears[i]);
	if (echo_udp_may_connect(d))
		(void)connect(e->fd.num, &d->peer.u.sa, d->peer.len);
	echo_udp_settle(u, &d->peer);
}

static bool
echo_udp_is_welcome(const struct echo_udp *u, const struct reflector *e,
    const struct dgram *d)
{
	struct addr local = echo_udp_local_of(e, d);

	/* It may be ourselves that we hear. */
	if (d->peer.len == 0 || addr_equal(&d->peer, &local))
		return false;
	if (u->one_peer)
		return addr_equal(&d->peer, &u->peer);
	return u->admits == NULL || u->admits(u->arg, &d->peer, &local);
}

static void
echo_udp_greet(struct echo_udp *u, const struct reflector *e,
    const struct dgram *d)
{
	if (addr_equal(&d->peer, &u->peer))
		return;
	echo_udp_say_accepted(u, e, d);
	if (!u->conn.run->plan->keep_open)
		echo_udp_choose(u, e, d);
	u->peer = d->peer;
}

/* One line an errno, and only for the curious: it is one client's trouble. */
static void
echo_udp_warn(void *arg, int num, const char *op)
{
	struct echo_udp *u = arg;
	const struct run *r = u->conn.run;
	struct error err;

	if (r->plan->verbose == 0 || r->messages->warn == NULL ||
	    num == u->warned)
		return;
	u->warned = num;
	error_set(&err, num, op, "%s", "the datagram socket");
	(void)r->messages->warn(r->plan, &err);
}

/* Who asks for messages wants to know what is none. */
static bool
echo_udp_is_sound(struct echo_udp *u, const struct dgram *d)
{
	const struct run *r = u->conn.run;
	const struct frame_rules rules = run_frame_rules(r->plan);
	char why[FRAME_WHY_MAX];

	if (rules.format == FRAME_NONE ||
	    frame_all_whole(&rules, d->data, d->len, why))
		return true;
	u->lost += d->len;
	joined_say_broken(r, &d->peer, &u->told, why);
	return false;
}

static bool
echo_udp_keep(void *arg, struct reflector *e, const struct dgram *d)
{
	struct echo_udp *u = arg;
	int64_t now = loop_now(echo_udp_loop_of(u));

	if (!echo_udp_is_welcome(u, e, d))
		return false;
	echo_udp_greet(u, e, d);
	u->received += d->len;
	u->active = now;
	if (u->reads_left != 0 && --u->reads_left == 0)
		echo_udp_end(u, OUTCOME_LIMIT);
	if (d->cut) {
		echo_udp_warn(u, EMSGSIZE, "read from");
		u->lost += d->len;
		return false;
	}
	if (!echo_udp_is_sound(u, d))
		return false;
	if (!loopguard_passes(u->guard, &d->peer, d->data, d->len, now))
		return false;
	loopguard_answered(u->guard, &d->peer, d->data, d->len, now);
	return true;
}

static void
echo_udp_stop(struct conn *c, bool now)
{
	struct echo_udp *u = (struct echo_udp *)c;

	if (!now) {
		echo_udp_end(u, OUTCOME_SIGNAL);
		return;
	}
	if (c->run->deadline.passed)
		(void)echo_udp_tell(u);
	echo_udp_dispose(u);
}

static const struct conn_ops echo_udp_ops = { .stop = echo_udp_stop };

static struct echo_udp *
echo_udp_make(const struct conn_start *start, const struct echo_sockets *s)
{
	struct echo_udp *u = calloc(1, sizeof(*u) + s->n * sizeof(u->ears[0]));

	if (u == NULL)
		return NULL;
	u->conn = (struct conn){ .run = start->run, .ops = &echo_udp_ops,
	    .over = start->over, .arg = start->arg };
	u->admits = s->admits;
	u->arg = s->arg;
	u->timer = (struct timer){ .fire = echo_udp_on_timer, .arg = u };
	u->started = loop_now(start->run->loop);
	u->guard = loopguard_new();
	return u;
}

/* Take all of them; -1 with errno when one cannot be watched. */
static int
echo_udp_open_ears(struct echo_udp *u, const struct echo_sockets *s)
{
	struct reflector *e;
	int rc = u->guard != NULL ? 0 : -1;

	while (u->n < s->n) {
		e = &u->ears[u->n];
		*e = (struct reflector){ .keep = echo_udp_keep,
		    .failed = echo_udp_warn, .arg = u };
		if (reflect_open(e, echo_udp_loop_of(u), &s->fds[u->n]) == -1)
			rc = -1;
		u->n++;
	}
	return rc;
}

static void
echo_udp_close_all(const struct echo_sockets *s)
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
	struct echo_udp *u = echo_udp_make(start, s);
	struct error err;

	if (u != NULL && echo_udp_open_ears(u, s) == 0) {
		if (start->peer != NULL)
			echo_udp_settle(u, start->peer);
		metrics_start(start->run, u, NULL, start->peer);
		return &u->conn;
	}
	error_set(&err, errno, "watch", "the datagram socket");
	*status = start->run->messages->failed(start->run->plan, &err);
	if (u != NULL)
		echo_udp_dispose(u);
	else
		echo_udp_close_all(s);
	return NULL;
}
