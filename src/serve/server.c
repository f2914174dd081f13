/*
 * A server: clients that are served at once.
 */
#include <string.h>

#include "serve/server.h"

/* Descriptors that are kept free: starting a child needs some for a moment. */
#define SERVER_RESERVE	8

static bool
server_is_full(const struct server *s)
{
	return s->n >= s->most;
}

static void
server_watch_listener(struct server *s)
{
	if (s->listener != NULL && !s->run->plan->serve.turn_away)
		listener_pause(s->listener, server_is_full(s));
}

/* A session that all clients share has a drain time of its own. */
static void
server_stop_if_empty(const struct server *s)
{
	if (s->n == 0 && !s->run->in_session && !s->kept)
		loop_stop(s->run->loop);
}

void
server_remove(struct server *s, struct conn *c, int status)
{
	TAILQ_REMOVE(&s->conns, c, link);
	s->n--;
	if (s->once)
		run_stop(s->run, status);
	else if (!s->stopping)
		server_watch_listener(s);
	else
		server_stop_if_empty(s);
}

static void
server_on_over(void *arg, struct conn *c, int status)
{
	struct server *s = arg;

	server_remove(s, c, status);
	s->run->others = s->n;
}

static void
server_on_interrupt(void *arg)
{
	server_stop(arg, false);
}

/* How many clients there may be. */
static unsigned
server_most(const struct plan *plan, unsigned each, bool once)
{
	size_t most = once || plan->serve.max_conns < 0 ? 1 :
	    (size_t)plan->serve.max_conns;
	size_t room = fd_room(most * each + SERVER_RESERVE);

	room = room > SERVER_RESERVE ? (room - SERVER_RESERVE) / each : 0;
	/* A first client is tried even if no descriptor seems to be left. */
	return (unsigned)(most <= room ? most : room == 0 ? 1 : room);
}

void
server_init(struct server *s, struct run *run, unsigned each, bool once)
{
	memset(s, 0, sizeof(*s));
	s->run = run;
	s->once = once;
	s->most = server_most(run->plan, each, once);
	TAILQ_INIT(&s->conns);
	run->interrupt = server_on_interrupt;
	run->interrupt_arg = s;
}

void
server_add(struct server *s, struct conn *c, int status)
{
	if (c != NULL) {
		TAILQ_INSERT_TAIL(&s->conns, c, link);
		s->n++;
	} else if (s->once)
		run_stop(s->run, status);
}

void
server_admit(struct server *s, struct fd *fd, const struct addr *peer,
    const struct addr *local)
{
	const struct run *r = s->run;
	struct conn_start start = { .run = s->run, .fd = fd, .peer = peer,
	    .local = local, .over = server_on_over, .arg = s,
	    .common = s->common };
	struct conn *c;
	int status = 0;

	r->messages->accepted(r->plan, peer, local);
	if (server_is_full(s)) {
		fd_close(fd);
		if (r->messages->full != NULL)
			r->messages->full(r->plan);
		return;
	}
	start.number = ++s->numbered;
	c = s->start(&start, &status);
	server_add(s, c, status);
	s->run->others = s->n;
	server_watch_listener(s);
}

void
server_evict(struct server *s, struct conn *c)
{
	TAILQ_REMOVE(&s->conns, c, link);
	s->n--;
	conn_stop(c, true);
}

void
server_stop(struct server *s, bool now)
{
	struct conn *c, *next;

	s->stopping = true;
	listener_free(s->listener);
	s->listener = NULL;
	if (!now)
		server_stop_if_empty(s);
	for (c = TAILQ_FIRST(&s->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		if (now)
			server_evict(s, c);
		else
			conn_stop(c, false);
	}
}
