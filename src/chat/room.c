/*
 * A room: its hub, the standard streams as a member, and its clients, each a
 * conn with a place in the hub.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"
#include "chat/room.h"
#include "chat/transcript.h"
#include "filter/filter.h"
#include "run/inputs.h"
#include "run/metrics.h"
#include "serve/server.h"

/* "10:32:01 " */
static void
room_stamp(char buf[HUB_STAMP_MAX])
{
	stamp_now(buf, HUB_STAMP_MAX, "%H:%M:%S ");
}

void
room_report_loss(struct room *room, size_t n)
{
	struct run *r = room->run;
	struct error err;

	if (n == 0)
		return;
	error_set(&err, errno, "pass on", "%zu byte%s", n, n == 1 ? "" : "s");
	r->status = messages_failed(r->plan, &err);
}

void
room_broadcast(struct room *room, struct hub_member *from, const void *bytes,
    size_t n, bool later)
{
	const struct plan *plan = room->run->plan;
	/* With one_way, the standard input alone is heard. */
	bool heard = !plan->hub_one_way ||
	    (!plan->no_stdin && (from == NULL || from == &room->near));

	if (n > 0 && heard && !(later ? hub_announce : hub_broadcast)(
	    &room->hub, from, bytes, n))
		room_report_loss(room, n);
}

/* ---- The standard streams ----------------------------------------------- */

/* n 0: the end of the input. */
static void
room_on_near_received(struct hub_member *h, const unsigned char *in, size_t n)
{
	struct room *room = h->arg;
	struct iovec iov[2];
	int cnt;

	if (room->up == NULL) {
		room->kind->received(room, NULL, in, n);
		return;
	}
	if (ring_space(&room->scratch, iov, 1) == -1) {
		room_report_loss(room, n);
		return;
	}
	room->up->ops->push(room->up, in, n, n == 0, &room->scratch);
	cnt = ring_data(&room->scratch, iov, SIZE_MAX);
	for (int i = 0; i < cnt; i++)
		room->kind->received(room, NULL, iov[i].iov_base,
		    iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	ring_release(&room->scratch);
}

static void
room_report_errno(struct room *room, int num, const char *op, const char *name)
{
	struct error err;

	if (num == 0)
		return;
	error_set(&err, num, op, "%s", name);
	room->run->status = messages_failed(room->run->plan, &err);
}

static void
room_on_near_input_ended(struct hub_member *h, int num)
{
	struct room *room = h->arg;
	struct run *r = room->run;

	room_report_errno(room, num, "read from", r->near.in.name);
	if (r->inputs != NULL && r->inputs->err.num != 0)
		r->status = messages_failed(r->plan, &r->inputs->err);
	if (room->up != NULL)
		room_on_near_received(h, NULL, 0);
	room->kind->received(room, NULL, NULL, 0);
	if (r->plan->end.near_eof == NEAR_CLOSE)
		room_end(room);
}

/* Reported once: the room goes on without a standard output. */
static void
room_on_near_output_ended(struct hub_member *h, int num)
{
	struct room *room = h->arg;

	room_report_errno(room, num, "write to", room->run->near.out.name);
	loop_post(room->run->loop, &room->review);
}

static void
room_report_missed(struct room *room, uint64_t n)
{
	diag_warnx("standard output was too slow (%" PRIu64 " bytes lost)",
	    n);
	if (room->kind->operator_missed != NULL)
		room->kind->operator_missed(room, n);
}

static void
room_on_near_missed(struct hub_member *h, uint64_t n)
{
	struct room *room = h->arg;

	room->run->status = 1;
	room_report_missed(room, n);
}

static void
room_on_review(void *arg)
{
	struct room *room = arg;

	if (room->ending && TAILQ_EMPTY(&room->members) &&
	    (room->near.hearing == HUB_DEAF || hub_has_all(&room->near)))
		loop_stop(room->run->loop);
}

static void
room_on_near_ready(void *arg)
{
	struct room *room = arg;

	hub_wake(&room->near);
	room_on_review(room);
}

/* ---- The room ----------------------------------------------------------- */

static void
room_on_end_timer(void *arg)
{
	const struct room *room = arg;

	loop_stop(room->run->loop);
}

int
room_open(struct room *room, struct run *r)
{
	static const struct room_kind *const kinds[] = {
		[HUB_BROKER] = &room_broker, [HUB_TALK] = &room_group_chat,
		[HUB_NCAT] = &room_ncat
	};
	const struct room_kind *kind = kinds[r->plan->hub];
	const struct hub_options opt = { .ring = HUB_RING,
	    .read = kind->read, .burst = kind->burst,
	    .record = kind->record };
	struct error err;

	memset(room, 0, sizeof(*room));
	room->run = r;
	room->kind = kind;
	TAILQ_INIT(&room->members);
	hub_init(&room->hub, r->loop, &opt);
	ring_init(&room->scratch, kind->scratch);
	room->timer = (struct timer){ .fire = room_on_end_timer, .arg = room };
	room->review = (struct task){ .run = room_on_review, .arg = room };
	if (kind->open != NULL)
		return kind->open(room);
	if (!r->plan->crlf || (room->up = filter_crlf()) != NULL)
		return 0;
	error_set(&err, ENOMEM, "prepare", "filters");
	return messages_failed(r->plan, &err);
}

void
room_start(struct room *room, struct server *server)
{
	struct run *r = room->run;
	struct hub_member *h = &room->near;

	room->server = server;
	server->kept = true;
	r->interrupt = (struct run_hook){ room_end, room };
	*h = (struct hub_member){ .stays = true, .id = UINT32_MAX,
	    .waits = room->kind->waits, .received = room_on_near_received,
	    .input_ended = room_on_near_input_ended,
	    .output_ended = room_on_near_output_ended,
	    .missed = room_on_near_missed, .arg = room };
	if (r->near.in.top != NULL)
		h->in = &r->near.in;
	if (r->near.out.top != NULL)
		h->out = &r->near.out;
	if (room->kind == &room_group_chat && r->plan->timestamps)
		h->stamp = room_stamp;
	if (h->in == NULL && h->out == NULL)
		return;
	r->near.notify = room_on_near_ready;
	r->near.user = room;
	hub_add(&room->hub, h);
	hub_join(h);
	endpoint_touch(&r->near);
}

void
room_close(struct room *room)
{
	struct run *r = room->run;
	uint64_t lost = room->near.lost;

	if (r == NULL)
		return;
	hub_remove(&room->near);
	r->near.notify = NULL;
	/* Bytes missed before this call have been reported. */
	if (room->near.lost > lost && room->near.out != NULL)
		room_report_missed(room, room->near.lost - lost);
	if (room->kind->close != NULL)
		room->kind->close(room);
	timer_clear(r->loop, &room->timer);
	loop_unpost(r->loop, &room->review);
	filter_free(room->up);
	ring_free(&room->scratch);
	hub_free(&room->hub);
}

void
room_end(void *arg)
{
	struct room *room = arg;
	struct run *r = room->run;

	if (room->ending)
		return;
	room->ending = true;
	hub_silence(&room->near);
	hub_flush(&room->hub);
	timer_set(r->loop, &room->timer, loop_now(r->loop) + DRAIN_TIME);
	loop_post(r->loop, &room->review);
	server_stop(room->server, false);
}

/* ---- Members ------------------------------------------------------------ */

static struct member *
member_of(const struct conn *c)
{
	return (struct member *)(uintptr_t)c;
}

const struct addr *
member_peer(const struct member *m, struct addr *to)
{
	to->len = m->peer_len;
	memcpy(&to->u, &m->peer, m->peer_len);
	return to;
}

/* The member is no longer in. */
static void
member_go_out(struct member *m)
{
	if (m->in)
		m->room->nin--;
	m->in = false;
}

static void
member_dispose(struct conn *c)
{
	struct member *m = member_of(c);
	struct room *room = m->room;

	hub_remove(&m->hub);
	member_go_out(m);
	if (room->kind->gone != NULL)
		room->kind->gone(m);
	TAILQ_REMOVE(&room->members, m, link);
	loop_post(c->run->loop, &room->review);
}

static bool
member_count(const struct conn *c, struct outcome *o)
{
	const struct member *m = (const struct member *)c;

	o->sent = m->hub.written;
	o->received = m->hub.read;
	return true;
}

static void
member_settle(struct conn *c, struct outcome *o)
{
	struct member *m = member_of(c);

	hub_remove(&m->hub);
	o->lost_out += m->hub.lost;
}

static int
member_report(struct conn *c, struct outcome *o)
{
	const struct run *r = c->run;

	if (!member_of(c)->room->kind->reports_end)
		return conn_report_end(c, o);
	metrics_over(c->run, c, o);
	return errclass_is(c->read_errno, ERRCLASS_SHORT) ?
	    messages_failed(r->plan, &o->far_read) : 0;
}

/* ---- Dates -------------------------------------------------------------- */

static int64_t
member_silent_since(const struct conn *c)
{
	const struct member *m = member_of(c);
	const struct hub_member *h = &m->hub;
	bool speech = m->room->kind->listening_is_idle;

	if (speech && !m->in)
		return c->started;
	/* The member has sent bytes not read yet. */
	if (!h->mute && c->ep.in.ready && !hub_has_text(h))
		return conn_now(&m->conn);
	return speech || h->read_at > h->written_at ? h->read_at :
	    h->written_at;
}

static int64_t
member_taken_at(const struct conn *c)
{
	return member_of(c)->hub.written_at;
}

/*
 * The deadline of the password, or when a password is judged; 0: given already,
 * or none is needed.
 */
static int64_t
member_door_until(const struct member *m)
{
	return m->in || !m->room->kind->listening_is_idle ? 0 :
	    m->judge_at != 0 ? m->judge_at :
	    m->conn.started + ROOM_DOOR_TIME;
}

/* When a begun line counts as ended; 0: no line has begun. */
static int64_t
member_pause_at(const struct member *m)
{
	if (m->line_begun == 0 || m->judge_at != 0)
		return 0;
	/* The rest of the line may be there, and wait to be read. */
	if (m->conn.ep.in.ready)
		return conn_now(&m->conn) + TEXT_PAUSE;
	return timer_earlier(m->hub.read_at + TEXT_PAUSE,
	    m->line_begun + TEXT_PATIENCE);
}

static int64_t
member_date(const struct conn *c)
{
	const struct member *m = member_of(c);

	return c->state != CONN_SERVING ? 0 :
	    timer_earlier(member_pause_at(m), member_door_until(m));
}

/* ---- The end ------------------------------------------------------------ */

static void
member_review(struct conn *c)
{
	struct member *m = member_of(c);
	struct fd *fd = &c->ep.in_bottom.fd;
	int64_t door = member_door_until(m), pause = member_pause_at(m);

	if (c->state == CONN_SERVING && door != 0 && conn_now(c) >= door) {
		if (m->judge_at != 0)
			m->room->kind->judge(m);
		else
			conn_leave(c, SESSION_IDLE);
	} else if (c->state == CONN_SERVING && pause != 0 &&
	    conn_now(c) >= pause) {
		m->line_begun = 0;
		m->room->kind->paused(m);
	}
	if (c->state >= CONN_LINGERING || !m->hub.mute ||
	    m->hub.hearing != HUB_DEAF)
		return;
	/* Both ways are over: waits until the sent bytes have arrived. */
	if (!c->slow && c->read_errno == 0 && c->write_errno == 0) {
		conn_linger(c, false);
		return;
	}
	c->unacked = c->tcp && !c->slow ? conn_lacks(c, fd_unacked(fd)) : 0;
	conn_close(c);
}

static void
member_leave(struct conn *c)
{
	struct member *m = member_of(c);
	char buf[128];

	if (c->cause != SESSION_EOF || !m->in)
		c->leave_at = conn_now(&m->conn) + DRAIN_TIME;
	/* Time to take the last text counts from now. */
	m->hub.written_at = conn_now(&m->conn);
	/* What the others are told from here on is not due. */
	hub_finish(&m->hub, NULL);
	if (m->room->kind->leaving != NULL)
		hub_part(&m->hub, m->room->kind->leaving(m, buf, sizeof(buf)));
	member_go_out(m);
}

static void
member_give_up(struct conn *c)
{
	c->write_errno = ETIMEDOUT;
	hub_remove(&member_of(c)->hub);
}

static const struct conn_ops member_ops = {
	.silent_since = member_silent_since,
	.taken_at = member_taken_at,
	.date = member_date,
	.review = member_review,
	.leave = member_leave,
	.give_up = member_give_up,
	.count = member_count,
	.settle = member_settle,
	.report = member_report,
	.dispose = member_dispose,
	.always_reports = true
};

/* ---- Calls of the hub --------------------------------------------------- */

static void
member_on_received(struct hub_member *h, const unsigned char *in, size_t n)
{
	struct member *m = h->arg;
	bool ended = n > 0 && in[n - 1] == '\n';

	m->room->kind->received(m->room, m, in, n);
	if (m->room->kind->paused == NULL)
		return;
	if (ended)
		m->line_begun = m->in && !m->announced ?
		    conn_now(&m->conn) : 0;
	else if (m->line_begun == 0)
		m->line_begun = conn_now(&m->conn);
	conn_arm(&m->conn);
}

static void
member_on_input_ended(struct hub_member *h, int num)
{
	struct member *m = h->arg;

	m->conn.read_errno = (int16_t)num;
	m->room->kind->received(m->room, m, NULL, 0);
	conn_leave(&m->conn, SESSION_EOF);
	conn_review_later(&m->conn);
}

/* A member without an output may still have something to send. */
static void
member_on_output_ended(struct hub_member *h, int num)
{
	struct member *m = h->arg;

	if (num != ENOBUFS)
		m->conn.write_errno = num;
	else if (m->conn.state == CONN_SERVING) {
		m->conn.slow = true;
		conn_leave(&m->conn, SESSION_EOF);
	}
	conn_review_later(&m->conn);
}

static void
member_on_ready(void *arg)
{
	hub_wake(&((struct member *)arg)->hub);
}

void
room_admit(struct member *m)
{
	m->in = true;
	m->room->nin++;
	hub_join(&m->hub);
	hub_wake(&m->room->near);
	conn_arm(&m->conn);
}

struct conn *
conn_member(const struct conn_start *start, int *status)
{
	struct room *room = start->common;
	struct member *m = conn_new(sizeof(*m), &member_ops, start);
	const struct addr *peer = start->peer;
	socklen_t len = peer->len;
	struct conn *c;

	if (m == NULL)
		return conn_fail(NULL, start, status);
	c = &m->conn;
	m->room = room;
	TAILQ_INSERT_TAIL(&room->members, m, link);
	if (conn_open(c, start, true, true) == -1)
		return conn_fail(c, start, status);
	if (len > sizeof(m->peer) || addr_family(peer) == AF_UNIX)
		len = offsetof(struct sockaddr, sa_data);
	m->peer_len = peer->len < len ? peer->len : len;
	memcpy(&m->peer, &peer->u, m->peer_len);
	m->hub = (struct hub_member){ .in = &c->ep.in, .out = &c->ep.out,
	    .id = c->number, .received = member_on_received,
	    .input_ended = member_on_input_ended,
	    .output_ended = member_on_output_ended, .arg = m };
	c->ep.notify = member_on_ready;
	c->ep.user = m;
	hub_add(&room->hub, &m->hub);
	conn_begin(c, start);
	room->kind->arrived(m);
	endpoint_touch(&c->ep);
	return c;
}
