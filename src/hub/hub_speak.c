/*
 * Who speaks in a room: whose turn it is, and whom it has to wait for.
 */
#include <errno.h>

#include "hub/hub_speak.h"

static void
hub_speak_touch(const struct half *h)
{
	if (h->owner != NULL)
		endpoint_touch(h->owner);
}

static bool
hub_speak_listens(const struct hub_member *m)
{
	return m->of != NULL && m->in != NULL && !m->in_over &&
	    !hub_is_told(m) && (!m->waits || m->of->n > 0);
}

bool
hub_wants_in(const void *user)
{
	const struct hub_member *m = user;

	return !m->in->ready && hub_speak_listens(m);
}

void
hub_queue(struct hub_member *m)
{
	if (m->queued || m->held || !hub_speak_listens(m) || !m->in->ready)
		return;
	m->queued = true;
	TAILQ_INSERT_TAIL(&m->of->turns, m, turn);
	hub_serve_later(m->of);
}

void
hub_unqueue(struct hub_member *m)
{
	if (m->queued)
		TAILQ_REMOVE(&m->of->turns, m, turn);
	if (m->held)
		TAILQ_REMOVE(&m->of->waiting, m, turn);
	m->queued = m->held = false;
}

/* Somebody has taken something: there may be room again. */
void
hub_release(struct hub *h)
{
	struct hub_member *m;

	while ((m = TAILQ_FIRST(&h->waiting)) != NULL) {
		hub_unqueue(m);
		hub_queue(m);
	}
}

/* How far it is behind, in the ring. */
static uint64_t
hub_speak_lag(const struct hub_member *m)
{
	return m->of->ring.next - (m->reader.at - m->reader.left);
}

void
hub_note_lag(struct hub_member *m)
{
	struct hub *h = m->of;

	if (hub_speak_lag(m) <= h->opt.ring / 2)
		m->behind = 0;
	else if (m->behind == 0)
		m->behind = loop_now(h->loop);
}

static bool
hub_speak_is_waited_for(const struct hub_member *m, int64_t now)
{
	return m->behind == 0 || now < m->behind + HUB_GRACE;
}

struct pace {
	uint64_t	slowest;	/* of those that are waited for */
	uint64_t	foremost, near;	/* of clients; of one that stays; but
					   not of the one that speaks */
	int64_t		until;		/* one of them is waited for; 0 */
};

static void
hub_speak_look_at(const struct hub_member *m, bool speaks, int64_t now,
    struct pace *p)
{
	uint64_t behind = hub_speak_lag(m);

	if (hub_speak_is_waited_for(m, now)) {
		if (behind > p->slowest)
			p->slowest = behind;
		if (m->behind != 0 && (p->until == 0 ||
		    m->behind + HUB_GRACE < p->until))
			p->until = m->behind + HUB_GRACE;
	}
	if (speaks)
		return;
	if (m->stays)
		p->near = behind;
	else if (behind < p->foremost)
		p->foremost = behind;
}

/*
 * May this one say more? Once it had to wait, not before all are in the newer
 * half: so whoever is fast enough gets there now and then. It is waited for
 * itself, as long as anybody is, or its own words would push off what it has
 * not heard yet.
 */
static bool
hub_speak_has_room(struct hub *h, const struct hub_member *from)
{
	struct pace p = { .foremost = UINT64_MAX };
	const struct hub_member *m;
	int64_t now = loop_now(h->loop);
	/* Room is made by whole records, and one may be in the midst. */
	uint64_t most = from->waited ? h->opt.ring / 2 :
	    h->opt.ring - h->opt.burst - h->opt.record - FANOUT_HEAD;

	TAILQ_FOREACH(m, &h->members, link)
		if (m->reader.of != NULL)
			hub_speak_look_at(m, m == from, now, &p);
	if (p.foremost == UINT64_MAX)
		p.foremost = p.near;
	if (p.foremost > p.slowest)
		p.slowest = p.foremost;
	if (p.slowest <= most)
		return true;
	if (p.until != 0)
		timer_set(h->loop, &h->timer, p.until);
	return false;
}

static void
hub_speak_note_end(struct hub_member *m, int num)
{
	if (m->in_over)
		return;
	m->in_over = true;
	m->in->wants = NULL;
	hub_speak_touch(m->in);
	m->ended(m, num);
}

static void
hub_speak_read_once(struct hub_member *m)
{
	struct hub *h = m->of;
	struct iovec iov = { .iov_base = h->mem, .iov_len = h->opt.read };
	size_t n;
	enum io io = half_read(m->in, &iov, 1, &n);

	/* The rest of a record that is longer has gone. */
	if (io == IO_OK && n > iov.iov_len) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	if (io == IO_OK) {
		m->read += n;
		m->spoke = loop_now(h->loop);
		m->said(m, h->mem, n);
	} else if (io != IO_AGAIN)
		hub_speak_note_end(m, io == IO_FAIL ? errno : 0);
	if (m->of == NULL)
		return;
	hub_queue(m);
	if (!m->in->ready)
		hub_speak_touch(m->in);
}

/* The next one that is read, if it may. */
void
hub_take_turn(struct hub_member *m)
{
	struct hub *h = m->of;

	hub_unqueue(m);
	if (!hub_speak_listens(m) || !m->in->ready)
		return;
	if (!hub_speak_has_room(h, m)) {
		m->held = m->waited = true;
		TAILQ_INSERT_TAIL(&h->waiting, m, turn);
		return;
	}
	m->waited = false;
	hub_speak_read_once(m);
}
