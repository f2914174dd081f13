/*
 * The pace of a hub: who may send, and who is too far behind to be waited for.
 */
#include "hub/hub.h"

/*
 * Whether this member may send more; after being held, only when all listeners
 * are in the newer half of the ring, which a fast listener reaches at times.
 * The sender is waited for as a listener too, as long as any is, or its records
 * would push off the records not yet taken. The foremost other listener
 * is always waited for; a staying listener, only if there is no other.
 */
bool
hub_has_room(struct hub *h, const struct hub_member *from)
{
	uint64_t lag, foremost = UINT64_MAX, near = 0;
	int64_t grace, until = 0;
	const struct hub_member *m;
	bool room = true;
	/* Whole records make room; a reader may be within a record. */
	uint64_t most = from->was_held ? h->opt.ring / 2 :
	    h->opt.ring - h->opt.burst - h->opt.record - FANOUT_HEAD;

	if (fanout_span(&h->ring) <= most)
		return true;
	TAILQ_FOREACH(m, &h->members, link) {
		if (m->reader.of == NULL)
			continue;
		lag = fanout_lag(&m->reader);
		grace = m->behind_since == 0 ? 0 : m->behind_since + HUB_GRACE;
		if (grace == 0 || loop_now(h->loop) < grace) {
			room = room && lag <= most;
			until = timer_earlier(until, grace);
		}
		if (m != from && m->stays)
			near = lag;
		else if (m != from && lag < foremost)
			foremost = lag;
	}
	if (room && (foremost == UINT64_MAX ? near : foremost) <= most)
		return true;
	if (until != 0)
		timer_set(h->loop, &h->timer, until);
	return false;
}

void
hub_note_pace(struct hub_member *m)
{
	const struct hub *h = m->hub;

	if (m->reader.of == NULL || fanout_lag(&m->reader) <= h->opt.ring / 2)
		m->behind_since = 0;
	else if (m->behind_since == 0)
		m->behind_since = loop_now(h->loop);
}
