/*
 * A server: clients that are served at once.
 */
#include "serve/server.h"

/* Descriptors that are kept free: starting a child needs some for a moment. */
#define SERVER_RESERVE	8

static void
server_watch_listener(struct server *s)
{
	if (s->listener != NULL && !s->run->plan->serve.turn_away)
		listener_pause(s->listener, s->n >= s->most);
}

/* A session that all clients share has a drain time of its own. */
static void
server_stop_if_empty(const struct server *s)
{
	if (s->n == 0 && !s->run->in_session && !s->kept)
		loop_stop(s->run->loop);
}

static void
server_on_over(void *arg, struct conn *c, int status)
{
	struct server *s = arg;

	TAILQ_REMOVE(&s->conns, c, link);
	s->n--;
	/* Only the clients of server_admit are counted there. */
	if (s->run->others > 0)
		s->run->others--;
	if (s->once)
		run_stop(s->run, status);
	else if (!s->stopping)
		server_watch_listener(s);
	else
		server_stop_if_empty(s);
}

static void
server_on_interrupt(void *arg)
{
	server_stop(arg, false);
}

void
server_init(struct server *s, struct run *run, unsigned each, bool once)
{
	int max = run->plan->serve.max_conns;
	size_t most = once || max < 0 ? 1 : (size_t)max;
	size_t room = fd_room(most * each + SERVER_RESERVE);

	room = room > SERVER_RESERVE ? (room - SERVER_RESERVE) / each : 0;
	/* A first client is tried even if no descriptor seems to be left. */
	if (room == 0)
		room = 1;
	*s = (struct server){ .run = run, .once = once,
	    .most = (unsigned)(most <= room ? most : room) };
	TAILQ_INIT(&s->conns);
	run->interrupt = server_on_interrupt;
	run->interrupt_arg = s;
}

void
server_serve(struct server *s, struct fd *fd, struct layer *tls,
    const struct addr *peer, const struct addr *local)
{
	const struct conn_start start = { .run = s->run, .fd = fd,
	    .tls = &tls, .peer = peer, .local = local, .number = ++s->numbered,
	    .over = server_on_over, .arg = s, .common = s->common };
	int status = 0;
	struct conn *c = s->start(&start, &status);

	if (c != NULL) {
		TAILQ_INSERT_TAIL(&s->conns, c, link);
		s->n++;
		conn_wake(c);
	} else if (s->once)
		run_stop(s->run, status);
}

bool
server_is_full(const struct server *s)
{
	return s->n >= s->most && s->run->plan->serve.turn_away;
}

void
server_admit(struct server *s, struct fd *fd, struct layer *tls,
    const struct addr *peer, const struct addr *local)
{
	const struct run *r = s->run;

	if (tls == NULL)
		r->messages->accepted(r->plan, peer, local);
	run_say_secured(r, tls, &(struct target){ .addr = peer });
	if (s->n >= s->most) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		if (r->messages->full != NULL)
			r->messages->full(r->plan);
		return;
	}
	server_serve(s, fd, tls, peer, local);
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
