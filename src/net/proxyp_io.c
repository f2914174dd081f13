#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "net/proxyp_io.h"

/* Bytes that a turn looks at: more than a usual header. */
#define PROXYP_LOOK	512

struct proxyp_io {
	struct loop		*loop;
	const struct proxyp_io_ops *ops;
	void			*arg;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 task;		/* the first step, or the end */
	struct fd		 fd;
	bool			 sends;
	bool			 over;		/* until the end of the turn */
	size_t			 at, len;	/* of the header to send */
	struct proxyp_parser	 parser;	/* fixed: the header to send */
};

/* Ends all but the memory, which lives until the end of the turn. */
static void
proxyp_io_end(struct proxyp_io *p)
{
	p->over = true;
	loop_unpost(p->loop, &p->task);
	loop_unwatch(p->loop, &p->watch);
	timer_clear(p->loop, &p->timer);
	p->task.run = free;
	loop_defer(p->loop, &p->task);
}

void
proxyp_cancel(struct proxyp_io *p)
{
	if (p == NULL || p->over)
		return;
	proxyp_io_end(p);
	fd_close(&p->fd);
}

/* why NULL: by num. */
static void
proxyp_io_fail(struct proxyp_io *p, int num, const char *why)
{
	struct error err = { .num = num };

	if (why != NULL)
		(void)strlcpy(err.why, why, sizeof(err.why));
	proxyp_io_end(p);
	fd_close(&p->fd);
	p->ops->failed(p->arg, &err);
}

static void
proxyp_io_succeed(struct proxyp_io *p)
{
	struct fd fd = p->fd;

	proxyp_io_end(p);
	/* The client's first bytes have most likely come with the header. */
	fd.early |= !p->sends;
	p->ops->done(p->arg, &fd, p->sends ? NULL : &p->parser.ends);
}

/* Takes n bytes that have been looked at. */
static enum io
proxyp_io_take(struct proxyp_io *p, size_t n)
{
	unsigned char bytes[PROXYP_LOOK];
	struct iovec iov = { .iov_base = bytes };
	enum io io = IO_OK;
	size_t got;

	for (; n > 0 && io == IO_OK; n -= got) {
		iov.iov_len = n;
		got = 0;
		io = fd_read(&p->fd, &iov, 1, &got);
	}
	return io;
}

/*
 * All bytes of an unfinished header are the header's, so what was looked at can
 * be taken, and the socket is not ready again until the next byte comes.
 */
static void
proxyp_io_receive(struct proxyp_io *p)
{
	unsigned char bytes[PROXYP_LOOK];
	size_t n, taken;
	enum proxyp_state state = PROXYP_MORE;
	enum io io = fd_look(&p->fd, bytes, sizeof(bytes), &n);

	if (io == IO_OK) {
		state = proxyp_feed(&p->parser, bytes, n, &taken);
		if (state != PROXYP_BAD)
			io = proxyp_io_take(p, taken);
	}
	if (state == PROXYP_BAD)
		proxyp_io_fail(p, EPROTO, p->parser.fault);
	else if (io == IO_EOF)
		proxyp_io_fail(p, ECONNRESET, p->parser.n == 0 ?
		    "the connection ended without a PROXY header" :
		    "the connection ended within the PROXY header");
	else if (io == IO_FAIL)
		proxyp_io_fail(p, errno, NULL);
	else if (state == PROXYP_DONE)
		proxyp_io_succeed(p);
	else
		loop_touch(p->loop, &p->watch);
}

static void
proxyp_io_send(struct proxyp_io *p)
{
	struct iovec iov = { p->parser.fixed + p->at, p->len - p->at };
	size_t n = 0;
	enum io io = fd_write(&p->fd, &iov, 1, &n);

	p->at += n;
	if (io != IO_OK && io != IO_AGAIN)
		proxyp_io_fail(p, io == IO_EOF ? EPIPE : errno, NULL);
	else if (p->at == p->len)
		proxyp_io_succeed(p);
	else
		loop_touch(p->loop, &p->watch);
}

static void
proxyp_io_step(void *arg)
{
	struct proxyp_io *p = arg;

	if (p->sends)
		proxyp_io_send(p);
	else
		proxyp_io_receive(p);
}

static void
proxyp_io_on_ready(void *arg, unsigned what)
{
	(void)what;
	proxyp_io_step(arg);
}

static void
proxyp_io_on_late(void *arg)
{
	struct proxyp_io *p = arg;

	proxyp_io_fail(p, ETIMEDOUT, p->sends ? NULL :
	    "no complete PROXY header came in time");
}

static unsigned
proxyp_io_want(void *arg)
{
	return ((struct proxyp_io *)arg)->sends ? LOOP_OUT : LOOP_IN;
}

/* Returns NULL with errno. */
static struct proxyp_io *
proxyp_io_start(struct loop *loop, const struct fd *fd, bool sends,
    int64_t until, const struct proxyp_io_ops *ops, void *arg)
{
	struct proxyp_io *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	*p = (struct proxyp_io){ .loop = loop, .ops = ops, .arg = arg,
	    .fd = *fd, .sends = sends,
	    .watch = { .fd = fd->num, .want = proxyp_io_want,
	    .ready = proxyp_io_on_ready, .arg = p },
	    .timer = { .fire = proxyp_io_on_late, .arg = p },
	    .task = { .run = proxyp_io_step, .arg = p } };
	if (loop_watch(loop, &p->watch) == -1) {
		free(p);
		return NULL;
	}
	if (until != 0)
		timer_set(loop, &p->timer, until);
	loop_post(loop, &p->task);
	return p;
}

struct proxyp_io *
proxyp_receive(struct loop *loop, const struct fd *fd, int64_t until,
    const struct proxyp_io_ops *ops, void *arg)
{
	struct proxyp_io *p = proxyp_io_start(loop, fd, false, until, ops, arg);

	if (p != NULL)
		proxyp_begin(&p->parser);
	return p;
}

struct proxyp_io *
proxyp_send(struct loop *loop, const struct fd *fd, const void *header,
    size_t len, int64_t until, const struct proxyp_io_ops *ops, void *arg)
{
	struct proxyp_io *p = proxyp_io_start(loop, fd, true, until, ops, arg);

	if (p == NULL)
		return NULL;
	p->len = len;
	memcpy(p->parser.fixed, header, len);
	return p;
}

/* ---- The clients of a listener ------------------------------------------ */

struct proxyp_client {
	TAILQ_ENTRY(proxyp_client) link;
	struct proxyp_clients	*of;
	struct proxyp_io	*io;		/* NULL: the header is there */
	struct fd		 fd;		/* then */
	struct addr_pair	 ends;		/* then; before: the peer */
};

TAILQ_HEAD(proxyp_client_list, proxyp_client);

struct proxyp_clients {
	struct loop		*loop;
	const struct proxyp_clients_ops *ops;
	void			*arg;
	struct proxyp_client_list going, ready;	/* the oldest first */
	size_t			 ngoing;
	struct task		 next;		/* gives the ready ones away */
	bool			 paused;
	bool			 dead;		/* until the end of the turn */
};

static void
proxyp_client_drop(struct proxyp_client *c)
{
	struct proxyp_clients *s = c->of;

	if (c->io != NULL) {
		proxyp_cancel(c->io);
		TAILQ_REMOVE(&s->going, c, link);
		s->ngoing--;
	} else {
		TAILQ_REMOVE(&s->ready, c, link);
		fd_close(&c->fd);
	}
	free(c);
}

static void
proxyp_client_on_failed(void *arg, const struct error *err)
{
	struct proxyp_client *c = arg;
	struct proxyp_clients *s = c->of;
	struct addr peer = c->ends.peer;

	TAILQ_REMOVE(&s->going, c, link);
	s->ngoing--;
	free(c);
	s->ops->failed(s->arg, &peer, err);
}

static void
proxyp_client_on_done(void *arg, struct fd *fd, const struct proxyp_ends *ends)
{
	struct proxyp_client *c = arg;
	struct proxyp_clients *s = c->of;

	c->io = NULL;
	c->fd = *fd;
	if (ends->source.len != 0)
		c->ends = (struct addr_pair){ ends->source, ends->dest };
	TAILQ_REMOVE(&s->going, c, link);
	s->ngoing--;
	TAILQ_INSERT_TAIL(&s->ready, c, link);
	if (!s->paused)
		loop_post(s->loop, &s->next);
}

static void
proxyp_clients_give(void *arg)
{
	struct proxyp_clients *s = arg;
	struct proxyp_client *c;
	struct fd fd;
	struct addr_pair ends;

	while (!s->paused && !s->dead &&
	    (c = TAILQ_FIRST(&s->ready)) != NULL) {
		TAILQ_REMOVE(&s->ready, c, link);
		fd = c->fd;
		ends = c->ends;
		free(c);
		s->ops->accepted(s->arg, &fd, &ends);
	}
}

static void
proxyp_clients_make_room(struct proxyp_clients *s)
{
	struct proxyp_client *c = TAILQ_FIRST(&s->going);
	const struct error err = { .num = ETIMEDOUT,
	    .why = "too many clients without a PROXY header" };

	if (s->ngoing < PROXYP_CLIENTS_MAX)
		return;
	proxyp_cancel(c->io);
	proxyp_client_on_failed(c, &err);
}

void
proxyp_clients_add(struct proxyp_clients *s, struct fd *fd,
    const struct addr *peer)
{
	static const struct proxyp_io_ops ops = { proxyp_client_on_done,
	    proxyp_client_on_failed };
	struct proxyp_client *c = calloc(1, sizeof(*c));
	struct error err = { .num = ENOMEM };

	proxyp_clients_make_room(s);
	if (c != NULL) {
		*c = (struct proxyp_client){ .of = s, .ends.peer = *peer };
		c->io = proxyp_receive(s->loop, fd,
		    loop_now(s->loop) + PROXYP_CLIENT_TIME, &ops, c);
		if (c->io != NULL) {
			TAILQ_INSERT_TAIL(&s->going, c, link);
			s->ngoing++;
			return;
		}
		err.num = errno;
	}
	free(c);
	fd_close(fd);
	s->ops->failed(s->arg, peer, &err);
}

void
proxyp_clients_pause(struct proxyp_clients *s, bool pause)
{
	s->paused = pause;
	if (!pause && !TAILQ_EMPTY(&s->ready))
		loop_post(s->loop, &s->next);
}

unsigned
proxyp_clients_close(struct proxyp_clients *s)
{
	struct proxyp_client *c;
	unsigned n = 0;

	for (; (c = TAILQ_FIRST(&s->going)) != NULL; n++)
		proxyp_client_drop(c);
	for (; (c = TAILQ_FIRST(&s->ready)) != NULL; n++)
		proxyp_client_drop(c);
	return n;
}

struct proxyp_clients *
proxyp_clients_new(struct loop *loop, const struct proxyp_clients_ops *ops,
    void *arg)
{
	struct proxyp_clients *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	*s = (struct proxyp_clients){ .loop = loop, .ops = ops, .arg = arg,
	    .next = { .run = proxyp_clients_give, .arg = s } };
	TAILQ_INIT(&s->going);
	TAILQ_INIT(&s->ready);
	return s;
}

void
proxyp_clients_free(struct proxyp_clients *s)
{
	if (s == NULL || s->dead)
		return;
	s->dead = true;
	(void)proxyp_clients_close(s);
	loop_unpost(s->loop, &s->next);
	s->next.run = free;
	loop_defer(s->loop, &s->next);
}
