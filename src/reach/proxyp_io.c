#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "reach/proxyp_io.h"

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
	size_t			 owed;		/* looked at, not yet taken */
	enum proxyp_state	 state;
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

/* Looks at more of the header. */
static enum io
proxyp_io_look(struct proxyp_io *p)
{
	unsigned char bytes[PROXYP_LOOK];
	size_t n;
	enum io io = fd_look(&p->fd, bytes, sizeof(bytes), &n);

	if (io == IO_OK)
		p->state = proxyp_feed(&p->parser, bytes, n, &p->owed);
	return io;
}

/* Takes the bytes that have been looked at. IO_AGAIN: some are left. */
static enum io
proxyp_io_take(struct proxyp_io *p)
{
	unsigned char bytes[PROXYP_LOOK];
	struct iovec iov = { .iov_base = bytes };
	enum io io = IO_OK;
	size_t got;

	for (; p->owed > 0 && io == IO_OK; p->owed -= got) {
		iov.iov_len = p->owed;
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
	enum io io = p->owed == 0 ? proxyp_io_look(p) : IO_OK;

	if (io == IO_OK && p->state != PROXYP_BAD)
		io = proxyp_io_take(p);
	if (p->state == PROXYP_BAD)
		proxyp_io_fail(p, EPROTO, p->parser.fault);
	else if (io == IO_EOF)
		proxyp_io_fail(p, ECONNRESET, p->parser.n == 0 ?
		    "the connection ended without a PROXY header" :
		    "the connection ended within the PROXY header");
	else if (io == IO_FAIL)
		proxyp_io_fail(p, errno, NULL);
	else if (p->state == PROXYP_DONE && p->owed == 0)
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
