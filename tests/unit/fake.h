/*
 * An end that follows a script: what each read, write and shut comes to is
 * said beforehand, and the laws of the pump are watched from outside:
 *
 *	no read after the end, no write or shut after a failure or a shut;
 *	no shut while the flow or its filter holds a byte;
 *	a record is read into one piece that has room for it.
 *
 * Breaking one sets broke, a sentence. After its script a source ends (or
 * says AGAIN, if it stays), a sink takes everything.
 */
#ifndef FAKE_H
#define FAKE_H

#include <errno.h>
#include <string.h>

#include "pump/flow.h"

enum fake_what {
	FAKE_SOME,		/* n bytes, or as many as fit; a record of n */
	FAKE_AGAIN,
	FAKE_EOF,
	FAKE_ERR		/* num */
};

struct fake_step {
	enum fake_what	what;
	size_t		n;
	int		num;
};

#define FAKE_FULL	((size_t)1 << 30)
#define FAKE_KEEP	((size_t)1 << 18)
#define FAKE_RECORDS	64

struct fake_script {
	const struct fake_step	*steps;
	unsigned		 n, next;
};

struct fake {
	struct layer		 layer;
	struct half		 half;
	struct fd		 fd;		/* see fake_is_pipe */
	struct fake_script	 script;	/* of reads or writes */
	struct fake_script	 shuts;
	const struct flow	*flow;
	const char		*text;		/* what it reads, or NULL */
	size_t			 text_len;
	bool			 stays;
	bool			 ended, failed, shut;
	bool			 joins;		/* datagrams may cross
						   together */
	unsigned		 bursts;	/* writes of several */
	unsigned		 calls;
	uint64_t		 moved;		/* bytes read or written */
	unsigned		 nrecords;
	size_t			 records[FAKE_RECORDS];
	const char		*broke;
	unsigned char		 got[FAKE_KEEP]; /* what was written */
};

static inline unsigned char
fake_byte(const struct fake *k, uint64_t pos)
{
	if (k->text != NULL)
		return (unsigned char)k->text[pos];
	return (unsigned char)(pos * 31 + pos / 251 + 7);
}

static inline struct fake_step
fake_next(struct fake_script *s, enum fake_what last)
{
	if (s->next < s->n)
		return s->steps[s->next++];
	return (struct fake_step){ .what = last, .n = FAKE_FULL };
}

static inline void
fake_break(struct fake *k, bool bad, const char *law)
{
	if (bad && k->broke == NULL)
		k->broke = law;
}

static inline size_t
fake_room(const struct iovec *iov, int cnt)
{
	size_t sum = 0;
	int i;

	for (i = 0; i < cnt; i++)
		sum += iov[i].iov_len;
	return sum;
}

static inline void
fake_note_record(struct fake *k, size_t n)
{
	if (k->nrecords < FAKE_RECORDS)
		k->records[k->nrecords++] = n;
}

static inline enum io
fake_fill(struct fake *k, const struct iovec *iov, int cnt, size_t want,
    size_t *n)
{
	size_t room = fake_room(iov, cnt), j;
	int i;

	if (k->half.record) {
		fake_break(k, want > iov[0].iov_len,
		    "a record is read into a piece with room for it");
		room = iov[0].iov_len;
		fake_note_record(k, want);
	} else
		fake_break(k, room == 0, "a stream is not read into nothing");
	*n = 0;
	want = want < room ? want : room;
	if (k->text != NULL && want > k->text_len - k->moved)
		want = (size_t)(k->text_len - k->moved);
	for (i = 0; i < cnt; i++)
		for (j = 0; j < iov[i].iov_len && *n < want; j++, ++*n)
			((unsigned char *)iov[i].iov_base)[j] =
			    fake_byte(k, k->moved++);
	return IO_OK;
}

static inline enum io
fake_read(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct fake *k = (struct fake *)(void *)l;
	struct fake_step s;

	k->calls++;
	*n = 0;
	fake_break(k, k->ended, "nothing is read after the end");
	fake_break(k, k->failed, "nothing is read after an error");
	s = fake_next(&k->script, k->stays ? FAKE_AGAIN : FAKE_EOF);
	if (s.what == FAKE_SOME && k->text != NULL && k->moved == k->text_len)
		s.what = FAKE_EOF;
	switch (s.what) {
	case FAKE_AGAIN:
		errno = EAGAIN;
		return IO_AGAIN;
	case FAKE_EOF:
		k->ended = true;
		return IO_EOF;
	case FAKE_ERR:
		/* The error of one datagram is not the end of a socket. */
		k->failed = !k->half.record;
		errno = s.num;
		return IO_FAIL;
	case FAKE_SOME:
		break;
	}
	return fake_fill(k, iov, cnt, s.n, n);
}

static inline enum io
fake_drain(struct fake *k, const struct iovec *iov, int cnt, size_t want,
    size_t *n)
{
	size_t j;
	int i;

	if (k->half.record) {
		want = fake_room(iov, cnt);
		fake_note_record(k, want);
	} else
		fake_break(k, fake_room(iov, cnt) == 0,
		    "a stream is not written nothing");
	*n = 0;
	for (i = 0; i < cnt; i++)
		for (j = 0; j < iov[i].iov_len && *n < want;
		    j++, ++*n, k->moved++)
			if (k->moved < FAKE_KEEP)
				k->got[k->moved] =
				    ((unsigned char *)iov[i].iov_base)[j];
	return IO_OK;
}

static inline enum io
fake_write(struct layer *l, const struct iovec *iov, int cnt, size_t *n)
{
	struct fake *k = (struct fake *)(void *)l;
	struct fake_step s;

	k->calls++;
	*n = 0;
	fake_break(k, k->shut, "nothing is written after a shut");
	fake_break(k, k->failed, "nothing is written after a failure");
	s = fake_next(&k->script, FAKE_SOME);
	switch (s.what) {
	case FAKE_AGAIN:
		errno = EAGAIN;
		return IO_AGAIN;
	case FAKE_EOF:
		k->failed = true;
		errno = 0;
		return IO_EOF;
	case FAKE_ERR:
		k->failed = !k->half.record;
		errno = s.num;
		return IO_FAIL;
	case FAKE_SOME:
		break;
	}
	return fake_drain(k, iov, cnt, s.n, n);
}

/* All or nothing: one call, several records. */
static inline enum io
fake_write_pieces(struct layer *l, const struct iovec *iov, int cnt,
    size_t piece, size_t *n)
{
	struct fake *k = (struct fake *)(void *)l;
	size_t left = fake_room(iov, cnt), size;
	unsigned before = k->nrecords;
	enum io io;

	fake_break(k, left <= piece, "one piece is written by itself");
	io = fake_write(l, iov, cnt, n);
	if (io != IO_OK)
		return io;
	k->bursts++;
	for (k->nrecords = before; left > 0; left -= size) {
		size = left < piece ? left : piece;
		fake_note_record(k, size);
	}
	return IO_OK;
}

static inline bool
fake_joins(struct layer *l)
{
	return ((struct fake *)(void *)l)->joins;
}

static inline bool
fake_cuts(const struct layer *l)
{
	return ((const struct fake *)(const void *)l)->joins;
}

static inline enum io
fake_shut(struct layer *l)
{
	struct fake *k = (struct fake *)(void *)l;
	struct fake_step s;

	k->calls++;
	fake_break(k, k->shut, "a shut comes once");
	fake_break(k, k->failed, "what has failed is not shut");
	fake_break(k, k->flow != NULL && flow_held(k->flow) > 0,
	    "no shut while the flow holds a byte");
	fake_break(k, k->flow != NULL && !k->flow->discard &&
	    filter_held(k->flow->filter) > 0,
	    "no shut while the filter holds a byte");
	s = fake_next(&k->shuts, FAKE_SOME);
	if (s.what == FAKE_AGAIN)
		return IO_AGAIN;
	k->shut = true;
	errno = s.num;
	return s.what == FAKE_ERR ? IO_FAIL : IO_OK;
}

static inline void
fake_close(struct layer *l)
{
	(void)l;
}

/* A source or a sink, ready to be tried. The bytes it got stay as they are. */
static inline void
fake_init(struct fake *k, const char *name, const struct fake_step *steps,
    unsigned n)
{
	static const struct layer_ops ops = {
		.read = fake_read, .write = fake_write,
		.shut = fake_shut, .close = fake_close, .join = fake_joins,
		.cuts = fake_cuts, .write_pieces = fake_write_pieces
	};

	memset(k, 0, offsetof(struct fake, got));
	k->layer.ops = &ops;
	k->half.top = &k->layer;
	k->half.name = name;
	k->half.ready = true;
	k->script.steps = steps;
	k->script.n = n;
}

/* A source that the flow takes for a pipe. */
static inline void
fake_is_pipe(struct fake *k)
{
	k->fd = (struct fd){ .num = -1, .kind = FD_PIPE };
	k->half.fd = &k->fd;
}

/*
 * What must hold after every step, seen from both fake ends; a sentence, or
 * NULL when all is well.
 */
static inline const char *
fake_law(const struct flow *f, const struct fake *src, const struct fake *dst)
{
	const struct ledger *l = &f->ledger;

	if (src->broke != NULL)
		return src->broke;
	if (dst->broke != NULL)
		return dst->broke;
	if (l->made != l->written + l->lost + l->dropped + flow_held(f))
		return "made = written + held + lost + dropped";
	if (f->filter == NULL && f->gate == NULL && l->read != l->made)
		return "read = made where no filter or gate stands";
	if (l->read != src->moved)
		return "read is what the source gave";
	if (l->written != dst->moved)
		return "written is what the sink took";
	if (flow_held(f) == 0 && f->ring.mem != NULL)
		return "a flow that holds nothing has no buffer";
	if (f->state == FLOW_DONE)
		return flow_held(f) == 0 ? NULL : "what is done holds nothing";
	if (!flow_wants_read(f) && !flow_wants_write(f) && flow_date(f) == 0 &&
	    (f->state != FLOW_OPEN || f->pace.state == PACE_WAIT))
		return "a flow that is not done waits for something";
	return NULL;
}

/* What a poller would tell: what is wanted becomes ready. */
static inline void
fake_poll(struct flow *f)
{
	if (flow_date(f) > f->now)
		f->now = flow_date(f);
	if (flow_wants_read(f))
		f->src->ready = true;
	if (flow_wants_write(f))
		f->dst->ready = true;
	(void)flow_tries(f);
}

/*
 * Step until done, or until nothing moves any more; a law that was broken,
 * or NULL.
 */
static inline const char *
fake_run(struct flow *f, struct fake *src, struct fake *dst)
{
	unsigned steps = 0, idle = 0, calls = 0;
	const char *law;

	src->flow = dst->flow = f;
	while (f->state != FLOW_DONE) {
		flow_step(f);
		if ((law = fake_law(f, src, dst)) != NULL)
			return law;
		if (++steps > 10000)
			return "a flow comes to its end";
		/* A source that stays is waited for. */
		if (src->stays && src->script.next == src->script.n &&
		    flow_held(f) == 0 && ++idle > 2)
			return NULL;
		if (src->calls + dst->calls == calls && flow_date(f) == 0 &&
		    ++idle > 4)
			return "what is ready is tried";
		calls = src->calls + dst->calls;
		fake_poll(f);
	}
	return NULL;
}

#endif
