/*
 * The hub of a room: members, their ports, and the pace of those that send.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hub/hub.h"
#include "pump/flow.h"

/* Reads in one turn, of all members together. */
#define TURN	16
/* Writes to one member in one turn. */
#define WRITES	16
#define CACHE_LINE	64

/* One half of a member's port, for one step of a flow at the port. */
struct hub_port {
	struct layer	 layer;
	struct hub_member *member;
	bool		 used;		/* the write half: for one read */
};

static struct hub_port *
hub_port_of(struct layer *l)
{
	return (struct hub_port *)l;
}

static void
hub_touch(const struct half *h)
{
	if (h != NULL && h->owner != NULL)
		endpoint_touch(h->owner);
}

static void
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

static void
hub_unqueue(struct hub_member *m)
{
	if (m->queue != NULL)
		TAILQ_REMOVE(m->queue, m, turn);
	m->queue = NULL;
}

static void
hub_queue(struct hub_member *m)
{
	if (m->queue != NULL || !hub_may_read(m) || !m->in->ready)
		return;
	m->queue = &m->hub->turns;
	TAILQ_INSERT_TAIL(m->queue, m, turn);
	hub_serve_later(m->hub);
}

/* Looks again at the members that wait for room: listeners have changed. */
static void
hub_release(struct hub *h)
{
	struct hub_member *m;

	while ((m = TAILQ_FIRST(&h->held)) != NULL) {
		hub_unqueue(m);
		hub_queue(m);
	}
}

/* ---- The port's read half: the bytes that a member gets ----------------- */

static enum io
hub_lend_next(struct layer *l, struct iovec *iov, int *cnt)
{
	struct hub_member *m = hub_port_of(l)->member;
	bool due = hub_missing(m) > 0;

	if (m->bye != NULL && !due && !hub_has_text(m)) {
		m->text = m->bye;
		m->text_len = strlen(m->bye);
		m->bye = NULL;
	}
	if (hub_has_text(m) && !hub_is_mid(m)) {
		iov->iov_base = m->text + m->text_at;
		iov->iov_len = m->text_len - m->text_at;
		*cnt = 1;
		return IO_OK;
	}
	if (!due)
		return m->hearing == HUB_LEAVES ? IO_EOF : IO_AGAIN;
	*cnt = hub_lend_records(m, iov);
	return IO_OK;
}

static void
hub_free_text(struct hub_member *m)
{
	free(m->text);
	m->text = NULL;
	m->text_at = m->text_len = 0;
}

static void
hub_took(struct layer *l, size_t n)
{
	struct hub_member *m = hub_port_of(l)->member;

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
	hub_touch(m->in);
}

static const struct layer_ops hub_read_ops = {
	.lend = hub_lend_next,
	.commit = hub_took
};

/* The member gets nothing more. */
static void
hub_detach(struct hub_member *m)
{
	m->lost += hub_missing(m);
	if (m->hearing == HUB_HEARS && !m->stays)
		m->hub->n--;
	m->hearing = HUB_DEAF;
	fanout_leave(&m->reader);
	hub_free_text(m);
	free(m->bye);
	m->bye = NULL;
	m->out->wants = NULL;
	hub_touch(m->out);
	hub_release(m->hub);
}

static void
hub_end_output(struct hub_member *m, int num)
{
	hub_detach(m);
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

static bool
hub_wants_out(const void *user)
{
	const struct hub_member *m = user;

	return !m->out->ready && hub_has_due(m);
}

/* One step of a flow between the member and its port; ops: the port half's. */
static void
hub_step(struct hub_member *m, const struct layer_ops *ops, struct flow *f)
{
	static const struct flow_options none;
	struct hub_port port = { .layer.ops = ops, .member = m };
	struct half half = { .top = &port.layer, .ready = true };

	if (ops == &hub_read_ops)
		flow_init(f, "from the room", &half, m->out, &none);
	else
		flow_init(f, "to the room", m->in, &half, &none);
	f->half_close = ops == &hub_read_ops;
	flow_step(f);
	flow_free(f);
}

/* The last bytes and the end: a flow knows the order. */
static void
hub_step_out(struct hub_member *m)
{
	struct flow f;

	hub_step(m, &hub_read_ops, &f);
	m->out->wants = hub_wants_out;
	m->out->user = m;
	if (f.state == FLOW_DONE)
		hub_end_output(m, f.write_errno);
	else if (f.state == FLOW_SHUT)
		m->out->ready = false;
	else if (m->out->ready)
		hub_push_later(m);	/* more than one step */
}

/*
 * One write to a member that stays: what a message costs for each member is
 * this function.
 */
static void
hub_write(struct hub_member *m)
{
	struct hub_port port = { .member = m };
	struct iovec iov[LAYER_LEND];
	size_t n;
	int cnt;
	enum io io;

	if (hub_lend_next(&port.layer, iov, &cnt) != IO_OK)
		return;
	io = half_write(m->out, iov, cnt, &n);
	if (io == IO_OK)
		hub_took(&port.layer, n);
	else if (io != IO_AGAIN)
		hub_end_output(m, io == IO_EOF ? EPIPE : errno);
}

/* A member with stamps gets a line by each write. */
static void
hub_write_some(struct hub_member *m)
{
	for (unsigned n = 0; m->out->ready && hub_has_due(m); n++) {
		if (n == WRITES) {
			hub_push_later(m);
			return;
		}
		hub_write(m);
	}
}

/* Gives the member the bytes that are due. */
static void
hub_push(struct hub_member *m)
{
	/* The bytes due may be staged. */
	if (m->hearing == HUB_LEAVES)
		fanout_seal(&m->hub->ring);
	hub_settle(m);
	if (hub_has_due(m) && m->out->ready) {
		if (m->hearing == HUB_LEAVES)
			hub_step_out(m);
		else
			hub_write_some(m);
		hub_settle(m);
	}
	if (m->hub == NULL || m->hearing == HUB_DEAF)
		return;
	hub_note_pace(m);
	if (!m->out->ready)
		hub_touch(m->out);
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

static void
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

/* ---- The port's write half: the bytes that a member sends --------------- */

/* Space for one read in each turn. */
static enum io
hub_lend_space(struct layer *l, struct iovec *iov, int *cnt)
{
	struct hub_port *p = hub_port_of(l);
	const struct hub *h = p->member->hub;

	if (p->used)
		return IO_AGAIN;
	p->used = true;
	iov->iov_base = h->mem;
	iov->iov_len = h->opt.read;
	*cnt = 1;
	return IO_OK;
}

static void
hub_received(struct layer *l, size_t n)
{
	struct hub_member *m = hub_port_of(l)->member;

	m->read += n;
	m->read_at = loop_now(m->hub->loop);
	m->received(m, m->hub->mem, n);
}

static const struct layer_ops hub_write_ops = {
	.lend = hub_lend_space,
	.commit = hub_received
};

static void
hub_step_in(struct hub_member *m)
{
	struct flow f;

	hub_step(m, &hub_write_ops, &f);
	if (m->mute)
		return;
	m->in->wants = hub_wants_in;
	m->in->user = m;
	if (f.state == FLOW_DONE) {
		hub_silence(m);
		m->input_ended(m, f.read_errno);
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
	hub_step_in(m);
	if (m->hub == NULL)
		return;
	hub_queue(m);
	if (!m->in->ready)
		hub_touch(m->in);
}

static void
hub_push_some(struct hub *h)
{
	if (h->dirty)
		hub_push_all(h);
	if (h->ndue > 0)
		hub_push_due(h);
}

static void
hub_serve(void *arg)
{
	struct hub *h = arg;
	struct hub_member *m;
	int turns = TURN;

	h->serving = true;
	hub_push_some(h);
	while (turns-- > 0 && (m = TAILQ_FIRST(&h->turns)) != NULL) {
		hub_take_turn(m);
		hub_push_some(h);
	}
	h->serving = false;
	if (h->dirty || h->ndue > 0 || !TAILQ_EMPTY(&h->turns))
		hub_serve_later(h);
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
hub_add(struct hub *h, struct hub_member *m)
{
	m->hub = h;
	m->mute = m->in == NULL;
	m->hearing = m->out == NULL ? HUB_DEAF : HUB_APART;
	m->read_at = m->written_at = loop_now(h->loop);
	TAILQ_INSERT_TAIL(&h->members, m, link);
	if (m->in != NULL) {
		m->in->wants = hub_wants_in;
		m->in->user = m;
	}
	if (m->out != NULL) {
		m->out->wants = hub_wants_out;
		m->out->user = m;
	}
	hub_queue(m);
	hub_touch(m->in != NULL ? m->in : m->out);
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
	/* A member that was held because nobody listened may go on. */
	hub_release(m->hub);
}

void
hub_wake(struct hub_member *m)
{
	struct hub *h = m->hub;

	if (h == NULL)
		return;
	hub_queue(m);
	hub_touch(m->in);
	hub_push(m);
	hub_release(h);
	if (h->dirty)
		hub_serve_later(h);
}

bool
hub_add_record(struct hub *h, struct hub_member *from, const void *bytes,
    size_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes,
	    .iov_len = n };

	return fanout_add(&h->ring, from != NULL ? &from->reader : NULL, &iov,
	    1, n) != -1;
}

void
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
	hub_touch(m->in);
}

void
hub_finish(struct hub_member *m, const char *bye)
{
	if (m->hub == NULL)
		return;
	hub_silence(m);
	if (m->hearing == HUB_DEAF || m->hearing == HUB_LEAVES)
		return;
	m->due = m->hearing != HUB_HEARS ? 0 : hub_missing(m) +
	    fanout_staged(&m->reader);
	/* The leaving member no longer counts as a listener. */
	if (m->hearing == HUB_HEARS && !m->stays)
		m->hub->n--;
	m->hearing = HUB_LEAVES;
	hub_part(m, bye);
	hub_push_later(m);
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
	if (m->hearing != HUB_DEAF)
		hub_detach(m);
	hub_silence(m);
	hub_not_due(m);
	TAILQ_REMOVE(&m->hub->members, m, link);
	m->hub = NULL;
}
