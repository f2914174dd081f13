/*
 * Bytes that grow at one end and are taken at the other.
 *
 * Law: memory that is not there is remembered (failed), and nothing is added
 * any more; whoever fills a buffer asks at a place where it can say so.
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
/* Make room for so many more, so that what is added is not moved. */
bool		 buf_reserve(struct buf *, size_t);
void		 buf_add(struct buf *, const void *, size_t);
void		 buf_str(struct buf *, const char *);
void		 buf_fmt(struct buf *, const char *, ...)
		    __attribute__((format(printf, 2, 3)));
/* So many were taken. An empty buffer gives large memory back. */
void		 buf_take(struct buf *, size_t);

static inline const char *
buf_data(const struct buf *b)
{
	return b->mem == NULL ? "" : b->mem + b->head;
}

#endif
