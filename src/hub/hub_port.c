/*
 * The port of a hub: its read half gives the bytes of the members, and bytes
 * written to its write half go to the members.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hub/hub_port.h"

/* Turns in a read: bounds the read also if no member completes a line. */
#define TRIES	64
/* The buffer of a half line up to this length shrinks to it. */
#define SMALL	((size_t)4 << 10)

/* Where the caller wants the bytes. */
struct out {
	const struct iovec	*iov;
	int			 cnt;
	size_t			 n, room;	/* bytes given, and asked for */
};

static size_t
hub_merge_put(struct out *o, const void *bytes, size_t n)
{
	n = fd_store(o->iov, o->cnt, o->n, bytes, n);
	o->n += n;
	return n;
}

static bool
hub_merge_make_room(struct hub_port *p, struct hub_source *s)
{
	unsigned char *mem = p->spare;

	if (s->cap == HUB_LINE)
		return true;
	if (s->mem != NULL || mem == NULL)
		mem = realloc(s->mem, HUB_LINE);
	else
		p->spare = NULL;
	if (mem == NULL)
		return false;
	s->mem = mem;
	s->cap = HUB_LINE;
	return true;
}

/* After all complete lines are passed on: only a half line is held. */
static void
hub_merge_settle(struct hub_port *p, struct hub_source *s)
{
	size_t rest = s->used - s->at;
	unsigned char *mem = NULL;

	if (rest > 0) {
		memmove(s->mem, s->mem + s->at, rest);
		if (rest <= SMALL && s->cap > SMALL &&
		    (mem = realloc(s->mem, rest)) != NULL) {
			s->mem = mem;
			s->cap = rest;
		}
		if (s->half_since == 0 || s->at > 0)
			s->half_since = loop_now(p->hub.loop);
		if (s->hold > 0 && !timer_is_set(&p->release))
			timer_set(p->hub.loop, &p->release,
			    s->half_since + s->hold);
	} else {
		if (s->cap == HUB_LINE && p->spare == NULL)
			p->spare = s->mem;
		else
			free(s->mem);
		s->mem = NULL;
		s->cap = 0;
		s->half_since = 0;
	}
	s->used = rest;
	s->at = s->pass = 0;
}

/* Passes on the half lines that have waited long enough. */
static void
hub_merge_release(void *port)
{
	struct hub_port *p = port;
	struct hub_member *m;
	int64_t next = 0;

	TAILQ_FOREACH(m, &p->hub.members, link) {
		struct hub_source *s = (struct hub_source *)m;
		int64_t when = s->half_since + s->hold;

		if (s->half_since == 0 || s->hold <= 0 || s->pass == s->used)
			continue;
		if (when > loop_now(p->hub.loop)) {
			next = timer_earlier(next, when);
			continue;
		}
		s->pass = s->used;
		hub_enqueue(m);
	}
	if (next != 0)
		timer_set(p->hub.loop, &p->release, next);
}

static void
hub_merge_end(struct hub_source *s, int num)
{
	hub_silence(&s->m);
	s->num = num;
	s->pass = s->used;
}

/* Reads the member once; the rest of a longer datagram is lost. */
static bool
hub_merge_read_source(struct hub_source *s, const struct iovec *iov, int cnt,
    size_t *n)
{
	size_t room = fd_total(iov, cnt);
	enum io io = half_read(s->m.in, iov, cnt, n);

	if (io == IO_EOF || io == IO_FAIL)
		hub_merge_end(s, io == IO_EOF ? 0 : errno);
	if (io != IO_OK)
		return false;
	s->m.read += *n;
	s->m.read_at = loop_now(s->m.hub->loop);
	if (*n > room) {
		s->lost += *n - room;
		*n = room;
	}
	return true;
}

static void
hub_merge_fetch(struct hub_port *p, struct hub_source *s)
{
	const unsigned char *lf;
	struct iovec iov;
	size_t n;

	if (!hub_merge_make_room(p, s)) {
		hub_merge_end(s, ENOMEM);
		return;
	}
	iov.iov_base = s->mem + s->used;
	iov.iov_len = s->cap - s->used;
	if (!hub_merge_read_source(s, &iov, 1, &n))
		return;
	if (p->stamps != NULL)
		(void)clock_gettime(CLOCK_REALTIME, &s->came);
	/* Without half a line, a line begins with this read. */
	if (s->used == 0)
		s->begun = s->came;
	/* A datagram ends a line, also without LF. */
	if (s->m.in->record && s->tag != NULL && p->last == s)
		p->last = NULL;
	s->used += n;
	/* Sets how many of the bytes held may be passed on. */
	lf = memrchr(s->mem + s->used - n, '\n', n);
	if (p->by == HUB_BY_CHUNK || s->hold < 0 || s->m.in->record ||
	    s->m.mute)
		s->pass = s->used;
	else if (lf != NULL)
		s->pass = (size_t)(lf - s->mem) + 1;
	else if (s->used == HUB_LINE)
		s->pass = s->used;	/* a piece of a line */
}

/* True when all of the stamp and the tag is written. */
static bool
hub_merge_put_tag(struct hub_port *p, struct hub_source *s, struct out *o)
{
	size_t stamp = p->stamps != NULL ? STAMP_LEN : 0;
	size_t n = stamp + s->tag_len, put;

	if (!s->fresh || (s->tag == NULL && stamp == 0))
		return true;
	if (s->put < stamp) {
		stamp_set(&p->stamp, &s->begun);
		put = hub_merge_put(o, p->stamp.text + s->put, stamp - s->put);
		p->stamps->added += put;
		s->put += put;
	}
	if (s->put >= stamp && s->put < n) {
		put = hub_merge_put(o, s->tag + s->put - stamp, n - s->put);
		p->tagged += put;
		s->put += put;
	}
	p->last = s;
	p->midline = true;
	if (s->put < n)
		return false;
	s->put = 0;
	s->begun = s->came;
	s->fresh = false;
	return true;
}

static void
hub_merge_emit(struct hub_port *p, struct hub_source *s, struct out *o)
{
	const unsigned char *from, *lf;
	size_t n;

	while (s->at < s->pass && o->n < o->room) {
		/* Ends the line of another member. */
		if (p->midline && p->last != s && p->by != HUB_BY_CHUNK) {
			if (hub_merge_put(o, "\n", 1) == 0)
				return;
			p->tagged++;
			p->midline = false;
			s->fresh = true;
			if (p->last != NULL)
				p->last->fresh = true;
		}
		if (!hub_merge_put_tag(p, s, o))
			return;
		from = s->mem + s->at;
		n = s->pass - s->at;
		if ((s->tag != NULL || p->stamps != NULL) &&
		    (lf = memchr(from, '\n', n)) != NULL)
			n = (size_t)(lf - from) + 1;
		n = hub_merge_put(o, from, n);
		if (n == 0)
			continue;
		s->at += n;
		p->last = s;
		p->midline = from[n - 1] != '\n';
		s->fresh = !p->midline;
	}
}

void
hub_merge_drop(struct hub_source *s)
{
	struct hub_port *p;

	if (!s->open || s->m.hub == NULL)
		return;
	p = (struct hub_port *)((char *)s->m.hub -
	    offsetof(struct hub_port, hub));
	hub_silence(&s->m);
	hub_unqueue(&s->m);
	if (p->cur == s)
		p->cur = NULL;
	if (p->last == s)
		p->last = NULL;
	s->open = false;
	if (--p->nopen == 0)
		hub_serve_later(&p->hub);
	free(s->mem);
	s->mem = NULL;
	s->lost += s->used - s->at;
	s->cap = s->at = s->pass = s->used = 0;
}

/* The turn of the current member. */
static void
hub_merge_serve(struct hub_port *p, struct out *o)
{
	struct hub_source *s = p->cur;
	struct iovec iov[2];
	size_t n;

	if (s->finishing && !s->m.mute && layer_pending(s->m.in->top) == 0)
		hub_merge_end(s, 0);
	if (s->at == s->pass && !s->m.mute) {
		if (p->by != HUB_BY_CHUNK || s->tag != NULL ||
		    p->stamps != NULL || s->used > 0 || s->m.in->record)
			hub_merge_fetch(p, s);
		/* Straight into the buffers of the caller. */
		else if (hub_merge_read_source(s, iov, fd_slice(o->iov, o->cnt,
		    o->n, o->room - o->n, iov, 2), &n))
			o->n += n;
	}
	hub_merge_emit(p, s, o);
	if (s->at < s->pass)
		return;
	hub_merge_settle(p, s);
	/* The layer holds the rest of a message, which stays whole. */
	if (!s->m.mute && layer_pending(s->m.in->top) > 0)
		return;
	p->cur = NULL;
	if (s->m.mute) {
		hub_merge_drop(s);
		s->m.input_ended(&s->m, s->num);
	} else if (s->m.in->ready || s->finishing)
		hub_enqueue(&s->m);
	else
		half_touch(s->m.in);
}

static bool
hub_merge_is_over(const struct hub_port *p)
{
	return p->complete && p->nopen == 0;
}

static enum io
hub_merge_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct hub_port *p = (struct hub_port *)l;
	struct out o = { .iov = iov, .cnt = cnt, .room = fd_total(iov, cnt) };
	struct hub_member *m;

	for (int tries = TRIES; tries > 0 && o.n < o.room; tries--) {
		if (p->cur == NULL) {
			if ((m = TAILQ_FIRST(&p->hub.turns)) == NULL)
				break;
			hub_unqueue(m);
			p->cur = (struct hub_source *)m;
		}
		hub_merge_serve(p, &o);
	}
	if (p->cur == NULL && TAILQ_EMPTY(&p->hub.turns)) {
		free(p->spare);
		p->spare = NULL;
	}
	*n = o.n;
	if (o.n > 0)
		return IO_OK;
	return hub_merge_is_over(p) ? IO_EOF : IO_AGAIN;
}

static size_t
hub_merge_pending(const struct layer *l)
{
	const struct hub_port *p = (const struct hub_port *)l;

	return p->cur != NULL || !TAILQ_EMPTY(&p->hub.turns) ||
	    hub_merge_is_over(p);
}

/* The read or the write half is closed; the last frees the hub. */
static void
hub_port_close_half(struct hub_port *p)
{
	struct hub_member *m;

	if (--p->halves > 0)
		return;
	while ((m = TAILQ_FIRST(&p->hub.members)) != NULL) {
		p->lost_out -= m->lost;
		hub_remove(m);
		p->lost_out += m->lost;
	}
	hub_free(&p->hub);
}

static void
hub_merge_close(struct layer *l)
{
	struct hub_port *p = (struct hub_port *)l;
	struct hub_member *m;

	p->lost_in += hub_merge_held(p);
	timer_clear(p->hub.loop, &p->release);
	TAILQ_FOREACH(m, &p->hub.members, link)
		hub_merge_drop((struct hub_source *)m);
	free(p->spare);
	p->spare = NULL;
	hub_port_close_half(p);
}

static const struct layer_ops hub_merge_ops = {
	.read = hub_merge_read,
	.pending = hub_merge_pending,
	.close = hub_merge_close
};

void
hub_merge_finish(struct hub_source *s)
{
	if (!s->open || s->m.mute)
		return;
	s->finishing = true;
	if (layer_pending(s->m.in->top) == 0)
		hub_merge_end(s, 0);
	half_touch(s->m.in);
	hub_enqueue(&s->m);
}

void
hub_merge_complete(struct hub_port *p)
{
	p->complete = true;
	hub_serve_later(&p->hub);
}

bool
hub_merge_stamps(const struct half *h)
{
	return h->top != NULL && h->top->ops == &hub_merge_ops &&
	    ((const struct hub_port *)h->top)->stamps != NULL;
}

uint64_t
hub_merge_tagged(const struct half *h)
{
	return h->top != NULL && h->top->ops == &hub_merge_ops ?
	    ((const struct hub_port *)h->top)->tagged : 0;
}

uint64_t
hub_merge_held(const struct hub_port *p)
{
	const struct hub_member *m;
	uint64_t sum = 0;

	TAILQ_FOREACH(m, &p->hub.members, link)
		sum += ((const struct hub_source *)m)->used -
		    ((const struct hub_source *)m)->at;
	return sum;
}

/* ---- The write half ----------------------------------------------------- */

static struct hub_port *
hub_port_of(struct layer *out)
{
	return (struct hub_port *)((char *)out -
	    offsetof(struct hub_port, out));
}

/* Each record goes to the members before the next is added. */
static enum io
hub_port_write_all(struct hub *h, const struct iovec *iov, int cnt, size_t *n)
{
	size_t room, sum = fd_total(iov, cnt);
	struct iovec part[2];
	int parts;

	while (*n < sum && (room = fanout_room(&h->ring)) > 0) {
		if (room > sum - *n)
			room = sum - *n;
		parts = fd_slice(iov, cnt, *n, room, part, 2);
		if (fanout_add(&h->ring, NULL, part, parts, room) == -1)
			return *n > 0 ? IO_OK : IO_FAIL;
		*n += room;
		hub_push_all(h);
	}
	return *n > 0 ? IO_OK : IO_AGAIN;
}

/* Bytes not taken by a failed member go to the next. */
static enum io
hub_port_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct hub *h = &hub_port_of(l)->hub;
	struct hub_member *m;
	enum io io;

	*n = 0;
	if (h->to == HUB_TO_ALL)
		return hub_port_write_all(h, iov, cnt, n);
	while ((m = hub_chosen(h)) != NULL && m->out->ready) {
		io = half_write(m->out, iov, cnt, n);
		if (!m->out->ready)
			half_touch(m->out);
		if (io == IO_OK) {
			m->written += *n;
			m->written_at = loop_now(h->loop);
		}
		/* The pump knows which errors of datagrams are serious. */
		if (io == IO_OK || io == IO_AGAIN || m->out->record)
			return io;
		hub_end_output(m, io == IO_EOF ? EPIPE : errno);
	}
	return IO_AGAIN;
}

/* Members added later are shut at once. */
static enum io
hub_port_shut(struct layer *l)
{
	struct hub *h = &hub_port_of(l)->hub;
	const struct hub_member *m;

	h->ended = true;
	hub_push_all(h);
	TAILQ_FOREACH(m, &h->members, link)
		if (m->hearing != HUB_DEAF)
			return IO_AGAIN;
	return IO_OK;
}

static void
hub_port_close(struct layer *l)
{
	hub_port_close_half(hub_port_of(l));
}

static const struct layer_ops hub_port_ops = {
	.write = hub_port_write,
	.shut = hub_port_shut,
	.close = hub_port_close
};

/* Has the flows at the port go on. */
static void
hub_port_wake(struct hub *h)
{
	struct hub_port *p = (struct hub_port *)((char *)h -
	    offsetof(struct hub_port, hub));
	bool in = layer_pending(&p->in) > 0 && !p->ep->in.ready;
	bool out = p->ep->out.top == &p->out && h->wider;

	h->wider = false;
	p->ep->out.ready |= out;
	if (in)
		endpoint_wake_in(p->ep);
	else if (out)
		endpoint_wake_out(p->ep);
}

void
hub_port_init(struct hub_port *p, struct endpoint *ep, enum hub_by by,
    const char *name)
{
	const struct hub_options opt = { .ring = HUB_RING };

	memset(p, 0, sizeof(*p));
	hub_init(&p->hub, ep->loop, &opt);
	p->hub.wake = hub_port_wake;
	p->in.ops = &hub_merge_ops;
	p->release = (struct timer){ .fire = hub_merge_release, .arg = p };
	p->ep = ep;
	p->by = by;
	p->halves = 1;
	ep->in = (struct half){ .top = &p->in, .name = name, .owner = ep };
}

void
hub_port_init_out(struct hub_port *p, enum hub_to to, const char *name)
{
	p->out.ops = &hub_port_ops;
	p->hub.to = to;
	p->halves++;
	p->ep->out = (struct half){ .top = &p->out, .name = name,
	    .owner = p->ep };
}

void
hub_port_add(struct hub_port *p, struct hub_source *s)
{
	const struct hub_member *was = hub_chosen(&p->hub);

	s->fresh = true;
	s->open = s->m.in != NULL;
	p->nopen += s->open;
	hub_add(&p->hub, &s->m);
	if (s->m.out == NULL)
		return;
	if (p->hub.to == HUB_TO_ALL)
		hub_join(&s->m);
	/* The newest member may be chosen instead. */
	if (was != NULL)
		half_touch(was->out);
	p->hub.wider = true;
	hub_serve_later(&p->hub);
	hub_push(&s->m);
}

void
hub_port_finish(struct hub_source *s)
{
	if (s->m.hub == NULL)
		return;
	hub_finish_output(&s->m);
	hub_push(&s->m);
}

void
hub_port_remove(struct hub_source *s)
{
	hub_merge_drop(s);
	hub_remove(&s->m);
}
