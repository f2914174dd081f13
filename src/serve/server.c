/*
 * A server: clients that are served at once.
 */
#include <stdlib.h>

#include "serve/server.h"

/* Descriptors that are kept free: starting a child needs some for a moment. */
#define SERVER_RESERVE	8

/* A client that has sent nothing for so long may have to give way. */
#define SERVER_SILENCE	(10 * NSEC_PER_SEC)
/* ... to other hosts, if its own has more than a quarter of a full house. */
#define SERVER_CROWDED	(20 * NSEC_PER_SEC)
/* The smallest house in which hosts may be said to have too much. */
#define SERVER_HOUSE	8

/* ---- Hosts -------------------------------------------------------------- */

static unsigned *
server_count_of(struct server *s, uint64_t host)
{
	return &s->hosts[host % SERVER_HOSTS];
}

static const struct fd *
server_socket_of(const struct conn *c)
{
	const struct fd *fd = c->ops->socket != NULL ? c->ops->socket(c) :
	    &c->ep.in_bottom.fd;

	return fd->num < 0 ? NULL : fd;
}

/*
 * The oldest client that has sent nothing, and taken nothing for so long: of
 * this host, or with 0 of any host with more than a quarter of the house. NULL:
 * none.
 */
static struct conn *
server_find_silent(struct server *s, uint64_t host, int64_t silence)
{
	int64_t now = loop_now(s->run->loop);
	const struct fd *fd;
	struct conn *c;

	TAILQ_FOREACH(c, &s->conns, link) {
		if (c->host == 0 || c->gives_way || c->state != CONN_SERVING ||
		    now - c->started < silence)
			continue;
		if (host != 0 ? c->host != host :
		    *server_count_of(s, c->host) <= s->most / 4)
			continue;
		fd = server_socket_of(c);
		if (fd != NULL && fd_silence(fd) >= silence)
			return c;
	}
	return NULL;
}

/* Resets the client's connection; its conn then ends by itself. */
static void
server_make_give_way(struct server *s, struct conn *c)
{
	c->gives_way = true;
	if (s->run->plan->verbose > 0)
		diag_warnx("client %u has sent nothing, and gives way to "
		    "another", c->number);
	fd_abort(server_socket_of(c));
}

/* Whether the host of this client may have one more. */
static bool
server_host_may_come(struct server *s, const struct addr *peer)
{
	const struct plan *plan = s->run->plan;
	uint64_t host = addr_host_hash(peer, s->seed);
	char name[ADDR_HOST_MAX];
	struct conn *c;

	if (plan->serve.per_host <= 0 || host == 0 ||
	    *server_count_of(s, host) < (unsigned)plan->serve.per_host)
		return true;
	c = server_find_silent(s, host, SERVER_SILENCE);
	if (c != NULL)
		server_make_give_way(s, c);
	else if (plan->verbose > 0)
		diag_warnx("%s has %d clients already: refused one more",
		    addr_host(peer, name, sizeof(name)), plan->serve.per_host);
	return c != NULL;
}

/*
 * The house is full. A room and the standard streams have clients that only
 * listen.
 */
static void
server_on_crowded(void *arg)
{
	struct server *s = arg;
	struct conn *c;

	if (s->n < s->most)
		return;
	while ((c = server_find_silent(s, 0, SERVER_CROWDED)) != NULL) {
		server_make_give_way(s, c);
		/* The next of the host may be the one too many no longer. */
		(*server_count_of(s, c->host))--;
		c->host = 0;
	}
	timer_set(s->run->loop, &s->crowded,
	    loop_now(s->run->loop) + SERVER_SILENCE);
}

static void
server_watch_crowd(struct server *s)
{
	const struct plan *plan = s->run->plan;

	if (plan->serve.per_host == SERVE_QUARTER && s->n >= s->most &&
	    s->most >= SERVER_HOUSE && !timer_is_set(&s->crowded) &&
	    plan->near != PLAN_HUB && plan->near != PLAN_STDIO)
		timer_set(s->run->loop, &s->crowded,
		    loop_now(s->run->loop) + SERVER_SILENCE);
}

/* ---- Clients ------------------------------------------------------------ */

static void
server_watch_listener(struct server *s)
{
	if (s->listener == NULL || s->run->plan->serve.turn_away)
		return;
	listener_pause(s->listener, s->n >= s->most);
	server_watch_crowd(s);
}

static void
server_take_out(struct server *s, struct conn *c)
{
	TAILQ_REMOVE(&s->conns, c, link);
	s->n--;
	if (c->host != 0)
		(*server_count_of(s, c->host))--;
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

	server_take_out(s, c);
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
	arc4random_buf(&s->seed, sizeof(s->seed));
	s->crowded = (struct timer){ .fire = server_on_crowded, .arg = s };
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
		c->host = peer == NULL ? 0 : addr_host_hash(peer, s->seed);
		if (c->host != 0)
			(*server_count_of(s, c->host))++;
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
	if (s->n >= s->most || !server_host_may_come(s, peer)) {
		if (tls != NULL)
			layer_close(tls);
		fd_close(fd);
		if (s->n >= s->most && r->messages->full != NULL)
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
	server_take_out(s, c);
	conn_stop(c, true);
}

void
server_stop(struct server *s, bool now)
{
	struct conn *c, *next;

	s->stopping = true;
	timer_clear(s->run->loop, &s->crowded);
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
