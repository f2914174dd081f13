/*
 * What stands between a socket and everything else, as the plan asks: the
 * layers that look at the bytes on the wire.
 */
#ifndef RUN_SOCKET_LAYERS_H
#define RUN_SOCKET_LAYERS_H

#include "run/run.h"

/*
 * Put them above the peer's endpoint, which is open and has not been used
 * yet; -1 with errno, when the endpoint is still whole.
 */
int	socket_layers_up(struct run *, struct endpoint *);
/*
 * The same for what is read in pieces of any size: of records (SOCK_SEQPACKET)
 * becomes a stream.
 */
int	socket_layers_up_flat(struct run *, struct endpoint *);
/* wire_up with r->far; false: that was told, it is closed, and all is over. */
bool	socket_layers_far(struct run *);

#endif
