/*
 * What each listener of a room is to get, worked out beside it: the records
 * since it came, but not its own, and what it alone is told between two of
 * them (or of its stamped lines).
 */
#ifndef FUZZ_HUB_MODEL_H
#define FUZZ_HUB_MODEL_H

#include <string.h>

#include "fuzz.h"
#include "hub/hub.h"

#define LISTENERS	6
#define RECORDS		4096
#define TEXT		512
#define STAMP		"12:00 "
#define BYE		"bye\n"

struct record {
	unsigned	 from;
	uint64_t	 start;		/* among all that this one said */
	size_t		 len;
	uint64_t	 place;		/* where it begins, headers included */
};

/* How far one has come. */
struct cursor {
	size_t	rec, off;		/* of the records */
	size_t	stamp, text, bye;
	bool	mid;			/* nothing may come between */
	size_t	held;			/* ... before so many bytes are taken */
};

struct listener {
	unsigned		 id;
	bool			 stamped;
	bool			 joined, finishing, deaf;
	struct cursor		 cur;
	size_t			 limit;		/* the first record that it
						   does not get */
	char			 text[TEXT];	/* for it alone */
	size_t			 text_len;
	uint64_t		 due, got, fell;	/* bytes of records */
	int64_t			 behind;	/* by half the ring, since; 0 */
	bool			 ours;		/* words of ours came since it
						   had everything */
	bool			 ahead;		/* somebody else was, or it
						   spoke itself, at the last */
};

static struct {
	struct record		 records[RECORDS];
	size_t			 n;
	uint64_t		 place;
	size_t			 ring;
	struct loop		*loop;
	struct listener		*all[LISTENERS];
	bool			 reading;	/* a member's words come in */
} model;

/* What somebody says there. */
static inline unsigned char
byte_of(unsigned who, uint64_t pos)
{
	uint64_t h = (pos + 1) * UINT64_C(0x9e3779b97f4a7c15) + who * 7919;

	h ^= h >> 29;
	return h % 11 == 0 ? '\n' : (unsigned char)('!' + h % 90);
}

static inline bool
model_hears(const struct listener *l)
{
	return l->joined && !l->finishing && !l->deaf;
}

static inline void
model_skip(const struct listener *l, struct cursor *c)
{
	while (c->rec < l->limit && (model.records[c->rec].len == 0 ||
	    model.records[c->rec].from == l->id))
		c->rec++;
}

static inline unsigned char
model_record_byte(const struct listener *l, struct cursor *c)
{
	const struct record *r = &model.records[c->rec];
	unsigned char b;

	c->mid = true;
	c->held -= c->held > 0;
	if (l->stamped && c->stamp < strlen(STAMP))
		return (unsigned char)STAMP[c->stamp++];
	b = byte_of(r->from, r->start + c->off++);
	if (c->off == r->len || (l->stamped && b == '\n')) {
		c->mid = false;
		c->stamp = 0;
	}
	if (c->off == r->len) {
		c->rec++;
		c->off = 0;
	}
	return b;
}

/* The next byte that it is to get; -1: none. */
static inline int
model_next(const struct listener *l, struct cursor *c)
{
	if (!c->mid && c->held == 0 && c->text < l->text_len)
		return (unsigned char)l->text[c->text++];
	model_skip(l, c);
	if (c->rec < l->limit)
		return model_record_byte(l, c);
	if (l->finishing && c->bye < strlen(BYE))
		return (unsigned char)BYE[c->bye++];
	return -1;
}

/* So far behind, in the ring. */
static inline uint64_t
model_lag(const struct listener *l)
{
	struct cursor c = l->cur;

	model_skip(l, &c);
	if (c.rec == model.n)
		return 0;
	return model.place - model.records[c.rec].place -
	    (c.off > 0 ? FANOUT_HEAD + c.off : 0);
}

static inline void
model_note_lag(struct listener *l)
{
	uint64_t lag = model_hears(l) ? model_lag(l) : 0;

	if (lag <= model.ring / 2)
		l->behind = 0;
	else if (l->behind == 0)
		l->behind = loop_now(model.loop);
	if (lag == 0)
		l->ours = false;
}

static inline void
model_join(struct listener *l)
{
	l->joined = true;
	l->cur.rec = l->limit = model.n;
}

/* Of the one that is ahead of all. */
static inline uint64_t
model_least_lag(void)
{
	uint64_t least = UINT64_MAX, lag;
	unsigned i;

	for (i = 0; i < LISTENERS; i++) {
		lag = model_hears(model.all[i]) ? model_lag(model.all[i]) :
		    UINT64_MAX;
		least = lag < least ? lag : least;
	}
	return least;
}

static inline void
model_add(unsigned from, uint64_t start, size_t len)
{
	uint64_t least = model_least_lag();
	struct listener *l;
	unsigned i;

	FUZZ_CHECK(model.n < RECORDS);
	model.records[model.n++] = (struct record){ from, start, len,
	    model.place };
	model.place += FANOUT_HEAD + len;
	for (i = 0; i < LISTENERS; i++) {
		l = model.all[i];
		if (!model_hears(l))
			continue;
		l->limit = model.n;
		l->ours |= !model.reading;
		l->ahead = l->id == from || model_lag(l) > least;
		if (l->id != from)
			l->due += len;
		model_note_lag(l);
	}
}

/* These bytes are offered, and so many are taken: are all of them right? */
static inline size_t
model_offer(struct listener *l, const struct iovec *iov, int cnt, size_t most)
{
	struct cursor c = l->cur, was = c;
	size_t all = 0, n = 0, k;

	for (; cnt > 0; cnt--, iov++)
		for (k = 0; k < iov->iov_len; k++, all++) {
			FUZZ_CHECK(model_next(l, &c) ==
			    ((unsigned char *)iov->iov_base)[k]);
			if (n < most) {
				n++;
				l->cur = c;
			}
		}
	FUZZ_CHECK(all > 0);
	/* What was not taken comes again, in front. */
	if (was.text == c.text && was.bye == c.bye) {
		l->cur.held = l->stamped ? 0 : all - n;
		l->cur.mid |= n == 0 && l->stamped;
	}
	for (; was.rec < l->cur.rec; was.rec++, was.off = 0)
		if (model.records[was.rec].from != l->id)
			l->got += model.records[was.rec].len - was.off;
	l->got += l->cur.off - was.off;
	model_note_lag(l);
	return n;
}

/*
 * It fell off. Words of ours wait for nobody; else it had its time, and
 * somebody kept pace, or it pushed itself off.
 */
static inline void
model_check_fall(const struct listener *l)
{
	if (l->ours || l->finishing)
		return;
	FUZZ_CHECK(l->behind != 0 &&
	    loop_now(model.loop) - l->behind >= HUB_GRACE);
	FUZZ_CHECK(l->ahead);
}

/* ... and goes on with what comes next. */
static inline void
model_fall(struct listener *l, uint64_t n)
{
	model_check_fall(l);
	l->fell += n;
	FUZZ_CHECK(l->got + l->fell == l->due);
	l->cur.rec = l->limit = model.n;
	l->cur.off = l->cur.stamp = 0;
	l->cur.mid = false;
	l->cur.held = 0;
	model_note_lag(l);
}

#endif
