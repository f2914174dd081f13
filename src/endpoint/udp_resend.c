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

/* ns; a later refusal is no answer to the first datagrams. */
#define PATIENCE	(2 * NSEC_PER_SEC)
/* The copies: the largest datagram, or many small ones. */
#define BYTES_MAX	((size_t)64 << 10)
#define COUNT_MAX	64

struct udp_copy {
	STAILQ_ENTRY(udp_copy)	 link;
	size_t			 len;
	unsigned char		 data[];
};

struct udp_resend {
	struct layer		 layer;
	struct endpoint		*ep;
	bool			(*refused)(void *);	/* NULL: no further
							   address is tried */
	void			*arg;
	STAILQ_HEAD(, udp_copy)	 copies;
	struct udp_copy		*next;		/* to send again; or NULL */
	size_t			 bytes, count;	/* of the copies */
	int64_t			 until;		/* 0: nothing was sent yet */
	bool			 moving;	/* another address is tried */
	bool			 joined;
	int			 num;		/* for the next read; 0: none */
};

static struct udp_resend *
udp_resend_self(struct layer *l)
{
	return (struct udp_resend *)l;
}

static void
udp_resend_forget(struct udp_resend *u)
{
	struct udp_copy *c;

	while ((c = STAILQ_FIRST(&u->copies)) != NULL) {
		STAILQ_REMOVE_HEAD(&u->copies, link);
		free(c);
	}
	u->next = NULL;
	u->refused = NULL;
	u->bytes = u->count = 0;
}

/* Copies n bytes from this offset of the vector. */
static void
udp_resend_copy(unsigned char *to, const struct iovec *iov, size_t from,
    size_t n)
{
	size_t part;

	for (; n > 0; iov++) {
		if (from >= iov->iov_len) {
			from -= iov->iov_len;
			continue;
		}
		part = iov->iov_len - from < n ? iov->iov_len - from : n;
		memcpy(to, (const unsigned char *)iov->iov_base + from, part);
		to += part;
		n -= part;
		from = 0;
	}
}

/*
 * Copies a datagram. Too late, or without room or memory for the copy, all
 * copies are dropped, and the address is final.
 */
static void
udp_resend_keep(struct udp_resend *u, const struct iovec *iov, size_t from,
    size_t n)
{
	struct udp_copy *c;
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
	c->len = n;
	udp_resend_copy(c->data, iov, from, n);
	STAILQ_INSERT_TAIL(&u->copies, c, link);
	u->bytes += n;
	u->count++;
}

/*
 * After a call failed: true if another address is being tried because of
 * that. Otherwise errno stays as it was.
 */
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

/* IO_OK: all copies have been sent to the address that we have now. */
static enum io
udp_resend_again(struct udp_resend *u)
{
	struct layer *below = u->layer.below;
	struct iovec iov;
	enum io io;
	size_t n;

	while (u->next != NULL) {
		iov.iov_base = u->next->data;
		iov.iov_len = u->next->len;
		io = below->ops->write(below, &iov, 1, &n);
		if (io == IO_AGAIN || (io == IO_FAIL && udp_resend_moves(u)))
			return IO_AGAIN;
		/* The last address has refused too: nothing is left to send. */
		if (io == IO_FAIL && u->next == NULL)
			return IO_FAIL;
		if (io == IO_FAIL)
			u->num = errno;
		u->next = STAILQ_NEXT(u->next, link);
	}
	return IO_OK;
}

static enum io
udp_resend_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct udp_resend *u = udp_resend_self(l);
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
	struct udp_resend *u = udp_resend_self(l);
	enum io io;

	if (u->moving)
		return IO_AGAIN;
	if ((io = udp_resend_again(u)) != IO_OK)
		return io;
	io = l->below->ops->write(l->below, iov, cnt, n);
	if (io == IO_OK)
		udp_resend_keep(u, iov, 0, *n);
	return io == IO_FAIL && udp_resend_moves(u) ? IO_AGAIN : io;
}

static bool
udp_resend_join(struct layer *l)
{
	struct udp_resend *u = udp_resend_self(l);

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
	struct udp_resend *u = udp_resend_self(l);
	size_t at;
	enum io io;

	if (u->moving)
		return IO_AGAIN;
	if ((io = udp_resend_again(u)) != IO_OK)
		return io;
	io = l->below->ops->write_pieces(l->below, iov, cnt, piece, n);
	for (at = 0; io == IO_OK && at < *n; at += piece)
		udp_resend_keep(u, iov, at, *n - at < piece ? *n - at : piece);
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
	udp_resend_forget(udp_resend_self(l));
	free(l);
}

static const struct layer_ops udp_resend_ops = {
	.read = udp_resend_read,
	.write = udp_resend_write,
	.join = udp_resend_join,
	.cuts = udp_resend_cuts,
	.write_pieces = udp_resend_write_pieces,
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
	STAILQ_INIT(&u->copies);
	endpoint_wrap(ep, &u->layer);
	return u;
}

static void
udp_resend_wake(struct udp_resend *u)
{
	struct endpoint *ep = u->ep;

	u->moving = false;
	ep->in.ready = ep->out.ready = true;
	if (ep->notify != NULL)
		ep->notify(ep->user);
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
	u->next = STAILQ_FIRST(&u->copies);
	(void)udp_resend_again(u);
	if (!u->moving)
		udp_resend_wake(u);
}

void
udp_resend_stay(struct udp_resend *u)
{
	u->num = ECONNREFUSED;
	udp_resend_forget(u);
	udp_resend_wake(u);
}
