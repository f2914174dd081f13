/*
 * Urgent data of TCP on a connected socket (RFC 6093), which stays in the
 * stream (SO_OOBINLINE): reported when read, and sent. No byte changes its
 * place or is left out.
 */
#include <sys/socket.h>
#include <errno.h>
#include <string.h>

#include "endpoint/endpoint.h"

struct layer_urgent {
	struct layer		 layer;
	struct fd		*fd;
	struct urgent_options	 opt;
};

static enum io
urgent_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_urgent *u = (struct layer_urgent *)l;
	struct iovec one = { .iov_base = iov->iov_base, .iov_len = 1 };
	enum io io;

	/* A read stops before an urgent byte. */
	if (u->opt.came == NULL || !fd_at_mark(u->fd))
		return l->below->ops->read(l->below, iov, cnt, n);
	io = l->below->ops->read(l->below, &one, 1, n);
	if (io == IO_OK && *n == 1)
		u->opt.came(u->opt.arg, *(unsigned char *)iov->iov_base);
	return io;
}

/* A read that stopped at the mark does not mean that no more bytes wait. */
static size_t
urgent_pending(const struct layer *l)
{
	return fd_readable(((const struct layer_urgent *)l)->fd);
}

/* Writes up to the mark, or the mark alone. */
static enum io
urgent_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	const struct layer_urgent *u = (struct layer_urgent *)l;
	struct iovec first = iov[0];
	const unsigned char *at;
	ssize_t put;

	if (!u->opt.sends)
		return l->below->ops->write(l->below, iov, cnt, n);
	at = memchr(first.iov_base, u->opt.mark, first.iov_len);
	if (at == first.iov_base && first.iov_len > 0) {
		do
			put = send(u->fd->num, at, 1,
			    MSG_OOB | MSG_DONTWAIT | MSG_NOSIGNAL);
		while (put == -1 && errno == EINTR);
		return fd_outcome(put, n);
	}
	if (at != NULL)
		first.iov_len = (size_t)(at - (unsigned char *)first.iov_base);
	return l->below->ops->write(l->below, &first, 1, n);
}

static const struct layer_ops urgent_ops = {
	.read = urgent_read,
	.write = urgent_write,
	.pending = urgent_pending
};

int
endpoint_urgent(struct endpoint *ep, const struct urgent_options *opt)
{
	struct layer_urgent *u = layer_new(sizeof(*u), &urgent_ops);

	if (u == NULL)
		return -1;
	u->layer.below = ep->in.top;
	u->fd = &ep->in_bottom.fd;
	u->opt = *opt;
	ep->in.top = ep->out.top = &u->layer;
	/* The descriptor stays, for the count of unacknowledged bytes. */
	ep->in.layered = true;
	ep->out.layered |= opt->sends;
	return 0;
}
