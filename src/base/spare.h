/*
 * Buffers that are not in use, kept for the next who needs one of their size:
 * an idle connection gives its buffer back after each message, and a C
 * library may ask the system for each as large as these, and return it.
 */
#ifndef BASE_SPARE_H
#define BASE_SPARE_H

#include <stddef.h>

/* What is larger is not kept. */
#define SPARE_MAX	((size_t)1 << 20)
#define SPARES		3	/* what a room of many uses at once */

struct spare {
	struct {
		void	*mem;		/* NULL: none is kept */
		size_t	 size;
	} of[SPARES];
};

/* One of this size if it is there, or NULL. A spare of NULL keeps none. */
void	*spare_lend(struct spare *, size_t size);
/* The same, or a new one; NULL with ENOMEM. */
void	*spare_take(struct spare *, size_t size);
/* Back; NULL is fine. Where too many are kept, the oldest is freed. */
void	 spare_give(struct spare *, void *mem, size_t size);
/* Free them all. */
void	 spare_free(struct spare *);

#endif
