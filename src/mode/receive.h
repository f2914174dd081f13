/*
 * Listening for datagrams.
 */
#ifndef MODE_RECEIVE_H
#define MODE_RECEIVE_H

#include "base/fd.h"
#include "mode/run.h"

/*
 * Serve from this bound socket, which is taken. Without -k the first sender
 * becomes the peer, and nobody else is heard any more; with it everybody is
 * heard, and what is written goes to whoever spoke last.
 */
void	receive_start(struct run *, const struct fd *);

#endif
