/*
 * An echo of datagrams: each goes back to its sender, in batches.
 *
 * Laws: nothing is read before all of the last batch is sent or dropped;
 * answers leave from the address that was asked; an error of one datagram
 * concerns that datagram alone; the echo never answers itself, and
 * distinguishes servers that answer each other from clients
 * (peers/loopguard.h); an idle socket holds no memory and takes no turns.
 */
#include <sys/socket.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/diag.h"
#include "base/num.h"
#include "frame/frame.h"
#include "io/fd_batch.h"
#include "peers/admit.h"
#include "pump/flow.h"
#include "run/inputs.h"
#include "run/metrics.h"
#include "serve/conn.h"

/* The largest datagram: of UDP, and of a Unix socket by default. */
#define ROOM_INET	((size_t)64 << 10)
#define ROOM_UNIX	((size_t)256 << 10)
/*
 * epoll does not report room in the queue of a Unix peer, or in a device
 * (ENOBUFS). After so many pauses the datagram is dropped, because the
 * datagrams after it wait as well.
 */
#define PAUSE		(20 * NSEC_PER_MSEC)
#define PAUSES		10

/*
 * A socket, its layer, which reads and writes datagrams together with their
 * addresses, and the flow from the read half to the write half.
 */
struct echo_sock {
	struct layer		 layer;
	struct echo_udp		*of;
	struct endpoint		 ep;
	struct flow		 flow;
	struct addr		 bound;		/* local address */
	struct timer		 retry;		/* set: no call is tried */
	unsigned		 pauses;	/* for the first datagram */
	bool			 retried;	/* ... which was tried again at
						   once */
	uint64_t		 unheard;	/* bytes dropped because their
						   peer has gone: not missed */
};

struct echo_udp {
	struct conn		 conn;
	struct admission	 admission;
	bool			 one_peer;	/* answer this peer alone */
	struct addr		 peer;		/* len 0: any */
	unsigned		 reads_left;	/* 0: no limit */
	int			 warned;	/* errno of the last warning */
	struct addr		 broken;	/* sender of the last broken
						   frames that were reported */
	int64_t			 active;	/* when a datagram came last */
	uint64_t		 received;	/* bytes of all datagrams */
	uint64_t		 shown;		/* ... since a pause */
	uint64_t		 lost;		/* ... of those that were cut
						   or no frames */
	struct dgram_drops	 drops;		/* of sockets that are closed */
	size_t			 n;
	struct echo_sock	 socks[];
};

/* ---- The only peer ------------------------------------------------------ */

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

/*
 * From now on there is one peer, and the limits of time count. d: the peer's
 * first datagram, by this socket; NULL: the sockets are connected.
 */
static void
echo_udp_settle_on(struct echo_udp *u, const struct addr *peer,
    const struct echo_sock *s, const struct dgram *d)
{
	struct conn *c = &u->conn;

	for (size_t i = 0; d != NULL && i < u->n; i++)
		if (&u->socks[i] != s)
			echo_udp_close(u, &u->socks[i]);
	/* The system refuses the datagrams of other senders from now on. */
	if (d != NULL && echo_udp_may_connect(d))
		(void)connect(s->ep.in_bottom.fd.num, &peer->u.sa, peer->len);
	u->one_peer = true;
	u->peer = *peer;
	c->started = u->active = conn_now(c);
	u->reads_left = c->run->plan->end.max_reads;
	conn_arm(c);
}

/* ---- Datagrams ---------------------------------------------------------- */

/*
 * Warns once of each errno in a row: with -v of the error of one client, always
 * of a shortage, which stops the answers to all.
 */
static void
echo_udp_warn(struct echo_udp *u, int num, const char *op)
{
	const struct run *r = u->conn.run;
	struct error err;

	if ((r->plan->verbose == 0 && !errclass_is(num, ERRCLASS_SHORT)) ||
	    num == u->warned)
		return;
	u->warned = num;
	error_set(&err, num, op, "%s", "the datagram socket");
	messages_warn(r->plan, &err);
}

/* Shows a datagram after the tag of its sender; with -v, not all of many. */
static void
echo_udp_show(struct echo_udp *u, const struct dgram *d)
{
	const struct plan *plan = u->conn.run->plan;
	const char *format = echo_tag(plan);
	struct addr peer;
	char *tag;
	size_t len;

	if (format == NULL ||
	    (plan->serve.tag == NULL && u->shown >= FLOW_MUCH))
		return;
	peer = d->peer;
	if (!plan->show_mapped)
		addr_unmap(&peer);
	tag = tag_text(format, &(struct tag){ .peer = &peer }, &len);
	if (tag == NULL)
		return;
	echo_show(plan, tag, u->shown, &(struct iovec){
	    (void *)(uintptr_t)d->data, d->len }, 1);
	u->shown += d->len;
	free(tag);
}

static bool
echo_udp_keep(void *arg, const struct dgram *d)
{
	struct echo_sock *s = arg;
	struct echo_udp *u = s->of;
	struct conn *c = &u->conn;
	const struct frame_rules rules = run_frame_rules(c->run->plan);
	struct addr local = d->local.len != 0 ? d->local : s->bound;
	char why[FRAME_WHY_MAX];
	bool sound;

	addr_set_port(&local, addr_port(&s->bound));
	/* A sender without a name gets no answer, nor does this socket. */
	if (c->state != CONN_SERVING || d->peer.len == 0 ||
	    addr_equal(&d->peer, &local) || (u->one_peer ?
	    !addr_equal(&d->peer, &u->peer) :
	    !peers_admit(&u->admission, &d->peer, &local, -1)))
		return false;
	if (!u->one_peer && !c->run->plan->keep_open)
		echo_udp_settle_on(u, &d->peer, s, d);
	u->received += d->len;
	if (conn_now(c) >= u->active + NSEC_PER_SEC)
		u->shown = 0;
	u->active = conn_now(c);
	if (u->reads_left != 0 && --u->reads_left == 0)
		conn_leave(c, SESSION_LIMIT);
	if (d->cut)
		echo_udp_warn(u, EMSGSIZE, "read from");
	/* --framing: the datagram has to be made of whole messages. */
	sound = rules.format == FRAME_NONE ||
	    frame_all_whole(&rules, d->data, d->len, why);
	if (!d->cut && !sound)
		peers_report_broken(c->run, &d->peer, &u->broken, why);
	if (d->cut || !sound) {
		u->lost += d->len;
		return false;
	}
	if (!peers_hear(&u->admission, &d->peer, d->data, d->len, true))
		return false;
	echo_udp_show(u, d);
	return true;
}

/* ---- The layer ---------------------------------------------------------- */

/* Whether the errno is the network's answer to an earlier datagram. */
static bool
echo_udp_is_soft(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_RESET);
}

static void
echo_udp_pause(struct echo_sock *s)
{
	timer_set(s->ep.loop, &s->retry, loop_now(s->ep.loop) + PAUSE);
}

static enum io
echo_udp_read_batch(struct layer *l, struct batch **b)
{
	struct echo_sock *s = (struct echo_sock *)l;
	enum io io = IO_FAIL;

	if (*b == NULL)
		*b = batch_new(addr_family(&s->bound) == AF_UNIX ?
		    ROOM_UNIX : ROOM_INET, loop_buf_cache(s->ep.loop));
	if (*b != NULL) {
		s->pauses = 0;
		s->retried = false;
		io = batch_read(*b, &s->ep.in_bottom.fd);
	}
	if (io == IO_OK) {
		batch_sift(*b, echo_udp_keep, s);
		return IO_OK;
	}
	if (io == IO_FAIL && (*b == NULL || !echo_udp_is_soft(errno))) {
		echo_udp_warn(s->of, errno, "read from");
		echo_udp_pause(s);
	}
	return IO_AGAIN;
}

/* After a failed send; false: the next send has to wait. */
static bool
echo_udp_mend(struct echo_sock *s, struct batch *b, int num)
{
	size_t n;

	if ((num == EAGAIN || num == ENOBUFS) && s->pauses++ < PAUSES) {
		echo_udp_pause(s);
		return false;
	}
	/* The errno may be the answer to an earlier datagram. */
	if (echo_udp_is_soft(num) && !s->retried) {
		s->retried = true;
		return true;
	}
	/* The address that was asked cannot be a source: a broadcast. */
	if ((num == EINVAL || num == EADDRNOTAVAIL) && batch_forget_local(b))
		return true;
	n = batch_drop(b);
	echo_udp_warn(s->of, num, "write to");
	if (echo_udp_is_soft(num) || num == ENOENT)
		s->unheard += n;
	s->pauses = 0;
	s->retried = false;
	return true;
}

static enum io
echo_udp_write_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct echo_sock *s = (struct echo_sock *)l;
	enum io io;
	size_t sent;

	for (*n = 0; batch_left(b) > 0; *n += sent) {
		io = batch_write(b, &s->ep.in_bottom.fd, &sent);
		if (io == IO_OK) {
			s->pauses = 0;
			s->retried = false;
			continue;
		}
		if ((io == IO_AGAIN && addr_family(&s->bound) != AF_UNIX) ||
		    !echo_udp_mend(s, b, io == IO_AGAIN ? EAGAIN : errno))
			return IO_AGAIN;
	}
	return IO_OK;
}

/* Neither half is waited for during a pause. */
static unsigned
echo_udp_want(const struct layer *l, unsigned wish)
{
	return timer_is_set(&((const struct echo_sock *)l)->retry) ? 0 : wish;
}

static void
echo_udp_close_layer(struct layer *l)
{
	struct echo_sock *s = (struct echo_sock *)l;

	timer_clear(s->ep.loop, &s->retry);
}

static const struct layer_ops echo_udp_layer_ops = {
	.read_batch = echo_udp_read_batch,
	.write_batch = echo_udp_write_batch,
	.want = echo_udp_want,
	.close = echo_udp_close_layer
};

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

	peers_report_drops(&u->admission);
	o->received = u->received;
	o->lost_out += u->lost;
	for (s = u->socks; s < u->socks + u->n; s++) {
		echo_udp_close(u, s);
		o->sent += s->flow.ledger.written;
		o->lost_out += s->flow.ledger.lost - s->unheard;
	}
	o->drops = u->drops;
}

/* For SIGUSR1: what is kept of all peers, and the last of them. */
static void
echo_udp_report(void *arg)
{
	const struct echo_udp *u = arg;
	const struct run *r = u->conn.run;
	const struct addr *last = u->one_peer ? &u->peer : &u->admission.last;
	char name[ENDPOINT_NAME_MAX];
	uint64_t sent = 0;

	if (last->len == 0) {
		diag_warnx("no datagram yet");
		return;
	}
	for (size_t i = 0; i < u->n; i++)
		sent += u->socks[i].flow.ledger.written;
	run_peer_name(r->plan, NULL, last, name, sizeof(name));
	diag_warnx("%s: last heard %.1f seconds ago", name,
	    (double)(conn_now(&u->conn) - u->active) / NSEC_PER_SEC);
	diag_warnx("all peers: sent %" PRIu64 " bytes, received %" PRIu64,
	    sent, u->received);
}

/* This conn is all there is, also with -k. */
static void
echo_udp_dispose(struct conn *c)
{
	struct echo_udp *u = (struct echo_udp *)c;

	c->run->report_others.call = NULL;
	for (size_t i = 0; i < u->n; i++) {
		echo_udp_close(u, &u->socks[i]);
		flow_free(&u->socks[i].flow);
	}
	admission_free(&u->admission);
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

	s->of = u;
	if (endpoint_socket(&s->ep, u->conn.run->loop, fd, true,
	    "the datagram socket") == -1) {
		flow_init_absent(&s->flow, "echo", NULL);
		fd_close(&socket);
		return -1;
	}
	s->layer.ops = &echo_udp_layer_ops;
	s->retry = (struct timer){ .fire = endpoint_wake_both, .arg = &s->ep };
	(void)addr_local(&s->bound, fd->num);
	if (addr_is_any(&s->bound))
		batch_ask_local(fd, addr_family(&s->bound));
	endpoint_wrap(&s->ep, &s->layer);
	progress_count(u->conn.run, &options, NULL);
	flow_init(&s->flow, "echo", &s->ep.in, &s->ep.out, &options);
	s->ep.notify = echo_udp_step;
	s->ep.user = s;
	endpoint_touch(&s->ep);
	return 0;
}

struct conn *
conn_echo_sockets(const struct conn_start *start, const struct fd *fds,
    size_t n, int *status)
{
	struct echo_udp *u = conn_new(sizeof(*u) + n * sizeof(u->socks[0]),
	    &echo_udp_ops, start);
	struct fd fd;
	int rc = 0;

	if (u == NULL ||
	    (rc = admission_init(&u->admission, start->run, true)) == -1)
		for (size_t i = 0; i < n; i++) {
			fd = fds[i];
			fd_close(&fd);
		}
	else
		for (; u->n < n; u->n++)
			if (echo_udp_open(u, &u->socks[u->n], &fds[u->n]) == -1)
				rc = -1;
	if (u == NULL || rc == -1) {
		*status = run_failed(start->run, "watch",
		    "the datagram socket");
		if (u != NULL)
			conn_stop(&u->conn, true);
		return NULL;
	}
	start->run->report_others = (struct run_hook){ echo_udp_report, u };
	u->admission.greets = true;
	if (start->peer != NULL)
		echo_udp_settle_on(u, start->peer, NULL, NULL);
	metrics_start(start->run, u, &(struct metrics_of){
	    .peer = start->peer, .local = start->local });
	return &u->conn;
}

struct conn *
conn_echo_datagrams(const struct conn_start *start, int *status)
{
	return conn_echo_sockets(start, start->fd, 1, status);
}
