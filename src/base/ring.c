/* A bounded ring of bytes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ring.h"

void
ring_init(struct ring *r, size_t cap)
{
	r->mem = NULL;
	r->cap = cap;
	r->head = r->used = 0;
}

void
ring_free(struct ring *r)
{
	free(r->mem);
	r->mem = NULL;
	r->head = r->used = 0;
}

void
ring_release(struct ring *r)
{
	if (r->used == 0)
		ring_free(r);
}

void
ring_give(struct ring *r, struct buf_cache *buf_cache)
{
	if (r->used != 0)
		return;
	buf_cache_give(buf_cache, r->mem, r->cap);
	r->mem = NULL;
	r->head = 0;
}

void
ring_borrow(struct ring *r, struct buf_cache *buf_cache)
{
	if (r->mem == NULL)
		r->mem = buf_cache_lend(buf_cache, r->cap);
}

/* Two pieces from a start and a length that may wrap. */
static int
ring_pieces(const struct ring *r, size_t from, size_t len, struct iovec iov[2])
{
	size_t first;

	if (len == 0)
		return 0;
	if (from >= r->cap)
		from -= r->cap;
	first = r->cap - from;
	iov[0].iov_base = r->mem + from;
	if (len <= first) {
		iov[0].iov_len = len;
		return 1;
	}
	iov[0].iov_len = first;
	iov[1].iov_base = r->mem;
	iov[1].iov_len = len - first;
	return 2;
}

int
ring_space(struct ring *r, struct iovec iov[2], size_t max)
{
	size_t room = ring_room(r);

	if (r->mem == NULL && (r->mem = malloc(r->cap)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	return ring_pieces(r, r->head + r->used, room < max ? room : max, iov);
}

void
ring_straighten(struct ring *r)
{
	if (r->head == 0 || r->head + r->used > r->cap)
		return;
	memmove(r->mem, r->mem + r->head, r->used);
	r->head = 0;
}

void
ring_put(struct ring *r, size_t n)
{
	r->used += n;
}

int
ring_data(const struct ring *r, struct iovec iov[2], size_t max)
{
	return ring_pieces(r, r->head, r->used < max ? r->used : max, iov);
}

void
ring_take(struct ring *r, size_t n)
{
	r->used -= n;
	r->head += n;
	if (r->head >= r->cap)
		r->head -= r->cap;
	/* An empty ring starts over: the next read is one piece. */
	if (r->used == 0)
		r->head = 0;
}

void
ring_cut(struct ring *r, size_t n)
{
	r->used -= n;
}

static unsigned char *
ring_at(const struct ring *r, size_t i)
{
	size_t at = r->head + i;

	return r->mem + (at >= r->cap ? at - r->cap : at);
}

bool
ring_repeat(struct ring *r, size_t n)
{
	if (n > ring_room(r))
		return false;
	for (size_t i = 0; i < n; i++)
		*ring_at(r, r->used + i) = *ring_at(r, r->used + i - n);
	r->used += n;
	return true;
}

static void
ring_reverse(struct ring *r, size_t from, size_t n)
{
	unsigned char byte, *a, *b;

	for (size_t i = 0; i < n / 2; i++) {
		a = ring_at(r, from + i);
		b = ring_at(r, from + n - 1 - i);
		byte = *a;
		*a = *b;
		*b = byte;
	}
}

void
ring_swap(struct ring *r, size_t before, size_t n)
{
	size_t from = r->used - before - n;

	ring_reverse(r, from, before + n);
	ring_reverse(r, from, n);
	ring_reverse(r, from + n, before);
}
