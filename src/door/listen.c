#include <sys/stat.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/num.h"
#include "base/secret.h"
#include "door/dtls_listen.h"
#include "door/listen.h"
#include "net/group.h"
#include "net/socket.h"
#include "net/unix_path.h"

/*
 * A socket accepts one client in a turn: accept4(2) makes a socket before
 * looking, so learning that no client waits costs more than the next event.
 * Each ROUNDth time the socket accepts up to ACCEPT_MAX, so that clients that
 * come in crowds do not wait for the first turns of many.
 */
#define ACCEPT_MAX	64
#define ROUND		16
#define PARK_TIME	NSEC_PER_SEC

/* A descriptor of a listener. */
struct listen_sock {
	struct listener	*of;
	struct watch	 watch;
	struct fd	 fd;
	struct dtls_listen *dtls;	/* of datagrams; NULL: accept(2) */
	bool		 nodelay;	/* inherited by accepted sockets */
	unsigned	 accepted;	/* number of clients */
};

struct listener {
	struct loop	*loop;
	const struct listener_ops *ops;
	void		*arg;
	struct tls_context *tls;	/* NULL: none */
	const struct sockopt_set *sock;	/* NULL: the sockets have them */
	struct greet	*greet;		/* clients that shake hands */
	struct timer	 park;
	struct task	 next;		/* accepts the clients that wait */
	size_t		 first;		/* index of next's first socket */
	bool		 waited;	/* true while next accepts */
	bool		 paused;
	bool		 parked;	/* until the timer fires */
	bool		 dead;		/* until the end of the turn */
	size_t		 n;
	struct listen_sock socks[];
};

/* ---- Opening ------------------------------------------------------------ */

/* Binds the socket, and has it listen. */
static int
listen_bind(const struct listen_options *o, const struct addr *addr,
    const struct fd *fd, struct error *err)
{
	const char *op = "bind";
	const int on = 1;

	if ((o->leave_dead_socket ? bind(fd->num, &addr->u.sa, addr->len) :
	    unix_path_bind(fd, addr, o->sock.replaces_empty)) == -1)
		goto fail;
	if (!socket_connects(&o->kind))
		return group_join(&o->sock.mcast, fd, addr, err);
	op = "listen";
	if (o->shares_port && setsockopt(fd->num, SOL_SOCKET, SO_REUSEPORT,
	    &on, sizeof(on)) == -1)
		goto fail;
	if (listen(fd->num, o->sock.backlog >= 0 ? o->sock.backlog :
	    SOMAXCONN) == 0)
		return 0;
fail:
	neterr_set(err, errno, op, &o->kind, addr);
	if (!socket_connects(&o->kind))
		group_explain(err, addr);
	return -1;
}

/*
 * The same alone: until the socket listens, another starter would take its
 * path for a dead one's. Where no lock can be made, bind(2) has the reason.
 */
static int
listen_bind_alone(const struct listen_options *o, const struct addr *addr,
    const struct fd *fd, struct error *err)
{
	char buf[ADDR_HOST_MAX];
	const char *path = unix_path_of(addr, buf);
	int lock, rc;

	if (path == NULL)
		return listen_bind(o, addr, fd, err);
	lock = unix_path_lock(path);
	if (lock == -1 && errno == EADDRINUSE) {
		neterr_set(err, errno, "bind", &o->kind, addr);
		return -1;
	}
	rc = listen_bind(o, addr, fd, err);
	unix_path_unlock(path, lock);
	return rc;
}

int
listen_open(const struct listen_options *o, const struct addr *addr,
    bool v6only, struct fd *fd, struct error *err)
{
	int family = addr_family(addr), rc;
	char *secret = NULL;

	if (fd_socket(fd, family, o->kind.type, o->kind.protocol) == -1) {
		neterr_set(err, errno, "socket", &o->kind, addr);
		return -1;
	}
	rc = sockopt_apply(&o->sock, fd, family, err);
	if (rc == 0)
		rc = sockopt_listener(&o->kind, &o->sock, fd, addr, v6only,
		    err);
	/* nc asks for the secret even if the secret is of no use. */
	if (rc == 0 && o->sock.md5 &&
	    (secret = sockopt_md5_secret(err)) == NULL)
		rc = -1;
	if (rc == 0 && secret != NULL && socket_connects(&o->kind) &&
	    addr_is_inet(addr))
		rc = sockopt_md5(fd, NULL, secret, err);
	secret_free(secret);
	if (rc == 0)
		rc = listen_bind_alone(o, addr, fd, err);
	if (rc == -1)
		fd_close(fd);
	return rc;
}

/* ---- Sockets of a service manager --------------------------------------- */

bool
listen_is_unix(int num)
{
	struct addr a;

	return addr_local(&a, num) == 0 && addr_family(&a) == AF_UNIX;
}

/* The reason why the socket does not fit; NULL: the socket fits. */
static const char *
listen_given_fault(const struct socket_kind *kind, bool is_unix,
    const struct fd *fd)
{
	bool streams = socket_connects(kind), listens = fd_listens(fd->num);

	if (fd->kind != FD_STREAM && listens)
		return "it is for sequenced packets";
	if (streams && fd->kind != FD_STREAM)
		return "it is for datagrams, use -u";
	if (!streams && fd->kind != FD_DGRAM)
		return "it is not for datagrams";
	if (fd->kind == FD_STREAM && !listens)
		return "it has a peer already, use --peer-fd";
	if (listen_is_unix(fd->num) != is_unix)
		return is_unix ? "not a Unix socket" : "it is a Unix socket";
	return NULL;
}

int
listen_take_given(const struct socket_kind *kind, bool is_unix, int first,
    int n, struct fd *fds, struct error *err)
{
	static const char *const variables[] = { "LISTEN_FDS", "LISTEN_PID",
	    "LISTEN_PIDFDID", "LISTEN_FDNAMES" };
	const char *why;

	for (int i = 0; i < n; i++) {
		error_set(err, EINVAL, "listen on", "descriptor %d", first + i);
		if (fd_inherit_socket(&fds[i], first + i) == -1) {
			err->num = errno;
			return -1;
		}
		why = listen_given_fault(kind, is_unix, &fds[i]);
		if (why != NULL) {
			(void)strlcpy(err->why, why, sizeof(err->why));
			return -1;
		}
	}
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		(void)unsetenv(variables[i]);
	return 0;
}

/* ---- Accepting ---------------------------------------------------------- */

static unsigned
listen_sock_want(void *arg)
{
	const struct listener *l = ((struct listen_sock *)arg)->of;

	return l->paused || l->parked || l->next.queue != NULL ? 0 : LOOP_IN;
}

static void
listen_touch_all(struct listener *l)
{
	for (size_t i = 0; i < l->n; i++)
		loop_touch(l->loop, &l->socks[i].watch);
}

static void
listen_unpark(void *arg)
{
	struct listener *l = arg;

	l->parked = false;
	listen_touch_all(l);
}

/* EMFILE, ENOMEM and similar: never a busy turn. */
static void
listen_park(struct listener *l)
{
	if (l->ops->failed != NULL)
		l->ops->failed(l->arg, errno);
	l->parked = true;
	timer_set(l->loop, &l->park, loop_now(l->loop) + PARK_TIME);
	listen_touch_all(l);
}

/* False: no client waits, or accept(2) would fail again. */
static bool
listen_accept_one(struct listen_sock *sock)
{
	struct listener *l = sock->of;
	struct addr_pair ends;
	struct addr *peer = &ends.peer;
	struct fd fd;
	struct layer *tls;
	enum io io;

	memset(&ends, 0, sizeof(ends));
	if (sock->dtls != NULL) {
		io = dtls_listen_accept(sock->dtls, &fd, peer, &tls);
		if (io == IO_OK)
			greet_client(l->greet, &fd, &ends, tls);
		else if (io == IO_FAIL)
			listen_park(l);
		return io == IO_OK;
	}
	peer->len = sizeof(peer->u);
	if (fd_accept(&fd, &sock->fd, &peer->u, &peer->len) == -1) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return false;
		if (errclass_is(errno, ERRCLASS_ACCEPT))
			return true;
		listen_park(l);
		return false;
	}
	if (peer->len > sizeof(peer->u))
		peer->len = sizeof(peer->u);
	/* A client keeps records as the listener does. */
	fd.kind = sock->fd.kind;
	/* The other clients inherit the same TCP_NODELAY as the first. */
	if (l->sock != NULL && sock->fd.way != FD_WAY_OWN &&
	    addr_is_inet(peer)) {
		sockopt_keepalive(l->sock, &fd);
		sockopt_limit_unacked(l->sock, &fd);
	}
	if (sock->accepted++ == 0)
		sock->nodelay = sockopt_has_nodelay(&fd);
	fd.nodelay = sock->nodelay;
	fd.early = l->waited;
	greet_client(l->greet, &fd, &ends, NULL);
	return true;
}

static void
listen_accept_some(void *arg, unsigned what)
{
	struct listen_sock *sock = arg;
	const struct listener *l = sock->of;
	int most = sock->accepted % ROUND == ROUND - 1 ? ACCEPT_MAX : 1;

	(void)what;
	while (most-- > 0 && !l->paused && l->n > 0 && listen_accept_one(sock))
		continue;
}

/*
 * Runs after a pause, in which clients came and the sockets left the poll set:
 * while clients always wait, the sockets need not return. first moves on.
 */
static void
listen_accept_next(void *arg)
{
	struct listener *l = arg;
	size_t i, at;

	l->waited = true;
	for (i = 0; i < l->n && !l->paused && !l->parked; i++) {
		at = (l->first + i) % l->n;
		if (watch_is_out(&l->socks[at].watch))
			listen_accept_some(&l->socks[at], LOOP_IN);
	}
	l->waited = false;
	if (l->n == 0)
		return;
	l->first = (l->first + i) % l->n;
	listen_touch_all(l);
}

/* The descriptors stay open. */
static void
listen_forget_socks(struct listener *l)
{
	for (size_t i = 0; i < l->n; i++) {
		loop_unwatch(l->loop, &l->socks[i].watch);
		dtls_listen_free(l->socks[i].dtls);
		l->socks[i].dtls = NULL;
	}
}

/* -1 with errno. */
static int
listen_add_sock(struct listener *l, const struct fd *fd)
{
	struct listen_sock *sock = &l->socks[l->n];

	*sock = (struct listen_sock){ .of = l, .fd = *fd,
	    .watch = { .fd = fd->num, .want = listen_sock_want,
	    .ready = listen_accept_some, .arg = sock, .lazy = true } };
	if (l->tls != NULL && fd->kind == FD_DGRAM && !fd_listens(fd->num) &&
	    (sock->dtls = dtls_listen_new(&sock->fd, l->tls)) == NULL)
		return -1;
	if (loop_watch(l->loop, &sock->watch) == 0) {
		l->n++;
		return 0;
	}
	dtls_listen_free(sock->dtls);
	return -1;
}

struct listener *
listener_new(struct loop *loop, const struct fd *fd, size_t n,
    struct tls_context *tls, const struct listener_ops *ops, void *arg)
{
	struct listener *l = calloc(1, sizeof(*l) + n * sizeof(l->socks[0]));

	if (l == NULL)
		return NULL;
	*l = (struct listener){ .loop = loop, .ops = ops, .arg = arg,
	    .tls = tls,
	    .park = { .fire = listen_unpark, .arg = l },
	    .next = { .run = listen_accept_next, .arg = l } };
	if ((l->greet = greet_new(loop, tls, ops, arg)) == NULL) {
		free(l);
		return NULL;
	}
	while (l->n < n)
		if (listen_add_sock(l, &fd[l->n]) == -1) {
			listen_forget_socks(l);
			greet_free(l->greet);
			free(l);
			return NULL;
		}
	return l;
}

void
listener_set_options(struct listener *l, const struct sockopt_set *sock)
{
	l->sock = sock;
	for (size_t i = 0; i < l->n; i++)
		if (l->socks[i].dtls != NULL)
			dtls_listen_set_options(l->socks[i].dtls, sock);
}

void
listener_expect_headers(struct listener *l)
{
	greet_expect_headers(l->greet);
}

void
listener_pause(struct listener *l, bool pause)
{
	for (size_t i = 0; l->paused && !pause && i < l->n; i++)
		if (watch_is_out(&l->socks[i].watch))
			loop_post(l->loop, &l->next);
	l->paused = pause;
	greet_pause(l->greet, pause);
	listen_touch_all(l);
}

unsigned
listener_accepted(const struct listener *l)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->socks[i].accepted;
	return n;
}

unsigned
listener_backlog(const struct listener *l)
{
	unsigned n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += fd_backlog(&l->socks[i].fd);
	return n;
}

unsigned
listener_turn_away(struct listener *l)
{
	struct fd fd;
	unsigned n = greet_close(l->greet);

	for (size_t i = 0; i < l->n; i++)
		while (n < SOMAXCONN &&
		    fd_accept(&fd, &l->socks[i].fd, NULL, NULL) == 0) {
			fd_reset(&fd);
			fd_close(&fd);
			n++;
		}
	return n;
}

void
listener_close_socks(struct listener *l)
{
	timer_clear(l->loop, &l->park);
	loop_unpost(l->loop, &l->next);
	listen_forget_socks(l);
	for (size_t i = 0; i < l->n; i++)
		fd_close(&l->socks[i].fd);
	l->n = 0;
}

void
listener_free(struct listener *l)
{
	if (l == NULL || l->dead)
		return;
	l->dead = true;
	listener_close_socks(l);
	greet_free(l->greet);
	l->next.run = free;
	loop_defer(l->loop, &l->next);
}
