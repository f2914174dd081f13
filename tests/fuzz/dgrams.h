/*
 * Datagram sockets that no kernel has: what comes, and what becomes of what
 * is sent, is said by the target. The program's own functions come before
 * the C library's; descriptors that are not of here go to the system.
 */
#ifndef FUZZ_DGRAMS_H
#define FUZZ_DGRAMS_H

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/sock_diag.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "lib/fake_clock.h"
#include "fuzz.h"
#include "io/fd.h"

#define SOCKETS		2
#define FIRST_NUM	100
#define QUEUE		128
#define DGRAM_MAX	4200
#define GUARD_SEED	0x6b

struct packet {
	struct addr	peer;
	struct addr	local;		/* len 0: it is not told */
	bool		cut;
	size_t		len;
	unsigned char	data[DGRAM_MAX];
};

static struct sock {
	bool		open;
	struct addr	bound;
	struct packet	queue[QUEUE];
	size_t		first, n;
	int		fails;		/* the next read: errno */
	uint32_t	dropped;	/* by the kernel, so far */
	bool		full;		/* nothing can be sent */
	unsigned	most;		/* so many by one call */
	struct epoll_event watched;	/* events 0: not at all */
} socks[SOCKETS];

/* The target's: one is read; one is sent, from local (len 0: any). */
static void	dgram_came(unsigned sock, const struct packet *);
/* 0 when it has left, or why not (full: EAGAIN at best). */
static int	dgram_leaves(unsigned sock, const struct addr *to,
		    const struct addr *local, const unsigned char *, size_t,
		    bool full);

static inline struct sock *
sock_of(int num)
{
	return num >= FIRST_NUM && num < FIRST_NUM + SOCKETS ?
	    &socks[num - FIRST_NUM] : NULL;
}

/* Something is sent there; false: its queue is full. */
static inline struct packet *
dgram_new(struct sock *s)
{
	return s->n == QUEUE ? NULL : &s->queue[(s->first + s->n++) % QUEUE];
}

/* ---- What a datagram is told with --------------------------------------- */

static inline void
attach(struct msghdr *h, size_t room, int level, int type, const void *data,
    size_t n)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)
	    ((char *)h->msg_control + h->msg_controllen);

	FUZZ_CHECK(h->msg_controllen + CMSG_SPACE(n) <= room);
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(n);
	memcpy(CMSG_DATA(c), data, n);
	h->msg_controllen += CMSG_SPACE(n);
}

static inline void
attach_local(struct msghdr *h, size_t room, const struct addr *a)
{
	struct in6_pktinfo six = { .ipi6_addr = a->u.in6.sin6_addr,
	    .ipi6_ifindex = 7 };
	struct in_pktinfo four = { .ipi_ifindex = 7,
	    .ipi_spec_dst = a->u.in.sin_addr, .ipi_addr = a->u.in.sin_addr };

	if (addr_family(a) == AF_INET6)
		attach(h, room, IPPROTO_IPV6, IPV6_PKTINFO, &six, sizeof(six));
	else if (addr_family(a) == AF_INET)
		attach(h, room, IPPROTO_IP, IP_PKTINFO, &four, sizeof(four));
}

/* By which address of ours it is to leave; len 0: any. */
static inline struct addr
signed_by(const struct msghdr *h)
{
	struct addr a = { .len = 0 };
	struct cmsghdr *c = h->msg_controllen == 0 ? NULL : CMSG_FIRSTHDR(h);

	if (c == NULL)
		return a;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		a.len = sizeof(a.u.in);
		a.u.in.sin_family = AF_INET;
		a.u.in.sin_addr = ((struct in_pktinfo *)(void *)
		    CMSG_DATA(c))->ipi_spec_dst;
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_PKTINFO) {
		a.len = sizeof(a.u.in6);
		a.u.in6.sin6_family = AF_INET6;
		a.u.in6.sin6_addr = ((struct in6_pktinfo *)(void *)
		    CMSG_DATA(c))->ipi6_addr;
	}
	return a;
}

/* ---- The calls ---------------------------------------------------------- */

static inline void
read_one(struct sock *s, struct mmsghdr *m)
{
	const struct packet *p = &s->queue[s->first];
	struct msghdr *h = &m->msg_hdr;
	size_t room = h->msg_controllen;

	s->first = (s->first + 1) % QUEUE;
	s->n--;
	FUZZ_CHECK(h->msg_iov->iov_len >= p->len);
	memcpy(h->msg_iov->iov_base, p->data, p->len);
	m->msg_len = (unsigned)p->len;
	h->msg_flags = p->cut ? MSG_TRUNC : 0;
	memcpy(h->msg_name, &p->peer.u, sizeof(p->peer.u));
	h->msg_namelen = p->peer.len;
	h->msg_controllen = 0;
	if (p->local.len != 0)
		attach_local(h, room, &p->local);
	dgram_came((unsigned)(s - socks), p);
}

int
recvmmsg(int num, struct mmsghdr *m, unsigned most, int flags,
    struct timespec *patience)
{
	struct sock *s = sock_of(num);
	unsigned i;

	FUZZ_CHECK(s != NULL && s->open && patience == NULL);
	FUZZ_CHECK(flags & MSG_DONTWAIT);
	if (s->fails != 0 || s->n == 0) {
		errno = s->fails != 0 ? s->fails : EAGAIN;
		s->fails = 0;
		return -1;
	}
	for (i = 0; i < most && s->n > 0; i++)
		read_one(s, &m[i]);
	return (int)i;
}

int
getsockopt(int num, int level, int name, void *value, socklen_t *len)
{
	const struct sock *s = sock_of(num);
	uint32_t info[SK_MEMINFO_VARS] = { 0 };

	if (s == NULL || level != SOL_SOCKET || name != SO_MEMINFO)
		return (int)syscall(SYS_getsockopt, num, level, name, value,
		    len);
	FUZZ_CHECK(s->open && *len >= sizeof(info));
	info[SK_MEMINFO_DROPS] = s->dropped;
	*len = sizeof(info);
	memcpy(value, info, sizeof(info));
	return 0;
}

static inline int
send_one(int num, const struct msghdr *h)
{
	struct sock *s = sock_of(num);
	struct addr to, local = signed_by(h);

	FUZZ_CHECK(s != NULL && s->open && h->msg_iovlen == 1);
	memcpy(&to.u, h->msg_name, h->msg_namelen);
	to.len = h->msg_namelen;
	return dgram_leaves((unsigned)(s - socks), &to, &local,
	    h->msg_iov->iov_base, h->msg_iov->iov_len, s->full);
}

ssize_t
sendmsg(int num, const struct msghdr *h, int flags)
{
	FUZZ_CHECK(flags & MSG_DONTWAIT);
	errno = send_one(num, h);
	return errno == 0 ? (ssize_t)h->msg_iov->iov_len : -1;
}

int
sendmmsg(int num, struct mmsghdr *m, unsigned n, int flags)
{
	unsigned i;
	int why = 0;

	FUZZ_CHECK(n > 0 && (flags & MSG_DONTWAIT));
	for (i = 0; i < n && i < sock_of(num)->most; i++)
		if ((why = send_one(num, &m[i].msg_hdr)) != 0)
			break;
	errno = why;
	return i > 0 ? (int)i : -1;
}

/* Other descriptors of the loop are never ready. */
int
epoll_ctl(int num, int op, int fd, struct epoll_event *ev)
{
	struct sock *s = sock_of(fd);

	(void)num;
	if (s == NULL)
		return 0;
	FUZZ_CHECK(s->open);
	FUZZ_CHECK((op == EPOLL_CTL_ADD) == (s->watched.events == 0));
	s->watched = *ev;
	s->watched.events = op == EPOLL_CTL_DEL ? 0 :
	    ev->events | EPOLLERR;
	return 0;
}

int
epoll_wait(int num, struct epoll_event *ev, int most, int patience)
{
	uint32_t now;
	int i, n = 0;

	(void)num, (void)patience;
	for (i = 0; i < SOCKETS && n < most; i++) {
		now = socks[i].n > 0 || socks[i].fails != 0 ? EPOLLIN : 0;
		now |= socks[i].full ? 0 : EPOLLOUT;
		now &= socks[i].watched.events;
		if (now == 0)
			continue;
		FUZZ_CHECK(socks[i].open);
		ev[n] = socks[i].watched;
		ev[n++].events = now;
	}
	return n;
}

int
getsockname(int num, struct sockaddr *a, socklen_t *len)
{
	const struct sock *s = sock_of(num);

	FUZZ_CHECK(s != NULL && *len >= s->bound.len);
	memcpy(a, &s->bound.u, s->bound.len);
	*len = s->bound.len;
	return 0;
}

int
setsockopt(int num, int level, int option, const void *value, socklen_t len)
{
	(void)level, (void)option, (void)value, (void)len;
	FUZZ_CHECK(sock_of(num) != NULL);
	return 0;
}

/* The others are not heard any more: that is for the target to see to. */
int
connect(int num, const struct sockaddr *to, socklen_t len)
{
	(void)to, (void)len;
	FUZZ_CHECK(sock_of(num) != NULL);
	return 0;
}

int
close(int num)
{
	struct sock *s = sock_of(num);

	if (s == NULL)
		return (int)syscall(SYS_close, num);
	FUZZ_CHECK(s->open);
	s->open = false;
	s->watched.events = 0;
	return 0;
}

/*
 * Tables are seeded, and an input is to come to the same each time. The guard
 * against loops, which asks first, has one by which no two senders share a
 * place; that of the endpoints may have any.
 */
static unsigned char	seeds[2] = { GUARD_SEED };
static unsigned		nseeds;

void
arc4random_buf(void *buf, size_t n)
{
	memset(buf, seeds[nseeds++ % 2], n);
}

#endif
