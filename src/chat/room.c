/*
 * A room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "chat/room.h"
#include "run/inputs.h"
#include "serve/server.h"

/* "10:32:01 " */
static void
room_stamp(char buf[HUB_STAMP_MAX])
{
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(buf, HUB_STAMP_MAX, "%H:%M:%S ", &tm);
}

/* ---- The standard streams ---------------------------------------------- */

static void
room_on_near_said(struct hub_member *m, const unsigned char *in, size_t n)
{
	struct room *room = m->arg;

	room->kind->operator_said(room, in, n);
}

static void
room_say_errno(struct room *room, int num, const char *op, const char *name)
{
	struct error err;

	if (num == 0)
		return;
	error_set(&err, num, op, "%s", name);
	room->run->status = room->run->messages->failed(room->run->plan, &err);
}

static void
room_on_near_ended(struct hub_member *m, int num)
{
	struct room *room = m->arg;
	struct run *r = room->run;

	room_say_errno(room, num, "read from", r->near.in.name);
	if (r->inputs != NULL && r->inputs->err.num != 0)
		r->status = r->messages->failed(r->plan, &r->inputs->err);
	room->kind->operator_said(room, NULL, 0);
	if (r->plan->end.near_eof == NEAR_CLOSE)
		room_end(room);
}

/* Told once: the room goes on without a standard output. */
static void
room_on_output_failed(struct hub_member *m, int num)
{
	struct room *room = m->arg;

	room_say_errno(room, num, "write to", room->run->near.out.name);
	loop_post(room->run->loop, &room->review);
}

static void
room_on_near_fell(struct hub_member *m, uint64_t n)
{
	struct room *room = m->arg;

	room->run->status = 1;
	room->kind->operator_missed(room, n);
}

static void
room_look_at_end(struct room *room)
{
	if (room->ending && TAILQ_EMPTY(&room->guests) &&
	    (room->near.hearing == HUB_DEAF || hub_has_all(&room->near)))
		loop_stop(room->run->loop);
}

static void
room_on_near_ready(void *arg)
{
	struct room *room = arg;

	hub_wake(&room->near);
	room_look_at_end(room);
}

static void
room_on_review(void *arg)
{
	room_look_at_end(arg);
}

static void
room_on_end_timer(void *arg)
{
	struct room *room = arg;

	loop_stop(room->run->loop);
}

/* ---- The room ---------------------------------------------------------- */

static void
room_on_interrupt(void *arg)
{
	room_end(arg);
}

static const struct room_kind *
room_kind_of(const struct plan *plan)
{
	static const struct room_kind *const kinds[] = {
		[HUB_BROKER] = &room_broker, [HUB_TALK] = &room_talk,
		[HUB_NCAT] = &room_ncat
	};

	return kinds[plan->hub];
}

static int
room_open_plain(struct room *room)
{
	struct flow_options up = { 0 };

	ring_init(&room->scratch, 2 * room->kind->read + 1);
	if (room->run->plan->crlf && !run_stages(room->run->plan, &up))
		return -1;
	room->up = up.filter;
	return 0;
}

int
room_open(struct room *room, struct run *r)
{
	const struct room_kind *kind = room_kind_of(r->plan);
	struct hub_options opt = { .ring = HUB_RING,
	    .read = kind->read, .burst = kind->burst,
	    .record = kind->record };
	struct error err;

	memset(room, 0, sizeof(*room));
	room->run = r;
	room->kind = kind;
	TAILQ_INIT(&room->guests);
	hub_init(&room->hub, r->loop, &opt);
	room->timer = (struct timer){ .fire = room_on_end_timer, .arg = room };
	room->review = (struct task){ .run = room_on_review, .arg = room };
	if (kind == &room_talk)
		return talk_open(room);
	if (room_open_plain(room) == 0)
		return 0;
	error_set(&err, ENOMEM, "prepare", "filters");
	return r->messages->failed(r->plan, &err);
}

void
room_start(struct room *room, struct server *server)
{
	struct run *r = room->run;
	struct hub_member *m = &room->near;

	room->server = server;
	server->kept = true;
	r->interrupt = room_on_interrupt;
	r->interrupt_arg = room;
	*m = (struct hub_member){ .stays = true, .id = UINT32_MAX,
	    .waits = room->kind->waits, .received = room_on_near_said,
	    .input_ended = room_on_near_ended,
	    .output_ended = room_on_output_failed,
	    .missed = room_on_near_fell, .arg = room };
	if (r->near.in.top != NULL)
		m->in = &r->near.in;
	if (r->near.out.top != NULL)
		m->out = &r->near.out;
	if (room->kind == &room_talk && r->plan->chat.timestamps)
		m->stamp = room_stamp;
	if (m->in == NULL && m->out == NULL)
		return;
	r->near.notify = room_on_near_ready;
	r->near.user = room;
	hub_add(&room->hub, m);
	if (m->out != NULL)
		hub_join(m);
	endpoint_touch(&r->near);
}

void
room_close(struct room *room)
{
	struct run *r = room->run;
	uint64_t lost;

	if (r == NULL)
		return;
	lost = room->near.lost;
	hub_remove(&room->near);
	r->near.notify = NULL;
	/* What it missed in life was told. */
	if (room->near.lost > lost && room->near.out != NULL)
		room->kind->operator_missed(room, room->near.lost - lost);
	if (room->kind == &room_talk)
		talk_close(room);
	timer_clear(r->loop, &room->timer);
	loop_unpost(r->loop, &room->review);
	filter_free(room->up);
	ring_free(&room->scratch);
	hub_free(&room->hub);
}

void
room_end(struct room *room)
{
	struct run *r = room->run;

	if (room->ending)
		return;
	room->ending = true;
	hub_silence(&room->near);
	timer_set(r->loop, &room->timer, loop_now(r->loop) + LAST_WORDS);
	loop_post(r->loop, &room->review);
	server_stop(room->server, false);
}

/* from: NULL for an announcement. */
static bool
room_passes_on(const struct room *room, const struct hub_member *from)
{
	const struct plan *plan = room->run->plan;

	return !plan->hub_one_way ||
	    (!plan->no_stdin && (from == NULL || from == &room->near));
}

void
room_say(struct room *room, struct hub_member *from, const void *text,
    size_t n)
{
	if (n > 0 && room_passes_on(room, from) &&
	    !hub_broadcast(&room->hub, from, text, n))
		room_lost(room, n);
}

void
room_lost(struct room *room, size_t n)
{
	struct run *r = room->run;
	struct error err;

	if (n == 0)
		return;
	error_set(&err, errno, "pass on", "%zu byte%s", n, n == 1 ? "" : "s");
	r->status = r->messages->failed(r->plan, &err);
}
