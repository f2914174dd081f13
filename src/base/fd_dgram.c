/*
 * Datagrams with both their addresses. The differences between systems live
 * here: a system that does not tell our address has its kernel choose one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd_dgram.h"

/* What we would like the kernel to keep; it has a limit of its own. */
#define WIDE		(1 << 20)

/* Room for everything that is told with a datagram. */
union control {
	struct cmsghdr	 align;
	char		 room[128];
};

int
dgram_batch_init(struct dgram_batch *b)
{
	memset(b, 0, sizeof(*b));
	/* Of these pages only those are ever touched that are needed. */
	b->mem = malloc((size_t)DGRAM_BATCH * DGRAM_MAX);
	return b->mem != NULL ? 0 : -1;
}

void
dgram_batch_free(struct dgram_batch *b)
{
	free(b->mem);
	b->mem = NULL;
}

static void
set(int num, int level, int name)
{
	int on = 1;

	(void)setsockopt(num, level, name, &on, sizeof(on));
}

void
dgram_prepare(const struct fd *fd, int family, bool widen)
{
	int size = 0;
	socklen_t len = sizeof(size);

#ifdef SO_RXQ_OVFL
	set(fd->num, SOL_SOCKET, SO_RXQ_OVFL);
#endif
#ifdef IP_PKTINFO
	if (family == AF_INET)
		set(fd->num, IPPROTO_IP, IP_PKTINFO);
#endif
#ifdef IPV6_RECVPKTINFO
	if (family == AF_INET6)
		set(fd->num, IPPROTO_IPV6, IPV6_RECVPKTINFO);
#endif
	if (!widen || getsockopt(fd->num, SOL_SOCKET, SO_RCVBUF, &size, &len)
	    == -1 || size >= WIDE)
		return;
	size = WIDE;
	(void)setsockopt(fd->num, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* One thing that was told with a datagram. */
static void
hear(struct dgram_batch *b, struct dgram *d, const struct cmsghdr *c)
{
	const void *data = CMSG_DATA(c);

	(void)b, (void)d, (void)data;
#ifdef SO_RXQ_OVFL
	if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL)
		memcpy(&b->overrun, data, sizeof(b->overrun));
#endif
#ifdef IP_PKTINFO
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo info;

		/* Sent to many? Then this is the one of ours to answer by. */
		memcpy(&info, data, sizeof(info));
		d->to.u.in.sin_family = AF_INET;
		d->to.u.in.sin_addr = info.ipi_spec_dst;
		d->to.len = sizeof(d->to.u.in);
	}
#endif
#ifdef IPV6_RECVPKTINFO
	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo info;

		memcpy(&info, data, sizeof(info));
		if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr))
			return;
		d->to.u.in6.sin6_family = AF_INET6;
		d->to.u.in6.sin6_addr = info.ipi6_addr;
		d->to.len = sizeof(d->to.u.in6);
	}
#endif
}

static void
take(struct dgram_batch *b, unsigned i, struct msghdr *msg, size_t n)
{
	struct dgram *d = &b->v[i];
	struct cmsghdr *c;

	d->from.len = msg->msg_namelen;
	/* An unnamed sender has a family at most. */
	if (d->from.len <= sizeof(d->from.u.sa.sa_family))
		d->from.len = 0;
	d->whole = n;
	d->len = n < DGRAM_MAX ? n : DGRAM_MAX;
	d->data = msg->msg_iov->iov_base;
	memset(&d->to, 0, sizeof(d->to));
	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		hear(b, d, c);
}

static void
aim(struct dgram_batch *b, unsigned i, struct msghdr *msg,
    struct iovec *iov, union control *control)
{
	memset(msg, 0, sizeof(*msg));
	memset(&b->v[i].from, 0, sizeof(b->v[i].from));
	iov->iov_base = b->mem + (size_t)i * DGRAM_MAX;
	iov->iov_len = DGRAM_MAX;
	msg->msg_name = &b->v[i].from.u;
	msg->msg_namelen = sizeof(b->v[i].from.u);
	msg->msg_iov = iov;
	msg->msg_iovlen = 1;
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
}

#ifdef __linux__
enum io
dgram_read(const struct fd *fd, struct dgram_batch *b)
{
	struct mmsghdr m[DGRAM_BATCH];
	struct iovec iov[DGRAM_BATCH];
	union control control[DGRAM_BATCH];
	unsigned i;
	int got;

	for (i = 0; i < DGRAM_BATCH; i++)
		aim(b, i, &m[i].msg_hdr, &iov[i], &control[i]);
	do
		got = recvmmsg(fd->num, m, DGRAM_BATCH,
		    MSG_DONTWAIT | MSG_TRUNC, NULL);
	while (got == -1 && errno == EINTR);
	b->n = got > 0 ? (unsigned)got : 0;
	for (i = 0; i < b->n; i++)
		take(b, i, &m[i].msg_hdr, m[i].msg_len);
	if (got == -1 && errno != EAGAIN)
		return IO_FAIL;
	return got > 0 ? IO_OK : IO_AGAIN;
}
#else
enum io
dgram_read(const struct fd *fd, struct dgram_batch *b)
{
	struct msghdr m;
	struct iovec iov;
	union control control;
	ssize_t got;

	aim(b, 0, &m, &iov, &control);
	do
		got = recvmsg(fd->num, &m, MSG_DONTWAIT | MSG_TRUNC);
	while (got == -1 && errno == EINTR);
	b->n = got != -1;
	if (b->n > 0)
		take(b, 0, &m, (size_t)got);
	if (got == -1 && errno != EAGAIN)
		return IO_FAIL;
	return b->n > 0 ? IO_OK : IO_AGAIN;
}
#endif

static void
attach(struct msghdr *msg, int level, int type, const void *data, size_t n)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	msg->msg_controllen = CMSG_SPACE(n);
}

/* The interface is for the route to choose, not for us. */
static void
sign(struct msghdr *msg, const struct addr *from, union control *control)
{
	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
	switch (addr_family(from)) {
#ifdef IP_PKTINFO
	case AF_INET: {
		struct in_pktinfo info = { .ipi_spec_dst =
		    from->u.in.sin_addr };

		attach(msg, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
		return;
	}
#endif
#ifdef IPV6_RECVPKTINFO
	case AF_INET6: {
		struct in6_pktinfo info = { .ipi6_addr =
		    from->u.in6.sin6_addr };

		attach(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
		return;
	}
#endif
	}
	msg->msg_control = NULL;
	msg->msg_controllen = 0;
}

static ssize_t
send_one(const struct fd *fd, const struct msghdr *msg)
{
	ssize_t put;

	do
		put = sendmsg(fd->num, msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put == -1 && errno == EINTR);
	return put;
}

enum io
dgram_write(const struct fd *fd, const struct iovec *iov, int cnt,
    const struct addr *to, const struct addr *from, size_t *n)
{
	union control control;
	struct msghdr msg = {
		.msg_name = (void *)(size_t)&to->u, .msg_namelen = to->len,
		.msg_iov = (struct iovec *)(void *)(size_t)iov,
		.msg_iovlen = (size_t)cnt
	};
	ssize_t put;

	sign(&msg, from, &control);
	put = send_one(fd, &msg);
	/* An address that is nobody's to send from, or is ours no more. */
	if (put == -1 && msg.msg_control != NULL &&
	    (errno == EINVAL || errno == EADDRNOTAVAIL)) {
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		put = send_one(fd, &msg);
	}
	return fd_outcome(put, n);
}
