/*
 * Closing without loss.
 */
#include <sys/socket.h>
#include <errno.h>

#include "base/policy.h"
#include "net/linger.h"

#define FIRST	(NSEC_PER_MSEC / 2)
#define MOST	(50 * NSEC_PER_MSEC)

/* A FIN counts as one byte. */
static void
linger_finish(struct lingering *l, size_t left, bool dead)
{
	size_t lost = l->fin && left > 0 ? left - 1 : left;

	l->num = lost == 0 ? 0 : dead ? ECONNRESET : ETIMEDOUT;
	linger_abort(l);
	l->done(l->arg, lost);
}

/* What waits to be read, or much of it; 0 or -1: what the last read said. */
static ssize_t
linger_drop_some(const struct fd *fd)
{
	char waste[4096];
	ssize_t n;
	int turns = 16;

	do
		n = recv(fd->num, waste, sizeof(waste), MSG_DONTWAIT);
	while ((n > 0 && --turns > 0) || (n == -1 && errno == EINTR));
	return n;
}

/* False when nothing more can come. */
static bool
linger_discard(const struct fd *fd)
{
	ssize_t n = linger_drop_some(fd);

	return n > 0 || (n == -1 && errno == EAGAIN);
}

/*
 * Nothing can be acknowledged any more. The error that says so is told once
 * only, and to whoever asks first: the program, most likely.
 */
static bool
linger_is_dead(const struct lingering *l)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	return getpeername(l->fd.num, (struct sockaddr *)&peer, &len) == -1;
}

static void
linger_look(struct lingering *l)
{
	size_t left = l->tcp ? fd_unacked(&l->fd) : 0;
	int64_t now = loop_now(l->loop);
	bool progress = left != l->unacked, dead = linger_is_dead(l);

	if (left == 0 || dead || now >= l->until ||
	    (l->most != 0 && now >= l->most)) {
		linger_finish(l, left, dead);
		return;
	}
	l->unacked = left;
	if (progress)
		l->until = now + STALL_LIMIT;
	timer_set(l->loop, &l->timer, now + l->wait);
	if (l->wait < MOST)
		l->wait *= 2;
}

static void
linger_on_timer(void *arg)
{
	linger_look(arg);
}

static unsigned
linger_want(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

static void
linger_on_ready(void *arg, unsigned what)
{
	struct lingering *l = arg;

	(void)what;
	/* An end or a failure would be told again and again. */
	if (!linger_discard(&l->fd))
		loop_unwatch(l->loop, &l->watch);
}

void
linger_refuse(const struct fd *fd)
{
	(void)shutdown(fd->num, SHUT_RDWR);
	/* It ends: nothing can be added any more. */
	while (linger_drop_some(fd) > 0)
		;
}

void
linger_start(struct lingering *l, struct loop *loop, const struct fd *fd,
    bool tcp)
{
	bool more = false;

	l->loop = loop;
	l->fd = *fd;
	l->tcp = tcp;
	l->unacked = 0;
	l->most = 0;
	l->wait = FIRST;
	l->until = loop_now(loop) + STALL_LIMIT;
	l->timer = (struct timer){ .fire = linger_on_timer, .arg = l };
	l->watch = (struct watch){ .fd = fd->num, .want = linger_want,
	    .ready = linger_on_ready, .arg = l };
	if (tcp) {
		l->fin = shutdown(fd->num, SHUT_WR) == 0;
		more = linger_discard(fd);
	} else
		linger_refuse(fd);
	if (!more || loop_watch(loop, &l->watch) == -1)
		l->watch.fd = -1;
	/* Told from a turn, also when there is nothing to wait for. */
	timer_set(loop, &l->timer, loop_now(loop));
}

void
linger_until(struct lingering *l, int64_t when)
{
	l->most = when;
}

void
linger_abort(struct lingering *l)
{
	timer_clear(l->loop, &l->timer);
	loop_unwatch(l->loop, &l->watch);
	fd_close(&l->fd);
}
