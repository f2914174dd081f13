/*
 * The gate of the faults that a user asks for: latency, a rate, datagrams that
 * are dropped, doubled or overtaken, a stall, a reset, and a late end.
 *
 * Laws: no order but that of datagrams changes, and that only by request. The
 * chances follow from the seed and the number of the datagram alone, not from
 * the time: the same datagrams have the same faults again. Bytes that a fault
 * keeps back are dropped, which is no loss.
 */
#ifndef FILTER_FAULTS_H
#define FILTER_FAULTS_H

#include "base/buf.h"
#include "base/faults.h"
#include "filter/filter.h"

enum fault_way { FAULT_UP, FAULT_DOWN };

/*
 * A gate for one direction of a connection, which begins at the first turn.
 * inner: says which bytes belong together, and is taken, also if the result is
 * NULL; or NULL. Returns NULL without memory.
 */
struct gate	*gate_faults(const struct fault_rules *, enum fault_way,
		    struct gate *inner);

/*
 * When the bytes in a ring may leave: a queue of pieces, in the order of the
 * ring. A piece is a datagram, or bytes of a stream that came together. No
 * piece has an earlier date than the piece before.
 */

/* The most pieces; 256 KiB of memory. */
#define FAULT_PIECES	((size_t)16384)

struct fault_piece {
	size_t		 n;		/* bytes */
	int64_t		 due;		/* monotonic, ns */
};

/* Zeroed: empty. The pieces are to be freed. */
struct fault_queue {
	struct buf		 pieces;
	size_t			 used;
	bool			 begun;		/* of the first piece, a part
						   has left */
};

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

/*
 * Pseudo-random numbers that follow from a seed alone, on every machine: the
 * generator splitmix64 (Steele, Lea, Flood 2014). Not for secrets.
 */
struct dice {
	uint64_t	state;
};

/* Dice of the same seed and stream give the same numbers. */
void		dice_init(struct dice *, uint64_t seed, unsigned stream);
uint64_t	dice_next(struct dice *);
/* True with this chance, in millionths. Takes one number in any case. */
bool		dice_falls(struct dice *, uint32_t chance);
/* A number from -most to most; most is not negative. */
int64_t		dice_about(struct dice *, int64_t most);

#endif
