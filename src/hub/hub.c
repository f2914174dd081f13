/*
 * The hub: its members, their turns to send, and what they are given.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hub/hub.h"

/* Reads in one turn, of all members together. */
#define TURN	16
/* Writes to one member in one turn, and to one that leaves. */
#define WRITES	16
#define LAST_WRITES	64
#define CACHE_LINE	64

void
hub_serve_later(struct hub *h)
{
	if (!h->serving)	/* hub_serve looks again at its end */
		loop_post(h->loop, &h->again);
}

/* Gives the member what is due, before the next wait. */
static void
hub_push_later(struct hub_member *m)
{
	struct hub *h = m->hub;

	if (!m->is_due) {
		m->is_due = true;
		TAILQ_INSERT_TAIL(&h->due, m, due_link);
		h->ndue++;
	}
	hub_serve_later(h);
}

static void
hub_not_due(struct hub_member *m)
{
	if (!m->is_due)
		return;
	m->is_due = false;
	TAILQ_REMOVE(&m->hub->due, m, due_link);
	m->hub->ndue--;
}

/* Whether no text may come now. */
static bool
hub_is_mid(const struct hub_member *m)
{
	return m->mid || m->lent > 0;
}

/* Whether nothing can be given to the member now. */
static bool
hub_is_served(const struct hub_member *m)
{
	return hub_missing(m) == 0 && !hub_has_text(m) && m->bye == NULL;
}

bool
hub_has_all(const struct hub_member *m)
{
	return hub_is_served(m) && (m->hearing != HUB_HEARS ||
	    fanout_staged(&m->reader) == 0);
}

/* ---- Turns to send ------------------------------------------------------ */

static bool
hub_may_read(const struct hub_member *m)
{
	return m->hub != NULL && !m->mute && !m->rests && !hub_has_text(m) &&
	    (!m->waits || m->hub->n > 0);
}

static bool
hub_wants_in(const void *user)
{
	const struct hub_member *m = user;

	return !m->in->ready && hub_may_read(m);
}

void
hub_unqueue(struct hub_member *m)
{
	if (m->queue != NULL)
		TAILQ_REMOVE(m->queue, m, turn);
	m->queue = NULL;
}

void
hub_enqueue(struct hub_member *m)
{
	if (m->queue != NULL)
		return;
	m->queue = &m->hub->turns;
	TAILQ_INSERT_TAIL(m->queue, m, turn);
	hub_serve_later(m->hub);
}

static void
hub_queue(struct hub_member *m)
{
	if (hub_may_read(m) && m->in->ready)
		hub_enqueue(m);
}

/* Looks again at the members that wait for room in the ring. */
static void
hub_release(struct hub *h)
{
	struct hub_member *m;

	while ((m = TAILQ_FIRST(&h->held)) != NULL) {
		hub_unqueue(m);
		hub_queue(m);
	}
}

/* The listeners have changed, and so has the room. */
static void
hub_widen(struct hub *h)
{
	hub_release(h);
	h->wider = true;
	if (h->wake != NULL)
		hub_serve_later(h);
}

/* ---- The bytes for a member --------------------------------------------- */

/* Lends what comes next for the member: the number of pieces; 0: nothing. */
static int
hub_lend(struct hub_member *m, struct iovec iov[HUB_LEND])
{
	bool due = hub_missing(m) > 0;

	if (m->bye != NULL && !due && !hub_has_text(m)) {
		m->text = m->bye;
		m->text_len = strlen(m->bye);
		m->bye = NULL;
	}
	if (hub_has_text(m) && !hub_is_mid(m)) {
		iov->iov_base = m->text + m->text_at;
		iov->iov_len = m->text_len - m->text_at;
		return 1;
	}
	return due ? hub_lend_records(m, iov) : 0;
}

static void
hub_free_text(struct hub_member *m)
{
	free(m->text);
	m->text = NULL;
	m->text_at = m->text_len = 0;
}

static void
hub_took(struct hub_member *m, size_t n)
{
	m->written_at = loop_now(m->hub->loop);
	if (!hub_has_text(m) || hub_is_mid(m)) {
		hub_took_records(m, n);
		return;
	}
	m->text_at += n;
	if (hub_has_text(m))
		return;
	hub_free_text(m);
	/* The member is read again. */
	hub_queue(m);
	half_touch(m->in);
}

void
hub_cut_output(struct hub_member *m)
{
	if (m->hub == NULL || m->hearing == HUB_DEAF)
		return;
	m->lost += hub_missing(m);
	if (m->hearing == HUB_HEARS && !m->stays)
		m->hub->n--;
	m->hearing = HUB_DEAF;
	fanout_leave(&m->reader);
	hub_free_text(m);
	free(m->bye);
	m->bye = NULL;
	m->out->wants = NULL;
	half_touch(m->out);
	hub_widen(m->hub);
}

void
hub_end_output(struct hub_member *m, int num)
{
	hub_cut_output(m);
	hub_queue(m);
	m->output_ended(m, num);
}

/* Skips the member's own records; handles a member that fell off the ring. */
static void
hub_settle(struct hub_member *m)
{
	struct iovec iov[2];
	uint64_t n = hub_missing(m);

	if (m->reader.of == NULL || fanout_data(&m->reader, iov) != -1)
		return;
	if (!m->stays || m->hearing == HUB_LEAVES) {
		hub_end_output(m, ENOBUFS);
		return;
	}
	m->lost += n;
	fanout_leave(&m->reader);
	m->mid = false;
	m->lent = 0;
	m->hearing = HUB_APART;
	hub_join(m);
	m->missed(m, n);
}

/* Whether the member has bytes or the end to take. */
static bool
hub_has_due(const struct hub_member *m)
{
	return m->hub != NULL && m->hearing != HUB_DEAF &&
	    (m->hearing == HUB_LEAVES || !hub_is_served(m));
}

struct hub_member *
hub_chosen(const struct hub *h)
{
	struct hub_member *m, *found = NULL;

	TAILQ_FOREACH(m, &h->members, link)
		if (m->hearing == HUB_APART && (found == NULL ||
		    h->to == HUB_TO_LAST))
			found = m;
	return h->to != HUB_TO_ALL ? found : NULL;
}

static bool
hub_wants_out(const void *user)
{
	const struct hub_member *m = user;

	return !m->out->ready && (hub_has_due(m) || (m->hub != NULL &&
	    m->hub->to != HUB_TO_ALL && hub_chosen(m->hub) == m));
}

/*
 * Writes what is due to the member, a line by each write if it has stamps, and
 * shuts its output after the last: what a message costs for each member is this
 * function.
 */
static void
hub_write(struct hub_member *m)
{
	int cnt, writes = m->hearing == HUB_LEAVES ? LAST_WRITES : WRITES;
	struct iovec iov[HUB_LEND];
	size_t n;
	enum io io;

	while (m->out->ready && (cnt = hub_lend(m, iov)) > 0) {
		if (writes-- == 0) {
			hub_push_later(m);
			return;
		}
		io = half_write(m->out, iov, cnt, &n);
		if (io == IO_OK)
			hub_took(m, n);
		else if (io != IO_AGAIN && !hub_skip_datagram(m, iov, cnt))
			hub_end_output(m, io == IO_EOF ? EPIPE : errno);
	}
	if (m->hearing != HUB_LEAVES || !m->out->ready)
		return;
	if (!m->no_end && half_shut(m->out) == IO_AGAIN)
		m->out->ready = false;
	else
		hub_end_output(m, 0);
}

void
hub_push(struct hub_member *m)
{
	const struct hub *h = m->hub;

	/* The bytes due may be staged. */
	if (m->hearing == HUB_LEAVES)
		fanout_seal(&m->hub->ring);
	hub_settle(m);
	if (hub_has_due(m) && m->out->ready) {
		hub_write(m);
		hub_settle(m);
	}
	if (h->ended && m->hub != NULL && m->hearing < HUB_LEAVES &&
	    hub_is_served(m) && (h->may_end == NULL || h->may_end(m))) {
		hub_finish_output(m);
		if (m->out->ready)
			hub_write(m);
	}
	if (m->hub == NULL || m->hearing == HUB_DEAF)
		return;
	hub_note_pace(m);
	if (!m->out->ready)
		half_touch(m->out);
}

/*
 * Fetches the memory of the two members after this one while the write to this
 * member goes on: of thousands, none is in a cache. What a half needs for a
 * write stands beside the half, in an endpoint.
 */
static void
hub_prefetch(const struct hub_member *next)
{
	const char *mem;

	if (next == NULL)
		return;
	mem = (const char *)next->out;
	for (size_t i = 0; mem != NULL && i < 3 * CACHE_LINE; i += CACHE_LINE)
		__builtin_prefetch(mem + i);
	mem = (const char *)TAILQ_NEXT(next, link);
	for (size_t i = 0; mem != NULL && i < sizeof(*next); i += CACHE_LINE)
		__builtin_prefetch(mem + i);
}

void
hub_push_all(struct hub *h)
{
	struct hub_member *m, *next;

	h->dirty = false;
	fanout_seal(&h->ring);
	h->given = h->ring.next;
	timer_clear(h->loop, &h->late);
	for (m = TAILQ_FIRST(&h->members); m != NULL; m = next) {
		next = TAILQ_NEXT(m, link);
		hub_prefetch(next);
		hub_push(m);
	}
	hub_release(h);
}

/* The members that have something to get; who gets more is due again. */
static void
hub_push_due(struct hub *h)
{
	struct hub_member *m;

	for (unsigned n = h->ndue; n > 0 && h->ndue > 0; n--) {
		m = TAILQ_FIRST(&h->due);
		hub_not_due(m);
		hub_push(m);
	}
	hub_release(h);
}

/* ---- The bytes of a member ---------------------------------------------- */

/* The owner makes records of the bytes. */
static void
hub_read(struct hub_member *m)
{
	struct hub *h = m->hub;
	const struct iovec iov = { .iov_base = h->mem,
	    .iov_len = h->opt.read };
	size_t n;
	enum io io = half_read(m->in, &iov, 1, &n);

	/* The rest of a longer datagram is gone. */
	if (io == IO_OK && n > h->opt.read) {
		errno = EMSGSIZE;
		io = IO_FAIL;
	}
	if (io == IO_OK) {
		m->read += n;
		m->read_at = loop_now(h->loop);
		m->received(m, h->mem, n);
	} else if (io != IO_AGAIN) {
		int num = io == IO_EOF ? 0 : errno;

		hub_silence(m);
		m->input_ended(m, num);
	}
}

/* One read of the next member in the queue, or a place among the held. */
static void
hub_take_turn(struct hub_member *m)
{
	struct hub *h = m->hub;
	bool room;

	hub_unqueue(m);
	if (!hub_may_read(m) || !m->in->ready)
		return;
	room = hub_has_room(h, m);
	if (room && h->mem == NULL)
		h->mem = buf_cache_take(loop_buf_cache(h->loop), h->opt.read);
	/* Without memory nothing is lost by looking again later. */
	if (room && h->mem == NULL)
		timer_set(h->loop, &h->timer, loop_now(h->loop) + HUB_GRACE);
	if (!room || h->mem == NULL) {
		m->was_held = true;
		m->queue = &h->held;
		TAILQ_INSERT_TAIL(m->queue, m, turn);
		return;
	}
	m->was_held = false;
	hub_read(m);
	if (m->hub == NULL)
		return;
	hub_queue(m);
	if (!m->in->ready)
		half_touch(m->in);
}

static void
hub_serve(void *arg)
{
	struct hub *h = arg;
	struct hub_member *m;
	int turns = TURN;

	h->serving = true;
	for (;; hub_take_turn(m)) {
		if (h->dirty)
			hub_push_all(h);
		if (h->ndue > 0)
			hub_push_due(h);
		if (turns-- == 0 || h->wake != NULL ||
		    (m = TAILQ_FIRST(&h->turns)) == NULL)
			break;
	}
	h->serving = false;
	if (h->dirty || h->ndue > 0 ||
	    (h->wake == NULL && !TAILQ_EMPTY(&h->turns)))
		hub_serve_later(h);
	if (h->wake != NULL)
		h->wake(h);
	buf_cache_give(loop_buf_cache(h->loop), h->mem, h->opt.read);
	h->mem = NULL;
}

static void
hub_on_timer(void *arg)
{
	hub_release(arg);
	hub_serve(arg);
}

static void
hub_on_late(void *arg)
{
	struct hub *h = arg;

	h->dirty = true;
	hub_serve(h);
}

/* ---- Members ------------------------------------------------------------ */

void
hub_init(struct hub *h, struct loop *loop, const struct hub_options *opt)
{
	memset(h, 0, sizeof(*h));
	assert(opt->burst + opt->record + FANOUT_HEAD <= opt->ring / 2);
	h->loop = loop;
	h->opt = *opt;
	fanout_init(&h->ring, opt->ring);
	h->ring.buf_cache = loop_buf_cache(loop);
	TAILQ_INIT(&h->members);
	TAILQ_INIT(&h->turns);
	TAILQ_INIT(&h->held);
	TAILQ_INIT(&h->due);
	h->again = (struct task){ .run = hub_serve, .arg = h };
	h->timer = (struct timer){ .fire = hub_on_timer, .arg = h };
	h->late = (struct timer){ .fire = hub_on_late, .arg = h };
}

void
hub_free(struct hub *h)
{
	assert(TAILQ_EMPTY(&h->members));
	timer_clear(h->loop, &h->timer);
	timer_clear(h->loop, &h->late);
	loop_unpost(h->loop, &h->again);
	fanout_free(&h->ring);
	free(h->mem);
}

void
hub_watch(struct hub_member *m)
{
	if (m->in != NULL) {
		m->in->wants = hub_wants_in;
		m->in->user = m;
	}
	if (m->out != NULL) {
		m->out->wants = hub_wants_out;
		m->out->user = m;
	}
	half_touch(m->in != NULL ? m->in : m->out);
}

void
hub_add(struct hub *h, struct hub_member *m)
{
	m->hub = h;
	m->mute = m->in == NULL;
	m->hearing = m->out == NULL ? HUB_DEAF : HUB_APART;
	m->read_at = m->written_at = loop_now(h->loop);
	TAILQ_INSERT_TAIL(&h->members, m, link);
	hub_queue(m);
	hub_watch(m);
}

void
hub_join(struct hub_member *m)
{
	if (m->hearing != HUB_APART)
		return;
	m->hearing = HUB_HEARS;
	if (!m->stays)
		m->hub->n++;
	fanout_join(&m->hub->ring, &m->reader, m->id);
	m->behind_since = 0;
	/* A member held for lack of listeners may go on. */
	hub_widen(m->hub);
}

void
hub_wake(void *member)
{
	struct hub_member *m = member;
	struct hub *h = m->hub;

	if (h == NULL)
		return;
	hub_queue(m);
	half_touch(m->in);
	hub_push(m);
	hub_release(h);
	if (h->dirty)
		hub_serve_later(h);
	h->wider = h->wider || (m->out != NULL && m->out->ready);
	if (h->wake != NULL)
		h->wake(h);
}

void
hub_send(struct hub_member *m, const char *text, size_t n)
{
	char *all;

	if (m->hearing == HUB_DEAF || n == 0 ||
	    (all = realloc(m->text, m->text_len + n)) == NULL)
		return;
	memcpy(all + m->text_len, text, n);
	m->text = all;
	m->text_len += n;
	hub_push_later(m);
}

void
hub_silence(struct hub_member *m)
{
	if (m->hub == NULL || m->mute)
		return;
	hub_unqueue(m);
	m->mute = true;
	m->in->wants = NULL;
	half_touch(m->in);
}

void
hub_finish_output(struct hub_member *m)
{
	if (m->hub == NULL || m->hearing == HUB_DEAF ||
	    m->hearing == HUB_LEAVES)
		return;
	m->due = m->hearing != HUB_HEARS ? 0 : hub_missing(m) +
	    fanout_staged(&m->reader);
	/* The leaving member no longer counts as a listener. */
	if (m->hearing == HUB_HEARS && !m->stays)
		m->hub->n--;
	m->hearing = HUB_LEAVES;
	m->reader.sated = true;
	hub_widen(m->hub);
	hub_push_later(m);
}

void
hub_finish(struct hub_member *m, const char *bye)
{
	bool leaves = m->hearing == HUB_LEAVES;

	hub_silence(m);
	hub_finish_output(m);
	if (!leaves)
		hub_part(m, bye);
}

void
hub_part(struct hub_member *m, const char *bye)
{
	if (m->hub != NULL && m->hearing == HUB_LEAVES && m->bye == NULL &&
	    bye != NULL)
		m->bye = strdup(bye);
}

void
hub_remove(struct hub_member *m)
{
	if (m->hub == NULL)
		return;
	hub_cut_output(m);
	hub_silence(m);
	hub_not_due(m);
	TAILQ_REMOVE(&m->hub->members, m, link);
	m->hub = NULL;
}

/* ---- Records ------------------------------------------------------------ */

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
