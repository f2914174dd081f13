/*
 * A room: its hub, and the standard streams as a member.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/num.h"
#include "chat/room.h"
#include "chat/transcript.h"
#include "filter/filter.h"
#include "run/inputs.h"
#include "serve/server.h"

/* "10:32:01 " */
static void
room_stamp(char buf[HUB_STAMP_MAX])
{
	transcript_time(buf, HUB_STAMP_MAX, "%H:%M:%S ");
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
