/*
 * Datagram sockets shared by many peers. See udp_share.h for the laws.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "base/num.h"
#include "endpoint/udp_share.h"

/* Bytes that wait for a peer, and for all peers; with their overhead. */
#define PEER_ROOM	((size_t)4 << 20)
#define TOTAL_ROOM	((size_t)64 << 20)
/* The largest datagram that a flow has room for. */
#define DGRAM		((size_t)64 << 10)
/* Batches in a turn. */
#define TURN_BATCHES	8
/* epoll does not report room in the queue of a Unix peer, or in a device. */
#define RETRY		(20 * NSEC_PER_MSEC)

/* ---- The table ---------------------------------------------------------- */

static uint64_t
udp_share_mix(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n-- > 0)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h ^ (h >> 32);
}

/* Seeded, so that forged senders cannot fill a single slot. */
static uint64_t
udp_share_hash(const struct udp_share *s, const struct addr *a)
{
	unsigned port = addr_port(a);
	uint64_t h = udp_share_mix(s->seed, &port, sizeof(port));

	switch (addr_family(a)) {
	case AF_INET:
		h = udp_share_mix(h, &a->u.in.sin_addr,
		    sizeof(a->u.in.sin_addr));
		break;
	case AF_INET6:
		h = udp_share_mix(h, &a->u.in6.sin6_addr,
		    sizeof(a->u.in6.sin6_addr));
		break;
	case AF_UNIX:
		h = udp_share_mix(h, &a->u.un, a->len);
		break;
	}
	return h;
}

static size_t
udp_share_slot_of(const struct udp_share *s, const struct addr *a)
{
	return (size_t)(udp_share_hash(s, a) % UDP_TABLE);
}

static struct udp_peer *
udp_share_find(struct udp_share *s, const struct addr *a)
{
	struct udp_peer *p;

	TAILQ_FOREACH(p, &s->table[udp_share_slot_of(s, a)], link)
		if (addr_equal(&p->peer, a))
			return p;
	return NULL;
}

/* ---- The silence of peers ----------------------------------------------- */

static void
udp_share_note_active(struct udp_peer *p)
{
	p->active = loop_now(p->of->loop);
	if (!p->once)
		return;
	TAILQ_REMOVE(&p->of->once, p, once_link);
	TAILQ_INSERT_TAIL(&p->of->once, p, once_link);
}

static void
udp_share_heard(struct udp_peer *p)
{
	if (p->active == 0) {
		TAILQ_INSERT_TAIL(&p->of->once, p, once_link);
		p->once = true;
	} else if (p->once) {
		TAILQ_REMOVE(&p->of->once, p, once_link);
		p->once = false;
	}
	udp_share_note_active(p);
}

/* ---- Notifying endpoints ------------------------------------------------ */

static void
udp_share_add_news(struct udp_peer *p)
{
	if (p->news)
		return;
	p->news = true;
	TAILQ_INSERT_TAIL(&p->of->news, p, news_link);
}

static void
udp_share_notify(struct udp_share *s)
{
	struct udp_peer *p;

	while ((p = TAILQ_FIRST(&s->news)) != NULL) {
		TAILQ_REMOVE(&s->news, p, news_link);
		p->news = false;
		if (p->ep->notify != NULL)
			p->ep->notify(p->ep->user);
	}
}

/* ---- Amplification ------------------------------------------------------ */

bool
udp_share_knows(const struct udp_share *s, const struct addr *peer)
{
	return udp_known_has(s->known, udp_share_hash(s, peer),
	    loop_now(s->loop));
}

/* Counts a datagram from the peer, which may be its answer. */
static void
udp_share_count_got(struct udp_peer *p, size_t len)
{
	struct udp_share *s = p->of;
	bool waits = p->credit.withheld;

	if (!udp_credit_add(&p->credit, &p->peer, len))
		return;
	udp_known_add(s->known, udp_share_hash(s, &p->peer),
	    loop_now(s->loop));
	if (!waits)
		return;
	p->ep->out.ready = true;
	udp_share_add_news(p);
}

/* Whether an answer may be sent now; if not, the peer's next datagram wakes. */
static bool
udp_share_may_send(struct udp_peer *p, size_t len)
{
	struct udp_share *s = p->of;
	bool waits = p->credit.withheld;

	if (udp_credit_spend(&p->credit, &p->peer, len, s->opt.amplify))
		return true;
	if (!waits && s->opt.ops->withheld != NULL)
		s->opt.ops->withheld(s->opt.arg, &p->peer);
	return false;
}

/* ---- The queue ---------------------------------------------------------- */

static size_t
udp_share_cost(size_t len)
{
	return len + sizeof(struct record) + 2 * sizeof(void *);
}

static void
udp_share_keep(struct udp_peer *p, const struct dgram *d)
{
	struct udp_share *s = p->of;
	size_t n = udp_share_cost(d->len);
	struct record *rec = NULL;

	/* One datagram always fits, whatever other peers hold. */
	if (TAILQ_EMPTY(&p->queue) || (p->held + n <= s->opt.peer_room &&
	    s->held + n <= s->opt.total_room))
		rec = malloc(sizeof(*rec) + d->len);
	if (rec == NULL) {
		s->drops.full++;
		if (!p->overrun && s->opt.ops->overrun != NULL)
			s->opt.ops->overrun(s->opt.arg, &p->peer);
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
	udp_share_add_news(p);
}

static void
udp_share_drop_first(struct udp_peer *p)
{
	struct record *rec = TAILQ_FIRST(&p->queue);
	size_t n = udp_share_cost(rec->len);

	TAILQ_REMOVE(&p->queue, rec, link);
	p->held -= n;
	p->of->held -= n;
	free(rec);
}

/* ---- The layer ---------------------------------------------------------- */

static enum io
udp_share_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	const struct record *rec = TAILQ_FIRST(&p->queue);

	if (rec == NULL)
		return IO_AGAIN;
	(void)fd_store(iov, cnt, 0, rec->data, rec->len);
	*n = rec->whole;
	udp_share_drop_first(p);
	p->taken = true;
	return IO_OK;
}

/* With the cost of records, so that an empty datagram counts too. */
static size_t
udp_share_pending(const struct layer *l)
{
	return ((const struct udp_peer *)l)->held;
}

/* What a send that came to nothing means for the peer. */
static enum io
udp_share_block(struct udp_peer *p, enum io io)
{
	struct udp_share *s = p->of;

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
udp_share_forget_block(struct udp_peer *p)
{
	if (!p->blocked)
		return;
	p->blocked = false;
	TAILQ_REMOVE(&p->sock->blocked, p, blocked_link);
}

static enum io
udp_share_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	struct udp_share *s = p->of;
	size_t len = 0;
	enum io io;

	/* A sender without a name cannot be answered. */
	if (p->peer.len == 0) {
		errno = EDESTADDRREQ;
		return IO_FAIL;
	}
	for (int i = 0; i < cnt; i++)
		len += iov[i].iov_len;
	if (!udp_share_may_send(p, len))
		return IO_AGAIN;
	io = dgram_send(&p->sock->fd, iov, cnt, &p->peer, &p->local, n);
	if (io != IO_OK) {
		udp_credit_return(&p->credit, &p->peer, len, s->opt.amplify);
		return udp_share_block(p, io);
	}
	udp_share_note_active(p);
	/* A flow with an empty ring gives a datagram in a single iovec. */
	if (s->opt.ops->answered != NULL)
		s->opt.ops->answered(s->opt.arg, &p->peer, iov->iov_base,
		    iov->iov_len);
	return IO_OK;
}

/* Copies what has come into a batch. */
static enum io
udp_share_take_batch(struct layer *l, struct batch **b)
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
		udp_share_drop_first(p);
		rec = TAILQ_FIRST(&p->queue);
	}
	p->taken = true;
	return IO_OK;
}

static enum io
udp_share_send_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct udp_peer *p = (struct udp_peer *)l;
	const struct udp_share *s = p->of;
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
		return udp_share_block(p, io);
	udp_share_note_active(p);
	len = batch_sent(b, 0, &last);
	if (s->opt.ops->answered != NULL)
		s->opt.ops->answered(s->opt.arg, &p->peer, last, len);
	return IO_OK;
}

/*
 * Unread datagrams go to a new endpoint. But each endpoint consumes at least
 * one datagram, or a command that ends at once would be started for ever.
 */
static void
udp_share_close(struct layer *l)
{
	struct udp_peer *p = (struct udp_peer *)l;
	struct udp_share *s = p->of;

	timer_clear(s->loop, &p->retry);
	TAILQ_REMOVE(&s->table[udp_share_slot_of(s, &p->peer)], p, link);
	if (p->once)
		TAILQ_REMOVE(&s->once, p, once_link);
	if (p->news)
		TAILQ_REMOVE(&s->news, p, news_link);
	udp_share_forget_block(p);
	p->ep = NULL;
	if (!p->taken && !TAILQ_EMPTY(&p->queue)) {
		s->drops.left++;
		udp_share_drop_first(p);
	}
	if (TAILQ_EMPTY(&p->queue)) {
		free(p);
		return;
	}
	TAILQ_INSERT_TAIL(&s->left, p, news_link);
	loop_post(s->loop, &s->again);
}

static const struct layer_ops udp_share_layer_ops = {
	.read = udp_share_read, .write = udp_share_write,
	.read_batch = udp_share_take_batch,
	.write_batch = udp_share_send_batch,
	.pending = udp_share_pending,
	.close = udp_share_close
};

/* ---- Peers come --------------------------------------------------------- */

int
udp_share_join(struct udp_share *s, struct endpoint *ep, const char *name,
    void *tag)
{
	struct udp_peer *p = calloc(1, sizeof(*p));

	endpoint_init(ep, s->loop);
	if (p == NULL)
		return -1;
	p->layer.ops = &udp_share_layer_ops;
	p->of = s;
	p->sock = s->at;
	p->peer = *s->from;
	p->local = *s->to;
	p->credit.answered = udp_share_knows(s, &p->peer);
	TAILQ_INIT(&p->queue);
	(void)strlcpy(p->name, name, sizeof(p->name));
	p->ep = ep;
	p->retry = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	p->tag = tag;
	ep->in = (struct half){ .top = &p->layer, .name = p->name,
	    .record = true, .owner = ep };
	ep->out = ep->in;
	ep->out.ready = true;
	TAILQ_INSERT_TAIL(&s->table[udp_share_slot_of(s, &p->peer)], p, link);
	return 0;
}

/* The peer of this sender, which may be new; NULL: no endpoint was made. */
static struct udp_peer *
udp_share_admit(struct udp_share *s, struct udp_sock *e,
    const struct addr *from, const struct addr *to)
{
	struct udp_peer *p = udp_share_find(s, from);

	if (p != NULL || s->stopped)
		return p;
	s->at = e;
	s->from = from;
	s->to = to;
	s->met = true;
	s->opt.ops->stranger(s->opt.arg, from, to->len != 0 ? to : &e->bound);
	s->at = NULL;
	return udp_share_find(s, from);
}

/* Passes unread datagrams on to new endpoints of their peers. */
static void
udp_share_pass_on_left(struct udp_share *s)
{
	struct udp_peer *p, *next;
	struct record *rec;

	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		next = udp_share_admit(s, p->sock, &p->peer, &p->local);
		if (next != NULL) {
			udp_share_heard(next);
			next->credit = p->credit;
			next->held += p->held;
			next->ep->in.ready = true;
			udp_share_add_news(next);
		}
		while ((rec = TAILQ_FIRST(&p->queue)) != NULL) {
			if (next == NULL) {
				udp_share_drop_first(p);
				s->drops.left++;
				continue;
			}
			TAILQ_REMOVE(&p->queue, rec, link);
			TAILQ_INSERT_TAIL(&next->queue, rec, link);
		}
		free(p);
	}
}

static void
udp_share_on_left(void *arg)
{
	udp_share_pass_on_left(arg);
	udp_share_notify(arg);
}

/* ---- Datagrams come ----------------------------------------------------- */

static bool
udp_share_is_loopback(const struct addr *a)
{
	struct addr b = *a;

	addr_unmap(&b);
	if (addr_family(&b) == AF_INET)
		return ntohl(b.u.in.sin_addr.s_addr) >> 24 == 127;
	return addr_family(&b) == AF_INET6 &&
	    IN6_IS_ADDR_LOOPBACK(&b.u.in6.sin6_addr);
}

/* Whether the sender is this socket: the answer would be answered. */
static bool
udp_share_is_own(const struct udp_sock *e, const struct addr *from,
    const struct addr *to)
{
	if (from->len == 0)
		return false;
	if (!e->wildcard)
		return addr_equal(from, &e->bound);
	return addr_port(from) == addr_port(&e->bound) &&
	    (addr_equal(from, to) || udp_share_is_loopback(from));
}

/* Queues a datagram for its peer. False: the batch need not keep the copy. */
static bool
udp_share_sort(void *arg, const struct dgram *d)
{
	struct udp_sock *e = arg;
	struct udp_share *s = e->of;
	struct addr to = d->local;
	struct udp_peer *p;

	addr_set_port(&to, addr_port(&e->bound));
	if (udp_share_is_own(e, &d->peer, to.len != 0 ? &to : &e->bound)) {
		s->drops.own++;
		return false;
	}
	if (s->opt.ops->passes != NULL && !s->opt.ops->passes(s->opt.arg,
	    &d->peer, d->data, d->len)) {
		s->drops.stopped++;
		return false;
	}
	/* The datagrams left by closed endpoints are older than this. */
	udp_share_pass_on_left(s);
	p = udp_share_admit(s, e, &d->peer, &to);
	if (p == NULL) {
		s->drops.refused++;
		return false;
	}
	udp_share_heard(p);
	udp_share_count_got(p, d->len);
	udp_share_keep(p, d);
	return false;
}

/* False: nothing more is read in this turn. */
static bool
udp_share_read_batch(struct udp_sock *e)
{
	struct udp_share *s = e->of;
	enum io io = batch_read(e->batch, &e->fd);

	if (io == IO_FAIL && !errclass_is(errno, ERRCLASS_REPORT |
	    ERRCLASS_RESET | ERRCLASS_SHORT))
		s->opt.ops->failed(s->opt.arg, errno);
	if (io != IO_OK)
		return false;
	s->met = false;
	batch_sift(e->batch, udp_share_sort, e);
	/* New peers are expensive, so other peers get a turn after them. */
	return !s->met;
}

static unsigned
udp_share_want(void *arg)
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
udp_share_on_ready(void *arg, unsigned what)
{
	struct udp_sock *e = arg;
	struct udp_peer *p;

	while ((what & LOOP_OUT) && (p = TAILQ_FIRST(&e->blocked)) != NULL) {
		udp_share_forget_block(p);
		p->ep->out.ready = true;
		udp_share_add_news(p);
	}
	for (int i = 0; (what & LOOP_IN) && i < TURN_BATCHES; i++)
		if (!udp_share_read_batch(e))
			break;
	udp_share_notify(e->of);
}

/* ---- The beginning and the end ------------------------------------------ */

static int
udp_share_open_sock(struct udp_share *s, struct udp_sock *e)
{
	/* Pages of the batch that are never used cost nothing. */
	if ((e->batch = batch_new(DGRAM, NULL)) == NULL)
		return -1;
	(void)addr_local(&e->bound, e->fd.num);
	e->wildcard = addr_is_any(&e->bound);
	if (e->wildcard)
		batch_ask_local(&e->fd, addr_family(&e->bound));
	e->watch = (struct watch){ .fd = e->fd.num, .want = udp_share_want,
	    .ready = udp_share_on_ready, .arg = e };
	if (loop_watch(s->loop, &e->watch) == 0)
		return 0;
	e->watch.fd = -1;
	return -1;
}

static struct udp_share *
udp_share_make(struct loop *loop, size_t n, const struct udp_share_options *opt)
{
	struct udp_share *s = calloc(1, sizeof(*s) + n * sizeof(s->socks[0]));

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->opt = *opt;
	if (opt->peer_room == 0)
		s->opt.peer_room = PEER_ROOM;
	if (opt->total_room == 0)
		s->opt.total_room = TOTAL_ROOM;
	arc4random_buf(&s->seed, sizeof(s->seed));
	for (size_t i = 0; i < UDP_TABLE; i++)
		TAILQ_INIT(&s->table[i]);
	TAILQ_INIT(&s->once);
	TAILQ_INIT(&s->news);
	TAILQ_INIT(&s->left);
	s->again = (struct task){ .run = udp_share_on_left, .arg = s };
	return s;
}

struct udp_share *
udp_share_new(struct loop *loop, const struct fd *fds, size_t n,
    const struct udp_share_options *opt)
{
	struct udp_share *s = udp_share_make(loop, n, opt);
	struct fd fd;
	size_t i;
	int num = errno, rc = 0;

	for (i = 0; i < n && s == NULL; i++) {
		fd = fds[i];
		fd_close(&fd);
	}
	for (i = 0; i < n && s != NULL; i++) {
		s->socks[i] = (struct udp_sock){ .of = s, .fd = fds[i],
		    .watch.fd = -1 };
		TAILQ_INIT(&s->socks[i].blocked);
		s->n++;
		if (rc == 0) {
			rc = udp_share_open_sock(s, &s->socks[i]);
			num = errno;
		}
	}
	if (s != NULL && rc == 0)
		return s;
	udp_share_free(s);
	errno = num;
	return NULL;
}

void
udp_share_free(struct udp_share *s)
{
	struct udp_peer *p;

	if (s == NULL)
		return;
	loop_unpost(s->loop, &s->again);
	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		while (!TAILQ_EMPTY(&p->queue))
			udp_share_drop_first(p);
		free(p);
	}
	for (size_t i = 0; i < s->n; i++) {
		loop_unwatch(s->loop, &s->socks[i].watch);
		fd_close(&s->socks[i].fd);
		batch_free(s->socks[i].batch);
	}
	free(s);
}

void *
udp_share_idlest(const struct udp_share *s, int64_t silent)
{
	const struct udp_peer *p = TAILQ_FIRST(&s->once);

	return p != NULL && loop_now(s->loop) - p->active >= silent ?
	    p->tag : NULL;
}

void
udp_share_stop(struct udp_share *s)
{
	s->stopped = true;
}

void
udp_share_dropped(const struct udp_share *s, struct udp_share_drops *drops)
{
	const struct udp_peer *p;
	const struct record *rec;

	*drops = s->drops;
	TAILQ_FOREACH(p, &s->left, news_link)
		TAILQ_FOREACH(rec, &p->queue, link)
			drops->left++;
}

const struct fd *
udp_share_socket(const struct udp_share *s, size_t i)
{
	return i < s->n ? &s->socks[i].fd : NULL;
}
