/*
 * A room.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hub/hub_speak.h"

/* Reads in one turn, of all members together. */
#define TURN	16

static void
hub_touch(const struct half *h)
{
	if (h != NULL && h->owner != NULL)
		endpoint_touch(h->owner);
}

/* In the midst of serving nothing has to be asked for: its end looks. */
void
hub_serve_later(struct hub *h)
{
	if (!h->serving)
		loop_post(h->loop, &h->again);
}

static bool
hub_hears(const struct hub_member *m)
{
	return m->reader.of != NULL;
}

/* Bytes of others that it did not get. */
static uint64_t
hub_missing(const struct hub_member *m)
{
	if (m->finishing)
		return m->due;
	if (!hub_hears(m))
		return 0;
	return m->of->ring.bytes - m->reader.since - m->own - m->heard;
}

bool
hub_has_all(const struct hub_member *m)
{
	return hub_missing(m) == 0 && !hub_is_told(m) && m->bye == NULL;
}

bool
hub_is_told(const struct hub_member *m)
{
	return m->text_at < m->text_len;
}

static bool
hub_wants_out(const void *user)
{
	const struct hub_member *m = user;

	if (m->of == NULL || m->out_over || m->out->ready)
		return false;
	return !hub_has_all(m) || m->finishing;
}

static void
hub_forget_text(struct hub_member *m)
{
	free(m->text);
	m->text = NULL;
	m->text_at = m->text_len = 0;
}

/* It hears no more. */
static void
hub_detach_out(struct hub_member *m)
{
	m->lost += hub_missing(m);
	m->due = 0;
	if (hub_hears(m) && !m->stays && !m->finishing)
		m->of->n--;
	m->finishing = true;	/* nothing is missing from now on */
	fanout_leave(&m->reader);
	hub_forget_text(m);
	free(m->bye);
	m->bye = NULL;
	m->out_over = true;
	if (m->out != NULL) {
		m->out->wants = NULL;
		hub_touch(m->out);
	}
	hub_release(m->of);
}

static void
hub_go_deaf(struct hub_member *m, int num)
{
	hub_detach_out(m);
	hub_queue(m);
	m->deaf(m, num);
}

/* What it needs next is not there any more. */
static void
hub_fall_off(struct hub_member *m)
{
	uint64_t n = hub_missing(m);

	if (!m->stays || m->finishing) {
		hub_go_deaf(m, ENOBUFS);
		return;
	}
	m->lost += n;
	fanout_leave(&m->reader);
	m->mid = false;
	hub_join(m);
	m->fell(m, n);
}

/* One write; false when there is nothing more to be done now. */
static bool
hub_give(struct hub_member *m, const struct iovec *iov, int cnt, size_t *n)
{
	enum io io = half_write(m->out, iov, cnt, n);

	if (io == IO_OK) {
		m->took = loop_now(m->of->loop);
		return true;
	}
	if (io != IO_AGAIN)
		hub_go_deaf(m, io == IO_EOF ? EPIPE : errno);
	return false;
}

static bool
hub_give_text(struct hub_member *m)
{
	struct iovec iov = { .iov_base = m->text + m->text_at,
	    .iov_len = m->text_len - m->text_at };
	size_t n;

	if (!hub_give(m, &iov, 1, &n))
		return false;
	m->text_at += n;
	if (!hub_is_told(m)) {
		hub_forget_text(m);
		/* It is read again. */
		hub_queue(m);
		hub_touch(m->in);
	}
	return true;
}

/* The pieces up to the end of the line; how many. */
static int
hub_first_line(struct iovec iov[2], int cnt)
{
	char *lf;
	int i;

	for (i = 0; i < cnt; i++) {
		lf = memchr(iov[i].iov_base, '\n', iov[i].iov_len);
		if (lf == NULL)
			continue;
		iov[i].iov_len = (size_t)(lf + 1 - (char *)iov[i].iov_base);
		return i + 1;
	}
	return cnt;
}

/* What stands before this line, if anything. */
static void
hub_begin_line(struct hub_member *m)
{
	if (m->mid || m->stamp == NULL)
		return;
	m->stamp_text[0] = '\0';
	m->stamp(m->stamp_text);
	m->stamp_at = 0;
	m->stamp_len = strlen(m->stamp_text);
}

/* Stamp and line go in one write; the stamp's bytes are not of the room. */
static size_t
hub_take_stamp(struct hub_member *m, size_t n)
{
	size_t left = m->stamp_len - m->stamp_at;

	if (left > n)
		left = n;
	m->stamp_at += left;
	return n - left;
}

static bool
hub_give_record(struct hub_member *m, struct iovec rec[2], int cnt)
{
	struct iovec iov[3];
	size_t n, sum;

	hub_begin_line(m);
	if (m->stamp != NULL)
		cnt = hub_first_line(rec, cnt);
	sum = fd_total(rec, cnt);
	iov[0].iov_base = m->stamp_text + m->stamp_at;
	iov[0].iov_len = m->stamp_len - m->stamp_at;
	memcpy(iov + 1, rec, (size_t)cnt * sizeof(*rec));
	m->mid = true;	/* a layer that says AGAIN counts on the same */
	if (iov[0].iov_len == 0 ? !hub_give(m, rec, cnt, &n) :
	    !hub_give(m, iov, cnt + 1, &n))
		return false;
	n = hub_take_stamp(m, n);
	fanout_take(&m->reader, n);
	m->mid = n < sum || (m->stamp == NULL && m->reader.left > 0);
	m->heard += n;
	m->written += n;
	if (m->finishing)
		m->due -= n;
	return true;
}

static bool
hub_push_once(struct hub_member *m)
{
	struct iovec iov[2];
	int cnt;

	if (m->of == NULL || m->out_over || !m->out->ready)
		return false;
	if (hub_is_told(m) && !m->mid)
		return hub_give_text(m);
	if (hub_missing(m) > 0) {
		if ((cnt = fanout_data(&m->reader, iov)) == -1) {
			hub_fall_off(m);
			return false;
		}
		if (cnt > 0)
			return hub_give_record(m, iov, cnt);
	}
	if (m->bye == NULL)
		return false;
	hub_tell(m, m->bye, strlen(m->bye));
	free(m->bye);
	m->bye = NULL;
	return true;
}

/* After its last byte. */
static void
hub_shut_if_due(struct hub_member *m)
{
	enum io io;

	if (!m->finishing || !hub_has_all(m) || m->mid)
		return;
	io = half_shut(m->out);
	if (io == IO_AGAIN)
		m->out->ready = false;
	else
		hub_go_deaf(m, io == IO_FAIL ? errno : 0);
}

/* Own records stand in the way of none, and cost nothing. */
static void
hub_skip_own(struct hub_member *m)
{
	struct iovec iov[2];

	if (hub_hears(m) && fanout_data(&m->reader, iov) == -1)
		hub_fall_off(m);
}

static void
hub_push(struct hub_member *m)
{
	while (hub_push_once(m))
		;
	if (m->of == NULL || m->out_over)
		return;
	hub_skip_own(m);
	if (m->out_over)
		return;
	if (hub_hears(m))
		hub_note_lag(m);
	hub_shut_if_due(m);
	if (m->of != NULL && !m->out_over && !m->out->ready)
		hub_touch(m->out);
}

static void
hub_push_all(struct hub *h)
{
	struct hub_member *m, *next;

	h->dirty = false;
	for (m = TAILQ_FIRST(&h->members); m != NULL; m = next) {
		next = TAILQ_NEXT(m, link);
		hub_push(m);
	}
	hub_release(h);
}

static void
hub_take_turns(struct hub *h)
{
	struct hub_member *m;
	int turns = TURN;

	while (turns-- > 0 && (m = TAILQ_FIRST(&h->turns)) != NULL) {
		hub_take_turn(m);
		if (h->dirty)
			hub_push_all(h);
	}
}

static void
hub_serve(void *arg)
{
	struct hub *h = arg;

	h->serving = true;
	if (h->dirty)
		hub_push_all(h);
	if (!TAILQ_EMPTY(&h->turns) && h->mem == NULL &&
	    (h->mem = buf_cache_take(loop_buf_cache(h->loop),
	    h->opt.read)) == NULL)
		/* Nothing is lost by looking again later. */
		timer_set(h->loop, &h->timer, loop_now(h->loop) + HUB_GRACE);
	else
		hub_take_turns(h);
	h->serving = false;
	if (h->dirty || (!TAILQ_EMPTY(&h->turns) && h->mem != NULL)) {
		hub_serve_later(h);
		return;
	}
	buf_cache_give(loop_buf_cache(h->loop), h->mem, h->opt.read);
	h->mem = NULL;
}

static void
hub_on_timer(void *arg)
{
	struct hub *h = arg;

	hub_release(h);
	hub_serve(h);
}

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
	TAILQ_INIT(&h->waiting);
	h->again = (struct task){ .run = hub_serve, .arg = h };
	h->timer = (struct timer){ .fire = hub_on_timer, .arg = h };
}

void
hub_free(struct hub *h)
{
	assert(TAILQ_EMPTY(&h->members));
	timer_clear(h->loop, &h->timer);
	loop_unpost(h->loop, &h->again);
	fanout_free(&h->ring);
	free(h->mem);
}

void
hub_add(struct hub *h, struct hub_member *m)
{
	m->of = h;
	m->in_over = m->in == NULL;
	m->out_over = m->out == NULL;
	m->spoke = m->took = loop_now(h->loop);
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
	if (m->out_over || m->finishing)
		return;
	if (!m->stays)
		m->of->n++;
	fanout_join(&m->of->ring, &m->reader, m->id);
	m->own = m->heard = 0;
	m->behind = 0;
	/* Who spoke to nobody may go on. */
	hub_release(m->of);
}

void
hub_wake(struct hub_member *m)
{
	struct hub *h = m->of;

	if (h == NULL)
		return;
	hub_queue(m);
	hub_touch(m->in);
	if (m->out_over || !m->out->ready)
		return;
	hub_push(m);
	hub_release(h);
}

bool
hub_say(struct hub *h, struct hub_member *from, const void *text, size_t n)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text,
	    .iov_len = n };

	if (fanout_add(&h->ring, from != NULL ? from->id : 0, &iov, 1,
	    n) == -1)
		return false;
	if (from != NULL && hub_hears(from))
		from->own += n;
	h->dirty = true;
	hub_serve_later(h);
	return true;
}

void
hub_tell(struct hub_member *m, const char *text, size_t n)
{
	char *all;

	if (m->out_over || n == 0)
		return;
	if ((all = realloc(m->text, m->text_len + n)) == NULL)
		return;
	memcpy(all + m->text_len, text, n);
	m->text = all;
	m->text_len += n;
	m->of->dirty = true;
	hub_serve_later(m->of);
}

void
hub_silence(struct hub_member *m)
{
	if (m->of == NULL || m->in_over)
		return;
	hub_unqueue(m);
	m->in_over = true;
	m->in->wants = NULL;
	hub_touch(m->in);
}

void
hub_finish(struct hub_member *m, const char *bye)
{
	if (m->of == NULL)
		return;
	hub_silence(m);
	if (m->out_over || m->finishing)
		return;
	m->due = hub_missing(m);
	/* Whoever speaks to it alone speaks to nobody. */
	if (hub_hears(m) && !m->stays)
		m->of->n--;
	m->finishing = true;
	if (bye != NULL)
		m->bye = strdup(bye);
	m->of->dirty = true;
	hub_serve_later(m->of);
}

void
hub_remove(struct hub_member *m)
{
	struct hub *h = m->of;

	if (h == NULL)
		return;
	if (!m->out_over)
		hub_detach_out(m);
	hub_silence(m);
	hub_unqueue(m);
	TAILQ_REMOVE(&h->members, m, link);
	m->of = NULL;
}
