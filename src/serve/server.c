/*
 * A server of streams.
 */
#include <string.h>

#include "serve/server.h"

/* Descriptors that are kept free: what starting a child needs for a moment. */
#define SPARE	8

static bool
server_is_full(const struct server *s)
{
	return s->n >= s->most;
}

static void
server_wait_or_not(struct server *s)
{
	if (s->listener != NULL && !s->run->plan->serve.turn_away)
		listener_pause(s->listener, server_is_full(s));
}

/* They may share one session, which has its own last words. */
static void
server_stop_when_empty(const struct server *s)
{
	if (s->n == 0 && !s->run->in_session && !s->kept)
		loop_stop(s->run->loop);
}

/* Whatever stands in the way of one client is not the next one's. */
static void
server_on_over(void *arg, struct conn *c, int status)
{
	struct server *s = arg;

	TAILQ_REMOVE(&s->conns, c, link);
	s->run->others = --s->n;
	if (s->once)
		run_stop(s->run, status);
	else if (!s->stopping)
		server_wait_or_not(s);
	else
		server_stop_when_empty(s);
}

static void
server_on_interrupt(void *arg)
{
	server_stop(arg, false);
}

void
server_init(struct server *s, struct run *run, unsigned each, bool once)
{
	size_t most = once || run->plan->serve.max_conns < 0 ? 1 :
	    (size_t)run->plan->serve.max_conns;
	size_t room = fd_room(most * each + SPARE);

	memset(s, 0, sizeof(*s));
	s->run = run;
	s->once = once;
	TAILQ_INIT(&s->conns);
	room = room > SPARE ? (room - SPARE) / each : 0;
	/* One is tried even if nothing seems to be left for it. */
	s->most = (unsigned)(most <= room ? most : room == 0 ? 1 : room);
	run->interrupt = server_on_interrupt;
	run->interrupt_arg = s;
}

static void
server_take(struct server *s, struct fd *fd, const struct addr *peer,
    const struct addr *local)
{
	struct conn_start start = { .run = s->run, .fd = fd, .peer = peer,
	    .local = local, .number = ++s->numbered, .over = server_on_over,
	    .arg = s, .common = s->common };
	int status = 0;
	struct conn *c = s->start(&start, &status);

	if (c == NULL) {
		if (s->once)
			run_stop(s->run, status);
		return;
	}
	TAILQ_INSERT_TAIL(&s->conns, c, link);
	s->run->others = ++s->n;
}

void
server_admit(struct server *s, struct fd *fd, const struct addr *peer,
    const struct addr *local)
{
	const struct run *r = s->run;

	r->messages->accepted(r->plan, peer, local);
	if (server_is_full(s)) {
		fd_close(fd);
		if (r->messages->full != NULL)
			r->messages->full(r->plan);
		return;
	}
	server_take(s, fd, peer, local);
	server_wait_or_not(s);
}

void
server_stop(struct server *s, bool now)
{
	struct conn *c, *next;

	s->stopping = true;
	if (s->listener != NULL)
		listener_free(s->listener);
	s->listener = NULL;
	if (!now)
		server_stop_when_empty(s);
	for (c = TAILQ_FIRST(&s->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (now)
			TAILQ_REMOVE(&s->conns, c, link);
		conn_stop(c, now);
	}
}
