/*
 * poll(2), where there is nothing better.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/poller.h"

#ifndef POLLRDHUP
#define POLLRDHUP	0	/* the end is told as something to read */
#endif

struct poll_state {
	struct pollfd	*set;
	uint32_t	*gen;		/* beside set */
	int		*place;		/* by descriptor: index + 1 */
	int		 n, cap, nplaces;
	int		 next;		/* where the next look begins */
};

static void *
poll_open(void)
{
	return calloc(1, sizeof(struct poll_state));
}

static void
poll_shut(void *state)
{
	struct poll_state *s = state;

	free(s->set);
	free(s->gen);
	free(s->place);
	free(s);
}

static int
poll_set_grow_set(struct poll_state *s)
{
	int cap = s->cap == 0 ? 16 : s->cap * 2;
	struct pollfd *set;
	uint32_t *gen;

	set = reallocarray(s->set, (size_t)cap, sizeof(*set));
	if (set == NULL)
		return -1;
	s->set = set;
	gen = reallocarray(s->gen, (size_t)cap, sizeof(*gen));
	if (gen == NULL)
		return -1;
	s->gen = gen;
	s->cap = cap;
	return 0;
}

static int
poll_set_grow_places(struct poll_state *s, int fd)
{
	int n = fd + 16;
	int *place = reallocarray(s->place, (size_t)n, sizeof(*place));

	if (place == NULL)
		return -1;
	memset(place + s->nplaces, 0,
	    (size_t)(n - s->nplaces) * sizeof(*place));
	s->place = place;
	s->nplaces = n;
	return 0;
}

/* The last one takes the place of the one that leaves. */
static void
poll_set_drop(struct poll_state *s, int fd)
{
	int i = s->place[fd] - 1, last = --s->n;

	s->place[fd] = 0;
	if (i == last)
		return;
	s->set[i] = s->set[last];
	s->gen[i] = s->gen[last];
	s->place[s->set[i].fd] = i + 1;
}

static int
poll_set(void *state, int fd, uint32_t gen, unsigned was, unsigned want)
{
	struct poll_state *s = state;
	int i;

	if (want == 0) {
		poll_set_drop(s, fd);
		return 0;
	}
	if (was == 0) {
		if (fd >= s->nplaces && poll_set_grow_places(s, fd) == -1)
			return -1;
		if (s->n == s->cap && poll_set_grow_set(s) == -1)
			return -1;
		s->place[fd] = ++s->n;
	}
	i = s->place[fd] - 1;
	s->set[i].fd = fd;
	s->set[i].revents = 0;
	s->set[i].events = (short)((want & LOOP_IN ? POLLIN | POLLRDHUP : 0) |
	    (want & LOOP_OUT ? POLLOUT : 0));
	s->gen[i] = gen;
	return 0;
}

static unsigned
poll_set_translate(short events)
{
	const short broken = POLLHUP | POLLERR | POLLNVAL;
	unsigned what = 0;

	if (events & (POLLIN | broken))
		what |= LOOP_IN;
	if (events & (POLLOUT | broken))
		what |= LOOP_OUT;
	if (events & broken)
		what |= LOOP_ERR;
	if (events & (POLLRDHUP | broken))
		what |= LOOP_END;
	return what;
}

static int
poll_await(void *state, struct poller_event *out, int max, int64_t timeout)
{
	struct poll_state *s = state;
	int found = 0, i, k, n;

	n = poll(s->set, (nfds_t)s->n, poller_ms(timeout));
	if (n == -1)
		return -1;
	/* When more are ready than fit, the others are first next time. */
	for (k = 0; k < s->n && found < n && found < max; k++) {
		i = (s->next + k) % s->n;
		if (s->set[i].revents == 0)
			continue;
		out[found].fd = s->set[i].fd;
		out[found].gen = s->gen[i];
		out[found++].what = poll_set_translate(s->set[i].revents);
	}
	s->next = s->n > 0 ? (s->next + k) % s->n : 0;
	return found;
}

static const struct poller_ops ops = {
	"poll", false, poll_open, poll_shut, poll_set, poll_await
};

const struct poller_ops *
poller_poll(void)
{
	return &ops;
}
