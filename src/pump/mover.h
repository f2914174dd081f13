/*
 * How the bytes of a flow cross. Chosen from the kinds of both ends, and
 * downgraded for good if the pair of ends refuses: never an error.
 *
 *	copy	   read, filters, ring, write; every pair of ends
 *	record	   the same for datagrams, each whole
 *	batch	   datagrams with their addresses, many at once, past the ring
 *	splice	   straight, where an end is a pipe
 *	through	   splice into a pipe of our own and out of the pipe again
 *	sendfile   a regular file to a socket
 */
#ifndef PUMP_MOVER_H
#define PUMP_MOVER_H

#include "base/diag.h"
#include "pump/flow.h"

/* The most bytes of a datagram: the default buffer of a Unix socket. */
#define MOVER_DATAGRAM	((size_t)256 << 10)

extern const struct mover mover_copy, mover_record, mover_batch, mover_splice,
    mover_through, mover_sendfile;

/* Chooses for a new flow: sets mover, and fast for after fast_from bytes. */
void	mover_choose(struct flow *, enum mover_choice, bool batches);
/* Whether the fast mover is to take over. */
static inline bool
mover_is_due(const struct flow *f)
{
	return f->fast != NULL && f->ledger.read >= f->fast_from;
}

/*
 * For movers through user space: fill reads the source once and drain writes
 * the sink once, false: nothing was moved; may_drain: how many held bytes may
 * leave now; drained: n bytes have left; go_on: pushes a filter that had no
 * room; discard: drops the bytes held.
 */
bool	mover_may_fill(const struct flow *);
bool	mover_fill(struct flow *);
/* After a read that gave nothing: whether the flow is to look again. */
bool	mover_read_ended(struct flow *, enum io);
size_t	mover_may_drain(struct flow *);
bool	mover_drain(struct flow *);
void	mover_drained(struct flow *, size_t n);
bool	mover_go_on(struct flow *);
void	mover_discard(struct flow *);
/* Whether num concerns a datagram and not the socket. */
static inline bool
mover_is_soft(int num)
{
	return errclass_is(num, ERRCLASS_REPORT | ERRCLASS_GONE);
}
/* The same; keeps the errno. */
bool	mover_forgives(struct flow *, int num);

#endif
