/*
 * The limit: the least that a program can do to relay between its clients and
 * a target on the loopback.
 *
 *	ref_relay PORT TARGET		TCP: one process, one epoll
 *	ref_relay -u PORT TARGET	UDP: a connected socket for each sender
 *
 * Edge-triggered epoll; what is small is copied through one buffer, what is
 * more goes by splice(2) through a pipe of 1 MiB that belongs to the direction
 * from then on. Datagrams cross many by one call. No options, no messages, no
 * limits, no care for failures: what is faster than this has found a better
 * way.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS	256
#define CHUNK	((size_t)1 << 20)
#define SMALL	((size_t)16 << 10)
#define BATCH	64
#define DGRAM	2048
#define SENDERS	1024

struct link;

/* A socket; bytes go from it to the other one. */
struct side {
	struct link	*link;
	struct side	*other;
	size_t		 held;		/* in the pipe */
	int		 s, pipe[2];	/* pipe[0] 0: none */
	bool		 in, out;	/* as far as is known */
	bool		 last;		/* an end or a failure has come */
	bool		 ended, shut;
};

struct link {
	struct side	 client, target;
	struct link	*next;		/* to be freed */
};

static int		 ep, listener;
static struct sockaddr_in target = { .sin_family = AF_INET };
static struct link	*dead;

static int
bind_to(const char *port, int type)
{
	struct sockaddr_in	sin = { .sin_family = AF_INET };
	int			s, one = 1, size = 4 << 20;

	s = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	sin.sin_port = htons((uint16_t)atoi(port));
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (type == SOCK_STREAM)
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	else
		setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (bind(s, (struct sockaddr *)&sin, sizeof sin) == -1)
		err(1, "bind to %s", port);
	if (type == SOCK_STREAM && listen(s, SOMAXCONN) == -1)
		err(1, "listen on %s", port);
	return s;
}

static void
watch(int s, unsigned events, void *p)
{
	struct epoll_event	ev = { .events = events, .data.ptr = p };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, s, &ev) == -1)
		err(1, "epoll_ctl");
}

/* ---- TCP ------------------------------------------------------------ */

static void
drop(struct link *l)
{
	struct side	*side[] = { &l->client, &l->target };
	int		 i;

	if (l->client.s == -1)
		return;
	for (i = 0; i < 2; i++) {
		close(side[i]->s);
		side[i]->s = -1;
		if (side[i]->pipe[0] != 0) {
			close(side[i]->pipe[0]);
			close(side[i]->pipe[1]);
		}
	}
	l->next = dead;
	dead = l;
}

/* False: nothing more to do for now. */
static bool
copy_small(struct side *from, struct side *to)
{
	static char	buf[SMALL];
	ssize_t		n = recv(from->s, buf, sizeof buf, 0), m;

	if (n > 0) {
		m = send(to->s, buf, (size_t)n, MSG_NOSIGNAL);
		/* Without an end, what comes later is a new event. */
		if (m == n && n < (ssize_t)sizeof buf) {
			from->in = from->last;
			return from->last;
		}
		if (from->pipe[0] == 0 &&
		    pipe2(from->pipe, O_CLOEXEC | O_NONBLOCK) == 0)
			fcntl(from->pipe[1], F_SETPIPE_SZ, (int)CHUNK);
		if (m < n) {
			if (m < 0)
				m = 0;
			to->out = false;
			from->held = (size_t)write(from->pipe[1], buf + m,
			    (size_t)(n - m));
		}
		return true;
	}
	if (n == 0)
		from->ended = true;
	else if (errno != EAGAIN)
		from->ended = to->ended = true;
	from->in = false;
	return false;
}

static bool
splice_much(struct side *from, struct side *to)
{
	ssize_t	n;

	if (from->in && from->held == 0) {
		n = splice(from->s, NULL, from->pipe[1], NULL, CHUNK,
		    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n > 0)
			from->held = (size_t)n;
		else {
			from->ended = from->ended || n == 0 || errno != EAGAIN;
			from->in = false;
		}
	}
	if (from->held == 0 || !to->out)
		return false;
	n = splice(from->pipe[0], NULL, to->s, NULL, from->held,
	    SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
	if (n > 0) {
		from->held -= (size_t)n;
		return true;
	}
	to->out = false;
	return false;
}

static void
move(struct side *from)
{
	struct side	*to = from->other;

	while ((from->in || from->held > 0) && to->out)
		if (!(from->pipe[0] == 0 ? copy_small(from, to) :
		    splice_much(from, to)))
			break;
	if (from->ended && from->held == 0 && !from->shut) {
		from->shut = true;
		shutdown(to->s, SHUT_WR);
	}
}

static void
relay(struct side *s, unsigned events)
{
	struct link	*l = s->link;

	if (l->client.s == -1)
		return;
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->in = true;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->last = true;
	if (events & EPOLLOUT)
		s->out = true;
	move(s);
	move(s->other);
	if (s->shut && s->other->shut)
		drop(l);
}

static void
admit(void)
{
	struct link	*l;
	int		 s, one = 1;
	unsigned	 events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

	while ((s = accept4(listener, NULL, NULL, SOCK_NONBLOCK |
	    SOCK_CLOEXEC)) != -1) {
		if ((l = calloc(1, sizeof *l)) == NULL)
			err(1, "memory");
		l->client.s = s;
		l->target.s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC |
		    SOCK_NONBLOCK, 0);
		if (l->target.s == -1)
			err(1, "socket");
		setsockopt(l->target.s, IPPROTO_TCP, TCP_NODELAY, &one,
		    sizeof one);
		(void)connect(l->target.s, (struct sockaddr *)&target,
		    sizeof target);
		l->client.link = l->target.link = l;
		l->client.other = &l->target;
		l->target.other = &l->client;
		watch(s, events, &l->client);
		watch(l->target.s, events, &l->target);
	}
}

static void __attribute__((noreturn))
serve_tcp(const char *port)
{
	struct epoll_event	ev[EVENTS];
	struct link		*l;
	int			i, n;

	listener = bind_to(port, SOCK_STREAM);
	watch(listener, EPOLLIN, NULL);
	for (;;) {
		n = epoll_wait(ep, ev, EVENTS, -1);
		for (i = 0; i < n; i++)
			if (ev[i].data.ptr == NULL)
				admit();
			else
				relay(ev[i].data.ptr, ev[i].events);
		while ((l = dead) != NULL) {
			dead = l->next;
			free(l);
		}
	}
}

/* ---- UDP ------------------------------------------------------------ */

static struct sender {
	struct sockaddr_in	addr;
	int			s;
} senders[SENDERS];

static struct mmsghdr		 msg[BATCH];
static struct iovec		 iov[BATCH];
static struct sockaddr_in	 name[BATCH];
static char			 data[BATCH][DGRAM];

static struct sender *
sender_of(const struct sockaddr_in *addr)
{
	struct sender	*s;
	int		 size = 4 << 20;

	for (s = senders; s < senders + SENDERS - 1 && s->s != 0; s++)
		if (s->addr.sin_port == addr->sin_port &&
		    s->addr.sin_addr.s_addr == addr->sin_addr.s_addr)
			return s;
	s->addr = *addr;
	s->s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	setsockopt(s->s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	if (connect(s->s, (struct sockaddr *)&target, sizeof target) == -1)
		err(1, "connect");
	watch(s->s, EPOLLIN, s);
	return s;
}

static int
receive(int s, bool named)
{
	int	i;

	for (i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], DGRAM };
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = &iov[i],
		    .msg_iovlen = 1, .msg_name = named ? &name[i] : NULL,
		    .msg_namelen = named ? sizeof name[i] : 0 };
	}
	return recvmmsg(s, msg, BATCH, MSG_DONTWAIT, NULL);
}

/* Runs of datagrams of one sender go by one call. */
static void
send_up(int n)
{
	struct sender	*s, *next;
	int		 i, first = 0;

	for (i = 0, s = NULL; i <= n; i++) {
		next = i < n ? sender_of(&name[i]) : NULL;
		if (s != NULL && next != s) {
			(void)sendmmsg(s->s, msg + first,
			    (unsigned)(i - first), 0);
			first = i;
		}
		s = next;
		if (i == n)
			break;
		iov[i].iov_len = msg[i].msg_len;
		msg[i].msg_hdr.msg_name = NULL;
		msg[i].msg_hdr.msg_namelen = 0;
	}
}

static void
send_down(struct sender *s, int n)
{
	int	i;

	for (i = 0; i < n; i++) {
		iov[i].iov_len = msg[i].msg_len;
		msg[i].msg_hdr.msg_name = &s->addr;
		msg[i].msg_hdr.msg_namelen = sizeof s->addr;
	}
	(void)sendmmsg(listener, msg, (unsigned)n, 0);
}

static void __attribute__((noreturn))
serve_udp(const char *port)
{
	struct epoll_event	ev[EVENTS];
	struct sender		*s;
	int			i, n, got;

	listener = bind_to(port, SOCK_DGRAM);
	watch(listener, EPOLLIN, NULL);
	for (;;) {
		n = epoll_wait(ep, ev, EVENTS, -1);
		for (i = 0; i < n; i++) {
			s = ev[i].data.ptr;
			got = receive(s == NULL ? listener : s->s, s == NULL);
			if (got > 0 && s == NULL)
				send_up(got);
			else if (got > 0)
				send_down(s, got);
		}
	}
}

int
main(int argc, char *argv[])
{
	struct rlimit	limit;

	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (argc != 3 && (argc != 4 || strcmp(argv[1], "-u") != 0))
		errx(2, "usage: ref_relay [-u] port target");
	target.sin_port = htons((uint16_t)atoi(argv[argc - 1]));
	target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ep = epoll_create1(EPOLL_CLOEXEC);
	if (argc == 4)
		serve_udp(argv[2]);
	serve_tcp(argv[1]);
}
