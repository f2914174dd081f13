#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/fd_batch.h"
#include "serve/proxy_socks.h"
#include "serve/proxy_udp.h"

/* The largest datagram, and how many are passed on in a turn. */
#define UDP_ROOM	65535
#define UDP_TURN	64

/* A socket to targets of a family. */
struct udp_out {
	struct proxy_udp	*of;
	struct fd		 fd;		/* num -1: not open */
	struct watch		 watch;
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
	struct buf		 kept;		/* waits for the lookup */
	unsigned		 port;		/* ... of that datagram */
	char			 name[SOCKS_NAME_MAX + 1];	/* looked up */
	struct addr		 named;		/* its address; len 0: none */
	int64_t			 active;
	unsigned char		 room[UDP_ROOM];
};

/* ---- From targets ------------------------------------------------------- */

static void
udp_to_client(struct proxy_udp *u, const struct dgram *d)
{
	struct addr from = d->peer;
	const struct addr none = { .len = 0 };
	struct buf head = { .mem = NULL };
	struct iovec iov[2];
	size_t n;

	addr_unmap(&from);
	if (u->client.len == 0 || d->cut ||
	    !targets_allow(u->targets, &from))
		return;
	socks5_datagram_head(&head, &from);
	if (!head.failed) {
		iov[0] = (struct iovec){ head.mem, head.used };
		iov[1] = (struct iovec){ u->room, d->len };
		(void)dgram_send(&u->fd, iov, 2, &u->client, &none, &n);
		u->active = loop_now(u->loop);
	}
	buf_free(&head);
}

static void
udp_on_answer(void *arg, unsigned what)
{
	struct udp_out *out = arg;
	struct dgram d;

	(void)what;
	for (int i = 0; i < UDP_TURN; i++) {
		switch (dgram_receive(&out->fd, out->of->room, UDP_ROOM, &d)) {
		case IO_OK:
			udp_to_client(out->of, &d);
			break;
		case IO_FAIL:	/* an ICMP message about an earlier datagram */
			break;
		default:
			return;
		}
	}
}

/* The socket to targets of a family; NULL: there is none. */
static struct udp_out *
udp_out(struct proxy_udp *u, int family)
{
	struct udp_out *out = family == AF_INET ? &u->out4 : &u->out6;

	if (out->fd.num != -1)
		return out;
	if (fd_socket(&out->fd, family, SOCK_DGRAM, 0) == -1) {
		out->fd.num = -1;
		return NULL;
	}
	out->of = u;
	out->watch = (struct watch){ .fd = out->fd.num, .want = loop_want_in,
	    .ready = udp_on_answer, .arg = out };
	if (loop_watch(u->loop, &out->watch) == 0)
		return out;
	out->watch.fd = -1;
	fd_close(&out->fd);
	return NULL;
}

/* ---- From the client ---------------------------------------------------- */

static void
udp_to_target(struct proxy_udp *u, struct addr *to, unsigned port,
    const void *data, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	const struct addr none = { .len = 0 };
	struct udp_out *out;
	size_t n;

	addr_set_port(to, port);
	targets_normalize(to);
	if (port == 0 || !targets_allow(u->targets, to) ||
	    (out = udp_out(u, addr_family(to))) == NULL)
		return;
	(void)dgram_send(&out->fd, &iov, 1, to, &none, &n);
	u->active = loop_now(u->loop);
}

static void
udp_on_resolved(void *arg, struct addr_list *list, const struct error *err)
{
	struct proxy_udp *u = arg;
	struct addr to;

	u->lookup = NULL;
	if (err->num == 0 && err->gai == 0) {
		to = u->named = list->v[0];
		udp_to_target(u, &to, u->port, buf_data(&u->kept),
		    u->kept.used);
	}
	addr_list_free(list);
	buf_free(&u->kept);
}

static void
udp_look_up(struct proxy_udp *u, const struct socks_request *r,
    const void *data, size_t len)
{
	struct addr to = u->named;

	if (to.len != 0 && strcmp(u->name, r->host) == 0) {
		udp_to_target(u, &to, r->port, data, len);
		return;
	}
	if (u->lookup != NULL)
		return;
	memcpy(u->name, r->host, sizeof(u->name));
	u->named.len = 0;
	u->port = r->port;
	u->kept = (struct buf){ .mem = NULL };
	buf_add(&u->kept, data, len);
	u->lookup = proxy_lookup_start(u->lookups, u->name, udp_on_resolved, u);
	if (u->lookup == NULL)
		buf_free(&u->kept);
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

static void
udp_from_client(struct proxy_udp *u, const struct dgram *d)
{
	struct socks_request r;
	struct addr to;
	int head;

	if (d->cut || (head = socks5_datagram(&r, u->room, d->len)) <= 0 ||
	    !udp_is_client(u, &d->peer))
		return;
	u->active = loop_now(u->loop);
	if (addr_numeric(&to, r.host, AF_UNSPEC))
		udp_to_target(u, &to, r.port, u->room + head,
		    d->len - (size_t)head);
	else
		udp_look_up(u, &r, u->room + head, d->len - (size_t)head);
}

static void
udp_on_ready(void *arg, unsigned what)
{
	struct proxy_udp *u = arg;
	struct dgram d;

	(void)what;
	for (int i = 0; i < UDP_TURN; i++) {
		switch (dgram_receive(&u->fd, u->room, UDP_ROOM, &d)) {
		case IO_OK:
			udp_from_client(u, &d);
			break;
		case IO_FAIL:
			break;
		default:
			return;
		}
	}
}

/* ---- The life of an association ----------------------------------------- */

/* -1 with errno. */
static int
udp_open(struct proxy_udp *u, const struct addr *local, struct addr *bound)
{
	struct addr a = *local;

	addr_unmap(&a);
	addr_set_port(&a, 0);
	if (fd_socket(&u->fd, addr_family(&a), SOCK_DGRAM, 0) == -1)
		return -1;
	if (bind(u->fd.num, &a.u.sa, a.len) == -1 ||
	    addr_local(bound, u->fd.num) == -1) {
		fd_close(&u->fd);
		return -1;
	}
	u->watch = (struct watch){ .fd = u->fd.num, .want = loop_want_in,
	    .ready = udp_on_ready, .arg = u };
	if (loop_watch(u->loop, &u->watch) == 0)
		return 0;
	u->watch.fd = -1;
	fd_close(&u->fd);
	return -1;
}

struct proxy_udp *
proxy_udp_new(struct proxy_lookups *lookups, const struct targets *targets,
    const struct addr *local, const struct addr *peer, struct addr *bound)
{
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
	if (udp_open(u, local, bound) == 0)
		return u;
	free(u);
	return NULL;
}

static void
udp_close(struct proxy_udp *u, struct fd *fd, struct watch *watch)
{
	if (fd->num == -1)
		return;
	loop_unwatch(u->loop, watch);
	fd_close(fd);
}

void
proxy_udp_free(struct proxy_udp *u)
{
	if (u == NULL)
		return;
	proxy_lookup_cancel(u->lookup);
	udp_close(u, &u->fd, &u->watch);
	udp_close(u, &u->out4.fd, &u->out4.watch);
	udp_close(u, &u->out6.fd, &u->out6.watch);
	buf_free(&u->kept);
	free(u);
}

int64_t
proxy_udp_active(const struct proxy_udp *u)
{
	return u->active;
}
