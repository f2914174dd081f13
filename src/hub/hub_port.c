/*
 * The port of a hub: what is written to it goes to the members.
 */
#include <errno.h>
#include <string.h>

#include "hub/hub_port.h"

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

/* Bytes that a failed member did not take go to the next. */
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

/* Members that are added later are shut when they are added. */
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

void
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
	if (in && out)
		endpoint_wake_both(p->ep);
	else if (in)
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
