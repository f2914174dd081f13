/*
 * Accepting peers of a datagram socket.
 *
 * udp(7): a datagram goes to the socket that is connected to its sender; of the
 * others, to the one whose local address is the most special. bind(2) fails if
 * another socket has the port, unless both have SO_REUSEADDR. The listening
 * socket has that option for the moment of a bind alone.
 */
#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "io/fd_batch.h"
#include "net/dtls_listen.h"
#include "net/socket.h"

/* A ClientHello is shorter, unless it comes in several datagrams. */
#define DTLS_HELLO_MAX	4096
/* Most datagrams that a call reads. */
#define DTLS_READS	64
/* Peers that are remembered until the listening socket is empty. */
#define DTLS_PEERS	64

struct dtls_listen {
	const struct fd		*fd;
	struct tls_context	*ctx;
	const struct sockopt_set *sock;		/* NULL: no options */
	struct addr		 bound;		/* to this address */
	/*
	 * Peers that were accepted while datagrams waited, some of which may be
	 * theirs: they are dropped, and sent again to the peer's own socket.
	 */
	struct addr		 peers[DTLS_PEERS];
	size_t			 npeers;	/* accepted since */
	unsigned char		 dgram[DTLS_HELLO_MAX];
};

struct dtls_listen *
dtls_listen_new(const struct fd *fd, struct tls_context *ctx)
{
	struct dtls_listen *l = calloc(1, sizeof(*l));

	if (l == NULL || addr_local(&l->bound, fd->num) == -1) {
		free(l);
		return NULL;
	}
	l->fd = fd;
	l->ctx = ctx;
	batch_ask_local(fd, addr_family(&l->bound));
	return l;
}

void
dtls_listen_set_options(struct dtls_listen *l, const struct sockopt_set *sock)
{
	l->sock = sock;
}

void
dtls_listen_free(struct dtls_listen *l)
{
	free(l);
}

/* ---- The socket of a peer ----------------------------------------------- */

static void
dtls_listen_copy(const struct fd *from, const struct fd *to, int level,
    int name)
{
	int value = fd_option(from->num, level, name);

	if (value != -1)
		(void)setsockopt(to->num, level, name, &value, sizeof(value));
}

static void
dtls_listen_share(const struct fd *fd, int on)
{
	(void)setsockopt(fd->num, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

void
dtls_listen_settle(const struct fd *fd)
{
	dtls_listen_share(fd, 0);
}

static int
dtls_listen_bind(const struct dtls_listen *l, const struct fd *fd,
    const struct addr *local)
{
	int was = fd_option(l->fd->num, SOL_SOCKET, SO_REUSEADDR), rc;

	dtls_listen_share(fd, 1);
	dtls_listen_share(l->fd, 1);
	rc = bind(fd->num, &local->u.sa, local->len);
	dtls_listen_share(l->fd, was > 0);
	return rc;
}

static int
dtls_listen_connect(const struct dtls_listen *l, const struct fd *fd,
    const struct dgram *d)
{
	struct addr local = d->local.len != 0 ? d->local : l->bound;

	addr_set_port(&local, addr_port(&l->bound));
	return dtls_listen_bind(l, fd, &local) == -1 ? -1 :
	    connect(fd->num, &d->peer.u.sa, d->peer.len);
}

static int
dtls_listen_apply(const struct dtls_listen *l, struct fd *fd)
{
	struct error err;

	if (l->sock == NULL || sockopt_apply(l->sock, fd,
	    addr_family(&l->bound), &err) == 0)
		return 0;
	errno = err.num;
	return -1;
}

/* -1 with errno. */
static int
dtls_listen_open(const struct dtls_listen *l, const struct dgram *d,
    struct fd *fd)
{
	int num;

	if (fd_socket(fd, addr_family(&l->bound), SOCK_DGRAM,
	    fd_option(l->fd->num, SOL_SOCKET, SO_PROTOCOL)) == -1)
		return -1;
	dtls_listen_copy(l->fd, fd, IPPROTO_IPV6, IPV6_V6ONLY);
	dtls_listen_copy(l->fd, fd, SOL_SOCKET, SO_REUSEPORT);
	if (dtls_listen_apply(l, fd) == 0 &&
	    dtls_listen_connect(l, fd, d) == 0)
		return 0;
	num = errno;
	fd_close(fd);
	errno = num;
	return -1;
}

/* ---- Datagrams ---------------------------------------------------------- */

static void
dtls_listen_remember(struct dtls_listen *l, const struct addr *peer)
{
	l->peers[l->npeers++ % DTLS_PEERS] = *peer;
}

static bool
dtls_listen_knows(const struct dtls_listen *l, const struct addr *peer)
{
	for (size_t i = 0; i < l->npeers && i < DTLS_PEERS; i++)
		if (addr_equal(&l->peers[i], peer))
			return true;
	return false;
}

static void
dtls_listen_answer(const struct dtls_listen *l, const struct dgram *d,
    const unsigned char *answer, size_t n)
{
	const struct iovec iov = { .iov_base = (void *)(size_t)answer,
	    .iov_len = n };

	/* Lost, the answer is as good as dropped by the network. */
	(void)dgram_send(l->fd, &iov, 1, &d->peer, &d->local, &n);
}

/* Whether the sender's address is true: then the layer is made. */
static bool
dtls_listen_verify(const struct dtls_listen *l, const struct dgram *d,
    struct layer **tls)
{
	unsigned char answer[TLS_ANSWER_MAX];
	size_t n;

	if (d->cut || d->peer.len == 0 || dtls_listen_knows(l, &d->peer))
		return false;
	switch (tls_hello(l->ctx, d->data, d->len, &d->peer.u.sa, d->peer.len,
	    answer, &n, tls)) {
	case TLS_HELLO_DROP:
		break;
	case TLS_HELLO_ANSWER:
		dtls_listen_answer(l, d, answer, n);
		break;
	case TLS_HELLO_VERIFIED:
		return true;
	}
	return false;
}

/* Whether the next datagram of the listening socket is of this peer. */
static bool
dtls_listen_has_more(const struct dtls_listen *l, const struct addr *peer)
{
	struct addr from = { .len = sizeof(from.u) };

	return recvfrom(l->fd->num, NULL, 0, MSG_PEEK | MSG_DONTWAIT,
	    &from.u.sa, &from.len) != -1 && addr_equal(&from, peer);
}

/*
 * A long ClientHello comes in several datagrams, which also came to the
 * listening socket until the peer's socket was bound; that socket got the
 * datagrams of all senders until it was connected.
 */
static void
dtls_listen_feed(struct dtls_listen *l, const struct fd *fd,
    const struct addr *peer, struct layer *tls)
{
	struct dgram d;
	int i;

	for (i = 0; i < DTLS_READS && dtls_listen_has_more(l, peer) &&
	    dgram_receive(l->fd, l->dgram, sizeof(l->dgram), &d) == IO_OK; i++)
		if (!d.cut)
			tls_feed(tls, d.data, d.len);
	for (i = 0; i < DTLS_READS && dgram_receive(fd, l->dgram,
	    sizeof(l->dgram), &d) == IO_OK; i++)
		if (addr_equal(&d.peer, peer) && !d.cut)
			tls_feed(tls, d.data, d.len);
}

/* A datagram may have been sent to an address that cannot be bound. */
static bool
dtls_listen_may_skip(int num)
{
	return num == EADDRNOTAVAIL || num == EACCES || num == EINVAL ||
	    errclass_is(num, ERRCLASS_ACCEPT);
}

enum io
dtls_listen_accept(struct dtls_listen *l, struct fd *fd, struct addr *peer,
    struct layer **tls)
{
	struct dgram d;
	enum io io;
	int num;

	for (int i = 0; i < DTLS_READS; i++) {
		io = dgram_receive(l->fd, l->dgram, sizeof(l->dgram), &d);
		if (io == IO_AGAIN)
			l->npeers = 0;
		if (io != IO_OK)
			return io;
		if (!dtls_listen_verify(l, &d, tls))
			continue;
		if (dtls_listen_open(l, &d, fd) == 0) {
			dtls_listen_remember(l, &d.peer);
			*peer = d.peer;
			dtls_listen_feed(l, fd, peer, *tls);
			return IO_OK;
		}
		num = errno;
		layer_close(*tls);
		errno = num;
		if (!dtls_listen_may_skip(num))
			return IO_FAIL;
	}
	return IO_AGAIN;
}
