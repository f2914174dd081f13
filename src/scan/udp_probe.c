#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>

#include "base/num.h"
#include "scan/udp_probe.h"

/* Between the first two datagrams; each later pause is twice as long. */
#define PAUSE		(250 * NSEC_PER_MSEC)

struct udp_probe {
	struct loop		*loop;
	struct udp_probe_options	 opt;
	struct fd		 fd;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 death;
	int64_t			 end, pause;
	int			 sent;	/* datagrams */
};

/* The memory lives until the end of the turn. */
void
udp_probe_cancel(struct udp_probe *a)
{
	if (a == NULL)
		return;
	loop_unwatch(a->loop, &a->watch);
	timer_clear(a->loop, &a->timer);
	fd_close(&a->fd);
	loop_defer(a->loop, &a->death);
}

static void
udp_probe_over(struct udp_probe *a, enum finding_kind kind, int num)
{
	const struct finding found = { .kind = kind, .op = "connect to",
	    .num = num, .addr = &a->opt.addr };

	udp_probe_cancel(a);
	a->opt.done(a->opt.arg, &found);
}

/* True: an answer was there, and is reported. */
static bool
udp_probe_take_answer(struct udp_probe *a)
{
	char byte;

	if (recv(a->fd.num, &byte, 1, MSG_DONTWAIT) != -1)
		udp_probe_over(a, FOUND_OPEN, 0);
	else if (errno != EAGAIN && errno != EINTR)
		udp_probe_over(a, FOUND_REFUSED, errno);
	else
		return false;
	return true;
}

static void
udp_probe_on_answer(void *arg, unsigned what)
{
	(void)what;
	(void)udp_probe_take_answer(arg);
}

static void
udp_probe_send_one(void *arg)
{
	struct udp_probe *a = arg;
	int64_t now = loop_now(a->loop);

	/* An answer that came while other watches had their turn counts. */
	if (udp_probe_take_answer(a))
		return;
	if (now >= a->end && a->pause > PAUSE) {
		udp_probe_over(a, FOUND_SILENT, 0);
		return;
	}
	if (send(a->fd.num, &a->opt.byte, 1, MSG_DONTWAIT) == -1 &&
	    errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
		udp_probe_over(a, FOUND_REFUSED, errno);
		return;
	}
	/* After the last datagram, only an answer is waited for. */
	timer_set(a->loop, &a->timer, ++a->sent == a->opt.probes ? a->end :
	    timer_earlier(a->end, now + a->pause));
	a->pause *= 2;
}

struct udp_probe *
udp_probe_start(struct loop *loop, struct fd *fd,
    const struct udp_probe_options *opt)
{
	struct udp_probe *a = calloc(1, sizeof(*a));

	if (a == NULL)
		goto fail;
	*a = (struct udp_probe){ .loop = loop, .opt = *opt, .fd = *fd,
	    .watch = { .fd = fd->num, .want = loop_want_in,
	    .ready = udp_probe_on_answer, .arg = a },
	    .timer = { .fire = udp_probe_send_one, .arg = a },
	    .death = { .run = free, .arg = a }, .pause = PAUSE,
	    .end = loop_now(loop) + opt->wait };
	if (loop_watch(loop, &a->watch) == -1)
		goto fail;
	/* Sends the first datagram in a turn: done() may be called then. */
	timer_set(loop, &a->timer, loop_now(loop));
	return a;
fail:
	fd_close(fd);
	free(a);
	return NULL;
}
