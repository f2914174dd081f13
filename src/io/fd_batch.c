/*
 * recvmmsg(2), sendmmsg(2), and the local addresses of datagrams.
 */
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <linux/errqueue.h>
#include <linux/sock_diag.h>

#include "io/fd_batch.h"

/* The most datagrams in a batch, and bytes of their room. */
#define MOST	32
#define MUCH	((size_t)2 << 20)
/*
 * The distance of two datagrams is their room and a little more: at the same
 * place in each page, all would compete for the same lines of the L1 cache.
 */
#define APART	((size_t)128)
/* The most bytes that are joined, udp(7), and of each datagram of these. */
#define RUN_MOST	((size_t)65487)
#define PIECE_MOST	((size_t)1472)

/* Room for the control messages of a datagram. */
union control {
	struct cmsghdr	align;
	unsigned char	room[2 * CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct batch {
	unsigned	 first, n;	/* those left: from first up to n */
	bool		 one_way;	/* all go to one address */
	bool		 asked;		/* whether the system can cut: */
	bool		 cuts;		/* datagrams out of a larger one */
	unsigned	 most;
	unsigned	 got;		/* datagrams of the last read */
	size_t		 room;		/* bytes for each datagram */
	struct buf_cache *home;		/* of this memory; or NULL */
	size_t		 cut;		/* bytes cut off, not yet told */
	struct mmsghdr	 msg[MOST];
	struct iovec	 iov[MOST];
	struct addr	 peer[MOST];
	union control	 control[MOST + 1];	/* the last is the signature,
						   the source if one_way */
	socklen_t	 nsigned;	/* bytes of that; 0: none */
	size_t		 used;		/* bytes of data, by batch_add */
	unsigned char	 data[];
};

/* Turns on the option of the socket's family. */
static void
fd_batch_turn_on(const struct fd *fd, int family, int inet6, int inet)
{
	int on = 1;

	if (family == AF_INET6)
		(void)setsockopt(fd->num, IPPROTO_IPV6, inet6, &on, sizeof(on));
	else if (family == AF_INET)
		(void)setsockopt(fd->num, IPPROTO_IP, inet, &on, sizeof(on));
}

void
batch_ask_local(const struct fd *fd, int family)
{
	fd_batch_turn_on(fd, family, IPV6_RECVPKTINFO, IP_PKTINFO);
}

void
dgram_ask_errors(const struct fd *fd, int family)
{
	fd_batch_turn_on(fd, family, IPV6_RECVERR, IP_RECVERR);
}

/* SO_RXQ_OVFL tells nothing of drops after the last datagram that is read. */
void
dgram_add_drops(const struct fd *fd, struct dgram_drops *drops)
{
	uint32_t info[SK_MEMINFO_VARS];
	socklen_t len = sizeof(info);

	if (fd->kind != FD_DGRAM || fd->num == -1 || getsockopt(fd->num,
	    SOL_SOCKET, SO_MEMINFO, info, &len) == -1 ||
	    len < sizeof(info) || info[SK_MEMINFO_DROPS] == 0)
		return;
	drops->n += info[SK_MEMINFO_DROPS];
	if (fd_option(fd->num, IPPROTO_UDP, UDP_GRO) == 1)
		drops->at_least = true;
}

static unsigned
fd_batch_most(size_t room)
{
	return room * MOST <= MUCH ? MOST : (unsigned)(MUCH / room);
}

static size_t
fd_batch_bytes(size_t room)
{
	return sizeof(struct batch) + fd_batch_most(room) * (room + APART);
}

struct batch *
batch_new(size_t room, struct buf_cache *home)
{
	unsigned most = fd_batch_most(room);
	struct batch *b = buf_cache_take(home, fd_batch_bytes(room));

	if (b == NULL)
		return NULL;
	b->home = home;
	b->first = b->n = b->got = 0;
	b->one_way = b->asked = b->cuts = false;
	b->nsigned = 0;
	b->used = b->cut = 0;
	b->most = most;
	b->room = room;
	return b;
}

void
batch_free(struct batch *b)
{
	if (b != NULL)
		buf_cache_give(b->home, b, fd_batch_bytes(b->room));
}

/* bare: without the addresses of each datagram. */
static enum io
fd_batch_receive(struct batch *b, const struct fd *fd, bool bare)
{
	struct msghdr *h;
	size_t n;
	int got;

	for (unsigned i = 0; i < b->most; i++) {
		b->iov[i] = (struct iovec){ .iov_len = b->room,
		    .iov_base = b->data + i * (b->room + APART) };
		h = &b->msg[i].msg_hdr;
		*h = (struct msghdr){ .msg_iov = &b->iov[i], .msg_iovlen = 1 };
		if (bare)
			continue;
		h->msg_name = &b->peer[i].u;
		h->msg_namelen = sizeof(b->peer[i].u);
		h->msg_control = &b->control[i];
		h->msg_controllen = sizeof(b->control[i]);
	}
	b->first = b->n = 0;
	do
		got = recvmmsg(fd->num, b->msg, b->most,
		    MSG_DONTWAIT | MSG_TRUNC, NULL);
	while (got == -1 && errno == EINTR);
	if (got > 0)
		b->n = (unsigned)got;
	b->got = b->n;
	return fd_outcome(got, &n);
}

enum io
batch_read(struct batch *b, const struct fd *fd)
{
	return fd_batch_receive(b, fd, false);
}

enum io
batch_read_bare(struct batch *b, const struct fd *fd)
{
	enum io io = fd_batch_receive(b, fd, true);

	for (unsigned i = 0; i < b->n; i++) {
		size_t whole = b->msg[i].msg_len;

		b->iov[i].iov_len = whole < b->room ? whole : b->room;
		b->cut += whole - b->iov[i].iov_len;
	}
	return io;
}

bool
batch_add(struct batch *b, const struct iovec *from, int cnt)
{
	size_t n = fd_total(from, cnt), at = 0;
	struct iovec *iov;

	if (b->first == b->n)
		b->first = b->n = b->got = 0, b->used = 0;
	if (b->n == b->most || n > b->most * b->room - b->used)
		return false;
	iov = &b->iov[b->n];
	*iov = (struct iovec){ .iov_base = b->data + b->used, .iov_len = n };
	for (int i = 0; i < cnt; i++)
		at += fd_store(iov, 1, at, from[i].iov_base, from[i].iov_len);
	b->used += n;
	b->msg[b->n].msg_hdr = (struct msghdr){ .msg_iov = iov,
	    .msg_iovlen = 1 };
	b->got = ++b->n;
	return true;
}

/*
 * The control message with the local address stays in the message, and sets
 * the source address of the answer. The routes choose the interface. A datagram
 * to a group is answered from an address that the kernel chooses.
 */
static void
fd_batch_find_local(struct msghdr *h, struct addr *local)
{
	struct in6_pktinfo info6;
	struct in_pktinfo info;
	struct cmsghdr *c;

	memset(local, 0, sizeof(*local));
	for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c))
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			/* The datagram came before IP_PKTINFO was set. */
			if (info.ipi_spec_dst.s_addr == htonl(INADDR_ANY))
				info.ipi_spec_dst = info.ipi_addr;
			local->len = sizeof(local->u.in);
			local->u.in.sin_family = AF_INET;
			local->u.in.sin_addr = info.ipi_spec_dst;
			info.ipi_ifindex = 0;
			memcpy(CMSG_DATA(c), &info, sizeof(info));
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&info6, CMSG_DATA(c), sizeof(info6));
			local->len = sizeof(local->u.in6);
			local->u.in6.sin6_family = AF_INET6;
			local->u.in6.sin6_addr = info6.ipi6_addr;
			/* A link-local address belongs to an interface. */
			if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
				local->u.in6.sin6_scope_id =
				    (uint32_t)info6.ipi6_ifindex;
			else
				info6.ipi6_ifindex = 0;
			memcpy(CMSG_DATA(c), &info6, sizeof(info6));
		}
	if (local->len == 0 || (addr_family(local) == AF_INET6 &&
	    IN6_IS_ADDR_MULTICAST(&local->u.in6.sin6_addr)))
		h->msg_controllen = 0;
}

/* Fills all but data, from a message of this length that was received. */
static void
fd_batch_fill(struct msghdr *h, const struct addr *peer, size_t whole,
    size_t room, struct dgram *d)
{
	d->peer = *peer;
	d->peer.len = h->msg_namelen;
	/* An unbound Unix socket has a family at most. */
	if (d->peer.len <= sizeof(d->peer.u.sa.sa_family))
		d->peer.len = 0;
	if (d->peer.len > sizeof(d->peer.u))
		d->peer.len = sizeof(d->peer.u);
	fd_batch_find_local(h, &d->local);
	d->len = whole < room ? whole : room;
	d->cut = (h->msg_flags & MSG_TRUNC) != 0;
	d->whole = d->cut && whole == d->len ? whole + 1 : whole;
}

void
batch_sift(struct batch *b, bool (*keep)(void *, const struct dgram *),
    void *arg)
{
	unsigned i, kept = 0;
	struct dgram d;

	for (i = 0; i < b->n; i++) {
		fd_batch_fill(&b->msg[i].msg_hdr, &b->peer[i],
		    b->msg[i].msg_len, b->room, &d);
		d.data = b->iov[i].iov_base;
		if (!keep(arg, &d))
			continue;
		b->iov[i].iov_len = d.len;
		/* The buffers that the message points at stay in place. */
		b->msg[kept++] = b->msg[i];
	}
	b->first = 0;
	b->n = kept;
}

unsigned
batch_left(const struct batch *b)
{
	return b != NULL ? b->n - b->first : 0;
}

static size_t
fd_batch_size_of(const struct batch *b, unsigned i)
{
	return b->msg[i].msg_hdr.msg_iov->iov_len;
}

size_t
batch_held(const struct batch *b)
{
	unsigned i, n = batch_left(b);
	size_t held = 0;

	for (i = 0; i < n; i++)
		held += fd_batch_size_of(b, b->first + i);
	return held;
}

size_t
batch_sent(const struct batch *b, unsigned back, const void **data)
{
	const struct iovec *iov = b->msg[b->first - 1 - back].msg_hdr.msg_iov;

	*data = iov->iov_base;
	return iov->iov_len;
}

void
batch_note_cut(struct batch *b, size_t n)
{
	b->cut += n;
}

size_t
batch_take_cut(struct batch *b)
{
	size_t n = b->cut;

	b->cut = 0;
	return n;
}

bool
batch_was_full(const struct batch *b)
{
	return b->got == b->most;
}

bool
batch_forget_local(struct batch *b)
{
	struct msghdr *h = &b->msg[b->first].msg_hdr;
	bool was = h->msg_controllen != 0;
	unsigned n = b->one_way ? batch_left(b) : 1;

	for (unsigned i = 0; i < n; i++)
		b->msg[b->first + i].msg_hdr.msg_controllen = 0;
	b->nsigned = 0;
	/* The signature may be why the system did not cut. */
	b->asked = b->asked && !was;
	return was;
}

size_t
batch_drop(struct batch *b)
{
	return fd_batch_size_of(b, b->first++);
}

enum io
dgram_receive(const struct fd *fd, void *buf, size_t size, struct dgram *d)
{
	union control control;
	struct addr peer;
	struct iovec iov = { .iov_base = buf, .iov_len = size };
	struct msghdr msg = { .msg_name = &peer.u,
	    .msg_namelen = sizeof(peer.u), .msg_iov = &iov, .msg_iovlen = 1,
	    .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t got;
	size_t n;

	memset(&peer, 0, sizeof(peer));
	do
		got = recvmsg(fd->num, &msg, MSG_DONTWAIT | MSG_TRUNC);
	while (got == -1 && errno == EINTR);
	if (got == -1)
		return fd_outcome(got, &n);
	fd_batch_fill(&msg, &peer, (size_t)got, size, d);
	d->data = buf;
	return IO_OK;
}

int
dgram_error(const struct fd *fd, struct addr *to)
{
	/* Both families have the same structure, with the sender after it. */
	union {
		struct cmsghdr	align;
		unsigned char	room[CMSG_SPACE(sizeof(struct
				    sock_extended_err) +
				    sizeof(struct sockaddr_in6))];
	} control;
	struct msghdr msg = { .msg_name = &to->u,
	    .msg_namelen = sizeof(to->u), .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	struct sock_extended_err e = { .ee_errno = EIO };
	const struct cmsghdr *c;

	memset(to, 0, sizeof(*to));
	if (recvmsg(fd->num, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) == -1)
		return 0;
	to->len = msg.msg_namelen;
	for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg,
	    (struct cmsghdr *)(uintptr_t)c))
		if ((c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_RECVERR))
			memcpy(&e, CMSG_DATA(c), sizeof(e));
	return (int)e.ee_errno;
}

static void
fd_batch_attach(struct msghdr *msg, int level, int type, const void *data,
    size_t n)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = (socklen_t)CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	msg->msg_controllen = (socklen_t)CMSG_SPACE(n);
}

/* Sets the source address: any of IPv4, of IPv6 no multicast address. */
static void
fd_batch_sign(struct msghdr *msg, const struct addr *from,
    union control *control)
{
	bool six = addr_family(from) == AF_INET6 &&
	    !IN6_IS_ADDR_MULTICAST(&from->u.in6.sin6_addr);
	struct in6_pktinfo info6 = { .ipi6_addr = from->u.in6.sin6_addr,
	    .ipi6_ifindex = from->u.in6.sin6_scope_id };
	struct in_pktinfo info = { .ipi_spec_dst = from->u.in.sin_addr };

	if (!six && addr_family(from) != AF_INET)
		return;
	memset(control, 0, sizeof(*control));
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
	if (six)
		fd_batch_attach(msg, IPPROTO_IPV6, IPV6_PKTINFO, &info6,
		    sizeof(info6));
	else
		fd_batch_attach(msg, IPPROTO_IP, IP_PKTINFO, &info,
		    sizeof(info));
}

static ssize_t
fd_batch_send_one(const struct fd *fd, const struct msghdr *msg)
{
	ssize_t put;

	do
		put = sendmsg(fd->num, msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put == -1 && errno == EINTR);
	return put;
}

enum io
dgram_send(const struct fd *fd, const struct iovec *iov, int cnt,
    const struct addr *to, const struct addr *from, size_t *n)
{
	union control control;
	struct msghdr msg = {
		.msg_name = (void *)(size_t)&to->u, .msg_namelen = to->len,
		.msg_iov = (struct iovec *)(void *)(size_t)iov,
		.msg_iovlen = (size_t)cnt
	};
	ssize_t put;

	fd_batch_sign(&msg, from, &control);
	put = fd_batch_send_one(fd, &msg);
	/* A broadcast address, or removed from this host meanwhile. */
	if (put == -1 && msg.msg_control != NULL &&
	    (errno == EINVAL || errno == EADDRNOTAVAIL)) {
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		put = fd_batch_send_one(fd, &msg);
	}
	return fd_outcome(put, n);
}

/* ---- Datagrams that the system joins or cuts (UDP_GRO, UDP_SEGMENT) ------ */

void
fd_join(const struct fd *fd)
{
	int one = 1;

	(void)setsockopt(fd->num, IPPROTO_UDP, UDP_GRO, &one, sizeof(one));
}

/* A kernel without UDP_SEGMENT would send a single large datagram. */
bool
fd_cuts(const struct fd *fd)
{
	return fd_option(fd->num, IPPROTO_UDP, UDP_SEGMENT) != -1;
}

enum io
fd_write_pieces(const struct fd *fd, const struct iovec *iov, int cnt,
    size_t piece, const struct addr *to, size_t *n)
{
	union control control;
	struct msghdr msg = { .msg_iov = (struct iovec *)(void *)(size_t)iov,
	    .msg_iovlen = (size_t)cnt, .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	uint16_t size = (uint16_t)piece;

	memset(&control, 0, sizeof(control));
	fd_batch_attach(&msg, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size));
	if (to != NULL) {
		msg.msg_name = (void *)(size_t)&to->u.sa;
		msg.msg_namelen = to->len;
	}
	return fd_outcome(fd_batch_send_one(fd, &msg), n);
}

/* ---- Batches to one address ---------------------------------------------- */

void
batch_direct(struct batch *b, const struct addr *to, const struct addr *from)
{
	struct msghdr h = { .msg_control = NULL };

	if (to != NULL) {
		h.msg_name = (void *)(size_t)&to->u;
		h.msg_namelen = to->len;
	}
	if (from != NULL)
		fd_batch_sign(&h, from, &b->control[MOST]);
	b->one_way = true;
	b->nsigned = (socklen_t)h.msg_controllen;
	for (unsigned i = b->first; i < b->n; i++) {
		h.msg_iov = b->msg[i].msg_hdr.msg_iov;
		h.msg_iovlen = 1;
		b->msg[i].msg_hdr = h;
	}
}

/*
 * How many datagrams from this on the system can cut out of one: all of the
 * same size, but the last may be shorter.
 */
static unsigned
fd_batch_run(const struct batch *b, unsigned first)
{
	size_t size = fd_batch_size_of(b, first), sum = size, n = size;
	unsigned i = first + 1;

	if (size == 0 || size > PIECE_MOST)
		return 1;
	for (; i < b->n && n == size; i++) {
		n = fd_batch_size_of(b, i);
		if (n == 0 || n > size || (sum += n) > RUN_MOST)
			break;
	}
	return i - first;
}

/* Makes a message of the run of n datagrams. */
static void
fd_batch_join(struct batch *b, unsigned first, unsigned n, struct iovec *iov,
    struct msghdr *h)
{
	uint16_t size = (uint16_t)fd_batch_size_of(b, first);
	union control *control = &b->control[first];
	struct msghdr cut = { .msg_control = control->room + b->nsigned,
	    .msg_controllen = (socklen_t)sizeof(*control) - b->nsigned };

	*h = b->msg[first].msg_hdr;
	if (n == 1)
		return;
	for (unsigned i = 0; i < n; i++)
		iov[i] = *b->msg[first + i].msg_hdr.msg_iov;
	h->msg_iov = iov;
	h->msg_iovlen = n;
	memset(control, 0, sizeof(*control));
	memcpy(control, &b->control[MOST], b->nsigned);
	fd_batch_attach(&cut, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size));
	h->msg_control = control;
	h->msg_controllen = b->nsigned + cut.msg_controllen;
}

/*
 * Sends runs of equal size as one datagram each, which the system cuts. Returns
 * how many datagrams were sent, or -1.
 */
static int
fd_batch_send_runs(struct batch *b, const struct fd *fd)
{
	struct mmsghdr msg[MOST];
	struct iovec iov[MOST];
	unsigned first, n, runs = 0, size[MOST];
	int put, sent = 0;

	for (first = b->first; first < b->n; first += n) {
		n = size[runs] = fd_batch_run(b, first);
		fd_batch_join(b, first, n, &iov[first], &msg[runs++].msg_hdr);
	}
	put = fd_send_many(fd, msg, runs);
	/* The system cannot cut datagrams of this size for this route. */
	if (put == -1 && size[0] > 1 && (errno == EINVAL || errno == EIO ||
	    errno == EMSGSIZE)) {
		b->cuts = false;
		return fd_send_many(fd, b->msg + b->first, batch_left(b));
	}
	for (int i = 0; i < put; i++)
		sent += (int)size[i];
	return put == -1 ? -1 : sent;
}

enum io
batch_write(struct batch *b, const struct fd *fd, size_t *n)
{
	unsigned left = batch_left(b);
	size_t sent;
	enum io io;

	if (b->one_way && left > 1 && !b->asked) {
		b->asked = true;
		b->cuts = fd_cuts(fd);
	}
	io = fd_outcome(b->one_way && left > 1 && b->cuts ?
	    fd_batch_send_runs(b, fd) :
	    fd_send_many(fd, b->msg + b->first, left), &sent);
	for (*n = 0; sent > 0; sent--)
		*n += fd_batch_size_of(b, b->first++);
	return io;
}
