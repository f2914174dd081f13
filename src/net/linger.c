/*
 * Closing a connection without loss.
 */
#include <sys/socket.h>
#include <errno.h>

#include "base/policy.h"
#include "net/linger.h"

/* Pauses between two looks at the number of unacknowledged bytes. */
#define LINGER_FIRST	(NSEC_PER_MSEC / 2)
#define LINGER_MOST	(50 * NSEC_PER_MSEC)

/*
 * Discards input up to a turn's budget: > 0: there may be more; 0: end of
 * input; -1 with errno.
 */
static ssize_t
linger_discard(const struct fd *fd)
{
	char waste[4096];
	ssize_t n;
	int turns = 16;

	do
		n = recv(fd->num, waste, sizeof(waste), MSG_DONTWAIT);
	while ((n > 0 && --turns > 0) || (n == -1 && errno == EINTR));
	return n;
}

static bool
linger_has_input(const struct fd *fd)
{
	ssize_t n = linger_discard(fd);

	return n > 0 || (n == -1 && errno == EAGAIN);
}

/* A reset waits for bytes that the peer sees before, but not long. */
static int64_t
linger_patience(const struct lingering *l)
{
	return l->reset ? DRAIN_TIME : STALL_LIMIT;
}

static void
linger_on_timer(void *arg)
{
	struct lingering *l = arg;
	/*
	 * SO_ERROR does not show that: the kernel reports an error only once,
	 * most likely to the program that had the socket before. Asked first:
	 * the last acknowledgement also ends a connection.
	 */
	bool dead = fd_is_over(&l->fd);
	size_t left = l->tcp ? fd_unacked(&l->fd) : 0;
	int64_t now = loop_now(l->loop);

	if (left != l->unacked)
		l->stalled_at = now + linger_patience(l);
	l->unacked = left;
	if (left > 0 && !dead && now < l->stalled_at &&
	    (l->limit == 0 || now < l->limit)) {
		timer_set(l->loop, &l->timer, now + l->pause);
		if (l->pause < LINGER_MOST)
			l->pause *= 2;
		return;
	}
	if (l->fin && left > 0)
		left--;
	l->num = left == 0 ? 0 : dead ? ECONNRESET : ETIMEDOUT;
	linger_abort(l);
	l->done(l->arg, left);
}

static void
linger_on_ready(void *arg, unsigned what)
{
	struct lingering *l = arg;

	(void)what;
	/* The poller would report an end or a failure again and again. */
	if (!linger_has_input(&l->fd))
		loop_unwatch(l->loop, &l->watch);
}

void
linger_refuse(const struct fd *fd)
{
	(void)shutdown(fd->num, SHUT_RDWR);
	/* Terminates: after shutdown(2) no more input is queued. */
	while (linger_discard(fd) > 0)
		;
}

void
linger_start(struct lingering *l, struct loop *loop, const struct fd *fd,
    bool tcp)
{
	bool more = false;

	*l = (struct lingering){ .loop = loop, .fd = *fd, .tcp = tcp,
	    .pause = LINGER_FIRST, .reset = l->reset, .done = l->done,
	    .arg = l->arg };
	l->stalled_at = loop_now(loop) + linger_patience(l);
	l->timer = (struct timer){ .fire = linger_on_timer, .arg = l };
	l->watch = (struct watch){ .fd = fd->num, .want = loop_want_in,
	    .ready = linger_on_ready, .arg = l };
	/* Before a reset, neither direction ends. */
	if (tcp && !l->reset) {
		l->fin = shutdown(fd->num, SHUT_WR) == 0;
		more = linger_has_input(fd);
	} else if (!l->reset)
		linger_refuse(fd);
	if (!more || loop_watch(loop, &l->watch) == -1)
		l->watch.fd = -1;
	/* done is called from a timer even if nothing is to be waited for. */
	timer_set(loop, &l->timer, loop_now(loop));
}

void
linger_abort(struct lingering *l)
{
	timer_clear(l->loop, &l->timer);
	loop_unwatch(l->loop, &l->watch);
	if (l->reset)
		fd_reset(&l->fd);
	fd_close(&l->fd);
}
