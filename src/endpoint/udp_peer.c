/*
 * A bound datagram socket that hears every sender and answers the last.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "endpoint/endpoint.h"
#include "io/fd_batch.h"

/* Most datagrams that a read drops. */
#define DROPS	64

/*
 * A Unix socket is writable although the queue of the peer is full: epoll does
 * not report when there is room again.
 */
#define RETRY	(20 * NSEC_PER_MSEC)

struct layer_udp {
	struct layer	layer;
	struct fd	fd;
	struct addr	last;		/* is answered; len 0: no sender yet */
	struct addr	from;		/* sender of the last datagram */
	struct endpoint	*ep;		/* out becomes ready with a peer */
	struct timer	 retry;
	bool		only;		/* hears last alone */
	bool		connected;	/* to last */
	bool		headed;		/* raw IPv4: the header comes first */
	struct udp_options opt;
};

/*
 * Cuts off the IP header that a raw socket of IPv4 receives, and a raw socket
 * of IPv6 does not, raw(7); returns the length without the header.
 */
static size_t
udp_peer_behead(unsigned char *packet, size_t size, size_t len)
{
	size_t header, have = len < size ? len : size;

	if (have == 0)
		return len;
	header = (size_t)(packet[0] & 0x0f) * 4;
	if (header > have)
		return len;
	memmove(packet, packet + header, have - header);
	return len - header;
}

/* After DROPS datagrams the socket is still readable: the next turn goes on. */
static enum io
udp_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_udp *u = (struct layer_udp *)l;
	struct addr from;
	ssize_t got;

	(void)cnt;		/* the ring of the flow is empty */
	for (int i = 0; i < DROPS; i++) {
		from.len = sizeof(from.u);
		do
			got = recvfrom(u->fd.num, iov->iov_base, iov->iov_len,
			    MSG_TRUNC | MSG_DONTWAIT, &from.u.sa, &from.len);
		while (got == -1 && errno == EINTR);
		if (got == -1)
			return errno == EAGAIN ? IO_AGAIN : IO_FAIL;
		*n = !u->headed ? (size_t)got : udp_peer_behead(iov->iov_base,
		    iov->iov_len, (size_t)got);
		if (u->only ? !addr_equal(&from, &u->last) :
		    u->opt.hears != NULL && !u->opt.hears(u->opt.arg, &from))
			continue;
		u->from = from;
		/* An unbound Unix socket cannot be answered. */
		if (from.len != 0 && !addr_equal(&from, &u->last)) {
			u->last = from;
			u->ep->out.ready = true;
		}
		return u->opt.farewell && *n == 0 ? IO_EOF : IO_OK;
	}
	return IO_AGAIN;
}

static bool
udp_join(struct layer *l)
{
	struct layer_udp *u = (struct layer_udp *)l;

	/* An empty datagram among joined datagrams would not be seen. */
	if (u->opt.farewell)
		return false;
	fd_join(&u->fd);
	return true;
}

static enum io
udp_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct layer_udp *u = (struct layer_udp *)l;
	static const struct addr none;
	enum io io;

	if (u->last.len == 0)
		return IO_AGAIN;
	io = dgram_send(&u->fd, iov, cnt, u->connected ? &none :
	    &u->last, &none, n);
	if (io == IO_AGAIN && addr_family(&u->last) == AF_UNIX)
		timer_set(u->ep->loop, &u->retry,
		    loop_now(u->ep->loop) + RETRY);
	return io;
}

static bool
udp_cuts(const struct layer *l)
{
	return fd_cuts(&((const struct layer_udp *)l)->fd);
}

static enum io
udp_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	const struct layer_udp *u = (struct layer_udp *)l;

	if (u->last.len == 0)
		return IO_AGAIN;
	return fd_write_pieces(&u->fd, iov, cnt, piece,
	    u->connected ? NULL : &u->last, n);
}

static enum io
udp_shut(struct layer *l)
{
	struct layer_udp *u = (struct layer_udp *)l;
	const struct iovec nothing = { .iov_base = NULL, .iov_len = 0 };
	size_t n;

	/* Whether the empty datagram arrives is not known. */
	if (u->opt.farewell && u->last.len != 0)
		(void)udp_write(l, &nothing, 1, &n);
	return u->connected ? fd_shut(&u->fd) : IO_OK;
}

/* A writable socket without a peer, or before a retry, is not waited for. */
static unsigned
udp_want(const struct layer *l, unsigned wish)
{
	const struct layer_udp *u = (const struct layer_udp *)l;

	return wish == LOOP_OUT &&
	    (u->last.len == 0 || timer_is_set(&u->retry)) ? 0 : wish;
}

static void
udp_close(struct layer *l)
{
	struct layer_udp *u = (struct layer_udp *)l;

	timer_clear(u->ep->loop, &u->retry);
	fd_close(&u->fd);
	free(u);
}

static const struct layer_ops udp_ops = {
	.read = udp_read,
	.write = udp_write,
	.join = udp_join,
	.cuts = udp_cuts,
	.write_pieces = udp_write_pieces,
	.shut = udp_shut,
	.want = udp_want,
	.close = udp_close
};

int
endpoint_udp(struct endpoint *ep, struct loop *loop, const struct fd *fd,
    const char *name, const struct udp_options *opt)
{
	struct layer_udp *u = layer_new(sizeof(*u), &udp_ops);

	if (u == NULL)
		return -1;
	if (endpoint_socket(ep, loop, fd, true, name) == -1) {
		free(u);
		return -1;
	}
	u->fd = *fd;
	u->ep = ep;
	u->opt = *opt;
	u->headed = fd_option(fd->num, SOL_SOCKET, SO_TYPE) == SOCK_RAW &&
	    fd_option(fd->num, SOL_SOCKET, SO_DOMAIN) == AF_INET;
	u->retry = (struct timer){ .fire = endpoint_wake_out, .arg = ep };
	if ((u->only = opt->only != NULL)) {
		u->last = *opt->only;
		u->connected = addr_peer(&(struct addr){ .len = 0 },
		    fd->num) == 0;
	}
	ep->in.top = ep->out.top = &u->layer;
	ep->in.fd = ep->out.fd = NULL;
	ep->out.ready = u->only;
	return 0;
}

const struct addr *
layer_udp_from(const struct layer *l)
{
	return &((const struct layer_udp *)l)->from;
}
