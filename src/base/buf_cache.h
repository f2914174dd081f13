/*
 * Unused buffers, kept for the next flow that needs their size: an
 * idle connection gives its buffer back after each message, and a C library
 * may map and unmap memory for each buffer of this size.
 */
#ifndef BASE_BUF_CACHE_H
#define BASE_BUF_CACHE_H

#include <stddef.h>

/* Larger buffers than a batch of datagrams are not kept. */
#define SPARE_MAX	((size_t)3 << 20)
#define SPARES		3	/* as many as a room uses at once */

struct buf_cache {
	struct {
		void	*mem;		/* NULL: none is kept */
		size_t	 size;
	} of[SPARES];
};

/* A kept buffer of this size, or NULL. A cache of NULL keeps none. */
void	*buf_cache_lend(struct buf_cache *, size_t size);
/* The same, or a new buffer; NULL with ENOMEM. */
void	*buf_cache_take(struct buf_cache *, size_t size);
/* Keeps a buffer, or NULL; the oldest is freed if there are too many. */
void	 buf_cache_give(struct buf_cache *, void *mem, size_t size);
/* Frees all buffers. */
void	 buf_cache_free(struct buf_cache *);

#endif
