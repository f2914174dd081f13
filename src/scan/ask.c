#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>

#include "base/num.h"
#include "scan/ask.h"

/* From the first datagram to the second; then twice as long, and so on. */
#define PAUSE		(250 * NSEC_PER_MSEC)

struct ask {
	struct loop		*loop;
	struct ask_options	 opt;
	struct fd		 fd;
	struct watch		 watch;
	struct timer		 timer;
	struct task		 death;
	int64_t			 end, pause;
	int			 sent;	/* datagrams */
};

static void
ask_die(void *arg)
{
	free(arg);
}

/* The memory lives until the end of the turn. */
void
ask_cancel(struct ask *a)
{
	loop_unwatch(a->loop, &a->watch);
	timer_clear(a->loop, &a->timer);
	fd_close(&a->fd);
	a->death = (struct task){ .run = ask_die, .arg = a };
	loop_defer(a->loop, &a->death);
}

static void
ask_over(struct ask *a, enum answer answer, int num)
{
	ask_cancel(a);
	a->opt.done(a->opt.arg, answer, num);
}

static unsigned
ask_want_answer(void *arg)
{
	(void)arg;
	return LOOP_IN;
}

/* Is there an answer? If so it is told. */
static bool
ask_heard(struct ask *a)
{
	char byte;

	if (recv(a->fd.num, &byte, 1, MSG_DONTWAIT) != -1)
		ask_over(a, ANSWER_OPEN, 0);
	else if (errno != EAGAIN && errno != EINTR)
		ask_over(a, ANSWER_REFUSED, errno);
	else
		return false;
	return true;
}

static void
ask_on_answer(void *arg, unsigned what)
{
	(void)what;
	(void)ask_heard(arg);
}

static void
ask_send_one(void *arg)
{
	struct ask *a = arg;
	int64_t now = loop_now(a->loop);

	/* What came while others had their turn still counts. */
	if (ask_heard(a))
		return;
	if (now >= a->end && a->pause > PAUSE) {
		ask_over(a, ANSWER_NONE, 0);
		return;
	}
	if (send(a->fd.num, &a->opt.byte, 1, MSG_DONTWAIT) == -1 &&
	    errno != EAGAIN && errno != EINTR && errno != ENOBUFS) {
		ask_over(a, ANSWER_REFUSED, errno);
		return;
	}
	/* After the last datagram there is only the answer to wait for. */
	timer_set(a->loop, &a->timer, ++a->sent == a->opt.probes ? a->end :
	    timer_earlier(a->end, now + a->pause));
	a->pause *= 2;
}

struct ask *
ask_start(struct loop *loop, struct fd *fd, const struct ask_options *opt)
{
	struct ask *a = calloc(1, sizeof(*a));

	if (a == NULL) {
		fd_close(fd);
		return NULL;
	}
	a->loop = loop;
	a->opt = *opt;
	a->fd = *fd;
	a->watch = (struct watch){ .fd = fd->num, .want = ask_want_answer,
	    .ready = ask_on_answer, .arg = a };
	a->timer = (struct timer){ .fire = ask_send_one, .arg = a };
	a->pause = PAUSE;
	if (loop_watch(loop, &a->watch) == -1) {
		fd_close(&a->fd);
		free(a);
		return NULL;
	}
	a->end = loop_now(loop) + opt->wait;
	/* The first one goes out in a turn: done() may be called then. */
	timer_set(loop, &a->timer, loop_now(loop));
	return a;
}
