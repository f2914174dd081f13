/*
 * Datagram sockets shared by many peers. See udp_share.h for the laws.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "endpoint/udp_port.h"

/* What waits for one peer, and for all together, what it costs us included. */
#define PEER_ROOM	((size_t)4 << 20)
#define TOTAL_ROOM	((size_t)64 << 20)
/* The largest datagram that a flow has room for. */
#define DGRAM		((size_t)64 << 10)
/* Batches in a turn: others are to have theirs. */
#define TURN_BATCHES	8

/* ---- The table ---------------------------------------------------------- */

static uint64_t
udp_share_mix(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n-- > 0)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h ^ (h >> 32);
}

/* Seeded: who forges senders is not to choose where they go. */
static size_t
udp_share_slot_of(const struct udp_share *s, const struct addr *a)
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
	return (size_t)(h % UDP_TABLE);
}

static struct port *
udp_share_find(struct udp_share *s, const struct addr *a)
{
	struct port *p;

	LIST_FOREACH(p, &s->table[udp_share_slot_of(s, a)], link)
		if (addr_equal(&p->peer, a))
			return p;
	return NULL;
}

/* ---- Peers come --------------------------------------------------------- */

int
udp_share_join(struct udp_share *s, struct endpoint *ep, const char *name,
    void *tag)
{
	struct port *p = udp_port_new(s, name);

	endpoint_init(ep, s->loop);
	if (p == NULL)
		return -1;
	p->ep = ep;
	p->tag = tag;
	ep->in = (struct half){ .top = &p->layer, .name = p->name,
	    .record = true, .owner = ep };
	ep->out = ep->in;
	ep->out.ready = true;
	LIST_INSERT_HEAD(&s->table[udp_share_slot_of(s, &p->peer)], p, link);
	return 0;
}

/* The endpoint of this sender, perhaps a new one; NULL: there is none. */
static struct port *
udp_share_admit(struct udp_share *s, struct udp_sock *e,
    const struct addr *from, const struct addr *to)
{
	struct port *p = udp_share_find(s, from);

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

/* What was left unread, to whoever comes next for that peer. */
static void
udp_share_pass_on_left(struct udp_share *s)
{
	struct port *p, *next;

	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		next = udp_share_admit(s, p->ear, &p->peer, &p->local);
		if (next != NULL) {
			udp_port_heard(next);
			udp_port_inherit(next, p);
		}
		s->drops.left += udp_port_free(p);
	}
}

static void
udp_share_on_again(void *arg)
{
	udp_share_pass_on_left(arg);
	udp_share_tell(arg);
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

/* It would be an answer to ourselves, and that one would be answered. */
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

/* Nothing of it is to be sent back as it is: false, always. */
static bool
udp_share_receive(void *arg, const struct dgram *d)
{
	struct udp_sock *e = arg;
	struct udp_share *s = e->of;
	struct addr to = d->local;
	struct port *p;

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
	/* It is older than this. */
	udp_share_pass_on_left(s);
	p = udp_share_admit(s, e, &d->peer, &to);
	if (p == NULL) {
		s->drops.refused++;
		return false;
	}
	udp_port_heard(p);
	udp_port_keep(p, d);
	return false;
}

/* An error of something that was sent, and not of the socket. */
static bool
udp_share_is_passing(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_RESET |
	    ERRCLASS_SHORT);
}

/* False when there is nothing more for now. */
static bool
udp_share_read_batch(struct udp_sock *e)
{
	struct udp_share *s = e->of;
	enum io io = batch_read(e->batch, &e->fd);

	if (io == IO_FAIL && !udp_share_is_passing(errno))
		s->opt.ops->failed(s->opt.arg, errno);
	if (io != IO_OK)
		return false;
	s->met = false;
	batch_sift(e->batch, udp_share_receive, e);
	/* Strangers cost much, and others wait. */
	return !s->met;
}

static void
udp_share_let_write(struct udp_sock *e)
{
	struct port *p;

	while ((p = TAILQ_FIRST(&e->blocked)) != NULL)
		udp_port_unblock(p);
}

static unsigned
udp_share_want(void *arg)
{
	const struct udp_sock *e = arg;
	const struct port *p;

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
	int i;

	if (what & LOOP_OUT)
		udp_share_let_write(e);
	for (i = 0; (what & LOOP_IN) && i < TURN_BATCHES; i++)
		if (!udp_share_read_batch(e))
			break;
	udp_share_tell(e->of);
}

/* ---- From beginning to end ---------------------------------------------- */

static int
udp_share_open_ear(struct udp_share *s, struct udp_sock *e)
{
	/* Of its pages only those are ever touched that are needed. */
	if ((e->batch = batch_new(DGRAM)) == NULL)
		return -1;
	(void)addr_local(&e->bound, e->fd.num);
	e->wildcard = addr_is_any(&e->bound);
	if (e->wildcard)
		batch_ask_local(&e->fd, addr_family(&e->bound));
	batch_ask_dropped(&e->fd);
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
	struct udp_share *s = calloc(1, sizeof(*s) + n * sizeof(s->ears[0]));
	size_t i;

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->opt = *opt;
	if (opt->peer_room == 0)
		s->opt.peer_room = PEER_ROOM;
	if (opt->total_room == 0)
		s->opt.total_room = TOTAL_ROOM;
	arc4random_buf(&s->seed, sizeof(s->seed));
	for (i = 0; i < UDP_TABLE; i++)
		LIST_INIT(&s->table[i]);
	TAILQ_INIT(&s->shy);
	TAILQ_INIT(&s->news);
	TAILQ_INIT(&s->left);
	s->again = (struct task){ .run = udp_share_on_again, .arg = s };
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
		s->ears[i] = (struct udp_sock){ .of = s, .fd = fds[i],
		    .watch.fd = -1 };
		TAILQ_INIT(&s->ears[i].blocked);
		s->n++;
		if (rc == 0 && (rc = udp_share_open_ear(s, &s->ears[i])) == -1)
			num = errno;
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
	struct port *p;
	size_t i;

	if (s == NULL)
		return;
	loop_unpost(s->loop, &s->again);
	while ((p = TAILQ_FIRST(&s->left)) != NULL) {
		TAILQ_REMOVE(&s->left, p, news_link);
		(void)udp_port_free(p);
	}
	for (i = 0; i < s->n; i++) {
		loop_unwatch(s->loop, &s->ears[i].watch);
		fd_close(&s->ears[i].fd);
		batch_free(s->ears[i].batch);
	}
	free(s);
}

void *
udp_share_idlest(const struct udp_share *s, int64_t silent)
{
	const struct port *p = TAILQ_FIRST(&s->shy);

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
	const struct port *p;
	const struct record *rec;
	size_t i;

	*drops = s->drops;
	for (i = 0; i < s->n; i++)
		drops->kernel += batch_dropped(s->ears[i].batch);
	TAILQ_FOREACH(p, &s->left, news_link)
		STAILQ_FOREACH(rec, &p->queue, link)
			drops->left++;
}
