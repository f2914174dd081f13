/*
 * The senders behind bound datagram sockets. See peers.h for the laws.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/num.h"
#include "peers/peers.h"

/* Bytes that wait for a peer, and for all peers; with their overhead. */
#define PEER_ROOM	((size_t)4 << 20)
#define TOTAL_ROOM	((size_t)64 << 20)
/* The largest datagram that a flow has room for. */
#define DGRAM		((size_t)64 << 10)
/* Batches in a turn. */
#define TURN_BATCHES	8
/* epoll does not report room in the queue of a Unix peer, or in a device. */
#define RETRY		(20 * NSEC_PER_MSEC)
/* The pause in admitting peers after a start that failed. */
#define REST		NSEC_PER_SEC

/* ---- The table ---------------------------------------------------------- */

/* Seeded, so that forged senders cannot fill a single slot. */
static struct udp_peers *
peers_slot(struct peers *s, const struct addr *a)
{
	return &s->table[loopguard_hash_addr(s->admission.seed, a) %
	    PEERS_TABLE];
}

static struct udp_peer *
peers_find(struct peers *s, const struct addr *a)
{
	struct udp_peer *p;

	TAILQ_FOREACH(p, peers_slot(s, a), link)
		if (addr_equal(&p->peer, a))
			return p;
	return NULL;
}

/* The peer was sent to, or heard, which may be for the first or second time. */
static void
peers_note_active(struct udp_peer *p, bool heard)
{
	struct peers *s = p->of;

	if (p->once)
		TAILQ_REMOVE(&s->once, p, once_link);
	p->once = heard ? p->active == 0 : p->once;
	p->active = loop_now(s->loop);
	if (p->once)
		TAILQ_INSERT_TAIL(&s->once, p, once_link);
}

/* ---- Notifying endpoints ------------------------------------------------ */

static void
peers_add_news(struct udp_peer *p)
{
	if (p->news)
		return;
	p->news = true;
	TAILQ_INSERT_TAIL(&p->of->news, p, news_link);
}

static void
peers_notify(struct peers *s)
{
	struct udp_peer *p;

	while ((p = TAILQ_FIRST(&s->news)) != NULL) {
		TAILQ_REMOVE(&s->news, p, news_link);
		p->news = false;
		if (p->ep->notify != NULL)
			p->ep->notify(p->ep->user);
	}
}

/* ---- The queue ---------------------------------------------------------- */

/* What a record takes of the room. */
static size_t
peers_record_cost(size_t len)
{
	return len + sizeof(struct record) + 2 * sizeof(void *);
}

static void
peers_keep(struct udp_peer *p, const struct dgram *d)
{
	struct peers *s = p->of;
	const struct run *r = s->admission.run;
	size_t n = peers_record_cost(d->len);
	struct record *rec = NULL;

	/* One datagram always fits, whatever other peers hold. */
	if (TAILQ_EMPTY(&p->queue) || (p->held + n <= s->peer_room &&
	    s->held + n <= s->total_room))
		rec = malloc(sizeof(*rec) + d->len);
	if (rec == NULL) {
		s->admission.drops.full++;
		if (!p->overrun)
			peers_warn(r, &p->peer, peers_near(r, "is faster than "
			    "its command: datagrams are dropped", "is faster "
			    "than its target: datagrams are dropped",
			    "is faster than the echo: datagrams are dropped"));
		p->overrun = true;
		return;
	}
	rec->len = d->len;
	rec->whole = d->whole;
	memcpy(rec->data, d->data, d->len);
	TAILQ_INSERT_TAIL(&p->queue, rec, link);
	p->held += n;
	s->held += n;
	p->ep->in.ready = true;
	peers_add_news(p);
}

static void
peers_drop_first(struct udp_peer *p)
{
	struct record *rec = TAILQ_FIRST(&p->queue);
	size_t n = peers_record_cost(rec->len);

	TAILQ_REMOVE(&p->queue, rec, link);
	p->held -= n;
	p->of->held -= n;
	free(rec);
}

/* ---- The layer ---------------------------------------------------------- */

static enum io
peers_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	const struct record *rec = TAILQ_FIRST(&p->queue);

	if (rec == NULL)
		return IO_AGAIN;
	(void)fd_store(iov, cnt, 0, rec->data, rec->len);
	*n = rec->whole;
	peers_drop_first(p);
	p->taken = true;
	return IO_OK;
}

/* With the cost of records, so that an empty datagram counts too. */
static size_t
peers_pending(const struct layer *l)
{
	return ((const struct udp_peer *)l)->held;
}

/* After a failed send: has the peer wait, unless the failure is its own. */
static enum io
peers_block(struct udp_peer *p, enum io io)
{
	struct peers *s = p->of;

	if (io != IO_AGAIN && errno != ENOBUFS)
		return io;
	if (io != IO_AGAIN || addr_family(&p->peer) == AF_UNIX) {
		timer_set(s->loop, &p->retry, loop_now(s->loop) + RETRY);
		return IO_AGAIN;
	}
	if (!p->blocked) {
		p->blocked = true;
		TAILQ_INSERT_TAIL(&p->sock->blocked, p, blocked_link);
	}
	loop_touch(s->loop, &p->sock->watch);
	return IO_AGAIN;
}

static void
peers_forget_block(struct udp_peer *p)
{
	if (!p->blocked)
		return;
	p->blocked = false;
	TAILQ_REMOVE(&p->sock->blocked, p, blocked_link);
}

static enum io
peers_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	struct admission *a = &p->of->admission;
	enum io io;

	/* A sender without a name cannot be answered. */
	if (p->peer.len == 0) {
		errno = EDESTADDRREQ;
		return IO_FAIL;
	}
	if (!peers_may_answer(a, &p->credit, &p->peer, fd_total(iov, cnt)))
		return IO_AGAIN;
	io = dgram_send(&p->sock->fd, iov, cnt, &p->peer, &p->local, n);
	if (io != IO_OK)
		return peers_block(p, io);
	peers_note_active(p, false);
	/* A flow with an empty ring gives a datagram in a single iovec. */
	peers_answered(a, &p->credit, &p->peer, iov->iov_base, iov->iov_len);
	return IO_OK;
}

/* Copies the waiting datagrams into a batch. */
static enum io
peers_take_batch(struct layer *l, struct batch **b)
{
	struct udp_peer *p = (struct udp_peer *)l;
	struct record *rec = TAILQ_FIRST(&p->queue);

	if (rec == NULL)
		return IO_AGAIN;
	if (*b == NULL && (*b = batch_new(DGRAM,
	    loop_buf_cache(p->of->loop))) == NULL)
		return IO_FAIL;
	while (rec != NULL && batch_add(*b, &(struct iovec){
	    .iov_base = rec->data, .iov_len = rec->len }, 1)) {
		batch_note_cut(*b, rec->whole - rec->len);
		peers_drop_first(p);
		rec = TAILQ_FIRST(&p->queue);
	}
	p->taken = true;
	return IO_OK;
}

static enum io
peers_send_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	const void *last;
	size_t len;
	enum io io;

	if (p->peer.len == 0) {
		errno = EDESTADDRREQ;
		return IO_FAIL;
	}
	batch_direct(b, &p->peer, &p->local);
	io = batch_write(b, &p->sock->fd, n);
	/* A broadcast address, or removed from this host meanwhile. */
	if (io == IO_FAIL && (errno == EINVAL || errno == EADDRNOTAVAIL) &&
	    batch_forget_local(b))
		io = batch_write(b, &p->sock->fd, n);
	if (io != IO_OK)
		return peers_block(p, io);
	peers_note_active(p, false);
	len = batch_sent(b, 0, &last);
	peers_answered(&p->of->admission, &p->credit, &p->peer, last, len);
	return IO_OK;
}

/*
 * Unread datagrams go to a new endpoint. But each endpoint consumes at least
 * one datagram, or a command that ends at once would be started for ever.
 */
static void
peers_close(struct layer *l)
{
	struct udp_peer *p = (struct udp_peer *)l;
	struct peers *s = p->of;

	timer_clear(s->loop, &p->retry);
	TAILQ_REMOVE(peers_slot(s, &p->peer), p, link);
	if (p->once)
		TAILQ_REMOVE(&s->once, p, once_link);
	if (p->news)
		TAILQ_REMOVE(&s->news, p, news_link);
	peers_forget_block(p);
	p->ep = NULL;
	if (!p->taken && !TAILQ_EMPTY(&p->queue)) {
		s->admission.drops.left++;
		peers_drop_first(p);
	}
	if (TAILQ_EMPTY(&p->queue)) {
		free(p);
		return;
	}
	TAILQ_INSERT_TAIL(&s->left, p, news_link);
	loop_post(s->loop, &s->again);
}

static const struct layer_ops peers_layer_ops = {
	.read = peers_read, .write = peers_write,
	.read_batch = peers_take_batch,
	.write_batch = peers_send_batch,
	.pending = peers_pending,
	.close = peers_close
};

/* ---- Peers come --------------------------------------------------------- */

int
peers_join(struct peers *s, struct endpoint *ep, const char *name,
    void *tag)
{
	struct udp_peer *p = calloc(1, sizeof(*p));

	endpoint_init(ep, s->loop);
	if (p == NULL)
		return -1;
	p->layer.ops = &peers_layer_ops;
	p->of = s;
	p->sock = s->at;
	p->peer = *s->from;
	p->local = *s->to;
	p->credit.answered = peers_knows(&s->admission, &p->peer);
	TAILQ_INIT(&p->queue);
	(void)strlcpy(p->name, name, sizeof(p->name));
	p->ep = ep;
	p->retry = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	p->tag = tag;
	ep->in = (struct half){ .top = &p->layer, .name = p->name,
	    .record = true, .owner = ep };
	ep->out = ep->in;
	ep->out.ready = true;
	TAILQ_INSERT_TAIL(peers_slot(s, &p->peer), p, link);
	return 0;
}

/* The peer of this sender, which may be new; NULL: no endpoint was made. */
static struct udp_peer *
peers_meet(struct peers *s, struct udp_sock *e, const struct addr *from,
    const struct addr *to)
{
	struct udp_peer *p = peers_find(s, from);
	struct addr peer, local;

	if (p != NULL || s->stopped)
		return p;
	peer = *from;
	local = to->len != 0 ? *to : e->bound;
	if (!peers_admit(&s->admission, from, &local, -1))
		return NULL;
	s->at = e;
	s->from = from;
	s->to = to;
	s->met = true;
	if (!s->admission.run->plan->show_mapped) {
		addr_unmap(&peer);
		addr_unmap(&local);
	}
	s->ops->serve(s->arg, &peer, &local);
	s->at = NULL;
	return peers_find(s, from);
}

/* Passes unread datagrams on to new endpoints of their peers. */
static void
peers_pass_on_left(struct peers *s)
{
	struct udp_peer *p, *next;
	struct record *rec;

	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		next = peers_meet(s, p->sock, &p->peer, &p->local);
		if (next != NULL) {
			peers_note_active(next, true);
			next->credit = p->credit;
			next->held += p->held;
			next->ep->in.ready = true;
			peers_add_news(next);
		}
		while ((rec = TAILQ_FIRST(&p->queue)) != NULL) {
			if (next == NULL) {
				s->admission.drops.left++;
				peers_drop_first(p);
				continue;
			}
			TAILQ_REMOVE(&p->queue, rec, link);
			TAILQ_INSERT_TAIL(&next->queue, rec, link);
		}
		free(p);
	}
}

static void
peers_on_left(void *arg)
{
	peers_pass_on_left(arg);
	peers_notify(arg);
}

/* ---- Datagrams come ----------------------------------------------------- */

/* Whether the sender is this socket: the answer would be answered. */
static bool
peers_is_own(const struct udp_sock *e, const struct addr *from,
    const struct addr *to)
{
	struct addr a = *from;

	if (from->len == 0)
		return false;
	if (!e->wildcard)
		return addr_equal(from, &e->bound);
	addr_unmap(&a);
	return addr_port(from) == addr_port(&e->bound) &&
	    (addr_equal(from, to) || (addr_family(&a) == AF_INET ?
	    ntohl(a.u.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET :
	    addr_family(&a) == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&a.u.in6.sin6_addr)));
}

/* Queues a datagram for its peer. False: the batch need not keep the copy. */
static bool
peers_sort(void *arg, const struct dgram *d)
{
	struct udp_sock *e = arg;
	struct peers *s = e->of;
	struct peers_drops *drops = &s->admission.drops;
	struct addr to = d->local;
	struct udp_peer *p;
	uint64_t barred;

	addr_set_port(&to, addr_port(&e->bound));
	if (peers_is_own(e, &d->peer, to.len != 0 ? &to : &e->bound)) {
		drops->own++;
		return false;
	}
	if (!peers_hear(&s->admission, &d->peer, d->data, d->len, false))
		return false;
	/* The datagrams left by closed endpoints are older than this. */
	peers_pass_on_left(s);
	barred = drops->denied + drops->hurried;
	p = peers_meet(s, e, &d->peer, &to);
	if (p == NULL) {
		drops->no_place += drops->denied + drops->hurried == barred;
		return false;
	}
	peers_note_active(p, true);
	if (peers_credit_add(&s->admission, &p->credit, &p->peer, d->len)) {
		p->ep->out.ready = true;
		peers_add_news(p);
	}
	peers_keep(p, d);
	return false;
}

/* False: nothing more is read in this turn. */
static bool
peers_read_batch(struct udp_sock *e)
{
	struct peers *s = e->of;
	enum io io = batch_read(e->batch, &e->fd);
	struct error err;

	if (io == IO_FAIL && !errclass_is(errno, ERRCLASS_REPORT |
	    ERRCLASS_RESET | ERRCLASS_SHORT)) {
		error_set(&err, errno, "read from", "the datagram socket");
		run_fail(s->admission.run, &err);
	}
	if (io != IO_OK)
		return false;
	s->met = false;
	batch_sift(e->batch, peers_sort, e);
	/* New peers are expensive, so other peers get a turn after them. */
	return !s->met;
}

static unsigned
peers_want(void *arg)
{
	const struct udp_sock *e = arg;
	const struct udp_peer *p;

	TAILQ_FOREACH(p, &e->blocked, blocked_link)
		if (p->ep->out.wants != NULL && p->ep->out.wants(
		    p->ep->out.user))
			return LOOP_IN | LOOP_OUT;
	return LOOP_IN;
}

static void
peers_on_ready(void *arg, unsigned what)
{
	struct udp_sock *e = arg;
	struct udp_peer *p;

	while ((what & LOOP_OUT) && (p = TAILQ_FIRST(&e->blocked)) != NULL) {
		peers_forget_block(p);
		p->ep->out.ready = true;
		peers_add_news(p);
	}
	for (int i = 0; (what & LOOP_IN) && i < TURN_BATCHES; i++)
		if (!peers_read_batch(e))
			break;
	peers_notify(e->of);
}

/* ---- The beginning and the end ------------------------------------------ */

static int
peers_open_sock(struct peers *s, struct udp_sock *e)
{
	/* Pages of the batch that are never used cost nothing. */
	if ((e->batch = batch_new(DGRAM, NULL)) == NULL)
		return -1;
	(void)addr_local(&e->bound, e->fd.num);
	e->wildcard = addr_is_any(&e->bound);
	if (e->wildcard)
		batch_ask_local(&e->fd, addr_family(&e->bound));
	e->watch = (struct watch){ .fd = e->fd.num, .want = peers_want,
	    .ready = peers_on_ready, .arg = e };
	if (loop_watch(s->loop, &e->watch) == 0)
		return 0;
	e->watch.fd = -1;
	return -1;
}

struct peers *
peers_new(struct run *r, const struct fd *fds, size_t n,
    const struct peers_ops *ops, void *arg)
{
	struct peers *s = calloc(1, sizeof(*s) + n * sizeof(s->socks[0]));
	struct fd fd;
	int num = 0;

	if (s == NULL || admission_init(&s->admission, r, true) == -1) {
		for (; n > 0; n--) {
			fd = *fds++;
			fd_close(&fd);
		}
		free(s);
		errno = ENOMEM;
		return NULL;
	}
	s->admission.greets = true;
	s->admission.has_place = ops->has_place;
	s->admission.arg = arg;
	s->loop = r->loop;
	s->ops = ops;
	s->arg = arg;
	s->peer_room = PEER_ROOM;
	s->total_room = TOTAL_ROOM;
	for (size_t i = 0; i < PEERS_TABLE; i++)
		TAILQ_INIT(&s->table[i]);
	TAILQ_INIT(&s->once);
	TAILQ_INIT(&s->news);
	TAILQ_INIT(&s->left);
	s->again = (struct task){ .run = peers_on_left, .arg = s };
	/* All are entered before any may fail: peers_free closes each. */
	for (; s->n < n; s->n++) {
		s->socks[s->n] = (struct udp_sock){ .of = s,
		    .fd = fds[s->n], .watch.fd = -1 };
		TAILQ_INIT(&s->socks[s->n].blocked);
	}
	for (size_t i = 0; i < n && num == 0; i++)
		if (peers_open_sock(s, &s->socks[i]) == -1)
			num = errno;
	if (num == 0)
		return s;
	peers_free(s);
	errno = num;
	return NULL;
}

void
peers_free(struct peers *s)
{
	struct udp_peer *p;

	if (s == NULL)
		return;
	loop_unpost(s->loop, &s->again);
	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		while (!TAILQ_EMPTY(&p->queue))
			peers_drop_first(p);
		free(p);
	}
	for (size_t i = 0; i < s->n; i++) {
		loop_unwatch(s->loop, &s->socks[i].watch);
		fd_close(&s->socks[i].fd);
		batch_free(s->socks[i].batch);
	}
	admission_free(&s->admission);
	free(s);
}

void *
peers_idlest(const struct peers *s, int64_t silent)
{
	const struct udp_peer *p = TAILQ_FIRST(&s->once);

	return p != NULL && loop_now(s->loop) - p->active >= silent ?
	    p->tag : NULL;
}

void
peers_rest(struct peers *s)
{
	s->admission.rest_until = loop_now(s->loop) + REST;
}

void
peers_stop(struct peers *s)
{
	s->stopped = true;
}

void
peers_report(struct peers *s)
{
	const struct udp_peer *p;

	TAILQ_FOREACH(p, &s->left, news_link)
		for (const struct record *rec = TAILQ_FIRST(&p->queue);
		    rec != NULL; rec = TAILQ_NEXT(rec, link))
			s->admission.drops.left++;
	peers_report_drops(&s->admission);
	/* The kernel's drops are of no peer alone: the run reports them. */
	for (size_t i = 0; i < s->n; i++)
		run_count_drops(s->admission.run, &s->socks[i].fd, NULL);
}
