/*
 * A server: clients that are served at once.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/server.h"

/* Descriptors that are kept free: starting a child needs some for a moment. */
#define SERVER_RESERVE	8
/* The waiting room gets this part of the descriptors at most. */
#define SERVER_SHARE	16

/* The shortest pause between two reviews of the waiting room. */
#define SERVER_REVIEW	(20 * NSEC_PER_MSEC)
/*
 * The backlog is looked at so often while the waiting room is full. A client
 * may be there for up to two of these times before the server sees it, and
 * waits for PLACES_PATIENCE then; both together are less than two seconds.
 */
#define SERVER_LOOK	(NSEC_PER_SEC * 2 / 5)
/* The clients that are reported singly. */
#define SERVER_REPORT_MAX	100

/* ---- Who gives way ------------------------------------------------------ */

static struct conn *
server_conn_of(struct client_place *place)
{
	return (void *)((char *)place - offsetof(struct conn, place));
}

/* A client that waited for its place was idle through no fault of its own. */
static bool
server_active(struct client_place *place, int64_t *when)
{
	const struct conn *c = server_conn_of(place);
	const struct fd *fd = conn_socket(c);
	int64_t idle = fd->num == -1 ? -1 : fd_idle(fd);

	if (idle == -1 || c->state == CONN_GIVEN_UP || c->state == CONN_CLOSED)
		return false;
	*when = conn_now(c) - idle;
	if (*when < c->started)
		*when = c->started;
	return true;
}

/*
 * Resets the client's connection; its conn then ends by itself. Returns whether
 * the place will be free.
 */
static bool
server_displace(struct server *s, struct client_place *place)
{
	const struct run *r = s->run;
	struct conn *c = server_conn_of(place);
	struct error err;

	if (conn_reset(c) == -1) {
		error_set(&err, errno, "reset", "client %u", c->number);
		(void)messages_failed(r->plan, &err);
		places_keep(&s->places, place);
		return false;
	}
	if (r->plan->verbose > 0)
		diag_warnx("client %u was idle, and gives way to another",
		    c->number);
	places_leave(&s->places, place);
	return true;
}

/* Whether the host of this client may have one more. */
static bool
server_host_may_come(struct server *s, const struct queued_client *w)
{
	const struct plan *plan = s->run->plan;
	struct client_place *place;
	char name[ADDR_HOST_MAX];
	bool may;

	if (plan->serve.per_host <= 0 || w->host == NULL ||
	    w->host->n + w->host->waiting < (unsigned)plan->serve.per_host)
		return true;
	place = places_choose_of(&s->places, w->host, loop_now(s->run->loop));
	/* The host stays known without its last client. */
	w->host->waiting++;
	may = place != NULL && server_displace(s, place);
	w->host->waiting--;
	if (!may && plan->verbose > 0)
		diag_warnx("%s has %d clients already: refused one more",
		    addr_host(&w->ends.peer, name, sizeof(name)),
		    plan->serve.per_host);
	return may;
}

/* ---- Clients ------------------------------------------------------------ */

/*
 * Without a waiting room, the backlog queues. A waiting room that is full is
 * one that clients of other hosts may be behind: if the backlog does not move
 * by itself, all of it is looked at.
 */
static void
server_watch_listener(struct server *s)
{
	unsigned accepted;
	bool full = s->n >= s->most;

	if (s->listener == NULL || s->run->plan->serve.turn_away)
		return;
	if (s->waiting.most > 0) {
		accepted = listener_accepted(s->listener);
		full = s->waiting.n >= s->waiting.most &&
		    (int)(s->look_to - accepted) <= 0;
		if (full && !timer_is_set(&s->look)) {
			s->due = accepted + listener_backlog(s->listener);
			/* If the backlog is empty, the next client is due. */
			if (s->due == accepted)
				s->due++;
			timer_set(s->run->loop, &s->look,
			    loop_now(s->run->loop) + SERVER_LOOK);
		}
	}
	listener_pause(s->listener, full);
}

static void
server_on_look(void *arg)
{
	struct server *s = arg;
	unsigned accepted = listener_accepted(s->listener);

	if ((int)(s->due - accepted) > 0)
		s->look_to = accepted + listener_backlog(s->listener);
	server_watch_listener(s);
}

static void
server_take_out(struct server *s, struct conn *c)
{
	TAILQ_REMOVE(&s->conns, c, link);
	s->n--;
	places_leave(&s->places, &c->place);
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
	else if (s->stopping)
		server_stop_if_empty(s);
	else if (s->waiting.n == 0)
		server_watch_listener(s);
	else	/* The descriptors of this client are not closed yet. */
		timer_set(s->run->loop, &s->review, loop_now(s->run->loop));
}

/* Serves a client whose host counts it already. */
static void
server_start(struct server *s, struct queued_client *w)
{
	const struct conn_start start = { .run = s->run,
	    .fd = w->fd.num < 0 ? NULL : &w->fd, .tls = &w->tls,
	    .peer = &w->ends.peer, .local = &w->ends.local,
	    .number = ++s->numbered, .over = server_on_over, .arg = s,
	    .common = s->common };
	int status = 0;
	struct conn *c = s->start(&start, &status);

	if (c == NULL) {
		places_remove(&s->places, w->host);
		if (s->once)
			run_stop(s->run, status);
		return;
	}
	TAILQ_INSERT_TAIL(&s->conns, c, link);
	s->n++;
	places_take(&s->places, &c->place, w->host, c->started, c->tcp);
	conn_wake(c);
}

static void
server_greet(const struct server *s, const struct queued_client *w)
{
	const struct run *r = s->run;

	if (w->tls == NULL)
		REPORT(r->plan, EVENT_ACCEPTED, .peer = &w->ends.peer,
		    .local = &w->ends.local);
	run_say_secured(r, w->tls, &(struct target){ .addr = &w->ends.peer });
}

static void
server_close(struct server *s, struct queued_client *w)
{
	client_hosts_settle(&s->places.hosts, w->host);
	if (w->tls != NULL)
		layer_close(w->tls);
	fd_close(&w->fd);
}

/* ---- The waiting room --------------------------------------------------- */

/* The client does not take a failure for an empty answer. */
static void
server_turn_out(struct server *s, struct queued_client *w)
{
	client_queue_remove(&s->waiting, w);
	if (w->promised) {
		places_remove(&s->places, w->host);
		w->host = NULL;
	}
	fd_reset(&w->fd);
	server_close(s, w);
	free(w);
}

static void
server_review(void *arg)
{
	struct server *s = arg;
	int64_t now = loop_now(s->run->loop), again = 0;
	struct queued_client *w, *next;
	struct client_place *place;

	while (s->n < s->most &&
	    (w = client_queue_next(&s->waiting)) != NULL) {
		client_queue_remove(&s->waiting, w);
		if (!w->promised)
			places_add(&s->places, w->host);
		server_greet(s, w);
		server_start(s, w);
		free(w);
	}
	/* Has another client give way to each, if the rule finds one. */
	for (w = TAILQ_FIRST(&s->waiting.all); w != NULL; w = next) {
		next = TAILQ_NEXT(w, link);
		if (w->promised || (place = places_choose(&s->places, w->host,
		    now, now - w->since, &again)) == NULL)
			continue;
		if (fd_has_failed(&w->fd))
			server_turn_out(s, w);
		else if (server_displace(s, place)) {
			client_queue_promise(&s->waiting, w);
			places_add(&s->places, w->host);
		}
	}
	if (again != 0)
		timer_set(s->run->loop, &s->review,
		    again < now + SERVER_REVIEW ? now + SERVER_REVIEW : again);
	s->run->others = s->n;
	server_watch_listener(s);
}

static void
server_let_wait(struct server *s, struct queued_client *w)
{
	struct queued_client *surplus, *c = malloc(sizeof(*c));
	char name[ADDR_HOST_MAX];

	if (c == NULL) {
		server_close(s, w);
		return;
	}
	*c = *w;
	client_queue_add(&s->waiting, c);
	surplus = client_queue_surplus(&s->waiting);
	if (surplus != NULL) {
		if (s->run->plan->verbose > 0)
			diag_warnx("%s has too many clients that wait: closed "
			    "the oldest", addr_host(&surplus->ends.peer, name,
			    sizeof(name)));
		server_turn_out(s, surplus);
	}
	server_review(s);
}

static void
server_on_interrupt(void *arg)
{
	server_stop(arg, false);
}

/* Prints a line about each of the clients, for SIGUSR1. */
static void
server_report(void *arg)
{
	const struct server *s = arg;
	const struct conn *c;
	unsigned n = 0;

	TAILQ_FOREACH(c, &s->conns, link) {
		const struct fd *fd = conn_socket(c);
		char name[ENDPOINT_NAME_MAX], bytes[80];
		struct outcome o = { .sent = 0 };
		struct addr peer;

		if (++n > SERVER_REPORT_MAX) {
			diag_warnx("... and %u more", s->n - n + 1);
			break;
		}
		(void)snprintf(name, sizeof(name), "client %u", c->number);
		if (c->ep.name != NULL)
			(void)strlcpy(name, c->ep.name, sizeof(name));
		else if (addr_peer(&peer, fd->num) == 0)
			run_peer_name(s->run->plan, NULL, &peer, name,
			    sizeof(name));
		*bytes = '\0';
		if (c->ops->count != NULL && c->ops->count(c, &o))
			(void)snprintf(bytes, sizeof(bytes), "; sent %" PRIu64
			    " bytes, received %" PRIu64, o.sent, o.received);
		diag_warnx("%s: %.1f seconds so far%s", name,
		    (double)(conn_now(c) - c->started) / NSEC_PER_SEC, bytes);
	}
	if (s->run->others == 0 && !s->run->in_session)
		diag_warnx("no active connection");
}

/* ---- For callers -------------------------------------------------------- */

void
server_init(struct server *s, struct run *run, unsigned each, bool once)
{
	const struct plan_serve *plan = &run->plan->serve;
	bool stream = run->plan->type == TYPE_STREAM;
	size_t most = once || plan->max_conns < 0 ? 1 :
	    (size_t)plan->max_conns;
	/* Clients that wait for others to give way are known by their hosts. */
	size_t waiting = most > 1 && plan->per_host != 0 && stream &&
	    !plan->turn_away && !run->is_unix ? SERVER_WAITING : 0;
	size_t wanted = most * each + SERVER_RESERVE + waiting;
	size_t room = fd_room(wanted);
	bool is_short = room < wanted;

	room = room > SERVER_RESERVE ? room - SERVER_RESERVE : 0;
	if (is_short && waiting > room / SERVER_SHARE)
		waiting = room / SERVER_SHARE;
	room = (room - waiting) / each;
	/* A first client is tried even if no descriptor seems to be left. */
	if (room == 0)
		room = 1;
	*s = (struct server){ .run = run, .once = once,
	    .most = (unsigned)(most <= room ? most : room),
	    .counts = plan->per_host != 0 && stream,
	    .review = { .fire = server_review, .arg = s },
	    .look = { .fire = server_on_look, .arg = s } };
	TAILQ_INIT(&s->conns);
	places_init(&s->places, s->most, server_active);
	client_queue_init(&s->waiting, (unsigned)waiting);
	run->interrupt = (struct run_hook){ server_on_interrupt, s };
	run->report_others = (struct run_hook){ server_report, s };
}

void
server_serve(struct server *s, const struct addr *peer,
    const struct addr *local)
{
	server_start(s, &(struct queued_client){ .fd.num = -1,
	    .ends = { *peer, *local } });
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
	struct queued_client w = { .fd = *fd, .tls = tls,
	    .ends = { *peer, *local }, .since = loop_now(r->loop),
	    .host = s->counts ? client_hosts_find(&s->places.hosts, peer) :
	    NULL };
	bool full = s->n >= s->most, may = server_host_may_come(s, &w);

	if (may && s->waiting.most > 0 && (full || s->waiting.n > 0)) {
		server_let_wait(s, &w);
		return;
	}
	server_greet(s, &w);
	if (full || !may) {
		server_close(s, &w);
		if (full)
			REPORT(r->plan, EVENT_FULL);
		return;
	}
	places_add(&s->places, w.host);
	server_start(s, &w);
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
	struct queued_client *w;

	s->stopping = true;
	timer_clear(s->run->loop, &s->review);
	timer_clear(s->run->loop, &s->look);
	while ((w = TAILQ_FIRST(&s->waiting.all)) != NULL)
		server_turn_out(s, w);
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
	if (now)
		places_free(&s->places);
}
