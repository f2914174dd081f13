/*
 * epoll(7), level-triggered. Edge-triggered gains nothing measurable and has
 * traps.
 */
#include <stddef.h>

#include "loop/loop.h"
#include "loop/poller.h"

#ifdef __linux__
#include <sys/epoll.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_EVENTS	64

struct epoll_state {
	int	fd;
};

static void *
epoll_open(void)
{
	struct epoll_state *s = malloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->fd == -1) {
		free(s);
		return NULL;
	}
	return s;
}

static void
epoll_shut(void *state)
{
	struct epoll_state *s = state;

	(void)close(s->fd);
	free(s);
}

static int
epoll_set(void *state, int fd, uint32_t gen, unsigned was, unsigned want)
{
	struct epoll_state *s = state;
	struct epoll_event ev = { .events = 0 };
	int op;

	/* Breakage (EPOLLERR, EPOLLHUP) is always told. */
	if (want & LOOP_IN)
		ev.events |= EPOLLIN | EPOLLRDHUP;
	if (want & LOOP_OUT)
		ev.events |= EPOLLOUT;
	ev.data.u64 = (uint64_t)gen << 32 | (uint32_t)fd;
	if (was == 0)
		op = EPOLL_CTL_ADD;
	else
		op = want == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
	return epoll_ctl(s->fd, op, fd, &ev);
}

static unsigned
epoll_translate(uint32_t events)
{
	unsigned what = 0;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		what |= LOOP_IN;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		what |= LOOP_OUT;
	if (events & (EPOLLHUP | EPOLLERR))
		what |= LOOP_ERR;
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		what |= LOOP_END;
	return what;
}

static int
epoll_await(void *state, struct poller_event *out, int max, int64_t timeout)
{
	struct epoll_state *s = state;
	struct epoll_event ev[MAX_EVENTS];
	int i, n;

	n = epoll_wait(s->fd, ev, max < MAX_EVENTS ? max : MAX_EVENTS,
	    poller_ms(timeout));
	for (i = 0; i < n; i++) {
		out[i].fd = (int)(uint32_t)ev[i].data.u64;
		out[i].gen = (uint32_t)(ev[i].data.u64 >> 32);
		out[i].what = epoll_translate(ev[i].events);
	}
	return n;
}

static const struct poller_ops ops = {
	"epoll", true, epoll_open, epoll_shut, epoll_set, epoll_await
};

const struct poller_ops *
poller_epoll(void)
{
	return &ops;
}
#else
const struct poller_ops *
poller_epoll(void)
{
	return NULL;
}
#endif
