/*
 * The operations of every endpoint, and the endpoint over a socket.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "endpoint/endpoint.h"
#include "io/fd_batch.h"

/* Reads of a half whose bytes are dropped, in a turn. */
#define DISCARD_READS	16

enum io
half_read(struct half *h, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io = h->top->ops->read(h->top, iov, cnt, n);

	if (io == IO_EOF)
		h->state = HALF_ENDED;
	else if (io == IO_AGAIN ||
	    (io == IO_OK && !h->record && !h->packets &&
	    *n < fd_total(iov, cnt)))
		h->ready = (io == IO_OK && h->state == HALF_CLOSING) ||
		    layer_pending(h->top) > 0;
	if (io == IO_AGAIN && h->state == HALF_CLOSING)
		h->state = HALF_OPEN;
	return io;
}

enum io
half_discard(struct half *h, size_t *n)
{
	char waste[16 << 10];
	const struct iovec iov = { .iov_base = waste,
	    .iov_len = sizeof(waste) };
	enum io io = h->ready ? IO_OK : IO_AGAIN;
	size_t got;

	*n = 0;
	for (int i = 0; io == IO_OK && h->ready && i < DISCARD_READS; i++)
		if ((io = half_read(h, &iov, 1, &got)) == IO_OK)
			*n += got;
	return io == IO_OK && !h->ready ? IO_AGAIN : io;
}

enum io
half_write(struct half *h, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io = h->top->ops->write(h->top, iov, cnt, n);

	if (io == IO_AGAIN || (io == IO_OK && *n < fd_total(iov, cnt)))
		h->ready = false;
	return io;
}

enum io
half_write_pieces(struct half *h, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	enum io io = h->top->ops->write_pieces(h->top, iov, cnt, piece, n);

	if (io == IO_AGAIN)
		h->ready = false;
	return io;
}

enum io
half_read_batch(struct half *h, struct batch **b)
{
	enum io io = h->top->ops->read_batch(h->top, b);

	if (io == IO_AGAIN || (io == IO_OK && !batch_was_full(*b)))
		h->ready = false;
	return io;
}

enum io
half_write_batch(struct half *h, struct batch *b, size_t *n)
{
	enum io io = h->top->ops->write_batch(h->top, b, n);

	if (io == IO_AGAIN)
		h->ready = false;
	return io;
}

enum io
half_shut(struct half *h)
{
	enum io io;

	if (h->state == HALF_ENDED)
		return IO_OK;
	/* epoll keeps a closed descriptor while others hold the file open. */
	if (h->one_way && h->owner != NULL)
		loop_unwatch(h->owner->loop, &h->owner->out_end->watch);
	io = layer_shut(h->top);
	if (io != IO_AGAIN)
		h->state = HALF_ENDED;
	return io;
}

bool
half_break(struct half *h)
{
	if (h->state != HALF_OPEN)
		return false;
	h->state = HALF_BROKEN;
	return true;
}

static unsigned
endpoint_want_in(void *arg)
{
	const struct half *h = &((struct endpoint *)arg)->in;

	if (h->wants == NULL || !h->wants(h->user))
		return 0;
	return layer_want(h->top, LOOP_IN);
}

static unsigned
endpoint_want_out(void *arg)
{
	const struct half *h = &((struct endpoint *)arg)->out;
	unsigned wish = 0;

	if (h->wants == NULL)
		return 0;
	if (h->wants(h->user))
		wish = layer_want(h->top, LOOP_OUT);
	if (h->watch_death && h->state == HALF_OPEN)
		wish |= LOOP_ERR;
	return wish;
}

static unsigned
endpoint_want_both(void *arg)
{
	return endpoint_want_in(arg) | endpoint_want_out(arg);
}

static void
endpoint_notify(const struct endpoint *ep)
{
	if (ep->notify != NULL)
		ep->notify(ep->user);
}

void
endpoint_wake_in(void *ep)
{
	((struct endpoint *)ep)->in.ready = true;
	endpoint_notify(ep);
}

void
endpoint_wake_out(void *ep)
{
	((struct endpoint *)ep)->out.ready = true;
	endpoint_notify(ep);
}

void
endpoint_wake_both(void *ep)
{
	((struct endpoint *)ep)->in.ready = true;
	endpoint_wake_out(ep);
}

static void
endpoint_on_ready(void *arg, unsigned what)
{
	struct endpoint *ep = arg;

	if ((what & LOOP_IN) && ep->in.state != HALF_ENDED)
		ep->in.state = what & LOOP_END ? HALF_CLOSING : HALF_OPEN;
	/* To read, a layer may have to write. */
	if ((what & LOOP_IN) || (ep->in.top != NULL && ep->in.layered &&
	    (what & layer_want(ep->in.top, LOOP_IN))))
		ep->in.ready = true;
	/* And to write, to read. */
	if ((what & LOOP_OUT) || (ep->out.top != NULL && ep->out.layered &&
	    (what & layer_want(ep->out.top, LOOP_OUT))))
		ep->out.ready = true;
	if (what & LOOP_ERR)
		(void)half_break(&ep->out);
	endpoint_notify(ep);
}

static int
endpoint_watch(struct endpoint *ep, struct watch *w, int fd,
    unsigned (*want)(void *))
{
	w->fd = fd;
	w->want = want;
	w->ready = endpoint_on_ready;
	w->arg = ep;
	if (loop_watch(ep->loop, w) == 0)
		return 0;
	w->fd = -1;
	return -1;
}

void
endpoint_init(struct endpoint *ep, struct loop *loop)
{
	memset(ep, 0, sizeof(*ep));
	ep->loop = loop;
	ep->in_watch.fd = ep->in_bottom.fd.num = -1;
}

int
endpoint_socket(struct endpoint *ep, struct loop *loop, const struct fd *fd,
    bool record, const char *name)
{
	struct layer *top;

	endpoint_init(ep, loop);
	if (name != NULL && (ep->name = strdup(name)) == NULL)
		return -1;
	layer_fd_init(&ep->in_bottom, fd);
	ep->in_bottom.buf_cache = loop_buf_cache(loop);
	top = &ep->in_bottom.layer;
	ep->in = (struct half){ .top = top,
	    .name = ep->name != NULL ? ep->name : "the peer",
	    .record = record || fd->kind == FD_DGRAM,
	    .fd = layer_fd(top), .owner = ep };
	ep->out = ep->in;
	ep->out.ready = true;
	if (endpoint_watch(ep, &ep->in_watch, fd->num, endpoint_want_both) == 0)
		return 0;
	free(ep->name);
	endpoint_init(ep, loop);
	return -1;
}

int
endpoint_add_in(struct endpoint *ep, const struct fd *fd, const char *name)
{
	layer_fd_init(&ep->in_bottom, fd);
	ep->in = (struct half){ .top = &ep->in_bottom.layer, .name = name,
	    .record = fd->kind == FD_DGRAM, .owner = ep };
	ep->in.fd = layer_fd(ep->in.top);
	if (endpoint_watch(ep, &ep->in_watch, fd->num, endpoint_want_in) == 0)
		return 0;
	/* The descriptor stays the caller's: there is no such half. */
	ep->in.top = NULL;
	ep->in_bottom.fd.num = -1;
	return -1;
}

int
endpoint_add_out(struct endpoint *ep, const struct fd *fd, const char *name)
{
	struct out_end *end = calloc(1, sizeof(*end));

	if (end == NULL)
		return -1;
	ep->out_end = end;
	layer_fd_init(&end->bottom, fd);
	end->bottom.fd.one_way = true;
	ep->out = (struct half){ .top = &end->bottom.layer, .name = name,
	    .record = fd->kind == FD_DGRAM, .ready = true,
	    .one_way = true, .owner = ep };
	ep->out.fd = layer_fd(ep->out.top);
	ep->out.watch_death = fd->kind == FD_PIPE;
	if (endpoint_watch(ep, &end->watch, fd->num, endpoint_want_out) == 0)
		return 0;
	free(end);
	ep->out_end = NULL;
	ep->out.top = NULL;
	return -1;
}

int
endpoint_stdin(struct endpoint *ep, struct error *err)
{
	static const char name[] = "standard input";
	struct fd fd;

	if (fd_inherit(&fd, STDIN_FILENO, O_RDONLY) == 0 &&
	    endpoint_add_in(ep, &fd, name) == 0)
		return 0;
	error_set(err, errno, "read from", "%s", name);
	return -1;
}

int
endpoint_stdout(struct endpoint *ep, struct error *err)
{
	static const char name[] = "standard output";
	struct fd fd;

	if (fd_inherit(&fd, STDOUT_FILENO, O_WRONLY) == 0) {
		fd_reopen_fifo(&fd);
		if (endpoint_add_out(ep, &fd, name) == 0)
			return 0;
	}
	error_set(err, errno, "write to", "%s", name);
	return -1;
}

int
endpoint_replace(struct endpoint *ep, const struct fd *fd)
{
	loop_unwatch(ep->loop, &ep->in_watch);
	fd_close(&ep->in_bottom.fd);
	ep->in_bottom.fd = *fd;
	return endpoint_watch(ep, &ep->in_watch, fd->num, endpoint_want_both);
}

void
endpoint_wrap(struct endpoint *ep, struct layer *top)
{
	top->below = ep->in.top;
	ep->in.top = ep->out.top = top;
	ep->in.layered = ep->out.layered = true;
	if (layer_pending(top) > 0)
		ep->in.ready = true;
}

void
endpoint_end(struct endpoint *ep)
{
	if (ep->out.top != NULL && ep->out.layered &&
	    ep->out.state == HALF_OPEN)
		(void)half_shut(&ep->out);
}

void
endpoint_rename(struct endpoint *ep, const char *name)
{
	char *copy = strdup(name);

	if (copy == NULL)
		return;
	free(ep->name);
	ep->name = copy;
	ep->in.name = ep->out.name = copy;
}

void
endpoint_touch(struct endpoint *ep)
{
	loop_touch(ep->loop, &ep->in_watch);
	if (ep->out_end != NULL)
		loop_touch(ep->loop, &ep->out_end->watch);
}

void
half_touch(const struct half *h)
{
	if (h != NULL && h->owner != NULL)
		endpoint_touch(h->owner);
}

void
endpoint_reset(struct endpoint *ep)
{
	if (ep->in_bottom.fd.num != -1 && ep->in_bottom.fd.kind == FD_STREAM)
		fd_reset(&ep->in_bottom.fd);
}

void
endpoint_close(struct endpoint *ep)
{
	const struct fd *fd = &ep->in_bottom.fd;

	/*
	 * A stream socket that this program has opened has no second
	 * descriptor while in an endpoint: a socket for another program
	 * is kept outside, and vfork(2) suspends this program while a child
	 * has copies. A descriptor that is read for datagrams may be a copy.
	 */
	if (fd->num == ep->in_watch.fd && fd->kind == FD_STREAM &&
	    fd->way == FD_WAY_OWN)
		loop_unwatch_closing(ep->loop, &ep->in_watch);
	else
		loop_unwatch(ep->loop, &ep->in_watch);
	if (ep->out_end != NULL)
		loop_unwatch(ep->loop, &ep->out_end->watch);
	if (ep->in.top != NULL)
		layer_close(ep->in.top);
	if (ep->out.top != NULL && ep->out.top != ep->in.top)
		layer_close(ep->out.top);
	ep->in.top = ep->out.top = NULL;
	free(ep->out_end);
	ep->out_end = NULL;
	free(ep->name);
	ep->name = NULL;
}
