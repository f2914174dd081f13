/*
 * A broker of messages: what a client sends is passed on in whole frames, as
 * they stand on the wire, for all of them speak the same; the standard
 * streams are read and shown as when connecting.
 */
#include <errno.h>
#include <stdio.h>

#include "chat/room.h"
#include "pump/stage.h"
#include "run/stages.h"

#define READ	((size_t)32 << 10)
/* What a byte of the input may become: an empty line with its length. */
#define SWELLS	8

static void
frame_broker_came(struct guest *g)
{
	frame_whole_init(&g->frames, &g->room->rules);
	room_let_in(g);
}

/* What is whole of it is one record: nobody's frame is cut by another's. */
static void
frame_broker_pass_on(struct room *room, struct hub_member *from,
    struct frame_whole *w)
{
	const unsigned char *frames;
	size_t n = frame_whole_take(w, &frames);

	room_say(room, from, frames, n);
}

/* It is heard no more, and told of. */
static void
frame_broker_drop(struct guest *g, int num)
{
	g->read_errno = num;
	hub_silence(&g->member);
	room_part(g, PART_LEFT);
}

static void
frame_broker_said(struct guest *g, const unsigned char *in, size_t n)
{
	struct frame_whole *w = &g->frames;

	if (!frame_whole_add(w, in, n)) {
		frame_broker_drop(g, ENOMEM);
		return;
	}
	frame_broker_pass_on(g->room, &g->member, w);
	if (n == 0)
		frame_whole_end(w);
	if (frame_whole_fault(w) != NULL)
		frame_broker_drop(g, EBADMSG);
	/* Give back what is not needed. */
	else if (!frame_whole_add(w, NULL, 0))
		frame_broker_drop(g, ENOMEM);
}

static const char *
frame_broker_leaves(struct guest *g, char *buf, size_t size)
{
	(void)g, (void)buf, (void)size;
	return NULL;
}

static void
frame_broker_free_guest(struct guest *g)
{
	frame_whole_free(&g->frames);
}

/* ---- The standard streams ----------------------------------------------- */

static bool
frame_broker_take_made(struct room *room)
{
	struct iovec iov[2];
	int i, cnt = ring_data(&room->scratch, iov, SIZE_MAX);
	bool ok = true;

	for (i = 0; i < cnt; i++)
		ok &= frame_whole_add(&room->frames, iov[i].iov_base,
		    iov[i].iov_len);
	ring_take(&room->scratch, ring_used(&room->scratch));
	return ok;
}

static bool
frame_broker_make(struct room *room, const unsigned char *in, size_t n,
    bool last)
{
	struct iovec iov[2];

	if (ring_space(&room->scratch, iov, 1) == -1)
		return false;
	room->up->ops->push(room->up, in, n, last, &room->scratch);
	return frame_broker_take_made(room);
}

static void
frame_broker_operator_failed(struct room *room, const char *why)
{
	const struct run *r = room->run;
	struct error err;

	error_set(&err, why != NULL ? EBADMSG : ENOMEM, "read from", "%s",
	    r->near.in.name);
	if (why != NULL)
		(void)snprintf(err.why, sizeof(err.why), "%s", why);
	room->run->status = r->messages->failed(r->plan, &err);
	hub_silence(&room->near);
	frame_whole_free(&room->frames);
}

static void
frame_broker_operator_said(struct room *room, const unsigned char *in, size_t n)
{
	bool ok = frame_broker_make(room, in, n, n == 0);

	frame_broker_pass_on(room, &room->near, &room->frames);
	while (ok && filter_more(room->up)) {
		ok = frame_broker_make(room, NULL, 0, false);
		frame_broker_pass_on(room, &room->near, &room->frames);
	}
	ring_release(&room->scratch);
	if (!ok || filter_fault(room->up) != NULL)
		frame_broker_operator_failed(room, ok ? filter_fault(room->up) :
		    NULL);
}

/* It goes on with a frame, not within one. */
static void
frame_broker_operator_missed(struct room *room, uint64_t n)
{
	stage_restart(&room->run->near);
	room_broker.operator_missed(room, n);
}

const struct room_kind room_frames = {
	.read = READ,
	.waits = true,
	.came = frame_broker_came,
	.said = frame_broker_said,
	.leaves = frame_broker_leaves,
	.operator_said = frame_broker_operator_said,
	.operator_missed = frame_broker_operator_missed,
	.free_guest = frame_broker_free_guest
};

void
room_frames_size(const struct plan *plan, struct hub_options *opt)
{
	size_t most = (size_t)plan->frame.max + FRAME_EXTRA + SWELLS * READ;

	opt->record = most;
	opt->burst = most + FANOUT_HEAD;
	if (opt->ring < 2 * (opt->burst + opt->record + FANOUT_HEAD))
		opt->ring = 2 * (opt->burst + opt->record + FANOUT_HEAD);
}

int
room_frames_open(struct room *room)
{
	struct run *r = room->run;
	struct flow_options up = { 0 }, down = { 0 };

	room->rules = run_frame_rules(r->plan);
	frame_whole_init(&room->frames, &room->rules);
	if (!run_stages(r->plan, &up) || !run_stages_down(r->plan, &down)) {
		run_stages_free(&up, &down);
		return -1;
	}
	/* A room has no pauses. */
	gate_free(up.gate);
	gate_free(down.gate);
	room->up = up.filter;
	ring_init(&room->scratch, READ * room->up->ops->growth +
	    room->up->ops->tail);
	if (r->near.out.top != NULL)
		return stage_output(&r->near, down.filter);
	filter_free(down.filter);
	return 0;
}

void
room_frames_close(struct room *room)
{
	frame_whole_free(&room->frames);
}
