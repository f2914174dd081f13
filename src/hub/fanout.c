/*
 * One bounded ring of records for many readers.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hub/fanout.h"

struct fanout_head {
	uint32_t	len;
	uint32_t	from;
};

_Static_assert(sizeof(struct fanout_head) == FANOUT_HEAD, "a header's size");

void
fanout_init(struct fanout *f, size_t cap)
{
	assert(cap > FANOUT_HEAD && cap <= UINT32_MAX);
	memset(f, 0, sizeof(*f));
	f->cap = cap;
	TAILQ_INIT(&f->readers);
}

static void
fanout_release(struct fanout *f)
{
	if (f->staged > 0)
		return;
	buf_cache_give(f->buf_cache, f->mem, f->cap);
	f->mem = NULL;
	f->oldest = f->next;
}

void
fanout_free(struct fanout *f)
{
	assert(TAILQ_EMPTY(&f->readers));
	f->staged = 0;
	fanout_release(f);
}

/* n bytes from this place on, as at most two pieces. */
static int
fanout_pieces(const struct fanout *f, uint64_t place, size_t n,
    struct iovec iov[2])
{
	size_t off = (size_t)((place - f->base) % f->cap);
	size_t first = f->cap - off;

	iov[0].iov_base = f->mem + off;
	iov[0].iov_len = n < first ? n : first;
	iov[1].iov_base = f->mem;
	iov[1].iov_len = n - iov[0].iov_len;
	return iov[1].iov_len > 0 ? 2 : 1;
}

static void
fanout_put(struct fanout *f, uint64_t place, const void *bytes, size_t n)
{
	struct iovec iov[2];

	if (n == 0)
		return;
	(void)fanout_pieces(f, place, n, iov);
	memcpy(iov[0].iov_base, bytes, iov[0].iov_len);
	memcpy(iov[1].iov_base, (const char *)bytes + iov[0].iov_len,
	    iov[1].iov_len);
}

/* The place after all bytes, staged ones included. */
static uint64_t
fanout_end(const struct fanout *f)
{
	return f->staged == 0 ? f->next : f->next + FANOUT_HEAD + f->staged;
}

static struct fanout_head
fanout_head_at(const struct fanout *f, uint64_t place)
{
	struct iovec iov[2];
	struct fanout_head h;

	(void)fanout_pieces(f, place, sizeof(h), iov);
	memcpy(&h, iov[0].iov_base, iov[0].iov_len);
	memcpy((char *)&h + iov[0].iov_len, iov[1].iov_base, iov[1].iov_len);
	return h;
}

void
fanout_join(struct fanout *f, struct fanout_reader *r, unsigned self)
{
	*r = (struct fanout_reader){ .of = f, .at = f->next,
	    .skips = f->staged, .since = f->bytes + f->staged, .self = self };
	TAILQ_INSERT_TAIL(&f->readers, r, link);
	f->n++;
}

bool
fanout_has_all(const struct fanout_reader *r)
{
	return r->left == 0 && r->at == r->of->next;
}

static void
fanout_caught_up(struct fanout *f)
{
	if (--f->behind == 0)
		fanout_release(f);
}

void
fanout_leave(struct fanout_reader *r)
{
	struct fanout *f = r->of;

	if (f == NULL)
		return;
	TAILQ_REMOVE(&f->readers, r, link);
	f->n--;
	if (!fanout_has_all(r))
		fanout_caught_up(f);
	if (f->n == 0)
		fanout_seal(f);
	r->of = NULL;
}

size_t
fanout_most(const struct fanout *f)
{
	return f->cap - FANOUT_HEAD;
}

size_t
fanout_room(const struct fanout *f)
{
	const struct fanout_reader *r;
	uint64_t lead = f->oldest, used;
	bool heard = false;

	TAILQ_FOREACH(r, &f->readers, link) {
		if (r->at - r->left > lead)
			lead = r->at - r->left;
		heard = heard || !r->sated;
	}
	used = f->next - lead + FANOUT_HEAD;
	return !heard || used >= f->cap / 2 ? 0 : f->cap / 2 - (size_t)used;
}

static int
fanout_make_room(struct fanout *f, size_t n)
{
	if (f->mem == NULL) {
		if ((f->mem = buf_cache_take(f->buf_cache, f->cap)) == NULL) {
			errno = ENOMEM;
			return -1;
		}
		f->base = f->oldest = f->next;
	}
	while (fanout_end(f) + n - f->oldest > f->cap)
		f->oldest += FANOUT_HEAD + fanout_head_at(f, f->oldest).len;
	return 0;
}

/* The record after next is complete: no reader has it yet. */
static void
fanout_end_record(struct fanout *f, size_t n, unsigned from)
{
	struct fanout_head h = { .len = (uint32_t)n, .from = from };

	fanout_put(f, f->next, &h, sizeof(h));
	f->next += FANOUT_HEAD + n;
	f->behind = f->n;
}

int
fanout_stage(struct fanout *f, const void *bytes, size_t n)
{
	size_t head = f->staged == 0 ? FANOUT_HEAD : 0;

	if (n > fanout_most(f) - f->staged) {
		errno = EMSGSIZE;
		return -1;
	}
	if (TAILQ_EMPTY(&f->readers) || n == 0) {
		f->bytes += n;
		return 0;
	}
	if (fanout_make_room(f, head + n) == -1)
		return -1;
	fanout_put(f, f->next + FANOUT_HEAD + f->staged, bytes, n);
	f->staged += n;
	return 0;
}

void
fanout_seal(struct fanout *f)
{
	size_t n = f->staged;

	if (n == 0)
		return;
	f->staged = 0;
	f->bytes += n;
	fanout_end_record(f, n, 0);
	if (f->n == 0)
		fanout_release(f);
}

size_t
fanout_staged(const struct fanout_reader *r)
{
	return r->of->staged - (r->at == r->of->next ? r->skips : 0);
}

int
fanout_add(struct fanout *f, struct fanout_reader *from,
    const struct iovec *iov, int cnt, size_t n)
{
	bool reads = from != NULL && from->of == f && from->self != 0;
	uint64_t place;

	if (n > fanout_most(f)) {
		errno = EMSGSIZE;
		return -1;
	}
	fanout_seal(f);
	f->bytes += n;
	if (TAILQ_EMPTY(&f->readers))
		return 0;
	if (fanout_make_room(f, FANOUT_HEAD + n) == -1) {
		f->bytes -= n;
		return -1;
	}
	/* The sender is a reader that will skip the record. */
	if (reads)
		from->taken += n;
	place = f->next + FANOUT_HEAD;
	fanout_end_record(f, n, reads ? from->self : 0);
	for (int i = 0; i < cnt && n > 0; i++) {
		size_t len = iov[i].iov_len < n ? iov[i].iov_len : n;

		fanout_put(f, place, iov[i].iov_base, len);
		place += len;
		n -= len;
	}
	assert(n == 0);
	return 0;
}

int
fanout_data(struct fanout_reader *r, struct iovec iov[2])
{
	struct fanout *f = r->of;

	if (fanout_has_all(r))
		return 0;
	/* The header of a record that was read in part is not needed. */
	if (r->at < f->oldest || (r->left > 0 && r->at == f->oldest))
		return -1;
	while (r->left == 0 && r->at != f->next) {
		struct fanout_head h = fanout_head_at(f, r->at);

		size_t skips = r->skips;

		r->at += FANOUT_HEAD + h.len;
		r->skips = 0;
		if (h.len > skips && (r->self == 0 || r->self != h.from)) {
			r->left = h.len - skips;
			break;
		}
		if (r->at == f->next)
			fanout_caught_up(f);
	}
	return r->left == 0 ? 0 : fanout_pieces(f, r->at - r->left, r->left,
	    iov);
}

int
fanout_data_many(struct fanout_reader *r, struct iovec *iov, int max)
{
	const struct fanout *f = r->of;
	int cnt = fanout_data(r, iov);
	uint64_t at = r->at;
	struct fanout_head h;

	if (cnt <= 0)
		return cnt;
	for (; at != f->next && cnt + 2 <= max; at += FANOUT_HEAD + h.len) {
		h = fanout_head_at(f, at);
		if (h.len > 0 && (r->self == 0 || r->self != h.from))
			cnt += fanout_pieces(f, at + FANOUT_HEAD, h.len,
			    iov + cnt);
	}
	return cnt;
}

void
fanout_take(struct fanout_reader *r, size_t n)
{
	struct iovec iov[2];
	size_t part;
	int cnt = 1;

	for (; n > 0 && cnt > 0; n -= part) {
		if (r->left == 0 && (cnt = fanout_data(r, iov)) <= 0)
			break;
		part = n < r->left ? n : r->left;
		r->left -= part;
		r->taken += part;
		if (fanout_has_all(r))
			fanout_caught_up(r->of);
	}
	assert(n == 0);
}

uint64_t
fanout_span(const struct fanout *f)
{
	return f->mem != NULL ? fanout_end(f) - f->base : 0;
}

uint64_t
fanout_lag(const struct fanout_reader *r)
{
	return fanout_end(r->of) - (r->at - r->left);
}

uint64_t
fanout_missing(const struct fanout_reader *r)
{
	return fanout_has_all(r) ? 0 : r->of->bytes - r->since - r->taken;
}
