/*
 * Distributes the bytes of a write half to many write halves.
 */
#include <errno.h>
#include <string.h>

#include "endpoint/scatter.h"

static void
scatter_touch(const struct scatter_member *m)
{
	if (m->to->owner != NULL)
		endpoint_touch(m->to->owner);
}

/* After a change within a call: wakes the flow in a later task. */
static void
scatter_notify_later(struct scatter *s)
{
	loop_post(s->ep->loop, &s->again);
}

/* The member that gets the bytes: the oldest or the newest. */
static struct scatter_member *
scatter_chosen(const struct scatter *s)
{
	struct scatter_member *m;

	m = s->who == SCATTER_FIRST ? TAILQ_FIRST(&s->members) :
	    TAILQ_LAST(&s->members, scatter_members);
	while (m != NULL && m->finishing)
		m = s->who == SCATTER_FIRST ? TAILQ_NEXT(m, link) :
		    TAILQ_PREV(m, scatter_members, link);
	return m;
}

static uint64_t
scatter_missing(const struct scatter_member *m)
{
	if (m->finishing)
		return m->due;
	return m->reader.of != NULL ? fanout_missing(&m->reader) : 0;
}

static void
scatter_detach(struct scatter_member *m)
{
	struct scatter *s = m->of;

	m->lost += scatter_missing(m);
	fanout_leave(&m->reader);
	TAILQ_REMOVE(&s->members, m, link);
	m->of = NULL;
	m->to->wants = NULL;
	scatter_touch(m);
	scatter_notify_later(s);
}

static void
scatter_leave(struct scatter_member *m, int num)
{
	scatter_detach(m);
	m->over(m->arg, m, num);
}

/* Shuts a member after the last byte due, which may remove the member. */
static void
scatter_shut_if_due(struct scatter_member *m)
{
	enum io io;

	if (scatter_missing(m) > 0 || (!m->finishing && !m->of->ended))
		return;
	if (!m->shut && !(m->finishing && m->no_end)) {
		if (!m->finishing && m->may_shut != NULL &&
		    !m->may_shut(m->arg, m))
			return;
		if ((io = half_shut(m->to)) == IO_AGAIN) {
			m->to->ready = false;
			scatter_touch(m);
			return;
		}
		m->shut = true;
		if (io == IO_FAIL) {
			scatter_leave(m, errno);
			return;
		}
		scatter_notify_later(m->of);
	}
	if (m->finishing)
		scatter_leave(m, 0);
}

static void
scatter_note_written(struct scatter_member *m, size_t n)
{
	m->written += n;
	m->active = loop_now(m->of->ep->loop);
}

/* Writes once from the ring. False: no room, or the member has left. */
static bool
scatter_push_once(struct scatter_member *m)
{
	struct iovec iov[2];
	int cnt;
	size_t n = 0;
	enum io io;

	if (!m->to->ready || scatter_missing(m) == 0)
		return false;
	if ((cnt = fanout_data(&m->reader, iov)) <= 0) {
		if (cnt == -1)
			scatter_leave(m, ENOBUFS);
		return false;
	}
	io = half_write(m->to, iov, cnt, &n);
	if (io == IO_OK) {
		fanout_take(&m->reader, n);
		if (m->finishing)
			m->due -= n;
		scatter_note_written(m, n);
		return true;
	}
	if (io != IO_AGAIN)
		scatter_leave(m, io == IO_EOF ? EPIPE : errno);
	return false;
}

static void
scatter_push(struct scatter_member *m)
{
	struct iovec iov[2];

	while (scatter_push_once(m))
		;
	if (m->of == NULL)
		return;
	/* A member that is not ready may lag by more than the ring now. */
	if (scatter_missing(m) > 0 && fanout_data(&m->reader, iov) == -1) {
		scatter_leave(m, ENOBUFS);
		return;
	}
	if (!m->to->ready)
		scatter_touch(m);
	scatter_shut_if_due(m);
}

static void
scatter_push_all(struct scatter *s)
{
	struct scatter_member *m, *next;

	for (m = TAILQ_FIRST(&s->members); m != NULL; m = next) {
		next = TAILQ_NEXT(m, link);
		scatter_push(m);
	}
}

static enum io
scatter_write_all(struct scatter *s, const struct iovec *iov, int cnt,
    size_t *n)
{
	size_t room, sum = fd_total(iov, cnt);
	struct iovec part[2];
	int parts;

	*n = 0;
	while (*n < sum && (room = fanout_room(&s->ring)) > 0) {
		if (room > sum - *n)
			room = sum - *n;
		parts = fd_slice(iov, cnt, *n, room, part, 2);
		if (fanout_add(&s->ring, NULL, part, parts, room) == -1)
			return *n > 0 ? IO_OK : IO_FAIL;
		*n += room;
		scatter_push_all(s);
	}
	return *n > 0 ? IO_OK : IO_AGAIN;
}

/* Bytes that a failed member did not take go to the next. */
static enum io
scatter_write_one(struct scatter *s, const struct iovec *iov, int cnt,
    size_t *n)
{
	struct scatter_member *m;
	enum io io;

	*n = 0;
	while ((m = scatter_chosen(s)) != NULL && m->to->ready) {
		io = half_write(m->to, iov, cnt, n);
		if (!m->to->ready)
			scatter_touch(m);
		if (io == IO_OK)
			scatter_note_written(m, *n);
		/* The pump knows which errors of datagrams are serious. */
		if (io == IO_OK || io == IO_AGAIN || m->to->record)
			return io;
		scatter_leave(m, io == IO_EOF ? EPIPE : errno);
	}
	return IO_AGAIN;
}

static enum io
scatter_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct scatter *s = (struct scatter *)l;

	return s->who == SCATTER_ALL ? scatter_write_all(s, iov, cnt, n) :
	    scatter_write_one(s, iov, cnt, n);
}

/* Members that are added later are shut when they are added. */
static enum io
scatter_shut(struct layer *l)
{
	struct scatter *s = (struct scatter *)l;
	struct scatter_member *m;

	s->ended = true;
	scatter_push_all(s);
	TAILQ_FOREACH(m, &s->members, link)
		if (!m->shut)
			return IO_AGAIN;
	return IO_OK;
}

static void
scatter_close(struct layer *l)
{
	struct scatter *s = (struct scatter *)l;
	struct scatter_member *m;

	while ((m = TAILQ_FIRST(&s->members)) != NULL) {
		s->lost += scatter_missing(m);
		scatter_detach(m);
	}
	fanout_free(&s->ring);
	loop_unpost(s->ep->loop, &s->again);
}

static const struct layer_ops scatter_ops = {
	.write = scatter_write,
	.shut = scatter_shut,
	.close = scatter_close
};

void
scatter_init(struct scatter *s, struct endpoint *ep, enum scatter_to who,
    const char *name)
{
	memset(s, 0, sizeof(*s));
	s->layer.ops = &scatter_ops;
	s->ep = ep;
	s->who = who;
	TAILQ_INIT(&s->members);
	fanout_init(&s->ring, SCATTER_RING);
	s->ring.buf_cache = loop_buf_cache(ep->loop);
	s->again = (struct task){ .run = endpoint_wake_out, .arg = ep };
	ep->out = (struct half){ .top = &s->layer, .name = name,
	    .owner = ep };
}

static bool
scatter_wants(const void *user)
{
	const struct scatter_member *m = user;

	if (m->to->ready || m->to->state == HALF_ENDED)
		return false;
	return scatter_missing(m) > 0 || m->finishing || m->of->ended ||
	    (m->of->who != SCATTER_ALL && scatter_chosen(m->of) == m);
}

void
scatter_add(struct scatter *s, struct scatter_member *m)
{
	struct scatter_member *was = scatter_chosen(s);

	m->of = s;
	m->active = loop_now(s->ep->loop);
	m->to->wants = scatter_wants;
	m->to->user = m;
	TAILQ_INSERT_TAIL(&s->members, m, link);
	if (s->who == SCATTER_ALL)
		fanout_join(&s->ring, &m->reader, 0);
	if (was != NULL)
		scatter_touch(was);
	scatter_touch(m);
	scatter_notify_later(s);
	scatter_shut_if_due(m);
}

void
scatter_wake(struct scatter_member *m)
{
	struct scatter *s = m->of;

	if (s == NULL || !m->to->ready)
		return;
	scatter_push(m);
	endpoint_wake_out(s->ep);
}

void
scatter_finish(struct scatter_member *m)
{
	if (m->of == NULL || m->finishing)
		return;
	m->due = scatter_missing(m);
	m->finishing = m->reader.sated = true;
	scatter_notify_later(m->of);
	scatter_push(m);
}

void
scatter_remove(struct scatter_member *m)
{
	if (m->of != NULL)
		scatter_detach(m);
}
