/*
 * Commands behind datagram sockets: one for each peer that speaks.
 *
 * Laws: never more than --max-conns, nor than the descriptors allow. Peers
 * that talk keep their places: in a full house a stranger gets only that of
 * one who has said a single thing and then nothing for a while. What cannot
 * be started is not tried again with each further datagram. Whose datagrams
 * are dropped, and why, is counted, and told with -v.
 */
#ifndef SERVE_UDP_EXEC_H
#define SERVE_UDP_EXEC_H

#include "base/addr.h"
#include "io/fd.h"
#include "run/run.h"

/*
 * Serve from these bound sockets, which are taken. Without -k there is one
 * command, for the first peer, and its end is ours; nobody else is heard.
 */
void	udp_exec(struct run *, const struct fd *, size_t n);

#endif
