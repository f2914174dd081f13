/*
 * Everybody's datagrams, each line behind the tag of its sender.
 */
#ifndef MODE_RECEIVE_TAGGED_H
#define MODE_RECEIVE_TAGGED_H

#include "run/run.h"
#include "serve/dgram_senders.h"

struct tagged;

/*
 * Begin a session of everybody on this socket, which is taken; what belongs
 * to it is put into *made, also if it fails after words (run_fail_peer).
 */
void	tagged_hear(struct tagged **made, struct run *, struct fd *,
	    struct dgram_senders *);
/* When the session is over; or NULL. */
void	tagged_free(struct tagged *);

#endif
