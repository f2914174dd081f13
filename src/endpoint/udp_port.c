/*
 * One peer of a shared datagram socket: its queue, and the layer of its
 * endpoint.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "endpoint/udp_port.h"

/* No poller tells when the queue of a Unix peer has room again. */
#define RETRY		(20 * NSEC_PER_MSEC)

static struct port *
udp_port_self(struct layer *l)
{
	return (struct port *)l;
}

/* ---- Who has been silent for how long ----------------------------------- */

static void
udp_port_note_active(struct port *p)
{
	p->active = loop_now(p->of->loop);
	if (!p->shy)
		return;
	TAILQ_REMOVE(&p->of->shy, p, shy_link);
	TAILQ_INSERT_TAIL(&p->of->shy, p, shy_link);
}

void
udp_port_heard(struct port *p)
{
	if (p->active == 0) {
		TAILQ_INSERT_TAIL(&p->of->shy, p, shy_link);
		p->shy = true;
	} else if (p->shy) {
		TAILQ_REMOVE(&p->of->shy, p, shy_link);
		p->shy = false;
	}
	udp_port_note_active(p);
}

/* ---- Telling endpoints -------------------------------------------------- */

void
udp_port_news(struct port *p)
{
	if (p->news)
		return;
	p->news = true;
	TAILQ_INSERT_TAIL(&p->of->news, p, news_link);
}

void
udp_share_tell(struct udp_share *s)
{
	struct port *p;

	while ((p = TAILQ_FIRST(&s->news)) != NULL) {
		TAILQ_REMOVE(&s->news, p, news_link);
		p->news = false;
		if (p->ep->notify != NULL)
			p->ep->notify(p->ep->user);
	}
}

/* ---- The queue ---------------------------------------------------------- */

static size_t
udp_port_cost(size_t len)
{
	return len + sizeof(struct record) + 2 * sizeof(void *);
}

/* One always fits, so that nobody is shut out by what others hold. */
static bool
udp_port_has_room(const struct port *p, size_t n)
{
	const struct udp_share *s = p->of;

	return STAILQ_EMPTY(&p->queue) ||
	    (p->held + n <= s->opt.peer_room &&
	    s->held + n <= s->opt.total_room);
}

static void
udp_port_drop_full(struct port *p)
{
	struct udp_share *s = p->of;

	s->drops.full++;
	if (p->overrun)
		return;
	p->overrun = true;
	if (s->opt.ops->overrun != NULL)
		s->opt.ops->overrun(s->opt.arg, &p->peer);
}

void
udp_port_keep(struct port *p, const struct dgram *d)
{
	size_t n = udp_port_cost(d->len);
	struct record *rec = NULL;

	if (udp_port_has_room(p, n))
		rec = malloc(sizeof(*rec) + d->len);
	if (rec == NULL) {
		udp_port_drop_full(p);
		return;
	}
	rec->len = d->len;
	/* How much was cut off is not known, but that something was. */
	rec->whole = d->len + d->cut;
	memcpy(rec->data, d->data, d->len);
	STAILQ_INSERT_TAIL(&p->queue, rec, link);
	p->held += n;
	p->of->held += n;
	p->ep->in.ready = true;
	udp_port_news(p);
}

static void
udp_port_drop_first(struct port *p)
{
	struct record *rec = STAILQ_FIRST(&p->queue);
	size_t n = udp_port_cost(rec->len);

	STAILQ_REMOVE_HEAD(&p->queue, link);
	p->held -= n;
	p->of->held -= n;
	free(rec);
}

void
udp_port_inherit(struct port *to, struct port *from)
{
	to->held += from->held;
	from->held = 0;
	STAILQ_CONCAT(&to->queue, &from->queue);
	to->ep->in.ready = true;
	udp_port_news(to);
}

unsigned
udp_port_free(struct port *p)
{
	unsigned n = 0;

	for (; !STAILQ_EMPTY(&p->queue); n++)
		udp_port_drop_first(p);
	free(p);
	return n;
}

/* ---- The layer ---------------------------------------------------------- */

static size_t
udp_port_scatter(const struct record *rec, const struct iovec *iov, int cnt)
{
	size_t done = 0, n;
	int i;

	for (i = 0; i < cnt && done < rec->len; i++) {
		n = rec->len - done;
		if (n > iov[i].iov_len)
			n = iov[i].iov_len;
		memcpy(iov[i].iov_base, rec->data + done, n);
		done += n;
	}
	return rec->whole;
}

static enum io
udp_port_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct port *p = udp_port_self(l);

	if (STAILQ_EMPTY(&p->queue))
		return IO_AGAIN;
	*n = udp_port_scatter(STAILQ_FIRST(&p->queue), iov, cnt);
	udp_port_drop_first(p);
	p->taken = true;
	return IO_OK;
}

/* What it costs, for an empty datagram is something to be read, too. */
static size_t
udp_port_pending(const struct layer *l)
{
	return ((const struct port *)l)->held;
}

static void
udp_port_block(struct port *p)
{
	struct udp_share *s = p->of;

	if (addr_family(&p->peer) == AF_UNIX) {
		timer_set(s->loop, &p->retry, loop_now(s->loop) + RETRY);
		return;
	}
	if (!p->blocked) {
		p->blocked = true;
		TAILQ_INSERT_TAIL(&p->ear->blocked, p, blocked_link);
	}
	loop_touch(s->loop, &p->ear->watch);
}

static void
udp_port_forget_block(struct port *p)
{
	if (!p->blocked)
		return;
	p->blocked = false;
	TAILQ_REMOVE(&p->ear->blocked, p, blocked_link);
}

void
udp_port_unblock(struct port *p)
{
	udp_port_forget_block(p);
	p->ep->out.ready = true;
	udp_port_news(p);
}

static enum io
udp_port_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct port *p = udp_port_self(l);
	struct udp_share *s = p->of;
	enum io io;

	/* A sender without a name cannot be answered. */
	if (p->peer.len == 0) {
		errno = EDESTADDRREQ;
		return IO_FAIL;
	}
	io = dgram_send(&p->ear->fd, iov, cnt, &p->peer, &p->local, n);
	if (io == IO_AGAIN)
		udp_port_block(p);
	if (io != IO_OK)
		return io;
	udp_port_note_active(p);
	/* A ring that was empty before gives a datagram in one piece. */
	if (s->opt.ops->answered != NULL)
		s->opt.ops->answered(s->opt.arg, &p->peer, iov->iov_base,
		    iov->iov_len);
	return IO_OK;
}

static enum io
udp_port_shut(struct layer *l)
{
	(void)l;
	return IO_OK;
}

static void
udp_port_on_retry(void *arg)
{
	struct port *p = arg;

	p->ep->out.ready = true;
	udp_port_news(p);
	udp_share_tell(p->of);
}

/*
 * What nobody has read goes to a new endpoint; but each that there was costs
 * one datagram at least, or a command that ends at once would be started for
 * ever.
 */
static void
udp_port_close(struct layer *l)
{
	struct port *p = udp_port_self(l);
	struct udp_share *s = p->of;

	timer_clear(s->loop, &p->retry);
	LIST_REMOVE(p, link);
	if (p->shy)
		TAILQ_REMOVE(&s->shy, p, shy_link);
	if (p->news)
		TAILQ_REMOVE(&s->news, p, news_link);
	udp_port_forget_block(p);
	p->ep = NULL;
	if (!p->taken && !STAILQ_EMPTY(&p->queue)) {
		s->drops.left++;
		udp_port_drop_first(p);
	}
	if (STAILQ_EMPTY(&p->queue)) {
		free(p);
		return;
	}
	TAILQ_INSERT_TAIL(&s->left, p, news_link);
	loop_post(s->loop, &s->again);
}

static const struct layer_ops port_ops = {
	.read = udp_port_read,
	.write = udp_port_write,
	.shut = udp_port_shut,
	.pending = udp_port_pending,
	.close = udp_port_close
};

struct port *
udp_port_new(struct udp_share *s, const char *name)
{
	struct port *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->layer.ops = &port_ops;
	p->of = s;
	p->ear = s->at;
	p->peer = *s->from;
	p->local = *s->to;
	p->retry = (struct timer){ .fire = udp_port_on_retry, .arg = p };
	STAILQ_INIT(&p->queue);
	(void)strlcpy(p->name, name, sizeof(p->name));
	return p;
}
