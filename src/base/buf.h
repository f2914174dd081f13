/*
 * Bytes that grow at one end and are taken at the other.
 *
 * Law: a failure to allocate is remembered (failed), and no byte is added
 * after that; the caller checks failed where an error can be reported.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char	*mem;
	size_t	 head;		/* the first byte that is held */
	size_t	 used;		/* bytes held */
	size_t	 cap;
	bool	 failed;
};

/* Zeroed memory is an empty buffer. */
void		 buf_free(struct buf *);
/* Makes room for n more bytes, so that adding them moves no memory. */
bool		 buf_reserve(struct buf *, size_t);
void		 buf_add(struct buf *, const void *, size_t);
void		 buf_str(struct buf *, const char *);
void		 buf_fmt(struct buf *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
/* Takes n bytes from the front. An empty buffer frees large memory. */
void		 buf_take(struct buf *, size_t);

static inline const char *
buf_data(const struct buf *b)
{
	return b->mem == NULL ? "" : b->mem + b->head;
}

/*
 * Unused buffers, kept for the next flow that needs their size: an
 * idle connection gives its buffer back after each message, and a C library
 * may map and unmap memory for each buffer of this size.
 */

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
