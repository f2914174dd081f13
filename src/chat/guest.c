/*
 * A client of a room, from its coming to its end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/errclass.h"
#include "base/num.h"
#include "base/text.h"
#include "chat/room.h"
#include "net/socket.h"
#include "run/metrics.h"
#include "run/stages.h"

/* Whoever leaves by itself and takes nothing any more is let go. */
#define STALL	(20 * NSEC_PER_SEC)
/* Whoever has not said the password by then. */
#define AT_THE_DOOR	(10 * NSEC_PER_SEC)

static struct loop *
guest_loop_of(const struct guest *g)
{
	return g->conn.run->loop;
}

static void
guest_review_later(struct guest *g)
{
	loop_post(guest_loop_of(g), &g->review);
}

static void
guest_dispose(struct guest *g)
{
	struct room *room = g->room;

	timer_clear(guest_loop_of(g), &g->timer);
	loop_unpost(guest_loop_of(g), &g->review);
	hub_remove(&g->member);
	endpoint_close(&g->ep);
	if (room->kind->free_guest != NULL)
		room->kind->free_guest(g);
	TAILQ_REMOVE(&room->guests, g, link);
	loop_post(room->run->loop, &room->review);
	free(g);
}

static enum session_end
guest_cause_of(const struct guest *g)
{
	switch (g->part) {
	case PART_IDLE:
		return SESSION_IDLE;
	case PART_TIME:
		return SESSION_TOTAL;
	case PART_CLOSED:
		return SESSION_INTERRUPTED;
	default:
		return SESSION_EOF;
	}
}

static void
guest_blame_read(const struct guest *g, struct error *err)
{
	if (g->read_errno != 0)
		error_set(err, g->read_errno, "read from", "%s", g->ep.name);
}

static void
guest_outcome_of(const struct guest *g, struct outcome *o)
{
	const struct run *r = g->conn.run;

	*o = (struct outcome){ .cause = guest_cause_of(g),
	    .sent = g->member.written, .received = g->member.read,
	    .lost_out = g->member.lost + g->unacked,
	    .idle = r->plan->end.idle,
	    .elapsed = loop_now(r->loop) - g->started };
	guest_blame_read(g, &o->far_read);
	if (g->write_errno != 0)
		error_set(&o->far_write, g->write_errno, "write to", "%s",
		    g->ep.name);
}

/* In a talk, its going was told to everybody; what it sent was not. */
static int
guest_say_end(const struct guest *g)
{
	const struct run *r = g->conn.run;
	struct outcome o;

	guest_outcome_of(g, &o);
	if (g->room->kind->tells_end)
		return errclass_is(g->read_errno, ERRCLASS_SHORT) ?
		    r->messages->failed(r->plan, &o.far_read) : 0;
	if (g->part == PART_SLOW) {
		r->messages->dropped(r->plan, g->ep.name, o.lost_out);
		o.lost_out = 0;
		o.far_write.num = 0;
	}
	return r->signo == 0 ? r->messages->ended(r->plan, &o) : 0;
}

static void
guest_finish(struct guest *g)
{
	struct conn *conn = &g->conn;
	struct outcome o;
	int status;

	hub_remove(&g->member);
	guest_outcome_of(g, &o);
	metrics_over(conn->run, g, &o);
	status = guest_say_end(g);
	conn->over(conn->arg, conn, status);
	guest_dispose(g);
}

static void
guest_on_lingered(void *arg, size_t lost)
{
	struct guest *g = arg;

	g->lingering = false;
	g->unacked = lost;
	guest_finish(g);
}

/* Both ways are over; what was sent is to arrive. */
static void
guest_take_leave(struct guest *g)
{
	struct fd *fd = &g->ep.in_bottom.fd;
	bool tcp = addr_is_inet(&g->peer);

	if (g->part == PART_SLOW || g->read_errno != 0 ||
	    g->write_errno != 0) {
		g->unacked = tcp && g->part != PART_SLOW ? fd_unacked(fd) : 0;
		guest_finish(g);
		return;
	}
	metrics_last(g->conn.run, g);
	g->lingering = true;
	g->linger.done = guest_on_lingered;
	g->linger.arg = g;
	loop_unwatch(guest_loop_of(g), &g->ep.in_watch);
	linger_start(&g->linger, guest_loop_of(g), fd, tcp);
	if (g->leave_at != 0)
		linger_until(&g->linger, g->leave_at);
	fd->num = -1;
}

static void
guest_on_review(void *arg)
{
	struct guest *g = arg;

	if (!g->lingering && g->member.mute && g->member.hearing == HUB_DEAF)
		guest_take_leave(g);
}

static int64_t
guest_silent_since(const struct guest *g)
{
	const struct hub_member *m = &g->member;

	/* It would speak if we listened. */
	if (!m->mute && g->ep.in.ready && !hub_has_text(m))
		return loop_now(guest_loop_of(g));
	if (g->room->kind->only_speech || m->read_at > m->written_at)
		return m->read_at;
	return m->written_at;
}

static int64_t
guest_idle_at(const struct guest *g)
{
	int64_t idle = g->conn.run->plan->end.idle;

	if (!g->in && g->room->kind->only_speech)
		return g->started + (idle < 0 || idle > AT_THE_DOOR ?
		    AT_THE_DOOR : idle);
	return idle < 0 ? 0 : guest_silent_since(g) + idle;
}

static int64_t
guest_total_at(const struct guest *g)
{
	int64_t total = g->conn.run->plan->end.total;

	return total < 0 ? 0 : g->started + total;
}

static int64_t
guest_stalled_at(const struct guest *g)
{
	return g->leave_at != 0 ? g->leave_at : g->member.written_at + STALL;
}

/* When a line that has begun counts as ended. */
static int64_t
guest_pause_at(const struct guest *g)
{
	if (g->line_begun == 0)
		return 0;
	/* The rest of the line may be there, and wait to be read. */
	if (g->ep.in.ready)
		return loop_now(guest_loop_of(g)) + TEXT_PAUSE;
	return timer_earlier(g->member.read_at + TEXT_PAUSE,
	    g->line_begun + TEXT_PATIENCE);
}

static void
guest_arm_timer(struct guest *g)
{
	int64_t when = g->part != PART_NOT_YET ? guest_stalled_at(g) :
	    timer_earlier(guest_pause_at(g), timer_earlier(guest_idle_at(g),
	    guest_total_at(g)));

	if (when == 0 || g->lingering)
		timer_clear(guest_loop_of(g), &g->timer);
	else
		timer_set(guest_loop_of(g), &g->timer, when);
}

static void
guest_on_timer(void *arg)
{
	struct guest *g = arg;
	int64_t now = loop_now(guest_loop_of(g));
	int64_t idle = guest_idle_at(g), total = guest_total_at(g),
	    paused = guest_pause_at(g);

	if (g->part != PART_NOT_YET) {
		if (now >= guest_stalled_at(g)) {
			g->write_errno = ETIMEDOUT;
			hub_remove(&g->member);
			guest_review_later(g);
			return;
		}
	} else if (total != 0 && now >= total)
		room_part(g, PART_TIME);
	else if (idle != 0 && now >= idle)
		room_part(g, PART_IDLE);
	else if (paused != 0 && now >= paused) {
		g->line_begun = 0;
		g->room->kind->paused(g);
	}
	guest_arm_timer(g);
}

void
room_part(struct guest *g, enum parting why)
{
	char buf[128];
	const char *bye;

	if (g->part != PART_NOT_YET)
		return;
	g->part = why;
	if (why == PART_IDLE || why == PART_TIME || why == PART_CLOSED ||
	    why == PART_REFUSED)
		g->leave_at = loop_now(guest_loop_of(g)) + LAST_WORDS;
	/* The last it is told takes as long as it takes from now. */
	g->member.written_at = loop_now(guest_loop_of(g));
	bye = g->room->kind->leaves(g, buf, sizeof(buf));
	hub_finish(&g->member, bye);
	g->in = false;
	guest_review_later(g);
	guest_arm_timer(g);
}

static void
guest_note_line(struct guest *g, bool ended)
{
	if (g->room->kind->paused == NULL)
		return;
	if (ended) {
		g->line_begun = 0;
		return;
	}
	if (g->line_begun == 0)
		g->line_begun = loop_now(guest_loop_of(g));
	guest_arm_timer(g);
}

static void
guest_on_said(struct hub_member *m, const unsigned char *in, size_t n)
{
	struct guest *g = m->arg;
	bool ended = n > 0 && in[n - 1] == '\n';

	g->room->kind->said(g, in, n);
	guest_note_line(g, ended);
}

static void
guest_on_ended(struct hub_member *m, int num)
{
	struct guest *g = m->arg;

	g->read_errno = num;
	g->room->kind->said(g, NULL, 0);
	room_part(g, g->in ? PART_LEFT : PART_REFUSED);
	guest_review_later(g);
}

/* One that takes no more may still have something to say. */
static void
guest_on_deaf(struct hub_member *m, int num)
{
	struct guest *g = m->arg;

	if (num == ENOBUFS)
		room_part(g, PART_SLOW);
	else
		g->write_errno = num;
	guest_review_later(g);
}

static void
guest_on_ready(void *arg)
{
	hub_wake(&((struct guest *)arg)->member);
}

static void
guest_stop(struct conn *conn, bool now)
{
	struct guest *g = (struct guest *)conn;

	if (now) {
		if (g->lingering)
			linger_abort(&g->linger);
		hub_remove(&g->member);
		if (conn->run->deadline.passed)
			(void)guest_say_end(g);
		guest_dispose(g);
		return;
	}
	room_part(g, PART_CLOSED);
	g->leave_at = loop_now(guest_loop_of(g)) + LAST_WORDS;
	if (g->lingering)
		linger_until(&g->linger, g->leave_at);
	guest_arm_timer(g);
}

static const struct conn_ops guest_ops = { .stop = guest_stop };

void
room_let_in(struct guest *g)
{
	struct room *room = g->room;

	g->in = true;
	hub_join(&g->member);
	hub_wake(&room->near);
	guest_arm_timer(g);
}

static struct guest *
guest_make(const struct conn_start *start)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct run *r = start->run;
	char name[ENDPOINT_NAME_MAX];

	if (g == NULL)
		return NULL;
	g->conn = (struct conn){ .run = r, .ops = &guest_ops,
	    .over = start->over, .arg = start->arg };
	g->room = start->common;
	g->started = loop_now(r->loop);
	g->peer = *start->peer;
	g->number = start->number;
	g->timer = (struct timer){ .fire = guest_on_timer, .arg = g };
	g->review = (struct task){ .run = guest_on_review, .arg = g };
	run_peer_name(r->plan, NULL, start->peer, name, sizeof(name));
	if (endpoint_socket(&g->ep, r->loop, start->fd, false, name) == 0) {
		if (socket_layers_up_flat(r, &g->ep) == 0)
			return g;
		g->ep.in_bottom.fd.num = -1;	/* the caller's */
		endpoint_close(&g->ep);
	}
	free(g);
	return NULL;
}

struct conn *
conn_guest(const struct conn_start *start, int *status)
{
	struct guest *g = guest_make(start);
	const struct run *r = start->run;
	struct error err;

	if (g == NULL) {
		error_set(&err, errno, "serve", "a client");
		fd_close(start->fd);
		*status = r->messages->failed(r->plan, &err);
		return NULL;
	}
	if (addr_is_inet(&g->peer))
		sockopt_nodelay(&r->plan->sock, start->fd);
	g->member = (struct hub_member){ .in = &g->ep.in, .out = &g->ep.out,
	    .id = g->number,
	    .received = guest_on_said, .input_ended = guest_on_ended,
	    .output_ended = guest_on_deaf, .arg = g };
	g->ep.notify = guest_on_ready;
	g->ep.user = g;
	metrics_start(start->run, g, start->fd, start->peer);
	hub_add(&g->room->hub, &g->member);
	g->room->kind->came(g);
	TAILQ_INSERT_TAIL(&g->room->guests, g, link);
	guest_arm_timer(g);
	endpoint_touch(&g->ep);
	return &g->conn;
}
