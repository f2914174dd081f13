/*
 * A layer on a connected datagram socket: keeps copies of the datagrams that
 * were sent, until the first answer, to send them to another address.
 */
#include <sys/queue.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "endpoint/endpoint.h"
#include "io/fd_batch.h"

/* ns; a later refusal is no answer to the first datagrams. */
#define PATIENCE	(2 * NSEC_PER_SEC)
/* The copies: the largest datagram, or many small datagrams. */
#define BYTES_MAX	((size_t)64 << 10)
#define COUNT_MAX	64

struct udp_copy {
	TAILQ_ENTRY(udp_copy)	 link;
	size_t			 len;
	unsigned char		 data[];
};

struct udp_resend {
	struct layer		 layer;
	struct endpoint		*ep;
	bool			(*refused)(void *);	/* NULL: the address is
							   final */
	void			(*closed)(void *);	/* or NULL */
	void			*arg;
	TAILQ_HEAD(, udp_copy)	 copies;
	struct udp_copy		*next;		/* to send again; or NULL */
	size_t			 bytes, count;	/* of the copies */
	int64_t			 until;		/* 0: nothing was sent yet */
	bool			 moving;	/* another address is tried */
	bool			 joined;
	int			 num;		/* for the next read; 0: none */
};

static void
udp_resend_forget(struct udp_resend *u)
{
	struct udp_copy *c;

	while ((c = TAILQ_FIRST(&u->copies)) != NULL) {
		TAILQ_REMOVE(&u->copies, c, link);
		free(c);
	}
	u->next = NULL;
	u->refused = NULL;
	u->bytes = u->count = 0;
}

/*
 * Copies a datagram. After the deadline, or without room or memory, all
 * copies are dropped, and the address is final.
 */
static void
udp_resend_keep(struct udp_resend *u, const struct iovec *iov, int cnt,
    size_t from, size_t n)
{
	struct udp_copy *c;
	struct iovec part;
	int64_t now = loop_now(u->ep->loop);

	if (u->refused == NULL)
		return;
	if (u->until == 0)
		u->until = now + PATIENCE;
	if (now >= u->until ||
	    u->bytes + n > BYTES_MAX || u->count == COUNT_MAX ||
	    (c = malloc(sizeof(*c) + n)) == NULL) {
		udp_resend_forget(u);
		return;
	}
	for (c->len = 0; c->len < n; c->len += part.iov_len) {
		(void)fd_slice(iov, cnt, from + c->len, n - c->len, &part, 1);
		memcpy(c->data + c->len, part.iov_base, part.iov_len);
	}
	TAILQ_INSERT_TAIL(&u->copies, c, link);
	u->bytes += n;
	u->count++;
}

/* After a failed call: whether another address is tried. Keeps errno. */
static bool
udp_resend_moves(struct udp_resend *u)
{
	int num = errno;

	if (num != ECONNREFUSED || u->refused == NULL || u->until == 0)
		return false;
	u->moving = loop_now(u->ep->loop) < u->until && u->refused(u->arg);
	if (!u->moving)
		udp_resend_forget(u);
	errno = num;
	return u->moving;
}

/* Before a call: IO_OK: all copies have been sent to the present address. */
static enum io
udp_resend_again(struct udp_resend *u)
{
	struct layer *below = u->layer.below;
	struct iovec iov;
	enum io io;
	size_t n;

	if (u->moving)
		return IO_AGAIN;
	while (u->next != NULL) {
		iov.iov_base = u->next->data;
		iov.iov_len = u->next->len;
		io = below->ops->write(below, &iov, 1, &n);
		if (io == IO_AGAIN || (io == IO_FAIL && udp_resend_moves(u)))
			return IO_AGAIN;
		/* The last address has refused, too. */
		if (io == IO_FAIL && u->next == NULL)
			return IO_FAIL;
		if (io == IO_FAIL)
			u->num = errno;
		u->next = TAILQ_NEXT(u->next, link);
	}
	return IO_OK;
}

static enum io
udp_resend_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_resend *u = (struct udp_resend *)l;
	enum io io;

	if (u->moving)
		return IO_AGAIN;
	if (u->num != 0) {
		errno = u->num;
		u->num = 0;
		return IO_FAIL;
	}
	io = l->below->ops->read(l->below, iov, cnt, n);
	if (io == IO_OK)
		udp_resend_forget(u);
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static enum io
udp_resend_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_resend *u = (struct udp_resend *)l;
	enum io io;

	if ((io = udp_resend_again(u)) != IO_OK)
		return io;
	io = l->below->ops->write(l->below, iov, cnt, n);
	if (io == IO_OK)
		udp_resend_keep(u, iov, cnt, 0, *n);
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static bool
udp_resend_join(struct layer *l)
{
	struct udp_resend *u = (struct udp_resend *)l;

	u->joined = l->below->ops->join(l->below);
	return u->joined;
}

static bool
udp_resend_cuts(const struct layer *l)
{
	return l->below->ops->cuts(l->below);
}

static enum io
udp_resend_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	struct udp_resend *u = (struct udp_resend *)l;
	enum io io;

	if ((io = udp_resend_again(u)) != IO_OK)
		return io;
	io = l->below->ops->write_pieces(l->below, iov, cnt, piece, n);
	for (size_t at = 0; io == IO_OK && at < *n; at += piece)
		udp_resend_keep(u, iov, cnt, at,
		    *n - at < piece ? *n - at : piece);
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static enum io
udp_resend_read_batch(struct layer *l, struct batch **b)
{
	struct udp_resend *u = (struct udp_resend *)l;
	const struct iovec none = { .iov_base = NULL, .iov_len = 0 };
	size_t n;
	enum io io;

	if (u->moving || u->num != 0)
		return udp_resend_read(l, &none, 1, &n);
	io = l->below->ops->read_batch(l->below, b);
	if (io == IO_OK)
		udp_resend_forget(u);
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static enum io
udp_resend_write_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct udp_resend *u = (struct udp_resend *)l;
	unsigned sent = batch_left(b);
	struct iovec iov;
	const void *data;
	enum io io;

	if ((io = udp_resend_again(u)) != IO_OK)
		return io;
	io = l->below->ops->write_batch(l->below, b, n);
	sent -= batch_left(b);
	while (io == IO_OK && u->refused != NULL && sent-- > 0) {
		iov.iov_len = batch_sent(b, sent, &data);
		iov.iov_base = (void *)(uintptr_t)data;
		udp_resend_keep(u, &iov, 1, 0, iov.iov_len);
	}
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static size_t
udp_resend_pending(const struct layer *l)
{
	return ((const struct udp_resend *)l)->num != 0;
}

static unsigned
udp_resend_want(const struct layer *l, unsigned wish)
{
	return ((const struct udp_resend *)l)->moving ? 0 : wish;
}

static void
udp_resend_close(struct layer *l)
{
	struct udp_resend *u = (struct udp_resend *)l;

	udp_resend_forget(u);
	if (u->closed != NULL)
		u->closed(u->arg);
	free(u);
}

static const struct layer_ops udp_resend_ops = {
	.read = udp_resend_read,
	.write = udp_resend_write,
	.join = udp_resend_join,
	.cuts = udp_resend_cuts,
	.write_pieces = udp_resend_write_pieces,
	.read_batch = udp_resend_read_batch,
	.write_batch = udp_resend_write_batch,
	.pending = udp_resend_pending,
	.want = udp_resend_want,
	.close = udp_resend_close
};

struct udp_resend *
udp_resend_new(struct endpoint *ep, bool (*refused)(void *), void *arg)
{
	struct udp_resend *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->layer.ops = &udp_resend_ops;
	u->ep = ep;
	u->refused = refused;
	u->arg = arg;
	TAILQ_INIT(&u->copies);
	endpoint_wrap(ep, &u->layer);
	return u;
}

void
udp_resend_on_close(struct udp_resend *u, void (*closed)(void *))
{
	u->closed = closed;
}

void
udp_resend_move(struct udp_resend *u, const struct fd *fd)
{
	if (endpoint_replace(u->ep, fd) == -1) {
		u->num = errno;
		udp_resend_forget(u);
	}
	if (u->joined)
		fd_join(fd);
	u->moving = false;
	u->until = loop_now(u->ep->loop) + PATIENCE;
	u->next = TAILQ_FIRST(&u->copies);
	(void)udp_resend_again(u);
	if (!u->moving)
		endpoint_wake_both(u->ep);
}

void
udp_resend_stay(struct udp_resend *u)
{
	u->num = ECONNREFUSED;
	udp_resend_forget(u);
	u->moving = false;
	endpoint_wake_both(u->ep);
}
