/*
 * Buffers that are not in use, kept for the next who needs one of their size:
 * an idle connection gives its buffer back after each message, and a C
 * library may ask the system for each as large as these, and return it.
 */
#ifndef BASE_BUF_CACHE_H
#define BASE_BUF_CACHE_H

#include <stddef.h>

/* What is larger is not kept. */
#define SPARE_MAX	((size_t)1 << 20)
#define SPARES		3	/* what a room of many uses at once */

struct buf_cache {
	struct {
		void	*mem;		/* NULL: none is kept */
		size_t	 size;
	} of[SPARES];
};

/* One of this size if it is there, or NULL. A spare of NULL keeps none. */
void	*buf_cache_lend(struct buf_cache *, size_t size);
/* The same, or a new one; NULL with ENOMEM. */
void	*buf_cache_take(struct buf_cache *, size_t size);
/* Back; NULL is fine. Where too many are kept, the oldest is freed. */
void	 buf_cache_give(struct buf_cache *, void *mem, size_t size);
/* Free them all. */
void	 buf_cache_free(struct buf_cache *);

#endif
