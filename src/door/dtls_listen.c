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

#include "base/diag.h"
#include "io/fd_batch.h"
#include "door/dtls_listen.h"
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
dtls_listen_share(const struct fd *fd, int on)
{
	(void)setsockopt(fd->num, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

void
dtls_listen_settle(const struct fd *fd)
{
	dtls_listen_share(fd, 0);
}

/*
 * Opens a socket with the options of the listening socket, bound to the address
 * that the datagram was sent to, and connected to its sender. -1 with errno.
 */
static int
dtls_listen_open(const struct dtls_listen *l, const struct dgram *d,
    struct fd *fd)
{
	static const struct {
		int	level, name;
	} copied[] = { { IPPROTO_IPV6, IPV6_V6ONLY },
	    { SOL_SOCKET, SO_REUSEPORT } };
	struct addr local = d->local.len != 0 ? d->local : l->bound;
	int was = fd_option(l->fd->num, SOL_SOCKET, SO_REUSEADDR), rc, value;
	struct error err;

	if (fd_socket(fd, addr_family(&l->bound), SOCK_DGRAM,
	    fd_option(l->fd->num, SOL_SOCKET, SO_PROTOCOL)) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		value = fd_option(l->fd->num, copied[i].level, copied[i].name);
		if (value != -1)
			(void)setsockopt(fd->num, copied[i].level,
			    copied[i].name, &value, sizeof(value));
	}
	if (l->sock != NULL && sockopt_apply(l->sock, fd,
	    addr_family(&l->bound), &err) == -1) {
		fd_close(fd);
		errno = err.num;
		return -1;
	}
	addr_set_port(&local, addr_port(&l->bound));
	dtls_listen_share(fd, 1);
	dtls_listen_share(l->fd, 1);
	rc = bind(fd->num, &local.u.sa, local.len);
	value = errno;
	dtls_listen_share(l->fd, was > 0);
	errno = value;
	if (rc == 0 && connect(fd->num, &d->peer.u.sa, d->peer.len) == 0)
		return 0;
	value = errno;
	fd_close(fd);
	errno = value;
	return -1;
}

/* ---- Datagrams ---------------------------------------------------------- */

/* Whether the sender's address is true: then the layer is made. */
static bool
dtls_listen_verify(const struct dtls_listen *l, const struct dgram *d,
    struct layer **tls)
{
	unsigned char answer[TLS_ANSWER_MAX];
	struct iovec iov = { .iov_base = answer };
	enum tls_hello hello;
	size_t n;

	if (d->cut || d->peer.len == 0)
		return false;
	for (size_t i = 0; i < l->npeers && i < DTLS_PEERS; i++)
		if (addr_equal(&l->peers[i], &d->peer))
			return false;
	hello = tls_hello(l->ctx, d->data, d->len, &d->peer.u.sa, d->peer.len,
	    answer, &iov.iov_len, tls);
	/* A lost answer is as good as dropped by the network. */
	if (hello == TLS_HELLO_ANSWER)
		(void)dgram_send(l->fd, &iov, 1, &d->peer, &d->local, &n);
	return hello == TLS_HELLO_VERIFIED;
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
			l->peers[l->npeers++ % DTLS_PEERS] = d.peer;
			*peer = d.peer;
			dtls_listen_feed(l, fd, peer, *tls);
			return IO_OK;
		}
		num = errno;
		layer_close(*tls);
		errno = num;
		/* The address that was called may be none that can be bound. */
		if (num != EADDRNOTAVAIL && num != EACCES && num != EINVAL &&
		    !errclass_is(num, ERRCLASS_ACCEPT))
			return IO_FAIL;
	}
	return IO_AGAIN;
}
