/*
 * Ends of a room's members that do as the target says, and look at
 * everything that the hub asks of them. hub_model.h knows what they are to
 * get.
 */
#ifndef FUZZ_HUB_ENDS_H
#define FUZZ_HUB_ENDS_H

#include <errno.h>

#include "hub_model.h"

#define READ		16
/* One read may become so many records. */
#define SPLITS		3
#define BURST		(READ + SPLITS * FANOUT_HEAD)
#define PLENTY		((size_t)1 << 40)
/* So often. */
#define WORDS_OF_OURS	1000

/* How the owner of an end behaves. */
enum {
	SPLIT = 1, TELLS_BACK = 2, FINISHES = 4, ANNOUNCES = 8, LATE = 16,
	SILENCES = 32
};

static struct end {
	struct layer		 layer;
	struct half		 in, out;
	struct hub_member	 member;
	struct listener		 heard;
	unsigned		 manners;
	/* What it does when it is called. */
	size_t			 to_say, piece;
	int			 in_num;	/* then: 0 its end; -1: stays */
	size_t			 credit, gulp;
	int			 out_num;	/* -1: it works */
	unsigned		 shy;		/* a shut says AGAIN so often */
	/* What has become of it. */
	uint64_t		 spoken, passed;
	size_t			 said_of_it;	/* in this turn, in the ring */
	bool			 mute, shut;
} ends[LISTENERS];

static struct loop	*loop;
static struct hub	 hub;
static size_t		 nours;
static uint64_t		 ours;		/* bytes */
static unsigned		 numbered, reads, writes;

static inline void
check_ledger(const struct end *e)
{
	const struct listener *l = &e->heard;

	FUZZ_CHECK(e->member.written == l->got);
	FUZZ_CHECK(e->member.lost == (l->deaf ? l->due - l->got : l->fell));
	FUZZ_CHECK(e->member.read == e->spoken);
}

/* ---- What the hub calls ------------------------------------------------- */

static inline struct end *
end_of(struct layer *l)
{
	return (struct end *)l;
}

static inline enum io
end_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = end_of(l);
	size_t i;

	FUZZ_CHECK(cnt == 1 && iov->iov_len == READ);
	FUZZ_CHECK(!e->mute && !hub_has_text(&e->member));
	FUZZ_CHECK(!e->member.waits || hub.n > 0);
	reads++;
	*n = e->to_say < e->piece ? e->to_say : e->piece;
	if (*n > 0) {
		for (i = 0; i < *n; i++)
			((unsigned char *)iov->iov_base)[i] =
			    byte_of(e->member.id, e->spoken++);
		e->to_say -= *n;
		return IO_OK;
	}
	if (e->in_num == -1)
		return IO_AGAIN;
	e->mute = true;
	errno = e->in_num;
	return e->in_num == 0 ? IO_EOF : IO_FAIL;
}

static inline enum io
end_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct end *e = end_of(l);

	*n = 0;
	FUZZ_CHECK(!e->shut && !e->heard.deaf);
	if (e->out_num != -1) {
		errno = e->out_num;
		return e->out_num == 0 ? IO_EOF : IO_FAIL;
	}
	*n = model_offer(&e->heard, iov, cnt,
	    e->credit < e->gulp ? e->credit : e->gulp);
	e->credit -= *n;
	writes += *n > 0;
	return *n > 0 ? IO_OK : IO_AGAIN;
}

static inline enum io
end_shut(struct layer *l)
{
	struct end *e = end_of(l);
	struct cursor c = e->heard.cur;

	FUZZ_CHECK(e->heard.finishing && !e->shut && !e->heard.deaf);
	FUZZ_CHECK(model_next(&e->heard, &c) == -1);
	if (e->shy > 0) {
		e->shy--;
		return IO_AGAIN;
	}
	e->shut = true;
	return IO_OK;
}

static const struct layer_ops end_ops = {
	.read = end_read, .write = end_write, .shut = end_shut
};

/* Words of ours; but (NULL: to everybody) not to the one they are about. */
static inline void
announce(struct end *about, size_t n)
{
	unsigned char text[1024];
	unsigned from = about != NULL ? about->member.id : 0;
	bool was = model.reading, fits = n <= fanout_most(&hub.ring);
	/* It has said nothing so far on. */
	uint64_t start = ours + ((uint64_t)1 << 40);

	/* A ring of words about one, before it is looked at: no room does. */
	if (nours == WORDS_OF_OURS || (about != NULL &&
	    about->said_of_it + n + FANOUT_HEAD > hub.opt.ring / 2))
		return;
	nours++;
	if (about != NULL)
		about->said_of_it += n + FANOUT_HEAD;
	for (size_t i = 0; i < n; i++)
		text[i] = byte_of(from, start + i);
	model.reading = false;
	if (fits)
		model_add(from, start, n);
	ours += n;
	FUZZ_CHECK(hub_broadcast(&hub, about != NULL ? &about->member : NULL,
	    text, n) == fits);
	model.reading = was;
}

static inline void
tell(struct end *e, const char *text)
{
	struct listener *l = &e->heard;
	size_t n = strlen(text);

	if (l->finishing || l->deaf || l->text_len + n > TEXT)
		return;
	memcpy(l->text + l->text_len, text, n);
	l->text_len += n;
	hub_send(&e->member, text, n);
	FUZZ_CHECK(hub_has_text(&e->member));
}

static inline void
finish(struct end *e, bool bye)
{
	struct listener *l = &e->heard;

	e->mute = true;
	if (!l->finishing && !l->deaf)
		l->cur.bye = bye ? 0 : strlen(BYE);
	l->finishing = true;
	model_note_lag(l);
	hub_finish(&e->member, bye ? BYE : NULL);
}

static inline void
on_said(struct hub_member *m, const unsigned char *text, size_t n)
{
	struct end *e = m->arg;
	size_t len, k;
	unsigned i;

	model.reading = true;
	for (i = 0; n > 0; i++, text += len, n -= len) {
		len = e->manners & SPLIT && i < SPLITS - 1 ? (n + 1) / 2 : n;
		for (k = 0; k < len; k++)
			FUZZ_CHECK(text[k] == byte_of(m->id, e->passed + k));
		model_add(m->id, e->passed, len);
		e->passed += len;
		FUZZ_CHECK(hub_broadcast(&hub, m, text, len));
	}
	model.reading = false;
	if (e->manners & TELLS_BACK)
		tell(e, "* heard\n");
}

static inline void
on_ended(struct hub_member *m, int num)
{
	struct end *e = m->arg;

	FUZZ_CHECK(e->mute && num == e->in_num && e->to_say == 0);
	if (e->manners & ANNOUNCES)
		announce(e, 7);
	if (e->manners & FINISHES)
		finish(e, true);
}

static inline void
on_deaf(struct hub_member *m, int num)
{
	struct end *e = m->arg;
	struct listener *l = &e->heard;

	FUZZ_CHECK(!l->deaf);
	if (num == ENOBUFS)
		model_check_fall(l);
	else if (num == 0)
		FUZZ_CHECK(e->shut && l->got + l->fell == l->due);
	else
		FUZZ_CHECK(num == (e->out_num == 0 ? EPIPE : e->out_num));
	l->deaf = true;
	model_note_lag(l);
	check_ledger(e);
	if (e->manners & ANNOUNCES)
		announce(e, 5);
	if (num == ENOBUFS || e->manners & SILENCES) {
		e->mute = true;
		hub_silence(m);
	}
}

static inline void
on_fell(struct hub_member *m, uint64_t n)
{
	struct end *e = m->arg;

	FUZZ_CHECK(m->stays && !e->heard.finishing);
	model_fall(&e->heard, n);
	check_ledger(e);
	tell(e, "* missed\n");
}

static inline void
put_stamp(char buf[HUB_STAMP_MAX])
{
	memcpy(buf, STAMP, sizeof(STAMP));
}

#endif
