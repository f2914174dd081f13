/*
 * Datagrams that are answered singly, in batches.
 */
#include <errno.h>

#include "base/errclass.h"
#include "base/num.h"
#include "endpoint/udp_reply.h"

/* The largest datagram: of UDP, and of a Unix socket by default. */
#define ROOM_INET	((size_t)64 << 10)
#define ROOM_UNIX	((size_t)256 << 10)
/*
 * epoll does not report room in the queue of a Unix peer, or in a device
 * (ENOBUFS). After so many pauses the datagram is dropped, because the
 * datagrams after it wait as well.
 */
#define PAUSE		(20 * NSEC_PER_MSEC)
#define PAUSES		10

static void
udp_reply_pause(struct udp_reply *r)
{
	timer_set(r->ep->loop, &r->retry, loop_now(r->ep->loop) + PAUSE);
}

/* Whether the errno is the network's answer to an earlier datagram. */
static bool
udp_reply_is_soft(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_RESET);
}

/* ---- Reading ------------------------------------------------------------ */

static bool
udp_reply_keep(void *arg, const struct dgram *d)
{
	struct udp_reply *r = arg;

	return r->keep == NULL || r->keep(r->arg, r, d);
}

static enum io
udp_reply_read_batch(struct layer *l, struct batch **b)
{
	struct udp_reply *r = (struct udp_reply *)l;

	if (*b == NULL)
		*b = batch_new(addr_family(&r->bound) == AF_UNIX ?
		    ROOM_UNIX : ROOM_INET, loop_buf_cache(r->ep->loop));
	if (*b == NULL) {
		r->failed(r->arg, errno, "read from");
		udp_reply_pause(r);
		return IO_AGAIN;
	}
	r->pauses = 0;
	r->retried = false;
	switch (batch_read(*b, &r->ep->in_bottom.fd)) {
	case IO_OK:
		batch_sift(*b, udp_reply_keep, r);
		return IO_OK;
	case IO_FAIL:
		break;
	default:
		return IO_AGAIN;
	}
	if (!udp_reply_is_soft(errno)) {
		r->failed(r->arg, errno, "read from");
		udp_reply_pause(r);
	}
	return IO_AGAIN;
}

/* ---- Writing ------------------------------------------------------------ */

/* After a failed send; false: the next send has to wait. */
static bool
udp_reply_mend(struct udp_reply *r, struct batch *b, int num)
{
	size_t n;

	if ((num == EAGAIN || num == ENOBUFS) && r->pauses++ < PAUSES) {
		udp_reply_pause(r);
		return false;
	}
	/* The errno may be the answer to an earlier datagram. */
	if (udp_reply_is_soft(num) && !r->retried) {
		r->retried = true;
		return true;
	}
	/* The address that was asked cannot be a source: a broadcast. */
	if ((num == EINVAL || num == EADDRNOTAVAIL) && batch_forget_local(b))
		return true;
	n = batch_drop(b);
	r->failed(r->arg, num, "write to");
	if (udp_reply_is_soft(num) || num == ENOENT)
		r->unheard += n;
	r->pauses = 0;
	r->retried = false;
	return true;
}

static enum io
udp_reply_write_batch(struct layer *l, struct batch *b, size_t *n)
{
	struct udp_reply *r = (struct udp_reply *)l;
	enum io io;
	size_t sent;

	for (*n = 0; batch_left(b) > 0; *n += sent) {
		io = batch_write(b, &r->ep->in_bottom.fd, &sent);
		if (io == IO_OK) {
			r->pauses = 0;
			r->retried = false;
			continue;
		}
		if (io == IO_AGAIN && addr_family(&r->bound) != AF_UNIX)
			return IO_AGAIN;
		if (!udp_reply_mend(r, b, io == IO_AGAIN ? EAGAIN : errno))
			return IO_AGAIN;
	}
	return IO_OK;
}

/* Neither half is waited for during a pause. */
static unsigned
udp_reply_want(const struct layer *l, unsigned wish)
{
	return timer_is_set(&((const struct udp_reply *)l)->retry) ? 0 : wish;
}

static void
udp_reply_close(struct layer *l)
{
	struct udp_reply *r = (struct udp_reply *)l;

	timer_clear(r->ep->loop, &r->retry);
}

static const struct layer_ops udp_reply_ops = {
	.read_batch = udp_reply_read_batch,
	.write_batch = udp_reply_write_batch,
	.want = udp_reply_want,
	.close = udp_reply_close
};

int
udp_reply_init(struct udp_reply *r, struct endpoint *ep, struct loop *loop,
    const struct fd *fd)
{
	if (endpoint_socket(ep, loop, fd, true, "the datagram socket") == -1)
		return -1;
	r->layer.ops = &udp_reply_ops;
	r->ep = ep;
	r->retry = (struct timer){ .fire = endpoint_wake_both, .arg = ep };
	(void)addr_local(&r->bound, fd->num);
	if (addr_is_any(&r->bound))
		batch_ask_local(fd, addr_family(&r->bound));
	endpoint_wrap(ep, &r->layer);
	return 0;
}
