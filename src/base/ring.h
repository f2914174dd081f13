/*
 * A bounded ring of bytes. The first ring_space allocates the memory and
 * ring_release frees it, so that an idle flow costs no buffer.
 */
#ifndef BASE_RING_H
#define BASE_RING_H

#include <sys/uio.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

struct ring {
	unsigned char	*mem;		/* NULL until first used */
	size_t		 cap;		/* bytes, fixed at ring_init */
	size_t		 head;		/* next byte to take */
	size_t		 used;
};

void	ring_init(struct ring *, size_t cap);
/* Frees the memory. The caller counts the bytes held, which are lost. */
void	ring_free(struct ring *);
/* Frees the memory of an empty ring. */
void	ring_release(struct ring *);
/* The same with a cache, which also lends memory to a ring without any. */
void	ring_give(struct ring *, struct buf_cache *);
void	ring_borrow(struct ring *, struct buf_cache *);

static inline size_t
ring_used(const struct ring *r)
{
	return r->used;
}

static inline size_t
ring_room(const struct ring *r)
{
	return r->cap - r->used;
}

/* The free room after the bytes held, in one piece. */
static inline size_t
ring_ahead(const struct ring *r)
{
	return r->head + r->used < r->cap ? r->cap - r->head - r->used : 0;
}

/*
 * The free room, as at most two pieces, of at most max bytes together.
 * Returns how many pieces: 0 when full, -1 with ENOMEM.
 */
int	ring_space(struct ring *, struct iovec iov[2], size_t max);
/* Moves the held bytes so that the free room is a single piece. */
void	ring_straighten(struct ring *);
/* Say that n bytes were put into the space. */
void	ring_put(struct ring *, size_t n);
/* The held bytes, as at most two pieces, of at most max bytes together. */
int	ring_data(const struct ring *, struct iovec iov[2], size_t max);
/* Say that n bytes were taken. */
void	ring_take(struct ring *, size_t n);
/* Drops the last n bytes held. */
void	ring_cut(struct ring *, size_t n);
/* Puts a copy of the last n bytes held after these, if there is room. */
bool	ring_repeat(struct ring *, size_t n);
/* Of the last bytes held, the last n and the before bytes change places. */
void	ring_swap(struct ring *, size_t before, size_t n);

#endif
