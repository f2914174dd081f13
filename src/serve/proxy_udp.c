/*
 * UDP ASSOCIATE: datagrams between the client of one connection and targets.
 *
 * Laws: only the host of the connection is heard, and from its first datagram
 * on only the port of that; each target is judged, and so is each sender of an
 * answer; fragments are dropped. While a name is looked up, the association
 * keeps a single datagram, and drops others for names. Until an address of the
 * name has answered, the last datagram is kept, and goes to the next address if
 * this one refuses or cannot be used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/fd_batch.h"
#include "reach/targets.h"
#include "serve/proxy_lookup.h"
#include "serve/proxy_server.h"
#include "serve/proxy_socks.h"

/* The largest datagram, and how many batches are passed on in a turn. */
#define UDP_ROOM	((size_t)64 << 10)
#define UDP_TURN	4

/* A socket to the client, or to targets of a family. */
struct udp_end {
	struct proxy_udp	*of;
	struct fd		 fd;		/* num -1: not open */
	struct watch		 watch;
};

/* The addresses of the name that was looked up last. */
struct udp_name {
	char			 name[SOCKS_NAME_MAX + 1];
	struct addr_list	 list;		/* n 0: none */
	size_t			 at;		/* the address in use */
	bool			 answered;	/* ... has answered */
	struct buf		 kept;		/* a datagram, for the lookup
						   or the next address */
	unsigned		 port;		/* ... of that datagram */
};

enum udp_side { UDP_CLIENT, UDP_IPV4, UDP_IPV6, UDP_SIDES };

struct proxy_udp {
	struct proxy_lookups	*lookups;
	const struct targets	*targets;
	struct loop		*loop;
	struct udp_end		 socks[UDP_SIDES];
	struct addr		 host;		/* of the client */
	struct addr		 client;	/* len 0: not known yet */
	struct proxy_lookup	*lookup;	/* NULL: none */
	struct udp_name		 named;
	int64_t			 active;
	struct batch		*leaving;	/* in a turn: to this address */
	struct addr		 leaving_to;
	const struct fd		*leaving_by;
};

/* ---- Batches ------------------------------------------------------------ */

/* Sends what has gathered; what the network does not take is lost. */
static void
udp_flush(struct proxy_udp *u)
{
	enum io io;
	size_t n;

	if (batch_left(u->leaving) == 0)
		return;
	batch_direct(u->leaving, &u->leaving_to, NULL);
	while (batch_left(u->leaving) > 0) {
		io = batch_write(u->leaving, u->leaving_by, &n);
		/* The errno of an earlier datagram comes with the next call. */
		if (io == IO_FAIL)
			io = batch_write(u->leaving, u->leaving_by, &n);
		if (io != IO_OK)
			(void)batch_drop(u->leaving);
	}
	u->active = loop_now(u->loop);
}

/* Gathers datagrams to one address. */
static void
udp_queue(struct proxy_udp *u, const struct fd *by, const struct addr *to,
    const struct iovec *iov, int cnt)
{
	if (u->leaving_by != by || !addr_equal(&u->leaving_to, to))
		udp_flush(u);
	u->leaving_by = by;
	u->leaving_to = *to;
	if (batch_add(u->leaving, iov, cnt))
		return;
	udp_flush(u);
	(void)batch_add(u->leaving, iov, cnt);
}

/*
 * Reads the waiting datagrams of a socket, has see() look at each, and sends
 * those that see() queues. Returns an errno that was read; or 0. An idle
 * association has no batch; without memory for one, a datagram is lost.
 */
static int
udp_read(struct proxy_udp *u, const struct fd *fd,
    bool (*see)(void *, const struct dgram *))
{
	struct buf_cache *cache = loop_buf_cache(u->loop);
	struct batch *b = batch_new(UDP_ROOM, cache);
	enum io io = IO_OK;
	struct dgram lost;
	int num = 0;
	char byte;

	u->leaving = batch_new(UDP_ROOM, cache);
	if (b == NULL || u->leaving == NULL) {
		(void)dgram_receive(fd, &byte, sizeof(byte), &lost);
		io = IO_AGAIN;
	}
	for (int i = 0; i < UDP_TURN && io == IO_OK; i++) {
		io = batch_read(b, fd);
		if (io == IO_FAIL)
			num = errno;
		if (io != IO_OK)
			break;
		batch_sift(b, see, u);
		udp_flush(u);
		if (!batch_was_full(b))
			break;
	}
	batch_free(b);
	batch_free(u->leaving);
	u->leaving = NULL;
	return num;
}

/* ---- From targets ------------------------------------------------------- */

static void	udp_to_named(struct proxy_udp *);

/* Whether this is the address of the name in use. */
static bool
udp_is_named(const struct udp_name *named, const struct addr *a)
{
	struct addr in_use;

	if (named->at >= named->list.n)
		return false;
	in_use = named->list.v[named->at];
	addr_set_port(&in_use, addr_port(a));
	addr_unmap(&in_use);
	return addr_equal(&in_use, a);
}

static bool
udp_to_client(void *arg, const struct dgram *d)
{
	struct proxy_udp *u = arg;
	struct addr from = d->peer;
	struct buf head = { .mem = NULL };

	addr_unmap(&from);
	if (u->client.len == 0 || d->cut ||
	    !targets_allow(u->targets, &from))
		return false;
	if (udp_is_named(&u->named, &from)) {
		u->named.answered = true;
		buf_free(&u->named.kept);
	}
	socks5_datagram_head(&head, &from);
	if (!head.failed)
		udp_queue(u, &u->socks[UDP_CLIENT].fd, &u->client,
		    (struct iovec[]){ { head.mem, head.used },
		    { (void *)(uintptr_t)d->data, d->len } }, 2);
	buf_free(&head);
	return false;
}

static void
udp_on_answer(void *arg, unsigned what)
{
	struct udp_end *sock = arg;
	struct udp_name *named = &sock->of->named;
	struct addr to;
	int num = udp_read(sock->of, &sock->fd, udp_to_client);

	/* Also an ICMP message about an earlier datagram. */
	if (num == 0 && !(what & LOOP_ERR))
		return;
	/* The name goes on to its next address if this one has refused. */
	while ((num = dgram_error(&sock->fd, &to)) != 0) {
		addr_unmap(&to);
		if (num != ECONNREFUSED || named->answered ||
		    named->kept.used == 0 || !udp_is_named(named, &to) ||
		    named->at + 1 == named->list.n)
			continue;
		named->at++;
		udp_to_named(sock->of);
	}
}

/* Closes the socket on failure: -1 with errno. */
static int
udp_watch(struct udp_end *s, void (*ready)(void *, unsigned))
{
	s->watch = (struct watch){ .fd = s->fd.num, .want = loop_want_in,
	    .ready = ready, .arg = s };
	if (loop_watch(s->of->loop, &s->watch) == 0)
		return 0;
	fd_close(&s->fd);
	return -1;
}

/*
 * The socket to a target that may be sent to, of the target's family; NULL:
 * there is none.
 */
static const struct fd *
udp_way(struct proxy_udp *u, struct addr *to, unsigned port)
{
	struct udp_end *s;

	addr_set_port(to, port);
	targets_normalize(to);
	if (port == 0 || !targets_allow(u->targets, to))
		return NULL;
	s = &u->socks[addr_family(to) == AF_INET ? UDP_IPV4 : UDP_IPV6];
	if (s->fd.num != -1)
		return &s->fd;
	if (fd_socket(&s->fd, addr_family(to), SOCK_DGRAM, 0) == -1) {
		s->fd.num = -1;
		return NULL;
	}
	dgram_ask_errors(&s->fd, addr_family(to));
	return udp_watch(s, udp_on_answer) == 0 ? &s->fd : NULL;
}

/* ---- From the client ---------------------------------------------------- */

/* Sends the datagram that is kept to the first address that can be used. */
static void
udp_to_named(struct proxy_udp *u)
{
	struct udp_name *named = &u->named;
	const struct addr none = { .len = 0 };
	const struct iovec iov = { (void *)(uintptr_t)buf_data(&named->kept),
	    named->kept.used };
	const struct fd *fd;
	struct addr to;
	size_t n;
	enum io io = IO_FAIL;

	for (; named->at < named->list.n; named->at++) {
		to = named->list.v[named->at];
		if ((fd = udp_way(u, &to, named->port)) == NULL)
			continue;
		/* The errno of an earlier datagram comes with the next call. */
		for (int i = 0; i < 2 && io == IO_FAIL; i++)
			io = dgram_send(fd, &iov, 1, &to, &none, &n);
		if (io != IO_FAIL)
			break;
	}
	u->active = loop_now(u->loop);
}

static void
udp_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct proxy_udp *u = arg;

	u->lookup = NULL;
	if (err->num != 0 || err->gai != 0) {
		addr_list_free(list);
		buf_free(&u->named.kept);
		return;
	}
	u->named.list = *list;
	udp_to_named(u);
}

static void
udp_to_name(struct proxy_udp *u, const struct socks_request *r,
    const struct iovec *iov)
{
	struct udp_name *named = &u->named;
	bool known = named->at < named->list.n &&
	    strcmp(named->name, r->host) == 0;
	const struct fd *fd;
	struct addr to;

	if (u->lookup != NULL)
		return;
	if (known && named->answered) {
		to = named->list.v[named->at];
		if ((fd = udp_way(u, &to, r->port)) != NULL)
			udp_queue(u, fd, &to, iov, 1);
		return;
	}
	buf_free(&named->kept);
	if (!known) {
		addr_list_free(&named->list);
		*named = (struct udp_name){ .at = 0 };
		memcpy(named->name, r->host, sizeof(named->name));
	}
	named->kept = (struct buf){ .mem = NULL };
	buf_add(&named->kept, iov->iov_base, iov->iov_len);
	named->port = r->port;
	if (known)
		udp_to_named(u);
	else
		u->lookup = proxy_lookup_start(u->lookups, named->name,
		    &u->host, -1, udp_on_resolved, u);
}

static bool
udp_from_client(void *arg, const struct dgram *d)
{
	struct proxy_udp *u = arg;
	const unsigned char *data = d->data;
	struct addr from = d->peer, host = u->host, to;
	struct socks_request r;
	const struct fd *fd;
	struct iovec iov;
	int head;

	/* The first datagram of the client's host tells the port. */
	addr_unmap(&from);
	addr_set_port(&host, addr_port(&from));
	if (d->cut || (head = socks5_datagram(&r, data, d->len)) <= 0 ||
	    !(u->client.len != 0 ? addr_equal(&u->client, &d->peer) :
	    addr_equal(&host, &from)))
		return false;
	u->client = d->peer;
	u->active = loop_now(u->loop);
	iov = (struct iovec){ (void *)(uintptr_t)(data + head),
	    d->len - (size_t)head };
	if (!addr_numeric(&to, r.host, AF_UNSPEC))
		udp_to_name(u, &r, &iov);
	else if ((fd = udp_way(u, &to, r.port)) != NULL)
		udp_queue(u, fd, &to, &iov, 1);
	return false;
}

static void
udp_on_ready(void *arg, unsigned what)
{
	struct udp_end *sock = arg;

	(void)what;
	(void)udp_read(sock->of, &sock->fd, udp_from_client);
}

/* ---- The life of an association ----------------------------------------- */

struct proxy_udp *
proxy_udp_new(struct proxy_lookups *lookups, const struct targets *targets,
    const struct addr *local, const struct addr *peer, struct addr *bound)
{
	struct addr a = *local;
	struct proxy_udp *u;
	struct fd *fd;

	if (!addr_is_inet(local) || !addr_is_inet(peer)) {
		errno = EAFNOSUPPORT;
		return NULL;
	}
	if ((u = calloc(1, sizeof(*u))) == NULL)
		return NULL;
	u->lookups = lookups;
	u->targets = targets;
	u->loop = lookups->run->loop;
	u->host = *peer;
	addr_unmap(&u->host);
	for (int i = 0; i < UDP_SIDES; i++) {
		u->socks[i].of = u;
		u->socks[i].fd.num = -1;
	}
	u->active = loop_now(u->loop);
	addr_unmap(&a);
	addr_set_port(&a, 0);
	fd = &u->socks[UDP_CLIENT].fd;
	if (fd_socket(fd, addr_family(&a), SOCK_DGRAM, 0) == 0) {
		if (bind(fd->num, &a.u.sa, a.len) == -1 ||
		    addr_local(bound, fd->num) == -1)
			fd_close(fd);
		else if (udp_watch(&u->socks[UDP_CLIENT], udp_on_ready) == 0)
			return u;
	}
	free(u);
	return NULL;
}

void
proxy_udp_free(struct proxy_udp *u, struct run *r)
{
	if (u == NULL)
		return;
	proxy_lookup_cancel(u->lookup);
	for (struct udp_end *s = u->socks; s < u->socks + UDP_SIDES; s++) {
		if (s->fd.num == -1)
			continue;
		run_count_drops(r, &s->fd, NULL);
		loop_unwatch(u->loop, &s->watch);
		fd_close(&s->fd);
	}
	addr_list_free(&u->named.list);
	buf_free(&u->named.kept);
	free(u);
}

int64_t
proxy_udp_active(const struct proxy_udp *u)
{
	return u->active;
}
