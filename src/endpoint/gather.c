/*
 * Merges many read halves into a single read half.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "endpoint/gather.h"

/* Turns in a read: bounds the read also if no source completes a line. */
#define TRIES	64
/* A half line up to this length moves into a buffer of the same size. */
#define SMALL	((size_t)4 << 10)

/* Where the caller wants the bytes. */
struct out {
	const struct iovec	*iov;
	int			 cnt;
	size_t			 n, room;	/* bytes given, and asked for */
};

static size_t
gather_put(struct out *o, const void *bytes, size_t n)
{
	n = fd_store(o->iov, o->cnt, o->n, bytes, n);
	o->n += n;
	return n;
}

static void
gather_touch(const struct gather_source *s)
{
	if (s->from->owner != NULL)
		endpoint_touch(s->from->owner);
}

static void
gather_queue(struct gather_source *s)
{
	if (s->queued || s == s->of->cur)
		return;
	s->queued = true;
	TAILQ_INSERT_TAIL(&s->of->turns, s, turn);
}

static bool
gather_make_room(struct gather *g, struct gather_source *s)
{
	unsigned char *mem;

	if (s->cap == GATHER_LINE)
		return true;
	mem = g->spare != NULL ? g->spare : malloc(GATHER_LINE);
	if (mem == NULL)
		return false;
	g->spare = NULL;
	if (s->used > 0)
		memcpy(mem, s->mem, s->used);
	free(s->mem);
	s->mem = mem;
	s->cap = GATHER_LINE;
	return true;
}

/* After all complete lines are passed on: only a half line is held. */
static void
gather_settle(struct gather *g, struct gather_source *s)
{
	size_t rest = s->used - s->at;
	unsigned char *mem = NULL;

	if (rest > 0 && rest <= SMALL && s->cap > SMALL &&
	    (mem = malloc(rest)) != NULL)
		memcpy(mem, s->mem + s->at, rest);
	else if (rest > 0 && s->at > 0)
		memmove(s->mem, s->mem + s->at, rest);
	if (s->cap == GATHER_LINE && (mem != NULL || rest == 0)) {
		if (g->spare == NULL)
			g->spare = s->mem;
		else
			free(s->mem);
		s->mem = mem;
		s->cap = rest;
	} else if (rest == 0) {
		free(s->mem);
		s->mem = NULL;
		s->cap = 0;
	}
	s->used = rest;
	s->at = s->pass = 0;
}

/* Sets how many of the bytes held may be passed on; n of them are new. */
static void
gather_allow(const struct gather *g, struct gather_source *s, size_t n)
{
	const unsigned char *lf;

	if (g->by == GATHER_CHUNKS || s->from->record || s->eof) {
		s->pass = s->used;
		return;
	}
	lf = memrchr(s->mem + s->used - n, '\n', n);
	if (lf != NULL)
		s->pass = (size_t)(lf - s->mem) + 1;
	else if (s->used == GATHER_LINE)
		s->pass = s->used;	/* a piece of a line */
}

static void
gather_end(struct gather_source *s, int num)
{
	s->eof = true;
	s->num = num;
	s->pass = s->used;
}

/* Reads the source once; the rest of a longer datagram is lost. */
static bool
gather_read_source(struct gather_source *s, const struct iovec *iov, int cnt,
    size_t *n)
{
	size_t room = fd_total(iov, cnt);
	enum io io = half_read(s->from, iov, cnt, n);

	if (io == IO_EOF || io == IO_FAIL)
		gather_end(s, io == IO_EOF ? 0 : errno);
	if (io != IO_OK)
		return false;
	s->read += *n;
	s->active = loop_now(s->of->ep->loop);
	if (*n > room) {
		s->lost += *n - room;
		*n = room;
	}
	return true;
}

static void
gather_fetch(struct gather *g, struct gather_source *s)
{
	struct iovec iov;
	size_t n;

	if (!gather_make_room(g, s)) {
		gather_end(s, ENOMEM);
		return;
	}
	iov.iov_base = s->mem + s->used;
	iov.iov_len = s->cap - s->used;
	if (!gather_read_source(s, &iov, 1, &n))
		return;
	if (g->stamps != NULL)
		(void)clock_gettime(CLOCK_REALTIME, &s->came);
	/* Without half a line, a line begins with this read. */
	if (s->used == 0)
		s->begun = s->came;
	/* A datagram ends a line, also without LF. */
	if (s->from->record && s->tag != NULL && g->last == s)
		g->last = NULL;
	s->used += n;
	gather_allow(g, s, n);
}

/* Ends the line of another source; false: there is no room. */
static bool
gather_break_line(struct gather *g, struct gather_source *s, struct out *o)
{
	if (!g->midline || g->last == s || g->by == GATHER_CHUNKS)
		return true;
	if (gather_put(o, "\n", 1) == 0)
		return false;
	g->tagged++;
	g->midline = false;
	s->fresh = true;
	if (g->last != NULL)
		g->last->fresh = true;
	return true;
}

/* True when all of the stamp and the tag is written. */
static bool
gather_put_tag(struct gather *g, struct gather_source *s, struct out *o)
{
	size_t stamp = g->stamps != NULL ? STAMP_LEN : 0;
	size_t n = stamp + s->tag_len, put;

	if (!s->fresh || (s->tag == NULL && stamp == 0))
		return true;
	if (s->put < stamp) {
		stamp_set(&g->stamp, &s->begun);
		put = gather_put(o, g->stamp.text + s->put, stamp - s->put);
		g->stamps->added += put;
		s->put += put;
	}
	if (s->put >= stamp && s->put < n) {
		put = gather_put(o, s->tag + s->put - stamp, n - s->put);
		g->tagged += put;
		s->put += put;
	}
	g->last = s;
	g->midline = true;
	if (s->put < n)
		return false;
	s->put = 0;
	s->begun = s->came;
	s->fresh = false;
	return true;
}

static void
gather_emit(struct gather *g, struct gather_source *s, struct out *o)
{
	const unsigned char *from, *lf;
	size_t n;

	while (s->at < s->pass && o->n < o->room &&
	    gather_break_line(g, s, o) && gather_put_tag(g, s, o)) {
		from = s->mem + s->at;
		n = s->pass - s->at;
		if ((s->tag != NULL || g->stamps != NULL) &&
		    (lf = memchr(from, '\n', n)) != NULL)
			n = (size_t)(lf - from) + 1;
		n = gather_put(o, from, n);
		if (n == 0)
			continue;
		s->at += n;
		g->last = s;
		g->midline = from[n - 1] != '\n';
		s->fresh = !g->midline;
	}
}

static void
gather_detach(struct gather_source *s)
{
	struct gather *g = s->of;

	if (s->queued)
		TAILQ_REMOVE(&g->turns, s, turn);
	if (g->cur == s)
		g->cur = NULL;
	if (g->last == s)
		g->last = NULL;
	TAILQ_REMOVE(&g->sources, s, link);
	s->queued = false;
	s->of = NULL;
	s->from->wants = NULL;
	free(s->mem);
	s->mem = NULL;
	s->lost += s->used - s->at;
	s->cap = s->at = s->pass = s->used = 0;
	gather_touch(s);
}

/* The turn of the current source. */
static void
gather_serve(struct gather *g, struct out *o)
{
	struct gather_source *s = g->cur;
	struct iovec iov[2];
	size_t n;

	if (s->finishing && !s->eof && layer_pending(s->from->top) == 0)
		gather_end(s, 0);
	if (s->at == s->pass && !s->eof) {
		if (g->by != GATHER_CHUNKS || s->tag != NULL ||
		    g->stamps != NULL || s->used > 0 || s->from->record)
			gather_fetch(g, s);
		/* Straight into the buffers of the caller. */
		else if (gather_read_source(s, iov, fd_slice(o->iov, o->cnt,
		    o->n, o->room - o->n, iov, 2), &n))
			o->n += n;
	}
	gather_emit(g, s, o);
	if (s->at < s->pass)
		return;
	gather_settle(g, s);
	/* The layer holds the rest of a message, which stays whole. */
	if (!s->eof && layer_pending(s->from->top) > 0)
		return;
	g->cur = NULL;
	if (s->eof) {
		gather_detach(s);
		s->ended(s->arg, s, s->num);
	} else if (s->from->ready || s->finishing)
		gather_queue(s);
	else
		gather_touch(s);
}

static bool
gather_is_over(const struct gather *g)
{
	return g->complete && TAILQ_EMPTY(&g->sources);
}

static enum io
gather_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct gather *g = (struct gather *)l;
	struct out o = { .iov = iov, .cnt = cnt, .room = fd_total(iov, cnt) };

	for (int tries = TRIES; tries > 0 && o.n < o.room; tries--) {
		if (g->cur == NULL) {
			if ((g->cur = TAILQ_FIRST(&g->turns)) == NULL)
				break;
			TAILQ_REMOVE(&g->turns, g->cur, turn);
			g->cur->queued = false;
		}
		gather_serve(g, &o);
	}
	if (g->cur == NULL && TAILQ_EMPTY(&g->turns)) {
		free(g->spare);
		g->spare = NULL;
	}
	*n = o.n;
	if (o.n > 0)
		return IO_OK;
	return gather_is_over(g) ? IO_EOF : IO_AGAIN;
}

static size_t
gather_pending(const struct layer *l)
{
	const struct gather *g = (const struct gather *)l;

	return g->cur != NULL || !TAILQ_EMPTY(&g->turns) || gather_is_over(g);
}

static void
gather_close(struct layer *l)
{
	struct gather *g = (struct gather *)l;
	struct gather_source *s;

	loop_unpost(g->ep->loop, &g->again);
	while ((s = TAILQ_FIRST(&g->sources)) != NULL) {
		g->lost += s->used - s->at;
		gather_detach(s);
	}
	free(g->spare);
	g->spare = NULL;
}

static const struct layer_ops gather_ops = {
	.read = gather_read,
	.pending = gather_pending,
	.close = gather_close
};

void
gather_init(struct gather *g, struct endpoint *ep, enum gather_by by,
    const char *name)
{
	memset(g, 0, sizeof(*g));
	g->layer.ops = &gather_ops;
	g->ep = ep;
	g->by = by;
	TAILQ_INIT(&g->sources);
	TAILQ_INIT(&g->turns);
	g->again = (struct task){ .run = endpoint_wake_in, .arg = ep };
	ep->in = (struct half){ .top = &g->layer, .name = name, .owner = ep };
}

/* A ready source waits for a turn, not for an event. */
static bool
gather_wants(const void *user)
{
	const struct gather_source *s = user;

	return !s->eof && !s->from->ready;
}

void
gather_add(struct gather *g, struct gather_source *s)
{
	s->of = g;
	s->fresh = true;
	s->active = loop_now(g->ep->loop);
	s->from->wants = gather_wants;
	s->from->user = s;
	TAILQ_INSERT_TAIL(&g->sources, s, link);
	if (s->from->ready) {
		gather_queue(s);
		loop_post(g->ep->loop, &g->again);
	}
	gather_touch(s);
}

void
gather_wake(struct gather_source *s)
{
	if (s->of == NULL || s->eof || !s->from->ready)
		return;
	gather_queue(s);
	endpoint_wake_in(s->of->ep);
}

void
gather_finish(struct gather_source *s)
{
	if (s->of == NULL || s->eof)
		return;
	s->finishing = true;
	if (layer_pending(s->from->top) == 0)
		gather_end(s, 0);
	gather_queue(s);
	gather_touch(s);
	loop_post(s->of->ep->loop, &s->of->again);
}

void
gather_remove(struct gather_source *s)
{
	struct gather *g = s->of;

	if (g == NULL)
		return;
	gather_detach(s);
	if (gather_is_over(g))
		loop_post(g->ep->loop, &g->again);
}

void
gather_complete(struct gather *g)
{
	g->complete = true;
	if (gather_is_over(g))
		loop_post(g->ep->loop, &g->again);
}

bool
gather_stamps(const struct half *h)
{
	return h->top != NULL && h->top->ops == &gather_ops &&
	    ((const struct gather *)h->top)->stamps != NULL;
}

uint64_t
gather_tagged(const struct half *h)
{
	return h->top != NULL && h->top->ops == &gather_ops ?
	    ((const struct gather *)h->top)->tagged : 0;
}

uint64_t
gather_held(const struct gather *g)
{
	const struct gather_source *s;
	uint64_t sum = 0;

	TAILQ_FOREACH(s, &g->sources, link)
		sum += s->used - s->at;
	return sum;
}
