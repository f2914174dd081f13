/*
 * A command for each peer that sends to bound datagram sockets.
 *
 * Laws: there are never more commands than --max-conns, nor more than the
 * limit of descriptors allows. While the server is full, a new peer gets only
 * the place of a peer that has sent a single datagram, and then nothing for a
 * while. A command that could not be started is not tried again with each
 * further datagram. Dropped datagrams are counted by reason, and reported with
 * -v.
 */
#ifndef SERVE_UDP_EXEC_H
#define SERVE_UDP_EXEC_H

#include "io/fd.h"
#include "run/run.h"

/*
 * Serves on these bound sockets, which are taken. Without -k there is one
 * command, for the first peer, and its end ends the run.
 */
void	udp_exec(struct run *, const struct fd *, size_t n);

#endif
