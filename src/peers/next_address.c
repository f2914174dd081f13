/*
 * A layer on a connected datagram socket. See next_address.h for the rule.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "io/fd_batch.h"
#include "peers/next_address.h"

/* ns; a later refusal is no answer to the first datagrams. */
#define PATIENCE	(2 * NSEC_PER_SEC)
/* The copies: the largest datagram, or many small datagrams. */
#define BYTES_MAX	((size_t)64 << 10)
#define COUNT_MAX	64

struct next_copies {
	size_t		 n;
	size_t		 at[COUNT_MAX + 1];	/* in data; of n: their end */
	unsigned char	 data[BYTES_MAX];
};

struct next_address {
	struct layer		 layer;
	struct endpoint		*ep;
	struct dial_options	 opt;
	struct dial		*dial;		/* another address is tried;
						   NULL: nothing is */
	next_address_tried	*tried;		/* or NULL */
	void			*arg;
	struct next_copies	*copies;	/* NULL: none */
	size_t			 next;		/* copy to send again, if any */
	int64_t			 until;		/* ns; 0: nothing was sent */
	bool			 final;		/* no other is tried */
	bool			 joined;
	int			 num;		/* for the next read; 0: none */
	struct addr		 at;
	struct addr_list	 left;		/* not tried yet; into v */
	struct addr		 v[];
};

/* No other address is tried any more. */
static void
next_address_settle(struct next_address *u)
{
	free(u->copies);
	u->copies = NULL;
	u->final = true;
}

/*
 * Copies a datagram that was sent, or settles after the deadline, or without
 * room.
 */
static void
next_address_keep(struct next_address *u, const struct iovec *iov, int cnt,
    size_t from, size_t n)
{
	struct next_copies *c = u->copies;
	int64_t now = loop_now(u->ep->loop);
	struct iovec part;
	size_t end;

	if (u->final)
		return;
	if (u->until == 0)
		u->until = now + PATIENCE;
	if (c == NULL && (c = u->copies = malloc(sizeof(*c))) != NULL)
		c->n = c->at[0] = 0;
	if (now >= u->until || c == NULL || c->n == COUNT_MAX ||
	    c->at[c->n] + n > BYTES_MAX) {
		next_address_settle(u);
		return;
	}
	for (end = c->at[c->n]; n > 0; n -= part.iov_len) {
		(void)fd_slice(iov, cnt, from, n, &part, 1);
		memcpy(c->data + end, part.iov_base, part.iov_len);
		from += part.iov_len;
		end += part.iov_len;
	}
	c->at[++c->n] = end;
	u->next = c->n;
}

/* ---- Another address ---------------------------------------------------- */

static enum io	next_address_resend(struct next_address *);

static void
next_address_on_connected(void *arg, struct fd *fd, const struct addr *addr,
    struct layer *tls)
{
	struct next_address *u = arg;

	(void)tls;
	u->dial = NULL;
	u->at = *addr;
	u->left.v++;
	u->left.n--;
	if (u->tried != NULL)
		u->tried(u->arg, addr, NULL);
	if (endpoint_replace(u->ep, fd) == -1) {
		u->num = errno;
		next_address_settle(u);
	}
	if (u->joined)
		fd_join(fd);
	u->until = loop_now(u->ep->loop) + PATIENCE;
	u->next = 0;
	(void)next_address_resend(u);
	if (u->dial == NULL)
		endpoint_wake_both(u->ep);
}

static void
next_address_on_failed(void *arg, const struct addr *addr,
    const struct error *err, bool last)
{
	struct next_address *u = arg;

	u->left.v++;
	u->left.n--;
	if (u->tried != NULL)
		u->tried(u->arg, addr, err);
	if (!last)
		return;
	u->dial = NULL;
	u->num = ECONNREFUSED;
	next_address_settle(u);
	endpoint_wake_both(u->ep);
}

/* After a failed call: whether another address is tried. Keeps errno. */
static bool
next_address_moves(struct next_address *u)
{
	static const struct dial_ops ops = {
		.connected = next_address_on_connected,
		.failed = next_address_on_failed
	};
	struct error err;
	int num = errno;

	if (num != ECONNREFUSED || u->final || u->until == 0)
		return false;
	u->opt.to = &u->left;
	if (loop_now(u->ep->loop) < u->until && u->left.n > 0)
		u->dial = dial_start(u->ep->loop, &u->opt, &ops, u);
	if (u->dial == NULL)
		next_address_settle(u);
	else if (u->tried != NULL) {
		error_set(&err, num, "send to", "%s", u->ep->in.name);
		u->tried(u->arg, &u->at, &err);
	}
	errno = num;
	return u->dial != NULL;
}

/* Before a call: IO_OK: all copies have been sent to the present address. */
static enum io
next_address_resend(struct next_address *u)
{
	struct layer *below = u->layer.below;
	const struct next_copies *c;
	struct iovec iov;
	enum io io;
	size_t n;

	if (u->dial != NULL)
		return IO_AGAIN;
	for (; (c = u->copies) != NULL && u->next < c->n; u->next++) {
		iov.iov_base = u->copies->data + c->at[u->next];
		iov.iov_len = c->at[u->next + 1] - c->at[u->next];
		io = below->ops->write(below, &iov, 1, &n);
		if (io == IO_AGAIN || (io == IO_FAIL && next_address_moves(u)))
			return IO_AGAIN;
		/* The last address has refused, too. */
		if (io == IO_FAIL && u->copies == NULL)
			return IO_FAIL;
		if (io == IO_FAIL)
			u->num = errno;
	}
	return IO_OK;
}

/* ---- The layer ---------------------------------------------------------- */

/* Before a read: IO_OK: the layer below may be read. */
static enum io
next_address_may_read(struct next_address *u)
{
	if (u->dial != NULL)
		return IO_AGAIN;
	if (u->num == 0)
		return IO_OK;
	errno = u->num;
	u->num = 0;
	return IO_FAIL;
}

/* After a call; io: its result. An answer makes the address final. */
static enum io
next_address_review(struct next_address *u, enum io io, bool answer)
{
	if (io == IO_OK && answer)
		next_address_settle(u);
	return io == IO_FAIL && next_address_moves(u) ? IO_AGAIN : io;
}

static enum io
next_address_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct next_address *u = (struct next_address *)l;
	enum io io = next_address_may_read(u);

	return io != IO_OK ? io : next_address_review(u,
	    l->below->ops->read(l->below, iov, cnt, n), true);
}

static enum io
next_address_read_batch(struct layer *l, struct batch **b)
{
	struct next_address *u = (struct next_address *)l;
	enum io io = next_address_may_read(u);

	return io != IO_OK ? io : next_address_review(u,
	    l->below->ops->read_batch(l->below, b), true);
}

static enum io
next_address_write(struct layer *l, const struct iovec *iov, int cnt,
    size_t *n)
{
	struct next_address *u = (struct next_address *)l;
	enum io io;

	if ((io = next_address_resend(u)) != IO_OK)
		return io;
	io = l->below->ops->write(l->below, iov, cnt, n);
	if (io == IO_OK)
		next_address_keep(u, iov, cnt, 0, *n);
	return next_address_review(u, io, false);
}

static bool
next_address_join(struct layer *l)
{
	return ((struct next_address *)l)->joined =
	    l->below->ops->join(l->below);
}

static bool
next_address_cuts(const struct layer *l)
{
	return l->below->ops->cuts(l->below);
}

static enum io
next_address_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	struct next_address *u = (struct next_address *)l;
	enum io io;

	if ((io = next_address_resend(u)) != IO_OK)
		return io;
	io = l->below->ops->write_pieces(l->below, iov, cnt, piece, n);
	for (size_t at = 0; io == IO_OK && at < *n; at += piece)
		next_address_keep(u, iov, cnt, at,
		    *n - at < piece ? *n - at : piece);
	return next_address_review(u, io, false);
}

static enum io
next_address_write_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct next_address *u = (struct next_address *)l;
	unsigned sent = batch_left(b);
	struct iovec iov;
	const void *data;
	enum io io;

	if ((io = next_address_resend(u)) != IO_OK)
		return io;
	io = l->below->ops->write_batch(l->below, b, n);
	sent -= batch_left(b);
	while (io == IO_OK && !u->final && sent-- > 0) {
		iov.iov_len = batch_sent(b, sent, &data);
		iov.iov_base = (void *)(uintptr_t)data;
		next_address_keep(u, &iov, 1, 0, iov.iov_len);
	}
	return next_address_review(u, io, false);
}

static size_t
next_address_pending(const struct layer *l)
{
	return ((const struct next_address *)l)->num != 0;
}

static unsigned
next_address_want(const struct layer *l, unsigned wish)
{
	return ((const struct next_address *)l)->dial != NULL ? 0 : wish;
}

static void
next_address_close(struct layer *l)
{
	struct next_address *u = (struct next_address *)l;

	dial_cancel(u->dial);
	next_address_settle(u);
	free(u);
}

static const struct layer_ops next_address_layer_ops = {
	.read = next_address_read,
	.write = next_address_write,
	.join = next_address_join,
	.cuts = next_address_cuts,
	.write_pieces = next_address_write_pieces,
	.read_batch = next_address_read_batch,
	.write_batch = next_address_write_batch,
	.pending = next_address_pending,
	.want = next_address_want,
	.close = next_address_close
};

bool
next_address_watch(struct endpoint *ep, const struct dial_options *opt,
    const struct addr *addr, next_address_tried *fn, void *arg)
{
	struct next_address *u;
	struct addr a = { .len = 0 };
	size_t tried = 0, n;

	while (tried < opt->to->n && !addr_equal(&a, addr)) {
		a = opt->to->v[tried++];
		if (opt->port != 0)
			addr_set_port(&a, opt->port);
	}
	n = opt->to->n - tried;
	if (n == 0 || (u = calloc(1, sizeof(*u) + n * sizeof(u->v[0]))) == NULL)
		return false;
	u->layer.ops = &next_address_layer_ops;
	u->ep = ep;
	u->opt = *opt;
	/* A connected socket costs less than a race. */
	u->opt.race_delay = -1;
	u->tried = fn;
	u->arg = arg;
	u->at = *addr;
	u->left = (struct addr_list){ .v = u->v, .n = n };
	memcpy(u->v, opt->to->v + tried, n * sizeof(u->v[0]));
	endpoint_wrap(ep, &u->layer);
	return true;
}
