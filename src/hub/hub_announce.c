/*
 * The records of a room, and announcements: records that may come a little
 * later, many at once.
 */
#include "hub/hub.h"

static bool
hub_add_record(struct hub *h, struct hub_member *from, const void *bytes,
    size_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes,
	    .iov_len = n };

	return fanout_add(&h->ring, from != NULL ? &from->reader : NULL, &iov,
	    1, n) != -1;
}

static void
hub_give_all(struct hub *h)
{
	h->dirty = true;
	hub_serve_later(h);
}

bool
hub_broadcast(struct hub *h, struct hub_member *from, const void *bytes,
    size_t n)
{
	if (!hub_add_record(h, from, bytes, n))
		return false;
	hub_give_all(h);
	return true;
}

bool
hub_announce(struct hub *h, struct hub_member *from, const void *bytes,
    size_t n)
{
	uint64_t waiting;

	if (from != NULL && from->hearing == HUB_HEARS) {
		if (!hub_add_record(h, from, bytes, n))
			return false;
	} else {
		/* Become a single record, for a record costs each member. */
		if (h->ring.staged + n > h->opt.record)
			fanout_seal(&h->ring);
		if (fanout_stage(&h->ring, bytes, n) == -1)
			return false;
	}
	waiting = h->ring.next + h->ring.staged - h->given;
	if (h->n <= HUB_FEW || waiting > h->opt.ring / 8)
		hub_give_all(h);
	else if (!timer_is_set(&h->late))
		timer_set(h->loop, &h->late, loop_now(h->loop) +
		    h->n * HUB_ANNOUNCE);
	return true;
}

void
hub_flush(struct hub *h)
{
	if (h->ring.next + h->ring.staged > h->given)
		hub_give_all(h);
}
