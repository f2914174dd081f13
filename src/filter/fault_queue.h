/*
 * When the bytes in a ring may leave: a queue of pieces, in the order of the
 * ring. A piece is a datagram, or bytes of a stream that came together.
 *
 * Law: no piece has an earlier date than the piece before.
 */
#ifndef FILTER_FAULT_QUEUE_H
#define FILTER_FAULT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most pieces; 256 KiB of memory. */
#define FAULT_PIECES	((size_t)16384)

struct fault_piece {
	size_t		 n;		/* bytes */
	int64_t		 due;		/* monotonic, ns */
};

struct fault_queue {
	struct fault_piece	*pieces;	/* NULL: none were needed yet */
	size_t			 room;		/* a power of two */
	size_t			 head, used;
	bool			 begun;		/* of the first piece, a part
						   has left */
};

void	fault_queue_free(struct fault_queue *);
/* False: the queue has its largest size and is full, or there is no memory. */
bool	fault_queue_put(struct fault_queue *, size_t n, int64_t due);
/*
 * The same for bytes that need not stay apart: joins the last piece, if that is
 * due by nearly the same time, or if there is no other room.
 */
void	fault_queue_join(struct fault_queue *, size_t n, int64_t due);
/* n bytes have left, of one piece or several. */
void	fault_queue_take(struct fault_queue *, size_t n);
/*
 * How many bytes are due by now; at the first that are not, *when is their
 * date.
 */
size_t	fault_queue_due(const struct fault_queue *, int64_t now,
	    int64_t *when);
/* The first piece; NULL: the queue is empty. */
const struct fault_piece	*fault_queue_first(const struct fault_queue *);
/*
 * The last piece overtakes the piece before, and both are due when the last
 * was. Returns how many bytes were overtaken; 0: there is no such piece, or
 * part of it has left.
 */
size_t	fault_queue_swap(struct fault_queue *);

#endif
