/*
 * Listening for datagrams.
 */
#ifndef MODE_RECEIVE_H
#define MODE_RECEIVE_H

#include "io/fd.h"
#include "run/run.h"

struct everybody;

/*
 * Serves from these bound sockets, which are taken: with a command, as
 * serve/server.h says, or on the standard streams. Without -k the first
 * sender becomes the peer, and no other is heard. With -k (one socket then),
 * or if the first sender cannot be answered, all senders are heard, and the
 * input is sent to the last of them. *all is set with -k on the standard
 * streams, otherwise to NULL; it is freed with the run.
 */
void	receive_start(struct run *, const struct fd *, size_t n,
	    struct everybody **all);
/*
 * The session of everybody has ended by a limit: the next datagram begins
 * another; rest: no earlier than after a pause, for the system was short of
 * something.
 */
void	receive_again(struct everybody *, bool rest);

#endif
