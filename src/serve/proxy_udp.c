#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/fd_batch.h"
#include "run/run.h"
#include "serve/proxy_socks.h"
#include "serve/proxy_udp.h"

/* The largest datagram, and how many batches are passed on in a turn. */
#define UDP_ROOM	((size_t)64 << 10)
#define UDP_TURN	4

/* A socket to targets of a family. */
struct udp_out {
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

struct proxy_udp {
	struct proxy_lookups	*lookups;
	const struct targets	*targets;
	struct loop		*loop;
	struct fd		 fd;		/* to the client */
	struct watch		 watch;
	struct udp_out		 out4, out6;
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

/* Closes the socket on failure: -1 with errno. */
static int
udp_watch(struct proxy_udp *u, struct fd *fd, struct watch *watch,
    void (*ready)(void *, unsigned), void *arg)
{
	*watch = (struct watch){ .fd = fd->num, .want = loop_want_in,
	    .ready = ready, .arg = arg };
	if (loop_watch(u->loop, watch) == 0)
		return 0;
	watch->fd = -1;
	fd_close(fd);
	return -1;
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
	struct iovec iov[2];

	addr_unmap(&from);
	if (u->client.len == 0 || d->cut ||
	    !targets_allow(u->targets, &from))
		return false;
	if (udp_is_named(&u->named, &from)) {
		u->named.answered = true;
		buf_free(&u->named.kept);
	}
	socks5_datagram_head(&head, &from);
	if (!head.failed) {
		iov[0] = (struct iovec){ head.mem, head.used };
		iov[1] = (struct iovec){ (void *)(uintptr_t)d->data, d->len };
		udp_queue(u, &u->fd, &u->client, iov, 2);
	}
	buf_free(&head);
	return false;
}

static void
udp_on_answer(void *arg, unsigned what)
{
	struct udp_out *out = arg;
	struct udp_name *named = &out->of->named;
	struct addr to;
	int num = udp_read(out->of, &out->fd, udp_to_client);

	/* Also an ICMP message about an earlier datagram. */
	if (num == 0 && !(what & LOOP_ERR))
		return;
	/* The name goes on to its next address if this one has refused. */
	while ((num = dgram_error(&out->fd, &to)) != 0) {
		addr_unmap(&to);
		if (num != ECONNREFUSED || named->answered ||
		    named->kept.used == 0 || !udp_is_named(named, &to) ||
		    named->at + 1 == named->list.n)
			continue;
		named->at++;
		udp_to_named(out->of);
	}
}

/*
 * The socket to a target that may be sent to, of the target's family; NULL:
 * there is none.
 */
static const struct fd *
udp_way(struct proxy_udp *u, struct addr *to, unsigned port)
{
	struct udp_out *out;

	addr_set_port(to, port);
	targets_normalize(to);
	if (port == 0 || !targets_allow(u->targets, to))
		return NULL;
	out = addr_family(to) == AF_INET ? &u->out4 : &u->out6;
	if (out->fd.num != -1)
		return &out->fd;
	out->of = u;
	if (fd_socket(&out->fd, addr_family(to), SOCK_DGRAM, 0) == -1)
		out->fd.num = -1;
	else
		dgram_ask_errors(&out->fd, addr_family(to));
	return out->fd.num != -1 && udp_watch(u, &out->fd, &out->watch,
	    udp_on_answer, out) == 0 ? &out->fd : NULL;
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

/* Keeps a datagram for the name, in the place of the last. */
static void
udp_keep(struct udp_name *named, unsigned port, const struct iovec *iov)
{
	buf_free(&named->kept);
	named->kept = (struct buf){ .mem = NULL };
	buf_add(&named->kept, iov->iov_base, iov->iov_len);
	named->port = port;
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
	const struct fd *fd;
	struct addr to;

	if (u->lookup != NULL)
		return;
	if (named->at >= named->list.n || strcmp(named->name, r->host) != 0) {
		addr_list_free(&named->list);
		buf_free(&named->kept);
		*named = (struct udp_name){ .at = 0 };
		memcpy(named->name, r->host, sizeof(named->name));
		udp_keep(named, r->port, iov);
		u->lookup = proxy_lookup_start(u->lookups, named->name,
		    &u->host, -1, udp_on_resolved, u);
	} else if (!named->answered) {
		udp_keep(named, r->port, iov);
		udp_to_named(u);
	} else {
		to = named->list.v[named->at];
		if ((fd = udp_way(u, &to, r->port)) != NULL)
			udp_queue(u, fd, &to, iov, 1);
	}
}

/* Is this the client? Its first datagram tells the port. */
static bool
udp_is_client(struct proxy_udp *u, const struct addr *peer)
{
	struct addr from = *peer, host = u->host;

	addr_unmap(&from);
	if (u->client.len != 0)
		return addr_equal(&u->client, peer);
	addr_set_port(&host, addr_port(&from));
	if (!addr_equal(&host, &from))
		return false;
	u->client = *peer;
	return true;
}

static bool
udp_from_client(void *arg, const struct dgram *d)
{
	struct proxy_udp *u = arg;
	const unsigned char *data = d->data;
	struct socks_request r;
	const struct fd *fd;
	struct iovec iov;
	struct addr to;
	int head;

	if (d->cut || (head = socks5_datagram(&r, data, d->len)) <= 0 ||
	    !udp_is_client(u, &d->peer))
		return false;
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
	struct proxy_udp *u = arg;

	(void)what;
	(void)udp_read(u, &u->fd, udp_from_client);
}

/* ---- The life of an association ----------------------------------------- */

struct proxy_udp *
proxy_udp_new(struct proxy_lookups *lookups, const struct targets *targets,
    const struct addr *local, const struct addr *peer, struct addr *bound)
{
	struct addr a = *local;
	struct proxy_udp *u;

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
	u->out4.fd.num = u->out6.fd.num = -1;
	u->active = loop_now(u->loop);
	addr_unmap(&a);
	addr_set_port(&a, 0);
	if (fd_socket(&u->fd, addr_family(&a), SOCK_DGRAM, 0) == 0) {
		if (bind(u->fd.num, &a.u.sa, a.len) == -1 ||
		    addr_local(bound, u->fd.num) == -1)
			fd_close(&u->fd);
		else if (udp_watch(u, &u->fd, &u->watch, udp_on_ready,
		    u) == 0)
			return u;
	}
	free(u);
	return NULL;
}

static void
udp_close(struct proxy_udp *u, struct run *r, struct fd *fd,
    struct watch *watch)
{
	if (fd->num == -1)
		return;
	run_count_drops(r, fd, NULL);
	loop_unwatch(u->loop, watch);
	fd_close(fd);
}

void
proxy_udp_free(struct proxy_udp *u, struct run *r)
{
	if (u == NULL)
		return;
	proxy_lookup_cancel(u->lookup);
	udp_close(u, r, &u->fd, &u->watch);
	udp_close(u, r, &u->out4.fd, &u->out4.watch);
	udp_close(u, r, &u->out6.fd, &u->out6.watch);
	addr_list_free(&u->named.list);
	buf_free(&u->named.kept);
	free(u);
}

int64_t
proxy_udp_active(const struct proxy_udp *u)
{
	return u->active;
}
