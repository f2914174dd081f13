/*
 * An echo of datagrams: each goes back to its sender.
 *
 * Laws: answers leave from the address that was asked; an error of one
 * datagram concerns that datagram alone; the echo never answers itself, and
 * distinguishes servers that answer each other from clients (net/loopguard.h).
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>

#include "base/errclass.h"
#include "endpoint/udp_reply.h"
#include "net/loopguard.h"
#include "pump/flow.h"
#include "run/metrics.h"
#include "serve/conn.h"
#include "serve/dgram_senders.h"

/* A socket, and the flow from its read half to its write half. */
struct echo_sock {
	struct udp_reply	 reply;
	struct endpoint		 ep;
	struct flow		 flow;
};

struct echo_udp {
	struct conn		 conn;
	bool			(*admits)(void *, const struct addr *,
				    const struct addr *);
	void			*arg;
	struct loopguard	*guard;
	bool			 one_peer;	/* answer this peer alone */
	struct addr		 peer;		/* who sent the last datagram */
	unsigned		 reads_left;	/* 0: no limit */
	int			 warned;	/* errno of the last warning */
	struct addr		 broken;	/* sender of the last broken
						   frames that were reported */
	int64_t			 active;	/* when a datagram came last */
	uint64_t		 received;	/* bytes of all datagrams */
	uint64_t		 lost;		/* ... of those that were cut
						   or no frames */
	uint64_t		 stopped;	/* datagrams of loops */
	struct dgram_drops	 drops;		/* of sockets that are closed */
	size_t			 n;
	struct echo_sock	 socks[];
};

/* ---- The only peer ------------------------------------------------------ */

/* From now on there is one peer, and the limits of time count. */
static void
echo_udp_settle_on(struct echo_udp *u, const struct addr *peer)
{
	struct conn *c = &u->conn;

	u->one_peer = true;
	u->peer = *peer;
	c->started = u->active = loop_now(c->run->loop);
	u->reads_left = c->run->plan->end.max_reads;
	conn_arm(c);
}

/* The bytes that the flow holds are lost. */
static void
echo_udp_close(struct echo_udp *u, struct echo_sock *s)
{
	flow_cancel(&s->flow);
	run_count_drops(u->conn.run, &s->ep.in_bottom.fd, &u->drops);
	endpoint_close(&s->ep);
}

/*
 * connect(2) gives a socket bound to the wildcard one of our addresses for
 * good. If the peer did not send to that address, datagrams of the peer would
 * not be received any more; a second socket shows the address in advance.
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

/* The system refuses the datagrams of other senders from now on. */
static void
echo_udp_choose(struct echo_udp *u, const struct udp_reply *r,
    const struct dgram *d)
{

	for (size_t i = 0; i < u->n; i++)
		if (&u->socks[i].reply != r)
			echo_udp_close(u, &u->socks[i]);
	if (echo_udp_may_connect(d))
		(void)connect(r->ep->in_bottom.fd.num, &d->peer.u.sa,
		    d->peer.len);
	echo_udp_settle_on(u, &d->peer);
}

/* ---- Datagrams ---------------------------------------------------------- */

/* The address that the datagram was sent to. */
static struct addr
echo_udp_local_of(const struct udp_reply *r, const struct dgram *d)
{
	struct addr local = d->local;

	if (local.len == 0)
		return r->bound;
	addr_set_port(&local, addr_port(&r->bound));
	return local;
}

static bool
echo_udp_is_welcome(const struct echo_udp *u, const struct udp_reply *r,
    const struct dgram *d)
{
	struct addr local = echo_udp_local_of(r, d);

	/* The sender may be this socket. */
	if (d->peer.len == 0 || addr_equal(&d->peer, &local))
		return false;
	if (u->one_peer)
		return addr_equal(&d->peer, &u->peer);
	return u->admits == NULL || u->admits(u->arg, &d->peer, &local);
}

static void
echo_udp_greet(struct echo_udp *u, const struct udp_reply *r,
    const struct dgram *d)
{
	const struct run *run = u->conn.run;
	struct addr peer = d->peer, local = echo_udp_local_of(r, d);

	if (addr_equal(&d->peer, &u->peer))
		return;
	if (!run->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	messages_report(run->plan, &(struct report){ EVENT_ACCEPTED,
	    .peer = &peer, .local = &local });
	if (!run->plan->keep_open)
		echo_udp_choose(u, r, d);
	u->peer = d->peer;
}

/*
 * Warns once of each errno in a row: with -v of the error of one client, always
 * of a shortage, which stops the answers to all.
 */
static void
echo_udp_warn(void *arg, int num, const char *op)
{
	struct echo_udp *u = arg;
	const struct run *r = u->conn.run;
	struct error err;

	if ((r->plan->verbose == 0 && !errclass_is(num, ERRCLASS_SHORT)) ||
	    r->messages->warn == NULL || num == u->warned)
		return;
	u->warned = num;
	error_set(&err, num, op, "%s", "the datagram socket");
	(void)r->messages->warn(r->plan, &err);
}

/* --framing: whether the datagram is made of whole messages. */
static bool
echo_udp_is_sound(struct echo_udp *u, const struct dgram *d)
{
	const struct run *r = u->conn.run;
	const struct frame_rules rules = run_frame_rules(r->plan);
	char why[FRAME_WHY_MAX];

	if (rules.format == FRAME_NONE ||
	    frame_all_whole(&rules, d->data, d->len, why))
		return true;
	dgram_senders_report(r, &d->peer, &u->broken, why);
	return false;
}

static bool
echo_udp_keep(void *arg, struct udp_reply *r, const struct dgram *d)
{
	struct echo_udp *u = arg;
	struct conn *c = &u->conn;
	int64_t now = loop_now(c->run->loop);

	if (c->state != CONN_SERVING || !echo_udp_is_welcome(u, r, d))
		return false;
	echo_udp_greet(u, r, d);
	u->received += d->len;
	u->active = now;
	if (u->reads_left != 0 && --u->reads_left == 0)
		conn_leave(c, SESSION_LIMIT);
	if (d->cut)
		echo_udp_warn(u, EMSGSIZE, "read from");
	if (d->cut || !echo_udp_is_sound(u, d)) {
		u->lost += d->len;
		return false;
	}
	if (loopguard_echoes(u->guard, &d->peer, d->data, d->len, now))
		return true;
	if (u->stopped++ == 0)
		dgram_senders_warn(c->run, &d->peer, DGRAM_SENDERS_LOOP);
	return false;
}

/* ---- The kind of conn --------------------------------------------------- */

/* Many peers have no limits of silence and of time. */
static int64_t
echo_udp_silent_since(const struct conn *c)
{
	const struct echo_udp *u = (const struct echo_udp *)c;

	return u->one_peer ? u->active : 0;
}

static void
echo_udp_leave(struct conn *c)
{
	struct echo_udp *u = (struct echo_udp *)c;

	for (size_t i = 0; i < u->n; i++)
		flow_finish(&u->socks[i].flow, FLOW_LIMIT);
	conn_close(c);
}

static void
echo_udp_settle(struct conn *c, struct outcome *o)
{
	struct echo_udp *u = (struct echo_udp *)c;
	struct echo_sock *s;

	dgram_senders_dropped(c->run, u->stopped, DGRAM_SENDERS_STOPPED);
	o->received = u->received;
	o->lost_out += u->lost;
	for (s = u->socks; s < u->socks + u->n; s++) {
		echo_udp_close(u, s);
		o->sent += s->flow.ledger.written;
		o->lost_out += s->flow.ledger.lost - s->reply.unheard;
	}
	o->drops = u->drops;
}

/* This conn is all there is, also with -k. */
static void
echo_udp_dispose(struct conn *c)
{
	struct echo_udp *u = (struct echo_udp *)c;

	for (size_t i = 0; i < u->n; i++) {
		echo_udp_close(u, &u->socks[i]);
		flow_free(&u->socks[i].flow);
	}
	free(u->guard);
}

static const struct conn_ops echo_udp_ops = {
	.silent_since = echo_udp_silent_since,
	.leave = echo_udp_leave,
	.settle = echo_udp_settle,
	.dispose = echo_udp_dispose,
	.always_reports = true
};

static void
echo_udp_step(void *arg)
{
	struct echo_sock *s = arg;

	flow_step(&s->flow);
	endpoint_touch(&s->ep);
}

/* -1 with errno: the socket is closed. */
static int
echo_udp_open(struct echo_udp *u, struct echo_sock *s, const struct fd *fd)
{
	struct flow_options options = { .batches = true };
	struct fd socket = *fd;

	s->reply = (struct udp_reply){ .keep = echo_udp_keep,
	    .failed = echo_udp_warn, .arg = u };
	if (udp_reply_init(&s->reply, &s->ep, u->conn.run->loop, fd) == -1) {
		flow_init_absent(&s->flow, "echo");
		fd_close(&socket);
		return -1;
	}
	progress_count(u->conn.run, &options, NULL);
	flow_init(&s->flow, "echo", &s->ep.in, &s->ep.out, &options);
	s->ep.notify = echo_udp_step;
	s->ep.user = s;
	endpoint_touch(&s->ep);
	return 0;
}

/* Takes all sockets; -1 with errno if any cannot be watched. */
static int
echo_udp_open_all(struct echo_udp *u, const struct echo_sockets *s)
{
	int rc = u->guard != NULL ? 0 : -1;

	for (; u->n < s->n; u->n++)
		if (echo_udp_open(u, &u->socks[u->n], &s->fds[u->n]) == -1)
			rc = -1;
	return rc;
}

static struct conn *
echo_udp_fail(struct echo_udp *u, const struct conn_start *start,
    const struct echo_sockets *s, int *status)
{
	struct error err;
	struct fd fd;

	error_set(&err, errno, "watch", "the datagram socket");
	*status = start->run->messages->failed(start->run->plan, &err);
	if (u != NULL)
		conn_stop(&u->conn, true);
	for (size_t i = 0; u == NULL && i < s->n; i++) {
		fd = s->fds[i];
		fd_close(&fd);
	}
	return NULL;
}

struct conn *
conn_echo_sockets(const struct conn_start *start,
    const struct echo_sockets *s, int *status)
{
	struct echo_udp *u;

	u = conn_new(sizeof(*u) + s->n * sizeof(u->socks[0]), &echo_udp_ops,
	    start);
	if (u == NULL)
		return echo_udp_fail(u, start, s, status);
	u->admits = s->admits;
	u->arg = s->arg;
	u->guard = loopguard_new();
	if (echo_udp_open_all(u, s) == -1)
		return echo_udp_fail(u, start, s, status);
	if (start->peer != NULL)
		echo_udp_settle_on(u, start->peer);
	metrics_start(start->run, u, &(struct metrics_of){
	    .peer = start->peer, .local = start->local });
	return &u->conn;
}
