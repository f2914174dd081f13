/*
 * How a connection ends on the wire.
 */
#include <sys/socket.h>
#include <errno.h>

#include "base/policy.h"
#include "link/close.h"

/* Pauses between two looks at the number of unacknowledged bytes. */
#define ACKS_FIRST	(NSEC_PER_MSEC / 2)
#define ACKS_MOST	(50 * NSEC_PER_MSEC)

/* ---- Acknowledgements --------------------------------------------------- */

bool
acks_awaited(struct acks *a, size_t left, int64_t now, int64_t patience,
    int64_t limit)
{
	if (left != a->left || a->stalled_at == 0)
		a->stalled_at = now + patience;
	a->left = left;
	a->look_at = 0;
	if (left == 0 || now >= a->stalled_at || (limit != 0 && now >= limit))
		return false;
	a->pause = a->pause == 0 ? ACKS_FIRST : 2 * a->pause;
	if (a->pause > ACKS_MOST)
		a->pause = ACKS_MOST;
	a->look_at = now + a->pause;
	return true;
}

/* ---- A pause of the peer's reader --------------------------------------- */

int64_t
pause_look(struct pause_watch *p, uint64_t moves, int64_t now, int64_t patience,
    const struct fd *a, const struct fd *b)
{
	const uint32_t seen = (uint32_t)(moves ^ moves >> 32);
	bool again;

	if (patience == 0 || (p->at == 0 && p->seen == seen) ||
	    now < pause_date(p))
		return pause_date(p);
	again = p->at == 0;
	if (!again) {
		again = fd_excuse_pause(a, patience);
		again |= b != NULL && fd_excuse_pause(b, patience);
	}
	p->at = again ? (uint32_t)((now + patience) / PAUSE_UNIT + 1) : 0;
	p->seen = seen;
	return pause_date(p);
}

/* ---- A socket that is closed -------------------------------------------- */

/*
 * Discards input up to a turn's budget: > 0: there may be more; 0: end of
 * input; -1 with errno.
 */
static ssize_t
closing_discard(const struct fd *fd)
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
closing_has_input(const struct fd *fd)
{
	ssize_t n = closing_discard(fd);

	return n > 0 || (n == -1 && errno == EAGAIN);
}

static void
closing_on_timer(void *arg)
{
	struct closing *c = arg;
	/*
	 * SO_ERROR does not show that: the kernel reports an error only once,
	 * most likely to the program that had the socket before. Asked first:
	 * the last acknowledgement also ends a connection.
	 */
	bool dead = fd_is_over(&c->fd);
	size_t lost = c->tcp ? fd_unacked(&c->fd) : 0;

	if (acks_awaited(&c->acks, lost, loop_now(c->loop),
	    c->reset ? DRAIN_TIME : STALL_LIMIT, c->limit) && !dead) {
		timer_set(c->loop, &c->timer, c->acks.look_at);
		return;
	}
	lost = closing_lacks(c);
	c->num = lost == 0 ? 0 : dead ? ECONNRESET : ETIMEDOUT;
	closing_abort(c);
	c->done(c->arg, lost);
}

static void
closing_on_ready(void *arg, unsigned what)
{
	struct closing *c = arg;

	(void)what;
	/* The poller would report an end or a failure again and again. */
	if (!closing_has_input(&c->fd))
		loop_unwatch(c->loop, &c->watch);
}

void
closing_refuse(const struct fd *fd)
{
	(void)shutdown(fd->num, SHUT_RDWR);
	/* Terminates: after shutdown(2) no more input is queued. */
	while (closing_discard(fd) > 0)
		;
}

void
closing_start(struct closing *c, struct loop *loop, const struct fd *fd,
    bool tcp)
{
	bool more = false;

	*c = (struct closing){ .loop = loop, .fd = *fd, .tcp = tcp,
	    .reset = c->reset, .done = c->done, .arg = c->arg };
	c->timer = (struct timer){ .fire = closing_on_timer, .arg = c };
	c->watch = (struct watch){ .fd = fd->num, .want = loop_want_in,
	    .ready = closing_on_ready, .arg = c };
	/* Before a reset, neither direction ends. */
	if (tcp && !c->reset) {
		c->fin = shutdown(fd->num, SHUT_WR) == 0;
		more = closing_has_input(fd);
	} else if (!c->reset)
		closing_refuse(fd);
	if (!more || loop_watch(loop, &c->watch) == -1)
		c->watch.fd = -1;
	/* done is called from a timer even if nothing is to be waited for. */
	timer_set(loop, &c->timer, loop_now(loop));
}

size_t
closing_lacks(const struct closing *c)
{
	return c->fin && c->acks.left > 0 ? c->acks.left - 1 : c->acks.left;
}

void
closing_abort(struct closing *c)
{
	timer_clear(c->loop, &c->timer);
	loop_unwatch(c->loop, &c->watch);
	if (c->reset)
		fd_reset(&c->fd);
	fd_close(&c->fd);
}
