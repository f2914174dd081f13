/*
 * Listening for datagrams.
 */
#ifndef MODE_RECEIVE_H
#define MODE_RECEIVE_H

#include "io/fd.h"
#include "run/run.h"

struct everybody;

/*
 * Serve from these bound sockets, which are taken: with a command, as
 * receive_exec.h says, or on the standard streams. Without -k the first
 * sender becomes the peer, and nobody else is heard any more; with it (one
 * socket then), or if that sender cannot be answered, everybody is heard, and
 * what is written goes to whoever spoke last.
 */
void	receive_start(struct run *, const struct fd *, size_t n,
	    struct everybody **);
/*
 * What receive_start gives if it hears everybody for good, else NULL; it goes
 * with the run. A limit has ended their session: the next datagram begins
 * another, or the first one after a rest, where the system was short.
 */
void	receive_again(struct everybody *, bool rest);
/* After the system was short of something, nothing is tried for so long. */
#define RECEIVE_REST	((int64_t)1000000000)

#endif
