#include <sys/stat.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "net/group.h"
#include "net/kind.h"
#include "net/listen.h"
#include "net/neterr.h"
#include "net/sockopt.h"

/*
 * Clients of one socket in one turn: one. That nobody else waits would cost
 * more to learn than the next event does, for accept4(2) makes a socket before
 * it looks. But each ROUNDth time it is all of them, so that the first turns of
 * many do not pass between the first ones of clients who come in crowds; and
 * not more than these, so that sessions get theirs too.
 */
#define ACCEPT_MAX	64
#define ROUND		16
#define PARK_TIME	NSEC_PER_SEC

/* One descriptor of a listener. */
struct listen_sock {
	struct listener	*of;
	struct watch	 watch;
	struct fd	 fd;
	bool		 nodelay;	/* whom it accepts has that */
	unsigned	 accepted;	/* how many */
};

struct listener {
	struct loop	*loop;
	void		(*accepted)(void *, struct fd *, const struct addr *);
	void		(*failed)(void *, int num);	/* or NULL */
	void		*arg;
	struct timer	 park;
	struct task	 death;
	struct task	 next;		/* whoever waits already */
	size_t		 first;		/* the door that is asked first then */
	bool		 waited;	/* those who are accepted just now */
	bool		 paused;
	bool		 parked;	/* until the timer fires */
	bool		 dead;		/* until the end of the turn */
	size_t		 n;
	struct listen_sock	 doors[];
};

/*
 * Who answers at the socket at this path? 0: nobody, any more.
 */
static int
listen_unix_served(const struct addr *addr, int type)
{
	struct fd fd;
	int num;

	if (fd_socket(&fd, AF_UNIX, type, 0) == -1)
		return -1;
	num = connect(fd.num, &addr->u.sa, addr->len) == -1 ? errno : 0;
	fd_close(&fd);
	if (num == ECONNREFUSED || num == ENOENT)
		return 0;
	/* Another type, a full backlog, no permission: leave it alone. */
	errno = EADDRINUSE;
	return -1;
}

/*
 * A symbolic link is not followed: what it points at is not ours to judge.
 * That the file is still the one that was probed is looked at again, for
 * somebody else may have done the same meanwhile.
 */
int
listen_unix_path(const struct addr *addr, int type)
{
	size_t len = addr->len - offsetof(struct sockaddr_un, sun_path);
	char path[sizeof(addr->u.un.sun_path) + 1];
	struct stat before, after;

	if (addr->len <= offsetof(struct sockaddr_un, sun_path) ||
	    addr->u.un.sun_path[0] == '\0')
		return 0;		/* not in the file system */
	memcpy(path, addr->u.un.sun_path, len);
	path[len] = '\0';
	if (lstat(path, &before) == -1)
		return 0;		/* bind(2) knows better why not */
	if (!S_ISSOCK(before.st_mode)) {
		errno = ENOTSOCK;
		return -1;
	}
	if (listen_unix_served(addr, type) == -1)
		return -1;
	if (lstat(path, &after) == -1)
		return 0;
	if (!S_ISSOCK(after.st_mode) || before.st_dev != after.st_dev ||
	    before.st_ino != after.st_ino) {
		errno = EADDRINUSE;
		return -1;
	}
	return unlink(path) == -1 && errno != ENOENT ? -1 : 0;
}

/* nc asks for the secret even where it is of no use. */
static int
listen_sign(const struct plan *plan, const struct addr *addr,
    const struct fd *fd, struct error *err)
{
	char *secret = sockopt_md5_secret(err);
	int rc = 0;

	if (secret == NULL)
		return -1;
	if (plan->type == TYPE_STREAM && addr_is_inet(addr))
		rc = sockopt_md5(fd, NULL, secret, err);
	freezero(secret, strlen(secret));
	return rc;
}

static int
listen_prepare(const struct plan *plan, const struct addr *addr, bool v6only,
    const struct fd *fd, struct error *err)
{
	if (sockopt_apply(plan, fd, addr_family(addr), err) == -1 ||
	    sockopt_listener(plan, fd, addr, v6only, err) == -1)
		return -1;
	return plan->sock.md5 ? listen_sign(plan, addr, fd, err) : 0;
}

static int
bind_and_listen(const struct plan *plan, const struct addr *addr,
    const struct fd *fd, struct error *err)
{
	const char *op = "bind";
	int num;

	if ((addr_family(addr) == AF_UNIX &&
	    listen_unix_path(addr, kind_type(plan)) == -1) ||
	    bind(fd->num, &addr->u.sa, addr->len) == -1)
		goto fail;
	if (!kind_connects(plan))
		return group_join(fd, addr, err);
	op = "listen";
	if (listen(fd->num, plan->sock.backlog >= 0 ? plan->sock.backlog :
	    SOMAXCONN) == -1)
		goto fail;
	return 0;
fail:
	num = errno;
	/* bind(2) would have said the same of whatever is there. */
	neterr_set(err, num == ENOTSOCK ? EADDRINUSE : num, op, plan, addr);
	if (!kind_connects(plan))
		group_explain(err, addr);
	if (num == ENOTSOCK)
		(void)snprintf(err->why, sizeof(err->why),
		    "it exists and is no socket");
	return -1;
}

int
listen_open(const struct plan *plan, const struct addr *addr, bool v6only,
    struct fd *fd, struct error *err)
{
	if (kind_open(plan, addr_family(addr), fd) == -1) {
		neterr_set(err, errno, "socket", plan, addr);
		return -1;
	}
	if (listen_prepare(plan, addr, v6only, fd, err) == 0 &&
	    bind_and_listen(plan, addr, fd, err) == 0)
		return 0;
	fd_close(fd);
	return -1;
}

static unsigned
listen_door_want(void *arg)
{
	const struct listener *l = ((struct listen_sock *)arg)->of;

	return l->paused || l->parked || l->dead || l->next.queue != NULL ? 0 :
	    LOOP_IN;
}

static void
listen_touch_all(struct listener *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		loop_touch(l->loop, &l->doors[i].watch);
}

static void
listen_listener_park(struct listener *l)
{
	l->parked = true;
	timer_set(l->loop, &l->park, loop_now(l->loop) + PARK_TIME);
	listen_touch_all(l);
}

static void
listen_listener_unpark(void *arg)
{
	struct listener *l = arg;

	l->parked = false;
	listen_touch_all(l);
}

/* Errors of one connection, which died before it was accepted. */
static bool
listen_only_this_one(int num)
{
	switch (num) {
	case ECONNABORTED:
	case ECONNRESET:
	case EPROTO:
	case EPERM:		/* a firewall's word */
	case ENETDOWN:
	case ENETUNREACH:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case ETIMEDOUT:
		return true;
	}
	return false;
}

/* Nobody is waiting, or what stands in the way will last: false. */
static bool
listen_accept_one(struct listen_sock *door)
{
	struct listener *l = door->of;
	struct addr peer;
	struct fd fd;

	memset(&peer, 0, sizeof(peer));
	peer.len = sizeof(peer.u);
	if (fd_accept_from(&fd, &door->fd, &peer.u, &peer.len) == -1) {
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return false;
		if (listen_only_this_one(errno))
			return true;
		/* EMFILE, ENOMEM and the like; never a busy turn. */
		if (errno != EAGAIN && l->failed != NULL)
			l->failed(l->arg, errno);
		listen_listener_park(l);
		return false;
	}
	if (peer.len > sizeof(peer.u))
		peer.len = sizeof(peer.u);
	/* It keeps records as the listener does. */
	fd.kind = door->fd.kind;
	/* What the first has from its listener the others have, too. */
	if (door->accepted++ == 0)
		door->nodelay = sockopt_has_nodelay(&fd);
	fd.nodelay = door->nodelay;
	fd.early = l->waited;
	l->accepted(l->arg, &fd, &peer);
	return true;
}

static void
listen_accept_some(struct listen_sock *door)
{
	const struct listener *l = door->of;
	int i, most = door->accepted % ROUND == ROUND - 1 ? ACCEPT_MAX : 1;

	for (i = 0; i < most && !l->paused && !l->dead; i++)
		if (!listen_accept_one(door))
			break;
}

static void
listen_door_ready(void *arg, unsigned what)
{
	(void)what;
	listen_accept_some(arg);
}

/*
 * During a pause the poller has told of somebody at these doors, and they
 * were taken out of it. While there is always somebody it need not hear of
 * them again. No door is always the first one.
 */
static void
listen_accept_next(void *arg)
{
	struct listener *l = arg;
	size_t i, at;

	l->waited = true;
	for (i = 0; i < l->n && !l->paused && !l->parked && !l->dead; i++) {
		at = (l->first + i) % l->n;
		if (watch_is_out(&l->doors[at].watch))
			listen_accept_some(&l->doors[at]);
	}
	l->waited = false;
	l->first = (l->first + i) % l->n;
	listen_touch_all(l);
}

static bool
listen_is_any_out(const struct listener *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (watch_is_out(&l->doors[i].watch))
			return true;
	return false;
}

/* Half a listener is none. The descriptors stay the caller's. */
static void
listen_listener_undo(struct listener *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		loop_unwatch(l->loop, &l->doors[i].watch);
	free(l);
}

struct listener *
listener_new(struct loop *loop, const struct fd *fd, size_t n,
    void (*accepted)(void *, struct fd *, const struct addr *), void *arg)
{
	struct listener *l = calloc(1, sizeof(*l) + n * sizeof(l->doors[0]));
	struct listen_sock *door;

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->accepted = accepted;
	l->arg = arg;
	l->park.fire = listen_listener_unpark;
	l->park.arg = l;
	l->next.run = listen_accept_next;
	l->next.arg = l;
	for (; l->n < n; l->n++) {
		door = &l->doors[l->n];
		door->of = l;
		door->fd = fd[l->n];
		door->watch = (struct watch){ .fd = door->fd.num,
		    .want = listen_door_want, .ready = listen_door_ready,
		    .arg = door, .lazy = true };
		if (loop_watch(loop, &door->watch) == -1) {
			listen_listener_undo(l);
			return NULL;
		}
	}
	return l;
}

void
listener_tells(struct listener *l, void (*failed)(void *, int))
{
	l->failed = failed;
}

void
listener_pause(struct listener *l, bool pause)
{
	if (l->paused && !pause && listen_is_any_out(l))
		loop_post(l->loop, &l->next);
	l->paused = pause;
	listen_touch_all(l);
}

unsigned
listener_turn_away(struct listener *l)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct fd fd;
	unsigned n = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		while (n < SOMAXCONN &&
		    fd_accept_from(&fd, &l->doors[i].fd, NULL, NULL) == 0) {
			(void)setsockopt(fd.num, SOL_SOCKET, SO_LINGER, &reset,
			    sizeof(reset));
			fd_close(&fd);
			n++;
		}
	return n;
}

static void
listen_listener_die(void *arg)
{
	free(arg);
}

void
listener_free(struct listener *l)
{
	size_t i;

	if (l == NULL || l->dead)
		return;
	l->dead = true;
	timer_clear(l->loop, &l->park);
	loop_unpost(l->loop, &l->next);
	for (i = 0; i < l->n; i++) {
		loop_unwatch(l->loop, &l->doors[i].watch);
		fd_close(&l->doors[i].fd);
	}
	l->death.run = listen_listener_die;
	l->death.arg = l;
	loop_defer(l->loop, &l->death);
}
